"""Open-source level: what a rubric declares, what openness.yaml holds, and what is derived from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from evaluator.model.numbers import Figure
from evaluator.model.performance import STRICT
from evaluator.model.text import FileModel

Delivery = Literal["promised", "delivered"]
LicenceKind = Literal["open", "conditional", "non_commercial", "closed", "none", "unknown"]


class OpennessRule(FileModel):
    """The criterion's level follows from openness.yaml. Its levels are 0 to 6, its points those of ``convert``."""

    counts: Delivery = Field(
        "delivered", description="Whether binding promises count (promised) or only what is released (delivered)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentLine:
    """One of the 17 components of the Model Openness Framework as declared, and how its licence is judged.

    ``counts`` says whether it counts as open for the level. ``notes`` are codes with a sentence in the catalogue.
    """

    component: str
    part: Literal["code", "data", "model", "documentation"]
    state: Literal["delivered", "promised", "absent"]
    licence: str = ""
    licence_kind: LicenceKind
    url: str = ""
    gated: bool | None = None
    counts: bool
    notes: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStep:
    """One level of the ladder: whether it is reached, and what is missing (component ids and codes)."""

    level: int
    met: bool
    missing: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class OpennessDerivation:
    """The open-source level of one applicant on one criterion, and the whole way to it.

    ``level`` is what counts under the rule; ``delivered_level`` and ``promised_level`` are what follows from the
    released components alone and with binding promises. ``claimed`` is the level the applicant claims. ``mof_class``
    is III, II, I or empty. ``transparency`` is the sum of ``dimensions`` (name and 1, 0.5 or 0), from 0 to 14.
    ``base_limit`` is the highest level the base model's licence allows, None without a base model.
    """

    applicant: str
    criterion: str
    model: str
    counts: Delivery
    level: int
    delivered_level: int
    promised_level: int
    claimed: int | None = None
    components: tuple[ComponentLine, ...] = ()
    steps: tuple[LevelStep, ...] = ()
    mof_class: Literal["", "III", "II", "I"] = ""
    next_missing: tuple[str, ...] = ()
    osaid: bool
    osaid_missing: tuple[str, ...] = ()
    transparency: Figure
    dimensions: tuple[tuple[str, Figure], ...] = ()
    base_model: str = ""
    base_licence: str = ""
    base_limit: int | None = None
    flags: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
