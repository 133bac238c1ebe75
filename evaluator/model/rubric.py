"""A rubric: criteria, scales, panels, rounding, gates, tie-breaks. The file type is the domain type.

A rubric as read from its file may hold ``include`` nodes without children and leaves without scale or convert; a
*resolved* rubric (``files.load_rubric``) has every include filled with the scaled criteria of the other rubric and
every default written out, so that nothing downstream knows defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from evaluator.model.access import AccessRule
from evaluator.model.basis import Basis
from evaluator.model.cross_check import WEIGHTED_SUM, MethodField
from evaluator.model.numbers import MAX_DECIMALS, Exact, LimitField, RoundingMode, parse_exact, show
from evaluator.model.openness import OpennessRule
from evaluator.model.performance import PerformanceRule
from evaluator.model.text import FileModel, Id, TextField

Source = Literal["panel", "office", "performance", "openness", "access"]
ConvertKind = Literal["linear", "proportional", "grades", "target", "relative_to_best"]
GateTime = Literal["before_scoring", "after_ranking"]
Rule = Literal["panels", "rounding", "adjustments", "pass_mark", "gates", "tie_break", "selection", "decision"]
Decimals = Annotated[int, Field(ge=0, le=2 * MAX_DECIMALS, strict=True)]
Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Positive = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


def _share_text(value: Any) -> Any:  # noqa: ANN401 -- whatever a file holds
    number = isinstance(value, Fraction | int) and not isinstance(value, bool)
    return show(Fraction(value)) if number else value


Share = Annotated[
    str,
    BeforeValidator(_share_text),
    WithJsonSchema({"type": ["string", "number"], "pattern": r"^(>=?)?[0-9]+(/[0-9]+|\.[0-9]+)?$"}),
]
"""A share of votes as text: ``2/3``, ``0.5``, ``>1/2``."""

DECISION: Literal["decision"] = "decision"
"""The last link of a tie-break chain: a recorded decision of the panel."""


class Level(FileModel):
    """One step of a scale and what it means in words."""

    value: Exact = Field(description="The mark a reviewer gives")
    title: TextField = Field(description="Its name")
    descriptor: TextField | None = Field(None, description="What an applicant must show for it")
    evidence: tuple[Id, ...] = Field(
        (), description="Evidence-fed criteria: the kinds of evidence this level needs, all of them"
    )


class Scale(FileModel):
    """Allowed scores: ``min`` to ``max``, on whole multiples of ``step`` above ``min`` where a step is given."""

    min: Exact = Field(description="The least mark")
    max: Exact | None = Field(None, description="The greatest mark; may be absent only where a figure has no upper end")
    step: Exact | None = Field(None, description="Marks lie on whole multiples of it above min; absent: any decimal")
    direction: Literal["higher", "lower"] = Field("higher", description="Whether a higher or a lower mark is better")

    def allows(self, value: Fraction) -> bool:
        """Whether a score may be given: within the ends (both allowed) and on a step."""
        if value < self.min or (self.max is not None and value > self.max):
            return False
        return self.step is None or (value - self.min) % self.step == 0


class Convert(FileModel):
    """How a score becomes points; ``scoring.conversion`` defines the kinds."""

    kind: ConvertKind = Field(description="linear, proportional, grades, target or relative_to_best")
    at: Exact | None = Field(None, description="target: the score that earns all points")
    grades: dict[Exact, Exact] | None = Field(None, description="grades: the percentage of the points for each level")


class Criterion(FileModel):
    """One thing judged. A group has children (or includes another rubric); a leaf is scored."""

    id: Id = Field(description="Its own name in the rubric; scores.csv and tie_break use it")
    title: TextField = Field(description="Its printed name")
    description: TextField | None = Field(None, description="What is judged")
    points: Exact = Field(description="What it can contribute at most")
    basis: Basis | None = Field(None, description="Where it comes from")
    source: Source | None = Field(None, description="Who gives the score: the panel (default), the office, or evidence")
    scale: Scale | None = Field(None, description="Allowed scores; absent: from 0 to the points")
    levels: tuple[Level, ...] = Field((), description="Described steps; without a scale only these marks are allowed")
    convert: Convert | None = Field(None, description="How a score becomes points; linear where the scale begins at 0")
    performance: PerformanceRule | None = Field(
        None, description="source performance: how the figure follows from result files"
    )
    openness: OpennessRule | None = Field(None, description="source openness: the level follows from openness.yaml")
    access: AccessRule | None = Field(None, description="source access: the level follows from access.yaml")
    threshold: LimitField | None = Field(None, description="The least points needed: 60% of its points, or points")
    ranking_weight: Exact | None = Field(
        None, description="How often a leaf counts in the ranking total (1); never in thresholds or the pass mark"
    )
    of: Exact | None = Field(None, description="The children sum to this and count as points (환산)")
    include: str | None = Field(
        None, description="Another rubric's criteria: a shipped id or a relative path, scaled exactly to points"
    )
    children: tuple[Criterion, ...] = Field((), description="The criteria it consists of")

    @property
    def is_leaf(self) -> bool:
        """Whether marks or figures are given on it."""
        return not self.children and self.include is None

    @property
    def is_derived(self) -> bool:
        """Whether its figure can be derived from evidence: the rubric declares how."""
        return self.performance is not None or self.openness is not None or self.access is not None


class Trim(FileModel):
    """How many extremes a trimmed mean drops, and from how many sheets (or marks) on."""

    high: Count = Field(1, description="How many of the highest are dropped")
    low: Count = Field(1, description="How many of the lowest are dropped")
    from_: Positive | None = Field(
        None, alias="from", description="Below this many valid sheets (or marks) nothing is dropped; above high + low"
    )

    @property
    def least(self) -> int:
        """The number of valid sheets below which nothing is dropped."""
        return self.from_ if self.from_ is not None else self.high + self.low + 1


class Panel(FileModel):
    """Who scores what, and how the scores of several people become one."""

    id: Id = Field("panel", description="Its own name; reviewers.csv uses it")
    title: TextField | None = Field(None, description="Its printed name")
    criteria: tuple[str, ...] = Field(
        (), description="Groups or leaves whose panel-scored leaves it scores; absent: all"
    )
    aggregate: Literal["mean", "median", "trimmed_mean"] = Field("mean", description="mean, median or trimmed_mean")
    trim: Trim | None = Field(None, description="What a trimmed mean drops")
    level: Literal["reviewer_total", "criterion"] = Field(
        "reviewer_total",
        description="Whether whole sheets (reviewer_total) or single marks (criterion) are ordered and dropped",
    )
    order: Literal["convert_first", "consensus_first"] = Field(
        "convert_first",
        description="Whether marks become points before (convert_first) or after aggregation (consensus_first)",
    )
    quorum: Positive = Field(
        1, description="Valid sheets (at level criterion: marks on each criterion) an applicant needs"
    )
    basis: Basis | None = Field(None, description="Where the rule comes from")


class Rounding(FileModel):
    """The decimals of each stage that rounds; None leaves that stage exact."""

    mode: RoundingMode = Field("half_up", description="half_up, half_even or down")
    consensus: Decimals | None = Field(None, description="Decimals of a consensus score (consensus_first only)")
    points: Decimals | None = Field(None, description="Decimals of the points of a criterion")
    total: Decimals | None = Field(None, description="Decimals of the total")


class Adjustments(FileModel):
    """Limits of the bonuses and penalties of one applicant; None is no limit, 0 allows none."""

    bonus_max: Exact | None = Field(
        Fraction(0), description="The most bonus points of one applicant; null: no limit; absent: no bonus"
    )
    penalty_max: Exact | None = Field(
        Fraction(0), description="The most penalty points of one applicant; null: no limit; absent: no penalty"
    )


class Gate(FileModel):
    """A pass or fail condition apart from the scores."""

    id: Id = Field(description="Its own name; gates.csv uses it")
    title: TextField = Field(description="Its printed name")
    description: TextField | None = Field(None, description="The condition itself")
    when: GateTime = Field(description="before_scoring or after_ranking")
    basis: Basis | None = Field(None, description="Where it comes from")


class Selection(FileModel):
    """Seats: places, reserve list, and whether a failed after-ranking gate leaves its seat empty (keep) or not."""

    places: Positive = Field(description="How many are selected")
    reserve: Count = Field(0, description="How many are put on the reserve list")
    vacancy: Literal["keep", "fill"] = Field(
        "keep", description="keep: a failed after_ranking gate leaves its seat empty; fill: the next moves up"
    )


class Vote(FileModel):
    """Selection by recognition: yes votes among the reviewers who are not recused."""

    kind: Literal["vote"] = Field(description="vote")
    quorum: Share = Field(description="Share of the eligible reviewers that must take part, such as 2/3")
    majority: Share = Field(description="Share of the eligible reviewers that must say yes, such as >1/2")
    places: Positive = Field(description="How many are selected")
    reserve: Count = Field(0, description="How many are put on the reserve list")
    allow_none: bool = Field(True, description="Whether nobody may be chosen")


class Terms(FileModel):
    """Printed words an organiser may choose."""

    applicant: TextField | None = Field(None, description="The printed word for an applicant")


class Rubric(FileModel):
    """Criteria and every rule by which marks become an outcome."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this format")
    id: Id = Field(description="The rubric's own name")
    version: str = Field(min_length=1, max_length=64, description="Its version, as text in quotes")
    title: TextField = Field(description="Its printed name")
    description: TextField | None = Field(None, description="What it is for")
    basis: Basis | None = Field(None, description="Where it comes from")
    terms: Terms | None = Field(None, description="Printed words the organiser may choose")
    criteria: tuple[Criterion, ...] = Field((), description="The criteria tree; the roots' points are the full total")
    panel: Panel | None = Field(None, description="The short form where one panel scores everything")
    panels: tuple[Panel, ...] = Field((), description="The panels, where there are several")
    rounding: Rounding = Field(Rounding(), description="Which stages round, and how")
    adjustments: Adjustments | None = Field(
        None, description="Limits of bonuses and penalties; absent: none are allowed"
    )
    pass_mark: LimitField | None = Field(None, description="The least total: a percentage of the full total, or points")
    pass_compare: Literal["rounded", "raw"] = Field(
        "rounded", description="Whether the pass mark compares the rounded total or the raw one"
    )
    gates: tuple[Gate, ...] = Field((), description="Pass or fail conditions apart from the scores")
    tie_break: tuple[str, ...] = Field(
        (), description="Criteria or groups that separate equal totals; decision, last, reads decisions.csv"
    )
    selection: Selection | None = Field(None, description="Seats; absent: ranked only")
    method: MethodField = Field(
        WEIGHTED_SUM, description="The official method; another than weighted_sum needs rounding.total"
    )
    cross_checks: tuple[MethodField, ...] = Field(
        (), description="Methods whose ranks are shown beside the official ones, which they never change"
    )
    decision: Vote | None = Field(None, description="Selection by vote instead of scores")
    use: Literal["ranking", "evidence"] = Field(
        "ranking", description="evidence: only tables of evidence are made; nobody is compared, scored or ranked"
    )
    rule_basis: dict[Rule, Basis] | None = Field(None, description="Where each rule comes from")

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
