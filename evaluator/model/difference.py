"""What two evaluations do not have in common, and what of it is known to have moved whom.

``before`` and ``after`` are the first and the second evaluation; nothing says that one is right. Lists are in the
order of ids, so that comparing the other way round gives the same with both sides exchanged (all but ``between``).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from evaluator.model.cross_check import MethodName
from evaluator.model.evaluation import Outcome, ReasonKind
from evaluator.model.exact import Ints
from evaluator.model.numbers import Figure
from evaluator.model.performance import STRICT
from evaluator.model.round import RoundStatus

Stage = Literal["total", "rank", "outcome", "none"]
"""The first result a rule can change; ``none`` for what changes none, such as titles and sources."""

Area = Literal[
    "criterion",
    "panel",
    "gate",
    "rounding",
    "adjustments",
    "pass_mark",
    "tie_break",
    "selection",
    "vote",
    "method",
    "other",
]

InputKind = Literal[
    "applicant",
    "withdrawal",
    "reviewer",
    "comment",
    "office",
    "derived",
    "derivation",
    "reference",
    "measurement",
    "adjustment",
    "gate",
    "conflict",
    "decision",
    "opinion",
    "votes",
]

What = Literal["total", "rank", "outcome"]
WHATS: tuple[What, ...] = ("total", "rank", "outcome")

CauseKind = Literal[
    "entered",
    "left",
    "unresolved",
    "rules",
    "own_inputs",
    "pool_relative",
    "pool_method",
    "own_total",
    "own_tie_break",
    "own_votes",
    "tie_decision",
    "reasons",
    "rank",
    "tie",
    "others",
    "not_separated",
    "unexplained",
]
"""Why a total, a rank or an outcome differs; docs/diff.md says how each is established.

