"""Public AI access: what a rubric declares, what access.yaml holds, and what is derived from it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from evaluator.model.access_kinds import Currency, EvidenceKind, Standard, Unit
from evaluator.model.numbers import Exact, show
from evaluator.model.openness import Delivery
from evaluator.model.performance import STRICT
from evaluator.model.text import FileModel, Id

ClaimedLevel = Annotated[int, Field(ge=0, le=100, strict=True)]
Words = Annotated[str, Field(min_length=1, max_length=400)]
LongWords = Annotated[str, Field(min_length=1, max_length=4000)]
Place = Annotated[str, Field(min_length=1, max_length=2000)]


class AccessRule(FileModel):
    """The criterion's level follows from access.yaml; the levels of the criterion name the evidence each needs."""

    counts: Delivery = Field("delivered", description="Whether plans count (promised) or only what was delivered")
    indicator: Id | None = Field(None, description="The indicator of access.yaml; absent: the criterion's own id")


# What access.yaml holds


class Period(FileModel):
    """The days that a figure covers, both included."""

    from_: datetime.date = Field(alias="from", description="The first day")
    to: datetime.date = Field(description="The last day")


class Figure(FileModel):
    """A quantity that a piece of evidence states: one value, or a range."""

    value: Exact | None = Field(None, description="A plain number; a range has from and to instead")
    from_: Exact | None = Field(None, alias="from", description="The lower end of a range")
    to: Exact | None = Field(None, description="The upper end of a range")
    unit: Unit = Field(description="What is counted")
    currency: Currency | None = Field(None, description="Units of money: in which currency")
    period: Period | None = Field(None, description="The days the figure covers")

    def __str__(self) -> str:
        """The number alone: ``1200000`` or ``10~20``."""
        ends = [end for end in (self.value, self.from_, self.to) if end is not None]
        return "~".join(show(end) for end in ends)


class Conformance(FileModel):
    """What a report on accessibility says about one standard."""

    standard: Standard = Field(description="The standard with its version and, for WCAG, the level")
    result: Literal["met", "partly", "not_met"] = Field(description="What the report found")


class Evidence(FileModel):
    """One piece of evidence of one indicator, as the applicant lists it."""

    id: Id = Field(description="Its own name, once in the file")
    kind: EvidenceKind = Field(description="What it is; the levels of the rubric name the kinds they need")
    delivery: Delivery = Field(description="delivered: it shows what exists; promised: it backs a plan")
    title: Words = Field(description="Its title")
    date: datetime.date = Field(description="When it was issued; not after the evaluation date")
    issuer: Words | None = Field(None, description="Who issued it")
    valid_until: datetime.date | None = Field(None, description="The last day it is valid")
    url: Place | None = Field(None, description="Where it is published (https://...)")
    file: Place | None = Field(None, description="Its file in the applicant's folder documents/")
    pages: Words | None = Field(None, description="Where in it to look, such as p. 3-5")
    figure: Figure | None = Field(None, description="The quantity it states")
    conforms: tuple[Conformance, ...] = Field((), description="Reports on accessibility: each standard and the result")
    sha256: Words | None = Field(
        None, description="The hash of its file; checked where given, and filled in when the file is read"
    )


class Promise(FileModel):
    """The level an applicant will reach, and by when."""

    level: ClaimedLevel = Field(description="The level that will be reached")
    by: datetime.date = Field(description="The day by which it will be reached")
    summary: LongWords | None = Field(None, description="In a few words")


class Claim(FileModel):
    """The level an applicant has reached."""

    level: ClaimedLevel = Field(description="The level that is reached")
    summary: LongWords | None = Field(None, description="In a few words")


class Indicator(FileModel):
    """One indicator: what is claimed, for the plan and for what exists, and the evidence."""

    id: Id = Field(description="The indicator, as the rubric names it")
    promised: Promise | None = Field(None, description="What the applicant plans; absent: no plan is claimed")
    delivered: Claim | None = Field(None, description="What exists; absent: nothing is claimed")
    evidence: tuple[Evidence, ...] = Field((), description="The evidence for both")


class AccessDeclaration(FileModel):
    """access.yaml: what an applicant claims on public AI access, and its evidence."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this format")
    service: Words = Field(description="The service or model it is about")
    indicators: tuple[Indicator, ...] = Field(description="The indicators, each at most once")


# What is derived


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """One piece of evidence of one indicator, and what was noticed about it.

    ``place`` is its URL or file (the URL where both are given), ``figure`` the number alone, ``unit``, ``currency``
    and ``period`` (``2026-01-01~2026-03-31``) what it means. ``conforms`` holds (standard, result). ``counts`` says
    whether it counts as evidence at all. ``flags`` are of :data:`ITEM_FLAGS`; ``alike`` names the evidence with the
    same content: ``indicator/id`` of the applicant's own, ``applicant:indicator/id`` of others, twenty of them at most.
    """

    id: str
    kind: str
    title: str
    place: str
    pages: str = ""
    date: str = ""
    issuer: str = ""
    valid_until: str = ""
    figure: str = ""
    unit: str = ""
    currency: str = ""
    period: str = ""
    conforms: tuple[tuple[str, str], ...] = ()
    delivery: Delivery
    sha256: str = ""
    counts: bool = True
    flags: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessStep:
    """One level above the lowest: the kinds it needs, and those missing for the plan and for what exists."""

    level: int
    needs: tuple[str, ...] = ()
    promised_missing: tuple[str, ...] = ()
    delivered_missing: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDerivation:
    """The level of one applicant on one indicator, and the evidence it rests on.

    ``level`` is what counts under the rule; ``promised`` and ``delivered`` are the highest evidenced levels of plans
    and of what exists, never above what is claimed; ``claimed_promised`` and ``claimed_delivered`` what the applicant
    claims. ``by`` is the day of the promise. ``missing`` is the evidence (kinds) that the claimed level would need
    beyond what there is. ``flags`` are of :data:`FLAGS`.
    """

    applicant: str
    criterion: str
    indicator: str
    counts: Delivery
    level: int
    promised: int
    delivered: int
    claimed_promised: int
    claimed_delivered: int
    by: str = ""
    missing: tuple[str, ...] = ()
    steps: tuple[AccessStep, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    flags: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


ITEM_FLAGS = (
    "cited_again",
    "used_twice",
    "used_by_others",
    "expired",
    "validity_not_checked",
    "no_end_date",
    "no_figure",
    "no_period",
    "not_conforming",
    "not_asked",
)
"""What may be noticed about a piece of evidence; ``expired`` and ``not_conforming`` evidence does not count.

cited_again: its content also stands elsewhere under the same indicator. used_twice: under another indicator.
used_by_others: another applicant has it. validity_not_checked: it has an end date, the round has no evaluation date.
no_end_date: a certificate that does not say until when. not_asked: no level of the indicator needs its kind.
"""

FLAGS = (
    "no_claim",
    "claim_reduced",
    "delivered_below_promised",
    "promised_below_delivered",
    "promise_overdue",
    "not_binding",
)
"""What may be noticed about an indicator.

no_claim: nothing is claimed of what counts. claim_reduced: the level that counts is below the claim.
delivered_below_promised: what is delivered (and claimed as such) is below the promised level.
promised_below_delivered: the plan claims less than what exists. promise_overdue: the day of the promise is past and
what is delivered is below it, so that only what was delivered backs it. not_binding: nothing among the evidence of
the plan binds anybody.
"""
