"""A rubric: criteria, scales, panels, rounding, gates, tie-breaks. The file type is the domain type.

A rubric as read from its file may hold ``include`` nodes without children and leaves without scale or convert; a
*resolved* rubric (``files.load_rubric``) has every include filled with the scaled criteria of the other rubric and
every default written out, so that nothing downstream knows defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from evaluator.model.numbers import MAX_DECIMALS, Exact, LimitField, RoundingMode, parse_exact
from evaluator.model.text import FileModel, Id, TextField

Status = Literal["published", "regulation", "assumed"]
Source = Literal["panel", "office", "performance", "openness", "access"]
ConvertKind = Literal["linear", "proportional", "grades", "target", "relative_to_best"]
GateTime = Literal["before_scoring", "after_ranking"]
Rule = Literal["panels", "rounding", "adjustments", "pass_mark", "gates", "tie_break", "selection", "decision"]
Method = Literal["weighted_sum"]
Decimals = Annotated[int, Field(ge=0, le=2 * MAX_DECIMALS, strict=True)]
Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Positive = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]

DECISION: Literal["decision"] = "decision"
"""The last link of a tie-break chain: a recorded decision of the panel."""


class Basis(FileModel):
    """Where a rule comes from. What is ``assumed`` is marked in every report."""

    status: Status
    source: TextField | None = None
    note: TextField | None = None


class Level(FileModel):
    """One step of a scale and what it means in words."""

    value: Exact
    title: TextField
    descriptor: TextField | None = None


class Scale(FileModel):
    """Allowed scores: ``min`` to ``max``, on whole multiples of ``step`` above ``min`` where a step is given."""

    min: Exact
    max: Exact | None = None
    step: Exact | None = None
    direction: Literal["higher", "lower"] = "higher"

    def allows(self, value: Fraction) -> bool:
        """Whether a score may be given: within the ends (both allowed) and on a step."""
        if value < self.min or (self.max is not None and value > self.max):
            return False
        return self.step is None or (value - self.min) % self.step == 0


class Convert(FileModel):
    """How a score becomes points; FORMATS' kinds, defined in ``scoring.conversion``."""

    kind: ConvertKind
    at: Exact | None = None
    grades: dict[Exact, Exact] | None = None


class Criterion(FileModel):
    """One thing judged. A group has children (or includes another rubric); a leaf is scored."""

    id: Id
    title: TextField
    description: TextField | None = None
    points: Exact
    basis: Basis | None = None
    source: Source | None = None
    scale: Scale | None = None
    levels: tuple[Level, ...] = ()
    convert: Convert | None = None
    threshold: LimitField | None = None
    ranking_weight: Exact | None = None
    of: Exact | None = None
    include: str | None = None
    children: tuple[Criterion, ...] = ()

    @property
    def is_leaf(self) -> bool:
        """Whether marks or figures are given on it."""
        return not self.children and self.include is None


class Trim(FileModel):
    """How many extremes a trimmed mean drops, and from how many sheets (or marks) on."""

    high: Count = 1
    low: Count = 1
    from_: Annotated[Positive | None, Field(alias="from")] = None

    @property
    def least(self) -> int:
        """The number of valid sheets below which nothing is dropped."""
        return self.from_ if self.from_ is not None else self.high + self.low + 1


class Panel(FileModel):
    """Who scores what, and how the scores of several people become one."""

    id: Id = "panel"
    title: TextField | None = None
    criteria: tuple[str, ...] = ()
    aggregate: Literal["mean", "median", "trimmed_mean"] = "mean"
    trim: Trim | None = None
    level: Literal["reviewer_total", "criterion"] = "reviewer_total"
    order: Literal["convert_first", "consensus_first"] = "convert_first"
    quorum: Positive = 1
    basis: Basis | None = None


class Rounding(FileModel):
    """The decimals of each stage that rounds; None leaves that stage exact."""

    mode: RoundingMode = "half_up"
    consensus: Decimals | None = None
    points: Decimals | None = None
    total: Decimals | None = None


class Adjustments(FileModel):
    """Limits of the bonuses and penalties of one applicant; None is no limit."""

    bonus_max: Exact | None = None
    penalty_max: Exact | None = None


