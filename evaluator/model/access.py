"""Public AI access: what a rubric declares, what access.yaml holds, and what is derived from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict, Field

from evaluator.model.openness import Delivery
from evaluator.model.performance import STRICT
from evaluator.model.text import FileModel, Id


class AccessRule(FileModel):
    """The criterion's level follows from access.yaml; the levels of the criterion name the evidence each needs."""

    counts: Delivery = Field("delivered", description="Whether plans count (promised) or only what was delivered")
    indicator: Id | None = Field(None, description="The indicator of access.yaml; absent: the criterion's own id")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """One piece of evidence of one indicator. ``flags`` are codes: used_twice, out_of_date, ..."""

    id: str
    kind: str
    title: str
    place: str
    date: str = ""
    issuer: str = ""
    figure: str = ""
    delivery: Delivery
    sha256: str = ""
    flags: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDerivation:
    """The level of one applicant on one indicator, and the evidence it rests on.

    ``level`` is what counts under the rule; ``promised`` and ``delivered`` are the highest evidenced levels of plans
    and of what exists; ``claimed_promised`` and ``claimed_delivered`` what the applicant claims. ``missing`` is the
    evidence (kinds) that the claimed level would need beyond what there is.
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
    missing: tuple[str, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    flags: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
