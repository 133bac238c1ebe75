"""Support: what selection leads to. What a policy file declares, and what each selected team gets under it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, PlainSerializer, PlainValidator, TypeAdapter, WithJsonSchema

from evaluator.model.basis import Basis
from evaluator.model.numbers import Exact, Figure, Limit, LimitField, parse_decimal
from evaluator.model.performance import STRICT
from evaluator.model.text import FileModel, Id, Language, TextField

SupportStatus = Literal["granted", "over", "not_computed"]
ItemKind = Literal["shared", "matched", "full", "units", "joint"]
Over = Literal["refuse", "proportional", "equal_cap", "rank_order"]
OPTIONS: tuple[Over, ...] = ("proportional", "equal_cap", "rank_order")
OpenLevel = Annotated[int, Field(ge=0, le=6, strict=True)]

KRW = "KRW"
"""The unit of money, and the only one: whatever is counted in it counts towards the budget."""
BUDGET = "budget"
"""The total of everything counted in KRW; no item may have this id."""
MOST_MATCH = 1000
"""The most own money for each part of government money, in percent."""


def _validate_rate(value: Any) -> Limit:  # noqa: ANN401 -- whatever a file holds
    number = parse_decimal(value[:-1]) if isinstance(value, str) and value.endswith("%") else None
    return _LIMIT.validate_python(value) if number is None else Limit(number, percent=True)


_LIMIT: TypeAdapter[Limit] = TypeAdapter(LimitField)
RateField = Annotated[
    Limit,
    PlainValidator(_validate_rate),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": ["number", "string"], "pattern": r"^[0-9]+(\.[0-9]+)?%$"}),
]
"""A percentage that may be more than 100 %, such as ``200%`` where a team puts in two parts for one."""


# What a policy declares (support.yaml)


class ShareRow(FileModel):
    """The private share of organisations of one size at some open-source levels."""

    size: str = Field(min_length=1, max_length=40, description="The size, as applicants.csv has it")
    levels: tuple[OpenLevel, ...] = Field(description="The open-source levels it holds for")
    own: LimitField = Field(description="The private share of the cost, such as 10%")
    cash: LimitField | None = Field(None, description="The least part of the private share in cash, such as 20%")


class ShareTable(FileModel):
    """Government and private share by size and open-source level."""

    criterion: Id = Field(description="The criterion whose level (0 to 6) counts")
    rows: tuple[ShareRow, ...] = Field(description="One row for each size and level there is")
    basis: Basis | None = Field(None, description="Where it comes from")


class SupportItem(FileModel):
    """One thing that selected teams get."""

    id: Id = Field(description="Its own name; support.csv uses it")
    title: TextField = Field(description="Its printed name")
    kind: ItemKind = Field(
        description="shared (government and private share of a cost), matched (own money for government money), "
        "full (the government pays), units (whole units from a pool, such as GPUs) or joint (one amount for all teams)"
    )
    unit: str = Field(
        KRW, min_length=1, max_length=40, description="What amounts are counted in; money in KRW and nothing else"
    )
    most: Exact | None = Field(None, description="The most one team gets from the government")
    least: Exact | None = Field(None, description="The least one team gets, if it gets anything")
    step: Exact = Field(Fraction(1), description="Amounts are whole multiples of it; what is left over is cut off")
    match: RateField | None = Field(
        None, description="matched: own money for each part of government money, from 0% to 1000%, as 100%"
    )
    available: Exact | None = Field(None, description="What there is for all teams; joint: the amount itself")
    not_for: tuple[str, ...] = Field((), description="Teams that get none of it, by id, such as lessors of the GPUs")
    reason: TextField | None = Field(None, description="Why they get none; needed with not_for")
    over: Over = Field(
        "refuse",
        description="When more is asked for than there is: refuse (an error with the options), proportional, equal_cap "
        "or rank_order",
    )
    basis: Basis | None = Field(None, description="Where it comes from")


class SupportPolicy(FileModel):
    """support.yaml: what selected teams get, and who pays for it."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this format")
    id: Id = Field(description="The policy's own name")
    version: str = Field(min_length=1, max_length=64, description="Its version, as text in quotes")
    title: TextField = Field(description="Its printed name")
    description: TextField | None = Field(None, description="What it is for")
    basis: Basis | None = Field(None, description="Where it comes from")
    shares: ShareTable | None = Field(None, description="Government and private share; needed by items of kind shared")
    items: tuple[SupportItem, ...] = Field(description="What teams get")
    budget: Exact | None = Field(None, description="The most the government pays over all items counted in KRW")


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportRequest:
    """What one team asks for of one item: the whole cost for shared and matched, the amount for the others."""

    applicant: str
    item: str
    asked: Figure
    note: str = ""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


