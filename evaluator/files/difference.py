"""What `evaluator diff --json` prints. Its JSON Schema is generated from it."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter

from evaluator.files.record_shape import Known, NumberText, Whole
from evaluator.model.difference import (
    ABSENT,
    ApplicantChange,
    CrossCheckChange,
    Difference,
    Effect,
    InputChange,
    MarkChanges,
    Recalculation,
    RuleChange,
    SeatsChange,
    Separation,
    Side,
    ValueChange,
)
from evaluator.model.exact import Ints
from evaluator.model.numbers import show
from evaluator.model.round import SCORED, STATE_NAMES
from evaluator.model.text import FileModel

StateName = Literal["absent", "blank", "scored", "abstained", "recused"]


class MarkSideShape(FileModel):
    """The differing marks on one side; a score is null unless the state is scored."""

    state: tuple[StateName, ...]
    score: tuple[NumberText | None, ...]


class MarkChangesShape(FileModel):
    """The marks that differ in state or score, as columns of equal length."""

    rows: Whole
    applicant: tuple[Known, ...]
    reviewer: tuple[Known, ...]
    criterion: tuple[Known, ...]
    before: MarkSideShape
    after: MarkSideShape


class IdsShape(FileModel):
    """Ids that only the second evaluation has, and that only the first one has."""

    added: tuple[Known, ...]
    removed: tuple[Known, ...]


class DifferenceShape(FileModel):
    """What differs between two evaluations; every list is empty where nothing does.

    ``different`` is true where anything differs that enters the calculation or comes out of it. Figures that decide are
    text, a decimal or ``a/b``.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")]
    different: bool
    before: Side
    after: Side
    common: Whole
    effect: Effect
    separation: Separation
    recalculation: Recalculation
    applicants: IdsShape
    reviewers: IdsShape
    standings: tuple[ApplicantChange, ...]
    cut_line: SeatsChange | None
    marks: MarkChangesShape
    inputs: tuple[InputChange, ...]
    rules: tuple[RuleChange, ...]
    round: tuple[ValueChange, ...]
    cross_checks: tuple[CrossCheckChange, ...]
    support: tuple[ValueChange, ...]
    files: tuple[ValueChange, ...]
    software: tuple[ValueChange, ...]


_PLAIN = ("before", "after", "common", "effect", "separation", "recalculation")
_LISTS = ("cut_line", "inputs", "rules", "round", "cross_checks", "support", "files", "software")


def difference_json(difference: Difference) -> bytes:
    """A difference for programs, in UTF-8. The same difference gives the same bytes."""
    told: dict[str, Any] = {"schema": 1, "different": difference.counts}
    told |= {name: _dumped(name, getattr(difference, name)) for name in _PLAIN}
    told["applicants"] = _ids(difference.applicants_added, difference.applicants_removed)
    told["reviewers"] = _ids(difference.reviewers_added, difference.reviewers_removed)
    told["standings"] = _dumped("standings", difference.applicants)
    told["cut_line"] = _dumped("cut_line", difference.cut_line)
    told["marks"] = _marks(difference.marks)
    told |= {name: _dumped(name, getattr(difference, name)) for name in _LISTS}
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _dumped(name: str, value: Any) -> Any:  # noqa: ANN401 -- as the field of the shape is
    kind: Any = DifferenceShape.model_fields[name].annotation
    return TypeAdapter(kind).dump_python(value, mode="json")


def _ids(added: tuple[str, ...], removed: tuple[str, ...]) -> dict[str, list[str]]:
    return {"added": list(added), "removed": list(removed)}


def _marks(marks: MarkChanges) -> dict[str, Any]:
    return {
        "rows": len(marks),
        "applicant": [marks.applicants[i] for i in marks.applicant.tolist()],
        "reviewer": [marks.reviewers[i] for i in marks.reviewer.tolist()],
        "criterion": [marks.criteria[i] for i in marks.criterion.tolist()],
        "before": _side(marks.state_before, marks.score_before, marks.decimals),
        "after": _side(marks.state_after, marks.score_after, marks.decimals),
    }


def _side(states: np.ndarray[Any, np.dtype[np.int8]], scores: Ints, decimals: int) -> dict[str, Any]:
    scale = 10**decimals
    texts = {score: show(Fraction(score, scale)) for score in set(scores.tolist())}
    return {
        "state": ["absent" if state == ABSENT else STATE_NAMES[state] for state in states.tolist()],
        "score": [
            texts[score] if state == SCORED else None
            for state, score in zip(states.tolist(), scores.tolist(), strict=True)
        ],
    }
