"""The record of an evaluation, evaluation.json: everything that was decided, and every figure it was decided from.

Numbers are text: a decimal, padded to the rubric's decimals where a stage rounds, or ``a/b`` where no finite decimal
shows the value. Everything stands in a fixed order, so the same evaluation gives the same bytes. Reviewers appear by
code and panel only. More than :data:`INLINE_MARKS` marks lie in marks.parquet beside the record, which names its
sha256.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from evaluator.model.evaluation import Evaluation, MarkTable, Provenance, Standing, Tally
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.numbers import show
from evaluator.model.round import SCORED, STATE_NAMES, Marks
from evaluator.model.rubric import Rubric
from evaluator.model.support import SupportOutcome

MARKS_NAME = "marks.parquet"
INLINE_MARKS = 200_000
_WIDTH = 110
_CHUNK = 20


def canonical(evaluation: Evaluation) -> Evaluation:
    """The same evaluation in the record's order, whatever the order of the rows it was read from.

    Applicants and reviewers by id; marks by applicant, reviewer and criterion; what is listed by applicant keeps its
    own order within an applicant. Calling it twice changes nothing.
    """
    criteria = {node.id: i for i, node in enumerate(evaluation.rubric.nodes())}
    gates = {gate.id: i for i, gate in enumerate(evaluation.rubric.gates)}
    provenance = evaluation.provenance
    return dataclasses.replace(
        evaluation,
        provenance=Provenance(
            inputs=dict(sorted(provenance.inputs.items())), software=dict(sorted(provenance.software.items()))
        ),
        applicants=tuple(sorted(evaluation.applicants, key=lambda a: a.id)),
        reviewers=tuple(sorted(evaluation.reviewers, key=lambda r: r.id)),
        unresolved=tuple(
            sorted(
                evaluation.unresolved,
                key=lambda u: (u.kind, u.applicant, u.reviewer, u.panel, criteria.get(u.criterion, -1), u.gate, u.item),
            )
        ),
        gates=tuple(sorted(evaluation.gates, key=lambda g: (g.applicant, gates.get(g.gate, -1)))),
        adjustments=tuple(sorted(evaluation.adjustments, key=lambda a: (a.applicant, a.kind, a.points, a.reason))),
        office=tuple(sorted(evaluation.office, key=lambda f: (f.applicant, criteria.get(f.criterion, -1)))),
        conflicts=tuple(
            sorted(evaluation.conflicts, key=lambda c: (c.reviewer, c.applicant, c.kind, c.reason, c.decider, c.date))
        ),
        decisions=tuple(
            dataclasses.replace(d, line=0)
            for d in sorted(
                evaluation.decisions, key=lambda d: (d.kind, d.applicant, criteria.get(d.criterion, -1), d.line)
            )
        ),
        opinions=tuple(sorted(evaluation.opinions, key=lambda o: o.applicant)),
        marks=_sorted_marks(evaluation),
        warnings=tuple(
            sorted(
                evaluation.warnings,
                key=lambda w: (w.file, w.line, w.column, w.path, w.code, sorted(w.params.items())),
            )
        ),
    )


def _sorted_marks(evaluation: Evaluation) -> MarkTable:
    table = evaluation.marks
    applicant = _places(a.id for a in evaluation.applicants)[table.marks.applicant]
    reviewer = _places(r.id for r in evaluation.reviewers)[table.marks.reviewer]
    order = np.lexsort((table.marks.criterion, reviewer, applicant))
    moved = np.empty(len(order), np.int64)
    moved[order] = np.arange(len(order))
    return MarkTable(
        marks=Marks(
            applicant=applicant[order],
            reviewer=reviewer[order],
            criterion=table.marks.criterion[order],
            state=table.marks.state[order],
            score=table.marks.score[order],
            decimals=table.marks.decimals,
            comments=tuple(sorted((int(moved[row]), text) for row, text in table.marks.comments)),
        ),
        kept_num=table.kept_num[order],
        kept_den=table.kept_den[order],
    )


def _places(ids: Iterable[str]) -> NDArray[np.int32]:
    """The position of each id among the sorted ids."""
    listed = list(ids)
    places = np.empty(len(listed), np.int32)
    places[sorted(range(len(listed)), key=listed.__getitem__)] = np.arange(len(listed), dtype=np.int32)
    return places


def record_files(evaluation: Evaluation, *, inline_marks: int = INLINE_MARKS) -> dict[str, bytes]:
    """The record's files by name: evaluation.json, and marks.parquet where there are more than ``inline_marks``."""
    evaluation = canonical(evaluation)
    files = {}
    marks: dict[str, Any]
    if len(evaluation.marks.marks) > inline_marks:
        from evaluator.files.marks_parquet import marks_to_parquet

        files[MARKS_NAME] = marks_to_parquet(evaluation)
        digest = hashlib.sha256(files[MARKS_NAME]).hexdigest()
        marks = {"rows": len(evaluation.marks.marks), "file": MARKS_NAME, "sha256": digest}
    else:
        marks = _mark_columns(evaluation)
    text = _layout(_record(evaluation, marks, in_file=MARKS_NAME in files), 0) + "\n"
    return {"evaluation.json": text.encode(), **files}


