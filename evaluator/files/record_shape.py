"""What evaluation.json looks like, key by key. Its JSON Schema is generated from it."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from evaluator.model.cross_check import MethodName, WhyNoRanks, WhyNoTau
from evaluator.model.evaluation import Outcome, ReasonKind, UnresolvedKind
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.numbers import LONGEST_RATIO, parse_exact, show
from evaluator.model.round import DecisionKind, GateOutcome, OpinionKind, RoundStatus
from evaluator.model.rubric import Rubric
from evaluator.model.support import SupportOutcome
from evaluator.model.text import FileModel, Id, Language, Text


def _number(value: Any) -> Fraction:  # noqa: ANN401 -- whatever the file holds
    number = parse_exact(value) if isinstance(value, str) else None
    if number is None:
        raise PydanticCustomError("exact_number", "a plain decimal number")
    return number


Number = Annotated[
    Fraction,
    PlainValidator(_number),
    PlainSerializer(show, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[+-]?[0-9]+(\.[0-9]+|/[0-9]+)?$"}),
]
"""A figure that decides something: decimal text, or ``a/b`` where no finite decimal shows the value."""

NumberText = Annotated[str, Field(pattern=r"^[+-]?[0-9]+(\.[0-9]+|/[0-9]+)?$", max_length=LONGEST_RATIO)]
"""A figure that is left as text here: there may be very many, and few different ones."""

DecimalText = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]+$", max_length=400)]
"""A figure of a method, rounded to a fixed number of decimals; it decides nothing."""

Whole = Annotated[int, Field(strict=True, ge=0)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Known = Annotated[str, Field(min_length=1)]
"""The id of an applicant, reviewer, criterion, gate or panel that the record lists."""


class RubricRef(FileModel):
    """Which rubric: ``path`` is how round.yaml names it, ``sha256`` covers the resolved rubric."""

    id: Id
    version: str
    sha256: Digest
    path: str


class RoundShape(FileModel):
    """round.yaml, with the rubric identified."""

    id: Id
    status: RoundStatus
    rubric: RubricRef
    title: Text
    project: Text | None = None
    organiser: Text | None = None
    stage: Text | None = None
    previous: str | None = None
    evaluation_date: datetime.date | None = None
    language: Language
    blind: Annotated[bool, Field(strict=True)]
    chair: str | None = None
    seed: Whole
    robustness: Literal["internal", "none"]


class ReasonShape(FileModel):
    """Why an applicant is not ranked or not selected; ``subject`` is the gate or criterion."""

    kind: ReasonKind
    subject: str = ""
    found: NumberText | None = None
    needed: NumberText | None = None


class CriterionShape(FileModel):
    """One applicant on one criterion; ``calculated`` only where a recorded decision replaced the consensus."""

    consensus: NumberText | None
    points: NumberText
    raw: NumberText
    calculated: NumberText | None = None


class VotesShape(FileModel):
    """Votes on one applicant; ``eligible`` are the reviewers who were not recused."""

    yes: Whole
    no: Whole
    abstain: Whole
    eligible: Whole


class StandingShape(FileModel):
    """Where one applicant came out; ``criteria`` in a scored round, ``votes`` in one decided by vote."""

    applicant: Known
    rank: Annotated[int, Field(strict=True, ge=1)] | None
    total: NumberText | None
    ranking_total: NumberText | None
    outcome: Outcome
    reasons: tuple[ReasonShape, ...]
    conditions: tuple[str, ...]
    raw_total: NumberText | None
    bonus: NumberText
    penalty: NumberText
    criteria: dict[str, CriterionShape] | None = None
    tallies: tuple[TallyShape, ...] = ()
    votes: VotesShape | None = None


class SheetShape(FileModel):
    """One valid score sheet: the unrounded sum of its points, and the weight with which it counts."""

    reviewer: Known
    total: NumberText
    kept: NumberText


class TallyShape(FileModel):
    """The valid sheets one panel gave one applicant; ``sheets`` is empty where the marks lie in a file."""

    panel: Known
    mean: NumberText
    sheets: tuple[SheetShape, ...] = ()


class CutLineShape(FileModel):
    """Between the last selected and the first not selected, on ranking totals."""

    places: Whole
    filled: Whole
    last_selected: Number | None
    first_not_selected: Number | None
    margin: Number | None


class TieShape(FileModel):
    """Ranked applicants with one ranking total, and the criterion (or ``decision``) that separated them."""

    total: Number
    applicants: tuple[Known, ...]
    settled_by: str


class GateShape(FileModel):
    """How one applicant stands at one gate."""

    applicant: Known
    gate: Known
    outcome: GateOutcome
    decider: str = ""
    date: str = ""
    evidence: str = ""
    reason: str = ""


class WarningShape(FileModel):
    """What a rule tolerated; ``code`` names the sentence, ``params`` are put into it."""

    code: Known
    file: str = ""
    line: Whole = 0
    column: Whole = 0
    path: str = ""
    params: dict[str, str] = Field(default_factory=dict)


class UnresolvedShape(FileModel):
    """What keeps the round from being ranked or settled."""

    kind: UnresolvedKind
    applicant: str = ""
    reviewer: str = ""
    criterion: str = ""
    panel: str = ""
    gate: str = ""
    item: str = ""
    found: Whole | None = None
    needed: Whole | None = None
    why: tuple[Known, ...] = ()


class ApplicantShape(FileModel):
    """Who was judged."""

    id: Known
    name: str
    lead: str = ""
    size: str = ""
    members: str = ""
    alias: str = ""
    withdrawn: Annotated[bool, Field(strict=True)] = False


class ReviewerShape(FileModel):
    """Who scored, by code. Names and affiliations stay in reviewers.csv."""

    id: Known
    panel: str


class OfficeShape(FileModel):
    """A figure entered once for an applicant."""

    applicant: Known
    criterion: Known
    score: Number
    source: str = ""


class AdjustmentShape(FileModel):
    """A bonus or penalty in points; a penalty is subtracted."""

    applicant: Known
    kind: Literal["bonus", "penalty"]
    points: Number
    reason: str


class ConflictShape(FileModel):
    """A recusal; applicant ``*`` is the whole round."""

    reviewer: Known
    applicant: Known
    kind: str
    reason: str
    decider: str = ""
    date: str = ""


class DecisionShape(FileModel):
    """A recorded decision of the panel."""

    kind: DecisionKind
    applicant: Known
    criterion: str = ""
    before: str = ""
    after: str = ""
    decider: str = ""
    date: str = ""
    reason: str = ""


class OpinionShape(FileModel):
    """A sentence or paragraph of the panel's merged opinion."""

    applicant: Known
    kind: OpinionKind
    text: str