# What follows


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportLine:
    """One item of one team: amounts in ``unit`` (KRW, or GPUs and the like).

    ``asked`` is what the team requested, and ``note`` what it wrote beside that. ``wish`` is what the government would
    pay under the rules of the item alone, before anybody looks at what there is. ``granted`` is what the policy gives
    (government and own together), of which ``government`` and ``own`` are paid by each; ``cash`` is the part of ``own``
    that must be money. All four are None while it is undecided, because the item or the budget is exceeded; a team with
    a wish of 0 gets 0 whatever is decided. ``rule`` is the kind of the item; ``notes`` are codes: capped, cut_to_step,
    below_least, not_for, reduced, nothing_asked.
    """

    item: str
    unit: str
    asked: Figure | None = None
    wish: Figure
    granted: Figure | None = None
    government: Figure | None = None
    own: Figure | None = None
    cash: Figure | None = None
    rule: str = ""
    notes: tuple[str, ...] = ()
    note: str = ""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSupport:
    """What one selected team gets. ``size`` and ``level`` are what ``own_share`` (0 to 1) follows from.

    ``government`` and ``own`` are sums over the items counted in KRW, without what is bought for all teams together
    and without what is undecided. ``flags`` are codes.
    """

    applicant: str
    size: str
    level: int | None = None
    own_share: Figure | None = None
    lines: tuple[SupportLine, ...] = ()
    government: Figure
    own: Figure
    flags: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportOption:
    """One way out where more is asked for than there is: what each team would get from the government."""

    kind: Over
    amounts: tuple[tuple[str, Figure], ...]

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportTotal:
    """One item over all selected teams against what there is; ``available`` is None where there is no limit.

    ``wished`` is the sum of the wishes. ``over`` is how much more than is available the government would pay, and
    ``options`` the ways out; both empty where it is enough or the rule of the item settles it. ``granted``,
    ``government`` and ``own`` are None while the item is undecided.

    The total of everything counted in KRW has ``item`` budget. There ``wished`` is what the government would pay if
    every item gave what its own rule allows (the wishes, where that is undecided); if it is exceeded, all items
    counted in KRW are undecided; if only some of them are, the sums are those of the others.
    """

    item: str
    unit: str
    wished: Figure
    granted: Figure | None = None
    government: Figure | None = None
    own: Figure | None = None
    available: Figure | None = None
    over: Figure | None = None
    options: tuple[SupportOption, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportOutcome:
    """The support of a round: by team, in rank order, and against the budget.

    ``status``: granted; over (more is asked for than there is, and nothing is granted until that is settled);
    not_computed (nobody is selected yet). ``declared`` is the policy itself.
    """

    policy: str
    version: str
    status: SupportStatus
    teams: tuple[TeamSupport, ...] = ()
    totals: tuple[SupportTotal, ...] = ()
    declared: SupportPolicy

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    def title(self, item: str, lang: Language) -> str:
        """The printed name of an item; that of the whole policy for the budget."""
        titles = {declared.id: declared.title for declared in self.declared.items}
        return titles.get(item, self.declared.title).in_(lang)
