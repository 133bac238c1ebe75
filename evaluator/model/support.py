"""Support: what selection leads to. What a policy file declares, and what each selected team gets under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict

from evaluator.model.numbers import Figure
from evaluator.model.performance import STRICT

SupportStatus = Literal["granted", "over", "not_computed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportLine:
    """One item of one team: amounts in ``unit`` (KRW, or GPUs and the like).

    ``asked`` is what the team requested, ``granted`` what the policy gives, ``government`` and ``own`` who pays for
    it, ``cash`` the part of ``own`` that must be money. ``rule`` is a code that says which rule made it so.
    """

    item: str
    unit: str
    asked: Figure | None = None
    granted: Figure
    government: Figure
    own: Figure
    cash: Figure | None = None
    rule: str = ""
    notes: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSupport:
    """What one selected team gets. ``size`` and ``level`` are what its share follows from; shares are from 0 to 1."""

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
class SupportTotal:
    """One item over all selected teams against what there is; ``available`` is None where there is no limit."""

    item: str
    unit: str
    granted: Figure
    government: Figure
    available: Figure | None = None

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportOutcome:
    """The support of a round: by team, in rank order, and against the budget."""

    policy: str
    version: str
    status: SupportStatus
    teams: tuple[TeamSupport, ...] = ()
    totals: tuple[SupportTotal, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
