"""The frozen outcome of a round. Everything printed is drawn from it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import Problem
from evaluator.model.cross_check import CrossCheck
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.round import (
    Adjustment,
    Applicant,
    Conflict,
    Decision,
    GateRecord,
    Marks,
    OfficeFigure,
    Opinion,
    RoundInfo,
)
from evaluator.model.rubric import Rubric
from evaluator.model.support import SupportOutcome

Outcome = Literal[
    "selected",
    "reserve",
    "not_selected",
    "ranked",
    "tied_at_cut",
    "tied_at_reserve",
    "open",
    "gate_failed",
    "below_threshold",
    "below_pass_mark",
    "below_majority",
    "withdrawn",
    "not_rankable",
]
ReasonKind = Literal["withdrawn", "gate_failed", "below_threshold", "below_pass_mark", "below_majority"]
UnresolvedKind = Literal[
    "blank", "quorum", "gate", "vote_quorum", "figure", "method", "tie", "gate_after", "none_selected", "support"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionScore:
    """What one applicant has on one criterion.

    ``consensus`` is the panel's score under the panel's rule (scale units under consensus_first, points under
    convert_first), the office figure, or None for a group. ``calculated`` is the consensus before a recorded
    decision replaced it, None where none did. ``raw`` are the points before rounding.
    """

    consensus: Fraction | None
    raw: Fraction
    points: Fraction
    calculated: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an applicant is not ranked or not selected: ``subject`` is the gate or criterion, if any."""

    kind: ReasonKind
    subject: str = ""
    found: Fraction | None = None
    needed: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCount:
    """Votes on one applicant; ``eligible`` are the reviewers not recused from it."""

    yes: int
    no: int
    abstain: int
    eligible: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTotal:
    """One valid score sheet at level reviewer_total.

    ``total`` is the unrounded sum of its converted points over the panel's criteria, ``kept`` the weight from 0 to 1
    with which the sheet counts.
    """

    reviewer: str
    total: Fraction
    kept: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The valid sheets one panel at level reviewer_total gave one applicant, by total, then reviewer.

    ``mean`` is the weighted mean of their totals, unrounded: sum(kept * total) / sum(kept).
    """

    panel: str
    sheets: tuple[SheetTotal, ...]
    mean: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one applicant came out.

    ``total`` and ``ranking_total`` are rounded as the rubric says (``raw_total`` is the total before that), None
    where nothing was computed; ``rank`` is None where the applicant is not ranked. ``criteria`` holds leaves and
    groups in the rubric's order. ``bonus`` and ``penalty`` are sums. ``tallies`` has one entry for each panel at
    level reviewer_total, in the rubric's order; it is empty where nothing was computed.
    """

    applicant: str
    rank: int | None
    outcome: Outcome
    total: Fraction | None = None
    ranking_total: Fraction | None = None
    raw_total: Fraction | None = None
    bonus: Fraction = Fraction(0)
    penalty: Fraction = Fraction(0)
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[str, ...] = ()
    criteria: Mapping[str, CriterionScore]
    tallies: Sequence[Tally] = ()
    votes: VoteCount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLine:
    """Between the last selected and the first not selected, on ranking totals.

    ``margin`` is None at a tie, where a place stays unfilled, and where nobody is left to compare with.
    """

    places: int
    filled: int
    last_selected: Fraction | None
    first_not_selected: Fraction | None
    margin: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Ranked applicants with the same ranking total.

    ``settled_by`` is the criterion at which the chain separated all of them (the last one it needed), ``decision``
    where a recorded decision did, and empty where some still share a rank.
    """

    total: Fraction
    applicants: tuple[str, ...]
    settled_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """One thing that keeps the round from being ranked (or, after ranking, from being settled).

    blank: ``reviewer`` owes a mark on ``criterion`` of ``applicant``. quorum: ``panel`` has ``found`` of ``needed``
    valid sheets for ``applicant`` (on ``criterion`` at level criterion). gate, gate_after: ``gate`` is open.
    vote_quorum: too few reviewers voted. figure: no figure of the office or from evidence; on a criterion fed by
    evidence ``why`` says why, as in ``PerformanceDerivation.why`` or by ``nothing_handed_in``. method: the official
    method gives no scores, ``why`` as in ``CrossCheck.why``. tie: ``applicant`` is tied at the cut line.
    none_selected: nobody reached the majority although the call needs a selection. support: more of ``item`` is asked
    for than there is.
    """

    kind: UnresolvedKind
    applicant: str = ""
    reviewer: str = ""
    criterion: str = ""
    panel: str = ""
    gate: str = ""
    item: str = ""
    found: int | None = None
    needed: int | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkTable:
    """Every mark owed or given, with what became of it: the columns of ``marks`` and two more.

    ``kept_num / kept_den`` is the weight with which a mark counts in its consensus, from 0 to 1; -1 where the mark
    takes no part in the calculation (not scored, an incomplete sheet, or nothing was calculated).
    """

    marks: Marks
    kept_num: NDArray[np.int64]
    kept_den: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelReviewer:
    """A reviewer as the record knows one: by code."""

    id: str
    panel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What went in and what computed it: file name to sha256, program to version."""

    inputs: Mapping[str, str]
    software: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """The whole outcome. ``ranking`` lists ranked applicants by rank then id, then the others by id.

    ``evidence`` is what was derived from the evidence folders, None where the round has none; ``support`` what the
    selected teams get, None where the round has no support policy. Where the rubric is for evidence only, ``ranking``
    is empty.
    """

    round: RoundInfo
    rubric: Rubric
    rubric_sha256: str
    applicants: tuple[Applicant, ...]
    reviewers: tuple[PanelReviewer, ...]
    ranking: Sequence[Standing]
    cut_line: CutLine | None
    ties: Sequence[Tie]
    unresolved: tuple[Unresolved, ...]
    gates: tuple[GateRecord, ...]
    adjustments: tuple[Adjustment, ...]
    office: tuple[OfficeFigure, ...]
    conflicts: tuple[Conflict, ...]
    decisions: tuple[Decision, ...]
    opinions: tuple[Opinion, ...]
    marks: MarkTable
    warnings: tuple[Problem, ...]
    provenance: Provenance
    evidence: EvidenceOutcome | None = None
    support: SupportOutcome | None = None
    cross_checks: tuple[CrossCheck, ...] = ()

    @property
    def rankable(self) -> bool:
        """Whether ranks were computed."""
        return not any(
            u.kind in {"blank", "quorum", "gate", "vote_quorum", "figure", "method"} for u in self.unresolved
        )

    @property
    def confirmed(self) -> bool:
        """Whether the outcome may be printed as final: the round says so and nothing is unresolved."""
        return self.round.status == "confirmed" and not self.unresolved
