"""A round: one evaluation of the applicants to a call, as its folder says."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from evaluator.errors import Problem
from evaluator.model.evidence import RoundEvidence
from evaluator.model.support import SupportPolicy, SupportRequest
from evaluator.model.text import FileModel, Id, Language, TextField

RoundStatus = Literal["rehearsal", "draft", "proposed", "confirmed"]
GateOutcome = Literal["pass", "fail", "open"]
VoteValue = Literal["yes", "no", "abstain"]
OpinionKind = Literal["summary", "strength", "weakness", "condition"]
DecisionKind = Literal["tie", "consensus", "condition"]


class RoundInfo(FileModel):
    """round.yaml: what this round is."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this format")
    id: Id = Field(description="The round's own name; reports and output folders use it")
    title: TextField = Field(description="Its printed name")
    project: TextField | None = Field(None, description="The programme it belongs to (사업명)")
    organiser: TextField | None = Field(None, description="Who holds it")
    rubric: str = Field(description="A shipped rubric by id, or a relative path to a rubric file")
    stage: TextField | None = Field(None, description="The stage of the evaluation")
    previous: str | None = Field(None, description="The record (evaluation.json) of the stage before")
    evaluation_date: datetime.date | None = Field(None, description="The date, as 2026-01-15")
    language: Language = Field("ko", description="The language of reports and messages")
    blind: bool = Field(False, description="Whether reports print aliases instead of names")
    status: RoundStatus = Field("draft", description="Everything but confirmed is printed as a proposal, 선정(안)")
    chair: str | None = Field(None, description="The id of the reviewer who chairs")
    seed: int = Field(0, ge=0, strict=True, description="For analyses that draw random numbers")
    robustness: Literal["internal", "none"] = Field(
        "none", description="Whether an analysis of the cut line is made for the panel"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who is judged. ``alias`` is printed instead of the name where the round is blind."""

    id: str
    name: str
    lead: str = ""
    size: str = ""
    members: str = ""
    alias: str = ""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """One person scoring, for one panel. Name and affiliation never reach the record."""

    id: str
    panel: str
    name: str = ""
    affiliation: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A recusal: ``applicant`` is ``*`` where it covers the whole round."""

    reviewer: str
    applicant: str
    kind: str
    reason: str
    decider: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFigure:
    """A figure entered once for an applicant on an office (or evidence) criterion."""

    applicant: str
    criterion: str
    score: Fraction
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A bonus or penalty: points above 0; a penalty is subtracted."""

    applicant: str
    kind: Literal["bonus", "penalty"]
    points: Fraction
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRecord:
    """How one applicant stands at one gate, who decided it and on what evidence."""

    applicant: str
    gate: str
    outcome: GateOutcome
    decider: str = ""
    date: str = ""
    evidence: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A recorded decision of the panel. ``line`` is where decisions.csv has it, for messages."""

    kind: DecisionKind
    applicant: str
    criterion: str = ""
    before: str = ""
    after: str = ""
    decider: str = ""
    date: str = ""
    reason: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One sentence or paragraph of the panel's merged opinion on an applicant."""

    applicant: str
    kind: OpinionKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One reviewer's vote on one applicant (vote mode)."""

    reviewer: str
    applicant: str
    vote: VoteValue
    reason: str = ""


BLANK, SCORED, ABSTAINED, RECUSED = 0, 1, 2, 3
"""The four states of a mark. They are distinct, and only a scored mark has a score."""
STATE_NAMES = ("blank", "scored", "abstained", "recused")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """Marks as columns of equal length, one row a mark.

    ``applicant`` and ``reviewer`` count along ``Round.applicants`` and ``Round.reviewers``, ``criterion`` along
    ``Rubric.panel_leaves()``; ``state`` is one of BLANK, SCORED, ABSTAINED, RECUSED; ``score`` is the exact score
    times 10**``decimals``, 0 where the mark is not scored. ``comments`` holds (row, text) of the rows that have one.
    """

    applicant: NDArray[np.int32]
    reviewer: NDArray[np.int32]
    criterion: NDArray[np.int32]
    state: NDArray[np.uint8]
    score: NDArray[np.int64]
    decimals: int = 0
    comments: tuple[tuple[int, str], ...] = ()

    def __len__(self) -> int:
        return len(self.state)


def no_marks() -> Marks:
    """Marks without a row."""
    codes = np.zeros(0, np.int32)
    return Marks(
        applicant=codes, reviewer=codes, criterion=codes, state=np.zeros(0, np.uint8), score=np.zeros(0, np.int64)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Round:
    """A whole round folder, read and checked. Every id in it is known; every mark is on its scale.

    ``assigned`` holds (applicant, reviewer) positions of the assignments, None where there is no assignments.csv
    and each reviewer scores every applicant. ``warnings`` are what reading tolerated. ``inputs`` maps each file
    read (path relative to the folder, or the shipped rubric's name) to the sha256 of its bytes.
    """

    info: RoundInfo
    applicants: tuple[Applicant, ...]
    reviewers: tuple[Reviewer, ...] = ()
    assigned: NDArray[np.int32] | None = None
    marks: Marks = field(default_factory=no_marks)
    conflicts: tuple[Conflict, ...] = ()
    office: tuple[OfficeFigure, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    gates: tuple[GateRecord, ...] = ()
    decisions: tuple[Decision, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    ballots: tuple[Ballot, ...] = ()
    evidence: RoundEvidence = field(default_factory=RoundEvidence)
    support: SupportPolicy | None = None
    support_requests: tuple[SupportRequest, ...] = ()
    warnings: tuple[Problem, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    scores_file: str = "scores.csv"