class Gate(FileModel):
    """A pass or fail condition apart from the scores."""

    id: Id
    title: TextField
    description: TextField | None = None
    when: GateTime
    basis: Basis | None = None


class Selection(FileModel):
    """Seats: places, reserve list, and whether a failed after-ranking gate leaves its seat empty (keep) or not."""

    places: Positive
    reserve: Count = 0
    vacancy: Literal["keep", "fill"] = "keep"


class Vote(FileModel):
    """Selection by recognition: yes votes among the reviewers who are not recused."""

    kind: Literal["vote"]
    quorum: str
    majority: str
    places: Positive
    reserve: Count = 0
    allow_none: bool = True


class Terms(FileModel):
    """Printed words an organiser may choose."""

    applicant: TextField | None = None


class Rubric(FileModel):
    """Criteria and every rule by which marks become an outcome."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    id: Id
    version: Annotated[str, Field(min_length=1, max_length=64)]
    title: TextField
    description: TextField | None = None
    basis: Basis | None = None
    terms: Terms | None = None
    criteria: tuple[Criterion, ...] = ()
    panel: Panel | None = None
    panels: tuple[Panel, ...] = ()
    rounding: Rounding = Rounding()
    adjustments: Adjustments | None = None
    pass_mark: LimitField | None = None
    pass_compare: Literal["rounded", "raw"] = "rounded"
    gates: tuple[Gate, ...] = ()
    tie_break: tuple[str, ...] = ()
    selection: Selection | None = None
    method: Method = "weighted_sum"
    cross_checks: tuple[str, ...] = ()
    decision: Vote | None = None
    rule_basis: dict[Rule, Basis] | None = None

    @property
    def full_total(self) -> Fraction:
        """The most points anybody can have before bonuses: the sum of the roots' points."""
        return sum((c.points for c in self.criteria), Fraction(0))

    @property
    def all_panels(self) -> tuple[Panel, ...]:
        """The panels, whichever way they were written."""
        return (self.panel,) if self.panel else self.panels

    def nodes(self) -> Iterator[Criterion]:
        """Every criterion, groups before their children, in the order of the file."""
        stack = list(reversed(self.criteria))
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def leaves(self) -> tuple[Criterion, ...]:
        """The scored criteria in the order of the file."""
        return tuple(node for node in self.nodes() if node.is_leaf)

    def panel_leaves(self) -> tuple[Criterion, ...]:
        """The leaves that reviewers mark, in the order of the file: mark columns count along them."""
        return tuple(leaf for leaf in self.leaves() if leaf.source == "panel")

    def leaves_of(self, panel: Panel) -> tuple[Criterion, ...]:
        """The panel-scored leaves under the ids a panel names; all of them for the short form."""
        if not panel.criteria:
            return self.panel_leaves()
        named = set(panel.criteria)

        def under(node: Criterion, taken: bool) -> Iterator[Criterion]:
            taken = taken or node.id in named
            if node.is_leaf and taken and node.source == "panel":
                yield node
            for child in node.children:
                yield from under(child, taken)

        return tuple(leaf for root in self.criteria for leaf in under(root, taken=False))

    def gates_when(self, when: GateTime) -> tuple[Gate, ...]:
        """The gates that are asked at one time."""
        return tuple(gate for gate in self.gates if gate.when == when)


def allowed_scale(leaf: Criterion) -> Scale:
    """The scale of a leaf of a resolved rubric; where only levels are given, the ends are theirs."""
    if leaf.scale is not None:
        return leaf.scale
    values = [level.value for level in leaf.levels]
    return Scale(min=min(values), max=max(values))


def allows(leaf: Criterion, value: Fraction) -> bool:
    """Whether a mark or figure may be given on a leaf of a resolved rubric."""
    if leaf.scale is None:
        return any(level.value == value for level in leaf.levels)
    return leaf.scale.allows(value)


def parse_share(text: str) -> tuple[bool, Fraction] | None:
    """A share such as ``2/3``, ``>=0.5`` or ``>1/2``: whether more than it is needed, and the share from 0 to 1.

    None where the text is anything else.
    """
    strict = text.startswith(">") and not text.startswith(">=")
    number = parse_exact(text.removeprefix(">").removeprefix("=") if text.startswith(">") else text)
    return (strict, number) if number is not None and 0 <= number <= 1 else None
