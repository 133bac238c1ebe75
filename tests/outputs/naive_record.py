"""The ranking of a record, one standing after the other and one figure after the other: slow and plain."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from evaluator.files.record_ranking import consensus_decimals
from evaluator.model.evaluation import Evaluation, Standing, Tally
from evaluator.model.numbers import show
from evaluator.model.rubric import Rubric

_WIDTH = 110
_CHUNK = 20


def naive_ranking(evaluation: Evaluation, *, without_sheets: bool) -> str:
    """The text of the list ``ranking``."""
    told = [naive_standing(s, evaluation.rubric, without_sheets=without_sheets) for s in evaluation.ranking]
    return naive_layout(told, 1)


def naive_standing(standing: Standing, rubric: Rubric, *, without_sheets: bool) -> dict[str, Any]:
    """What the record says of one applicant, as plain values."""
    rounding = rubric.rounding
    told: dict[str, Any] = {
        "applicant": standing.applicant,
        "rank": standing.rank,
        "total": _shown(standing.total, rounding.total),
        "ranking_total": _shown(standing.ranking_total, rounding.total),
        "outcome": standing.outcome,
        "reasons": [
            {
                "kind": r.kind,
                "subject": r.subject,
                "found": _shown(r.found, rounding.points if r.kind == "below_threshold" else rounding.total),
                "needed": _shown(r.needed, None),
            }
            for r in standing.reasons
        ],
        "conditions": list(standing.conditions),
        "raw_total": _shown(standing.raw_total, None),
        "bonus": show(standing.bonus),
        "penalty": show(standing.penalty),
    }
    if rubric.decision is not None:
        return {**told, "votes": None if standing.votes is None else _plain(standing.votes)}
    decimals = consensus_decimals(rubric)
    told["criteria"] = {
        node.id: {
            "consensus": _shown(score.consensus, decimals.get(node.id)),
            "points": show(score.points, rounding.points),
            "raw": show(score.raw),
            **({} if score.calculated is None else {"calculated": _shown(score.calculated, decimals.get(node.id))}),
        }
        for node in rubric.nodes()
        if (score := standing.criteria.get(node.id)) is not None
    }
    if standing.tallies:
        told["tallies"] = [_tally(t, without_sheets=without_sheets) for t in standing.tallies]
    return told


def _tally(tally: Tally, *, without_sheets: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"panel": tally.panel, "mean": show(tally.mean)}
    if not without_sheets:
        told["sheets"] = [{"reviewer": s.reviewer, "total": show(s.total), "kept": show(s.kept)} for s in tally.sheets]
    return told


def _shown(value: Fraction | None, decimals: int | None) -> str | None:
    return None if value is None else show(value, decimals)


def _plain(value: Any) -> dict[str, Any]:
    """A dataclass as a dict in the order of its fields, exact numbers as text."""
    told: dict[str, Any] = {}
    for item in dataclasses.fields(value):
        part = getattr(value, item.name)
        told[item.name] = show(part) if isinstance(part, Fraction) else part
    return told


def naive_layout(value: Any, depth: int) -> str:
    """JSON text, one space a level: what fits on a line stands on one, columns run over lines of twenty values."""
    if isinstance(value, Mapping | list) and value:
        if depth > 1:
            line = json.dumps(value, ensure_ascii=False)
            if len(line) + depth <= _WIDTH:
                return line
        inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
        if isinstance(value, Mapping):
            parts = [f"{json.dumps(k, ensure_ascii=False)}: {naive_layout(v, depth + 1)}" for k, v in value.items()]
            return "{" + inner + f",{inner}".join(parts) + outer + "}"
        if isinstance(value[0], Mapping | list):
            parts = [naive_layout(v, depth + 1) for v in value]
        else:
            parts = [json.dumps(value[i : i + _CHUNK], ensure_ascii=False)[1:-1] for i in range(0, len(value), _CHUNK)]
        return "[" + inner + f",{inner}".join(parts) + outer + "]"
    return json.dumps(value, ensure_ascii=False)