class CommentShape(FileModel):
    """A reviewer's comment on the mark at position ``row`` (from 0) of the columns."""

    row: Whole
    text: str


class MarksShape(FileModel):
    """Every mark owed or given, as columns of equal length (or in ``file``, whose bytes have ``sha256``).

    ``score`` is null unless the state is scored. ``kept`` is the weight from 0 to 1 with which a mark counts in its
    consensus, null where it takes no part in the calculation. ``blank`` of the marks in ``file`` are blank; they are
    not repeated in ``unresolved``.
    """

    rows: Whole
    file: Literal["marks.parquet"] | None = None
    sha256: Digest | None = None
    blank: Whole = 0
    applicant: tuple[Known, ...] = ()
    reviewer: tuple[Known, ...] = ()
    criterion: tuple[Known, ...] = ()
    state: tuple[Literal["blank", "scored", "abstained", "recused"], ...] = ()
    score: tuple[NumberText | None, ...] = ()
    kept: tuple[NumberText | None, ...] = ()
    comments: tuple[CommentShape, ...] = ()


class CrossCheckShape(FileModel):
    """How one method orders the ranked applicants, beside the official ranking.

    ``ranks`` and ``scores`` are columns in the order of ``ranking``, one value for each applicant with a rank; both are
    empty where the method gives nothing, and ``why`` says why. Greater scores are better. ``pool_relative``: the order
    of two applicants may depend on a third. ``left_out`` are criteria the method cannot use because all are equal
    there. ``tau`` is Kendall's tau-b to the official ranks, null where ``tau_why`` says why.
    """

    method: MethodName
    parameters: dict[str, str]
    pool_relative: Annotated[bool, Field(strict=True)]
    why: WhyNoRanks | Literal[""]
    left_out: tuple[Known, ...]
    tau: Number | None
    tau_why: WhyNoTau | Literal[""]
    ranks: tuple[Annotated[int, Field(strict=True, ge=1, lt=2**31)], ...]
    scores: tuple[DecimalText, ...]


class ProvenanceShape(FileModel):
    """File name to sha256, program to version."""

    inputs: dict[str, Digest]
    software: dict[str, str]


class RecordShape(FileModel):
    """evaluation.json: the frozen outcome of a round and every figure it was decided from."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    round: RoundShape
    ranking: tuple[StandingShape, ...]
    cut_line: CutLineShape | None
    ties: tuple[TieShape, ...]
    unresolved: tuple[UnresolvedShape, ...]
    gates: tuple[GateShape, ...]
    warnings: tuple[WarningShape, ...]
    applicants: tuple[ApplicantShape, ...]
    reviewers: tuple[ReviewerShape, ...]
    office: tuple[OfficeShape, ...]
    adjustments: tuple[AdjustmentShape, ...]
    conflicts: tuple[ConflictShape, ...]
    decisions: tuple[DecisionShape, ...]
    opinions: tuple[OpinionShape, ...]
    evidence: EvidenceOutcome | None = None
    support: SupportOutcome | None = None
    cross_checks: tuple[CrossCheckShape, ...] = ()
    rubric: Rubric
    marks: MarksShape
    provenance: ProvenanceShape


class EvidenceShape(FileModel):
    """evidence.json: what was derived from evidence, with the rubric and the hashes of the files read."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    round: RoundShape
    applicants: tuple[ApplicantShape, ...]
    evidence: EvidenceOutcome
    decisions: tuple[DecisionShape, ...]
    warnings: tuple[WarningShape, ...]
    rubric: Rubric
    provenance: ProvenanceShape
