"""The 14 dimensions of the European Open Source AI Index (osai-index.eu), each 1 (open), 0.5 (partly) or 0 (closed).

Six are about availability (data and weights of the base model and of the end-user model, training code), five about
documentation (code, hardware, preprint, paper, model card, datasheet), three about access (package, API and prompts,
licences). The index is made by people who look at a release; what is computed here follows its questions and is no
entry of the index. Only what is delivered counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from evaluator.evidence.licences import least_open
from evaluator.model.openness import DIMENSIONS, Answer, Component, Dimension, LicenceKind, OpennessDeclaration

OPEN, PARTLY, CLOSED = Fraction(1), Fraction(1, 2), Fraction(0)
_VALUES: Mapping[Answer, Fraction] = {"open": OPEN, "partial": PARTLY, "closed": CLOSED}


def transparency(
    declaration: OpennessDeclaration, delivered: Mapping[Component, LicenceKind], bases: Sequence[LicenceKind]
) -> tuple[tuple[tuple[str, Fraction], ...], bool]:
    """Every dimension with its value, and whether some answer was higher than the components allow.

    ``delivered`` are the released components and how open each is; ``bases`` the kinds of the base models' licences.
    Where the components tell, their value holds unless the applicant answers a lower one; where they do not, the
    applicant's answer holds, and without an answer the dimension is closed.
    """
    told = {record.dimension: _VALUES[record.answer] for record in declaration.transparency}
    from_scratch = declaration.relation == "from_scratch"
    shown = {name: _from_components(name, delivered, bases, from_scratch=from_scratch) for name in DIMENSIONS}
    values: list[tuple[str, Fraction]] = []
    capped = False
    for name in DIMENSIONS:
        most, answer = shown[name], told.get(name)
        if most is None:
            value = answer if answer is not None else CLOSED
        else:
            value = most if answer is None else min(answer, most)
            capped = capped or (answer is not None and answer > most)
        values.append((name, value))
    return tuple(values), capped


def _from_components(
    name: Dimension,
    delivered: Mapping[Component, LicenceKind],
    bases: Sequence[LicenceKind],
    *,
    from_scratch: bool,
) -> Fraction | None:
    """What the components say of a dimension; None where they say nothing."""
    documented = PARTLY if "data_card" in delivered else CLOSED
    data = max(_grade(delivered, "datasets"), documented)
    weights = _grade(delivered, "final_weights")
    if name == "base_model_data":
        return data if from_scratch else None
    if name == "base_model_weights":
        return weights if from_scratch else _base_weights(bases)
    if name == "paper" and "research_paper" in delivered:
        return None  # whether it was peer-reviewed, only the applicant says
    return {
        "end_user_model_data": data,
        "end_user_model_weights": weights,
        "training_code": _grade(delivered, "training_code"),
        "preprint": OPEN if {"technical_report", "research_paper"} & delivered.keys() else CLOSED,
        "paper": CLOSED,
        "model_card": OPEN if "model_card" in delivered else CLOSED,
        "datasheet": OPEN if "data_card" in delivered else CLOSED,
        "licences": _licences(delivered),
    }.get(name)


def _grade(delivered: Mapping[Component, LicenceKind], name: Component) -> Fraction:
    """Open where it is open, partly where it can be had on other terms (or none), closed where it cannot."""
    if name not in delivered:
        return CLOSED
    return OPEN if delivered[name] == "open" else PARTLY


def _base_weights(bases: Sequence[LicenceKind]) -> Fraction | None:
    if not bases:
        return None
    kind = least_open(bases)
    return {"open": OPEN, "conditional": PARTLY, "non_commercial": PARTLY}.get(kind, CLOSED)


def _licences(delivered: Mapping[Component, LicenceKind]) -> Fraction:
    """Open where everything delivered, weights among it, is open; partly where something is."""
    kinds = set(delivered.values())
    if kinds == {"open"} and "final_weights" in delivered:
        return OPEN
    return PARTLY if "open" in kinds else CLOSED
