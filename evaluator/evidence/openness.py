"""The open-source level of one applicant, and the whole way to it.

The ladder (each level needs all its conditions and those of the levels below): 1 final weights under some licence,
2 commercial use, with conditions, 3 an open licence, 4 class III of the Model Openness Framework, 5 class II,
6 class I. Classes as in the reference tool of the framework (github.com/lfai/model_openness_tool) and in White et al.
2024, arXiv:2403.13784; a research paper may stand for the technical report, as there. Unlike there, nobody has a
class whose weights are not open ("conditional pass"), and a licence made for another kind of thing is noted only.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from evaluator.evidence.licences import Judgement, judge, least_open, rank
from evaluator.evidence.transparency import transparency
from evaluator.model.openness import (
    COMPONENTS,
    PARTS,
    BaseModelRecord,
    Component,
    ComponentLine,
    ComponentRecord,
    LevelStep,
    LicenceKind,
    LicenceRecord,
    OpennessDeclaration,
    OpennessDerivation,
    OpennessRule,
)
from evaluator.model.rubric import Criterion

CLASSES: Mapping[int, tuple[Component, ...]] = {
    4: ("architecture", "final_weights", "evaluation_results", "model_card", "data_card", "technical_report"),
    5: ("training_code", "inference_code", "evaluation_code", "evaluation_data"),
    6: ("datasets", "preprocessing_code", "intermediate_checkpoints", "research_paper"),
}
"""What each class adds, by level: III, II and I."""

OSAID: tuple[Component, ...] = (
    "final_weights",
    "architecture",
    "preprocessing_code",
    "training_code",
    "inference_code",
    "data_card",
)
"""What a candidate for the Open Source AI Definition 1.0 has open (opensource.org/ai). Only the Initiative decides."""

TOP = 6
_CLASS_NAMES: Mapping[int, Literal["III", "II", "I"]] = {4: "III", 5: "II", 6: "I"}
_BASE_LIMITS: Mapping[LicenceKind, int] = {
    "open": TOP,
    "conditional": 2,
    "non_commercial": 1,
    "closed": 0,
    "none": 0,
    "unknown": 0,
}
"""The highest level of a model made from one with such a licence; of several base models the strictest counts."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A component as declared, and how open it is: its licence alone, and with the gate before it."""

    record: ComponentRecord
    judgement: Judgement
    kind: LicenceKind
    overdue: bool


def derive_openness(
    leaf: Criterion, applicant: str, declaration: OpennessDeclaration, on: datetime.date | None = None
) -> OpennessDerivation:
    """The level that follows from a declaration, with what is missing for every level above it.

    ``leaf.openness`` says whether binding promises count; without a rule they do not. ``on`` is the day of the
    evaluation: a promise whose day has passed by then is not counted; without it no promise is overdue. The order of
    the components has no influence, and what is not listed is absent. A component somebody must be asked for
    (``gated``) is at most conditional, whatever its licence: not everybody can have it.
    """
    rule = leaf.openness or OpennessRule()
    own = {record.id: record for record in declaration.licences}
    judged = {record.component: _judge(record, own, on) for record in declaration.components}
    bases = [_base_kind(base, own) for base in declaration.base_models]
    limit = min((_BASE_LIMITS[kind] for kind in bases), default=None)
    delivered = {name: it for name, it in judged.items() if it.record.state == "delivered"}
    bound = {name: it for name, it in judged.items() if it.record.state != "absent" and not it.overdue}
    counted = bound if rule.counts == "promised" else delivered
    steps = _ladder(counted, limit)
    level = _level(steps)
    delivered_level = _level(_ladder(delivered, limit))
    osaid_missing = _osaid_missing(counted, limit)
    kinds = {name: it.kind for name, it in delivered.items()}
    dimensions, capped = transparency(declaration, kinds, [judge(b.licence, own).kind for b in declaration.base_models])
    flags = _flags(declaration, judged, counted, bases, (level, delivered_level))
    return OpennessDerivation(
        applicant=applicant,
        criterion=leaf.id,
        model=declaration.model,
        counts=rule.counts,
        level=level,
        delivered_level=delivered_level,
        promised_level=_level(_ladder(bound, limit)),
        claimed=declaration.claimed,
        components=tuple(_line(name, judged.get(name), counted) for name in COMPONENTS),
        steps=steps,
        mof_class=_CLASS_NAMES.get(level, ""),
        next_missing=_next_missing(steps, level),
        osaid=not osaid_missing,
        osaid_missing=osaid_missing,
        transparency=sum((value for _, value in dimensions), start=Fraction(0)),
        dimensions=dimensions,
        base_model=", ".join(base.name for base in declaration.base_models),
        base_licence=", ".join(base.licence for base in declaration.base_models),
        base_limit=limit,
        own_licences=declaration.licences,
        flags=(*flags, "transparency_capped") if capped else tuple(flags),
    )


def _judge(record: ComponentRecord, own: Mapping[str, LicenceRecord], on: datetime.date | None) -> _Judged:
    judgement = judge(record.licence, own, PARTS[record.component])
    kind = least_open((judgement.kind, "conditional")) if record.gated else judgement.kind
    overdue = record.state == "promised" and on is not None and record.by is not None and record.by < on
    return _Judged(record, judgement, kind, overdue)