Every kind but one compares what the inputs give; unexplained: a side says otherwise than its own inputs give.
"""

ABSENT = -1
"""The state of a mark that is neither there nor owed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """One value that differs, as text; None where there is none. ``path`` is its place, such as ``status``."""

    path: str
    before: str | None = None
    after: str | None = None

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """One value of the resolved rubric that differs, by ids: ``criteria.plan.points``, ``rounding.total``.

    ``subject`` is the criterion, panel or gate, ``field`` the part of the path after it. A criterion, panel or gate
    that only one rubric has is one change with an empty ``field``.
    """

    path: str
    area: Area
    subject: str = ""
    field: str = ""
    before: str | None = None
    after: str | None = None
    stage: Stage

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class InputChange:
    """One value of the inputs (other than marks) that differs, as text; None where there is none.

    ``applicant`` is ``*`` where a recusal covers the whole round and empty where nobody in particular is meant.
    ``subject`` is the gate, or the kind of the adjustment, decision or opinion; ``note`` the reason recorded for an
    adjustment. ``counts`` says whether the value enters the calculation: a decider or a date does not.
    """

    kind: InputKind
    applicant: str = ""
    reviewer: str = ""
    criterion: str = ""
    subject: str = ""
    field: str
    before: str | None = None
    after: str | None = None
    note: str = ""
    counts: bool

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkChanges:
    """The marks that differ in state or score, as columns of equal length, by applicant, reviewer and criterion.

    ``applicant``, ``reviewer`` and ``criterion`` count along the sorted ids ``applicants``, ``reviewers`` and
    ``criteria`` of both evaluations. A state is one of the four of :mod:`evaluator.model.round` or ABSENT; a score is
    exact times 10**``decimals`` and 0 where the mark is not scored.
    """

    applicants: tuple[str, ...]
    reviewers: tuple[str, ...]
    criteria: tuple[str, ...]
    applicant: NDArray[np.int32]
    reviewer: NDArray[np.int32]
    criterion: NDArray[np.int32]
    state_before: NDArray[np.int8]
    state_after: NDArray[np.int8]
    score_before: Ints
    score_after: Ints
    decimals: int = 0

    def __len__(self) -> int:
        return len(self.applicant)

    def of(self, applicant: str) -> slice:
        """The rows about one applicant; none for an id neither evaluation has."""
        low = bisect_left(self.applicants, applicant)
        if low == len(self.applicants) or self.applicants[low] != applicant:
            return slice(0, 0)
        first, last = np.searchsorted(self.applicant, [low, low + 1])
        return slice(int(first), int(last))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonTold:
    """Why an applicant is not ranked or not selected, as ``evaluation.Reason``."""

    kind: ReasonKind
    subject: str = ""
    found: Figure | None = None
    needed: Figure | None = None

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one applicant came out in one evaluation."""

    rank: int | None = None
    outcome: Outcome
    total: Figure | None = None
    ranking_total: Figure | None = None
    raw_total: Figure | None = None
    bonus: Figure
    penalty: Figure
    reasons: tuple[ReasonTold, ...] = ()
    conditions: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What one applicant has on one criterion in one evaluation, as ``evaluation.CriterionScore``."""

    consensus: Figure | None = None
    raw: Figure
    points: Figure

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionChange:
    """A criterion or group on which the consensus or the points of one applicant differ."""

    criterion: str
    before: Scored | None = None
    after: Scored | None = None

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A score sheet's unrounded total and the weight with which it counts."""

    total: Figure
    kept: Figure

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetChange:
    """A valid score sheet whose total or weight differs; None where it is not valid or not there."""

    panel: str
    reviewer: str
    before: Sheet | None = None
    after: Sheet | None = None

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One computed reason why ``what`` differs; ``criterion`` where it is a criterion's doing."""

    what: What
    kind: CauseKind
    criterion: str = ""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantChange:
    """One applicant whose figures, rank, outcome, reasons or conditions differ.

    ``before`` or ``after`` is None where only the other evaluation has the applicant. ``between`` is where the first
    evaluation's inputs would put it under the second one's rules; it is there only if rules and inputs both differ and
    it could be computed. ``ahead`` counts those that now rank before it and did not, ``behind`` those that did and no
    longer do; whoever has no rank stands behind everybody who has one.
    """

    applicant: str
    before: Place | None = None
    between: Place | None = None
    after: Place | None = None
    criteria: tuple[CriterionChange, ...] = ()
    sheets: tuple[SheetChange, ...] = ()
    causes: tuple[Cause, ...] = ()
    ahead: int = 0
    behind: int = 0

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    def differs(self, what: What) -> bool:
        """Whether the total, the rank or the outcome is another."""
        one, other = (None if side is None else getattr(side, what) for side in (self.before, self.after))
        return bool(one != other)

    @property
    def moved(self) -> bool:
        """Whether total, rank or outcome is another, or the applicant is on one side only."""
        return self.before is None or self.after is None or any(map(self.differs, WHATS))

    def kinds(self, what: What) -> tuple[CauseKind, ...]:
        """The kinds of the causes of one difference."""
        return tuple(cause.kind for cause in self.causes if cause.what == what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """How many applicants have another total, rank or outcome."""

    totals: int = 0
    ranks: int = 0
    outcomes: int = 0

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


SeparationKind = Literal["same_rules", "same_inputs", "computed", "impossible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Whether what rules did can be told from what inputs did.

    same_rules, same_inputs: only one of them differs. computed: the first evaluation's inputs were evaluated under the
    second one's rules; ``rules`` is what that changes, ``inputs`` what the other inputs change after it. impossible:
    ``why`` says in codes what keeps those inputs from being evaluated under those rules.
    """

    kind: SeparationKind
    why: tuple[str, ...] = ()
    rules: Effect | None = None
    inputs: Effect | None = None

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """The cut line of one evaluation, as ``evaluation.CutLine``."""

    places: int
    filled: int
    last_selected: Figure | None = None
    first_not_selected: Figure | None = None
    margin: Figure | None = None

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsChange:
    """The cut line where it differs."""

    before: Seats | None = None
    after: Seats | None = None

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """How one other method orders the applicants in one evaluation: its tau, or the code of why there is none."""

    tau: Figure | None = None
    why: str = ""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheckChange:
    """A cross-check that differs: None where only the other evaluation has it.

    ``ranks`` counts the applicants, ranked in both, that the method gives another rank. ``unexplained`` says that all
    it is made of is the same: who is ranked, their points and official ranks, and the rules.
    """

    method: MethodName
    settings: tuple[tuple[str, str], ...] = ()
    before: SecondOpinion | None = None
    after: SecondOpinion | None = None
    ranks: int = 0
    unexplained: bool = False

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """Where an evaluation's inputs put an applicant under its rules, where it says otherwise in anything computed."""

    applicant: str
    place: Place | None

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculated:
    """Whether an evaluation says what its own inputs give under its own rules.

    ``possible`` is false where they give nothing. ``standings`` are those it says otherwise of, by id; ``cut_line`` is
    false where it gives another one.
    """

    possible: bool = True
    standings: tuple[Recomputed, ...] = ()
    cut_line: bool = True

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    @property
    def agrees(self) -> bool:
        """Whether nothing was found."""
        return self.possible and not self.standings and self.cut_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculation:
    """What came of evaluating the inputs of both sides again."""

    before: Recalculated = Recalculated()
    after: Recalculated = Recalculated()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two evaluations, in a few words."""

    round: str
    status: RoundStatus
    rubric: str
    version: str
    rubric_sha256: str
    applicants: int
    reviewers: int
    marks: int
    unresolved: int

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Difference:
    """Everything that differs between two evaluations. ``common`` is the number of applicants both have.

    ``files`` are input files by their sha256, ``software`` programs by version. ``effect`` counts over the applicants
    both evaluations have.
    """

    before: Side
    after: Side
    common: int
    effect: Effect
    separation: Separation
    recalculation: Recalculation
    applicants_added: tuple[str, ...]
    applicants_removed: tuple[str, ...]
    reviewers_added: tuple[str, ...]
    reviewers_removed: tuple[str, ...]
    applicants: tuple[ApplicantChange, ...]
    cut_line: SeatsChange | None
    marks: MarkChanges
    inputs: tuple[InputChange, ...]
    rules: tuple[RuleChange, ...]
    round: tuple[ValueChange, ...]
    cross_checks: tuple[CrossCheckChange, ...]
    support: tuple[ValueChange, ...]
    files: tuple[ValueChange, ...]
    software: tuple[ValueChange, ...]

    @property
    def material(self) -> bool:
        """Whether inputs, rules or results differ: more than bytes of files, or versions of software."""
        return bool(
            self.applicants_added
            or self.applicants_removed
            or self.reviewers_added
            or self.reviewers_removed
            or self.applicants
            or self.cut_line
            or len(self.marks)
            or self.inputs
            or self.rules
            or self.round
            or self.cross_checks
            or self.support
            or self.before.rubric_sha256 != self.after.rubric_sha256
        )

    @property
    def counts(self) -> bool:
        """Whether anything differs that enters the calculation or comes out of it.

        That is who takes part, the inputs and rules that count, and the results with the support they lead to.
        Wording, status, opinions, deciders and the ranks by other methods are not; a record that does not say what its
        own inputs give is.
        """
        return bool(
            self.applicants_added
            or self.applicants_removed
            or self.reviewers_added
            or self.reviewers_removed
            or self.applicants
            or self.cut_line
            or len(self.marks)
            or any(change.counts for change in self.inputs)
            or any(rule.stage != "none" for rule in self.rules)
            or self.support
            or not (self.recalculation.before.agrees and self.recalculation.after.agrees)
        )

    @property
    def empty(self) -> bool:
        """Whether nothing at all differs."""
        return not (self.material or self.files or self.software)