def record_text(evaluation: Evaluation) -> str:
    """evaluation.json as text. The same evaluation gives the same text; ``record_text(read_record(x))`` is x."""
    return record_files(evaluation)["evaluation.json"].decode()


def evidence_record(evaluation: Evaluation) -> bytes:
    """evidence.json: what was derived from evidence, with the rubric and the hashes of the files; no total, no rank."""
    evaluation = canonical(evaluation)
    whole = _record(evaluation, {}, in_file=False)
    keys = ("schema", "round", "applicants", "evidence", "decisions", "warnings", "rubric", "provenance")
    told = {key: whole[key] for key in keys if key in whole}
    leaves = {leaf.id for leaf in evaluation.rubric.leaves() if leaf.is_derived}
    told["decisions"] = [d for d in told["decisions"] if d["kind"] == "consensus" and d["criterion"] in leaves]
    return (_layout(told, 0) + "\n").encode()


def _record(evaluation: Evaluation, marks: dict[str, Any], *, in_file: bool) -> dict[str, Any]:
    rubric, info = evaluation.rubric, evaluation.round
    total = rubric.rounding.total
    cut = evaluation.cut_line
    told = info.model_dump(mode="json", by_alias=True, exclude={"schema_", "rubric"})
    named = {"id": rubric.id, "version": rubric.version, "sha256": evaluation.rubric_sha256, "path": info.rubric}
    return {
        "schema": 1,
        "round": {"id": told.pop("id"), "status": told.pop("status"), "rubric": named, **told},
        "ranking": [_standing(s, rubric, in_file=in_file) for s in evaluation.ranking],
        "cut_line": cut
        and {
            "places": cut.places,
            "filled": cut.filled,
            "last_selected": _shown(cut.last_selected, total),
            "first_not_selected": _shown(cut.first_not_selected, total),
            "margin": _shown(cut.margin, total),
        },
        "ties": [
            {"total": show(t.total, total), "applicants": list(t.applicants), "settled_by": t.settled_by}
            for t in evaluation.ties
        ],
        "unresolved": [_filled(_plain(u)) for u in evaluation.unresolved],
        "gates": [_plain(g) for g in evaluation.gates],
        "warnings": [{**_plain(w), "params": dict(sorted(w.params.items()))} for w in evaluation.warnings],
        "applicants": [_plain(a) for a in evaluation.applicants],
        "reviewers": [_plain(r) for r in evaluation.reviewers],
        "office": [_plain(f) for f in evaluation.office],
        "adjustments": [_plain(a) for a in evaluation.adjustments],
        "conflicts": [_plain(c) for c in evaluation.conflicts],
        "decisions": [{k: v for k, v in _plain(d).items() if k != "line"} for d in evaluation.decisions],
        "opinions": [_plain(o) for o in evaluation.opinions],
        **_derived(evaluation),
        "rubric": _rubric(rubric),
        "marks": marks,
        "provenance": {
            "inputs": dict(evaluation.provenance.inputs),
            "software": dict(evaluation.provenance.software),
        },
    }


def _derived(evaluation: Evaluation) -> dict[str, Any]:
    """What was derived from evidence and what selection leads to, where there is any."""
    from pydantic import TypeAdapter

    told: dict[str, Any] = {}
    if evaluation.evidence is not None:
        told["evidence"] = TypeAdapter(EvidenceOutcome).dump_python(evaluation.evidence, mode="json", by_alias=True)
    if evaluation.support is not None:
        told["support"] = TypeAdapter(SupportOutcome).dump_python(evaluation.support, mode="json", by_alias=True)
    return {key: _without_nulls(value) for key, value in told.items()}


def _standing(standing: Standing, rubric: Rubric, *, in_file: bool) -> dict[str, Any]:
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
        told["tallies"] = [_tally(t, in_file=in_file) for t in standing.tallies]
    return told