def _base_kind(base: BaseModelRecord, own: Mapping[str, LicenceRecord]) -> LicenceKind:
    """How open a base model's licence is to the applicant, whom the licence of a model of its own does not bind."""
    return "open" if base.own else judge(base.licence, own).kind


def _ladder(counted: Mapping[Component, _Judged], limit: int | None) -> tuple[LevelStep, ...]:
    """Levels 0 to 6: whether each is reached, and what it lacks itself (``lower_level``: one below it lacks more)."""
    steps = [LevelStep(level=0, met=True)]
    for level in range(1, TOP + 1):
        missing = _weights_lack(counted, level) if level <= 3 else _class_lacks(counted, level)
        if limit is not None and level > limit:
            missing = (*missing, "base_licence")
        if not steps[-1].met:
            missing = (*missing, "lower_level")
        steps.append(LevelStep(level=level, met=not missing, missing=missing))
    return tuple(steps)


def _weights_lack(counted: Mapping[Component, _Judged], level: int) -> tuple[str, ...]:
    """What the final weights lack for level 1, 2 or 3, as codes; nothing where a lower level lacks it already."""
    weights = counted.get("final_weights")
    if weights is None:
        return ("final_weights",) if level == 1 else ()
    kind = rank(weights.kind)
    if level == 1:
        return ("licence",) if kind < rank("non_commercial") else ()
    if level == 2:
        return ("commercial_use",) if kind == rank("non_commercial") else ()
    if kind != rank("conditional"):
        return ()
    return ("open_access",) if weights.judgement.kind == "open" else ("open_licence",)


def _class_lacks(counted: Mapping[Component, _Judged], level: int) -> tuple[str, ...]:
    """The components of a class that are not open; what the weights lack, the levels below say."""
    return tuple(name for name in CLASSES[level] if name != "final_weights" and not _satisfied(counted, name))


def _satisfied(counted: Mapping[Component, _Judged], name: Component) -> bool:
    if name == "technical_report" and _is_open(counted, "research_paper"):
        return True
    return _is_open(counted, name)


def _is_open(counted: Mapping[Component, _Judged], name: Component) -> bool:
    return name in counted and counted[name].kind == "open"


def _level(steps: Sequence[LevelStep]) -> int:
    return max(step.level for step in steps if step.met)


def _next_missing(steps: Sequence[LevelStep], level: int) -> tuple[str, ...]:
    """Everything between a level and the next class above it, each once, in the order of the ladder."""
    if level == TOP:
        return ()
    goal = max(level + 1, min(CLASSES))
    lacking = (code for step in steps[level + 1 : goal + 1] for code in step.missing if code != "lower_level")
    return tuple(dict.fromkeys(lacking))


def _osaid_missing(counted: Mapping[Component, _Judged], limit: int | None) -> tuple[str, ...]:
    """What a candidate for the definition lacks; ``base_licence`` where the base model's licence is not open."""
    lacking = tuple(name for name in OSAID if not _is_open(counted, name))
    return (*lacking, "base_licence") if limit is not None and limit < TOP else lacking


def _line(name: Component, judged: _Judged | None, counted: Mapping[Component, _Judged]) -> ComponentLine:
    """A component as the report prints it; ``counts`` is whether it is open and taken into account."""
    paper = name == "technical_report" and not _is_open(counted, name) and _satisfied(counted, name)
    last = ("paper_stands_in",) if paper else ()
    part = PARTS[name]
    if judged is None or judged.record.state == "absent":
        return ComponentLine(component=name, part=part, state="absent", licence_kind="none", counts=False, notes=last)
    record = judged.record
    gated = ("gated",) if record.gated else ()
    overdue = ("overdue",) if judged.overdue else ()
    return ComponentLine(
        component=name,
        part=part,
        state=record.state,
        licence=record.licence or "",
        licence_kind=judged.judgement.kind,
        url=record.url or "",
        gated=record.gated,
        counts=_is_open(counted, name),
        by=record.by,
        commitment=record.commitment,
        notes=(*judged.judgement.notes, *gated, *overdue, *last),
    )


def _flags(
    declaration: OpennessDeclaration,
    judged: Mapping[Component, _Judged],
    counted: Mapping[Component, _Judged],
    bases: Sequence[LicenceKind],
    reached: tuple[int, int],
) -> list[str]:
    """What a reader of the level should know, as codes in a fixed order; ``reached`` is the level and the delivered."""
    level, delivered = reached
    claimed = declaration.claimed
    weights = counted.get("final_weights")
    unlimited = _level(_ladder(counted, None))
    paper_only = not _is_open(counted, "technical_report") and _is_open(counted, "research_paper")
    found = {
        "claimed_higher": claimed is not None and claimed > level,
        "claimed_lower": claimed is not None and claimed < level,
        "rests_on_promises": level > delivered,
        "promise_overdue": any(it.overdue for it in judged.values()),
        "weights_gated": weights is not None and weights.record.gated,
        "base_limits": level < unlimited,
        "base_own": any(base.own for base in declaration.base_models),
        "base_licence_unknown": not {"none", "unknown"}.isdisjoint(bases),
        "paper_stands_in": level >= min(CLASSES) and paper_only,
    }
    return [code for code, holds in found.items() if holds]