def consensus_decimals(rubric: Rubric) -> dict[str, int]:
    """The decimals to which a criterion's consensus is rounded, for the criteria where it is."""
    decimals = rubric.rounding.consensus
    if decimals is None:
        return {}
    return {
        leaf.id: decimals
        for panel in rubric.all_panels
        if panel.order == "consensus_first"
        for leaf in rubric.leaves_of(panel)
    }


def _tally(tally: Tally, *, in_file: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"panel": tally.panel, "mean": show(tally.mean)}
    if not in_file:
        told["sheets"] = [{"reviewer": s.reviewer, "total": show(s.total), "kept": show(s.kept)} for s in tally.sheets]
    return told


def _mark_columns(evaluation: Evaluation) -> dict[str, Any]:
    table = evaluation.marks
    marks, leaves = table.marks, evaluation.rubric.panel_leaves()
    scale = 10**marks.decimals
    pairs = list(zip(table.kept_num.tolist(), table.kept_den.tolist(), strict=True))
    weights = {(num, den): None if num < 0 else show(Fraction(num, den)) for num, den in set(pairs)}
    scores = {score: show(Fraction(score, scale)) for score in set(marks.score.tolist())}
    return {
        "rows": len(marks),
        "applicant": [evaluation.applicants[i].id for i in marks.applicant.tolist()],
        "reviewer": [evaluation.reviewers[i].id for i in marks.reviewer.tolist()],
        "criterion": [leaves[i].id for i in marks.criterion.tolist()],
        "state": [STATE_NAMES[i] for i in marks.state.tolist()],
        "score": [
            scores[score] if state == SCORED else None
            for score, state in zip(marks.score.tolist(), marks.state.tolist(), strict=True)
        ],
        "kept": [weights[pair] for pair in pairs],
        "comments": [{"row": row, "text": text} for row, text in marks.comments],
    }


def _rubric(rubric: Rubric) -> dict[str, Any]:
    """The resolved rubric without the keys that are absent. A null that says something stays: no limit, no rounding."""
    told: dict[str, Any] = _said(rubric, rubric.model_dump(mode="json", by_alias=True))
    return told


def _said(value: Any, told: Any) -> Any:  # noqa: ANN401 -- a model and what it was written as, or a part of them
    """What was written of a model, without the nulls that are what holds where a key is absent."""
    if isinstance(value, BaseModel) and isinstance(told, dict):
        fields = type(value).model_fields
        return {
            (info.alias or name): _said(part, told[info.alias or name])
            for name, info in fields.items()
            if (part := getattr(value, name)) is not None or info.default is not None
        }
    if isinstance(value, tuple):
        return [_said(part, written) for part, written in zip(value, told, strict=True)]
    if isinstance(value, dict):
        return {key: _said(part, written) for part, (key, written) in zip(value.values(), told.items(), strict=True)}
    return told


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 -- plain JSON values
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _shown(value: Fraction | None, decimals: int | None) -> str | None:
    return None if value is None else show(value, decimals)


def _plain(value: Any) -> dict[str, Any]:  # noqa: ANN401 -- any of the small frozen dataclasses
    """A dataclass as a dict in the order of its fields, exact numbers as text."""
    told: dict[str, Any] = {}
    for item in dataclasses.fields(value):
        part = getattr(value, item.name)
        told[item.name] = show(part) if isinstance(part, Fraction) else part
    return told


def _filled(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value not in ("", None, ())}


def _layout(value: Any, depth: int) -> str:  # noqa: ANN401 -- plain JSON values
    """JSON text, one space a level: what fits on a line stands on one, columns run over lines of twenty values."""
    if isinstance(value, Mapping | list) and value:
        if depth > 1:
            line = json.dumps(value, ensure_ascii=False)
            if len(line) + depth <= _WIDTH:
                return line
        inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
        if isinstance(value, Mapping):
            parts = [f"{json.dumps(k, ensure_ascii=False)}: {_layout(v, depth + 1)}" for k, v in value.items()]
            return "{" + inner + f",{inner}".join(parts) + outer + "}"
        if isinstance(value[0], Mapping | list):
            parts = [_layout(v, depth + 1) for v in value]
        else:
            parts = [json.dumps(value[i : i + _CHUNK], ensure_ascii=False)[1:-1] for i in range(0, len(value), _CHUNK)]
        return "[" + inner + f",{inner}".join(parts) + outer + "]"
    return json.dumps(value, ensure_ascii=False)
