"""The record of an evaluation, evaluation.json: everything that was decided, and every figure it was decided from.

Numbers are text: a decimal, padded to the rubric's decimals where a stage rounds, or ``a/b`` where no finite decimal
shows the value. Everything stands in a fixed order, so the same evaluation gives the same bytes. Reviewers appear by
code and panel only. More than :data:`INLINE_MARKS` marks lie in marks.parquet beside the record, which names its
sha256.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from evaluator.files.atomic import RECORD_NAME
from evaluator.files.json_layout import Listed, document
from evaluator.files.record_ranking import standing_texts
from evaluator.model.evaluation import Evaluation, MarkTable, Provenance
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.numbers import show
from evaluator.model.round import BLANK, SCORED, STATE_NAMES, Decision, Marks
from evaluator.model.rubric import Rubric
from evaluator.model.standings import Standings
from evaluator.model.support import SupportOutcome

MARKS_NAME = "marks.parquet"
INLINE_MARKS = 200_000
TAU_DECIMALS = 4
SCORE_DECIMALS = 9
_PART = 1 << 20


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
    """The record's files by name: evaluation.json, and marks.parquet where there are more than ``inline_marks``.

    All of it stands in memory at once; :func:`write_record` needs little for a record of any size.
    """
    evaluation = canonical(evaluation)
    files, marks = _marks(evaluation, inline_marks)
    return {RECORD_NAME: "".join(_pieces(evaluation, marks)).encode(), **files}


def write_record(evaluation: Evaluation, folder: Path, *, inline_marks: int = INLINE_MARKS) -> dict[str, str]:
    """Write the record into a folder, piece by piece. Gives the sha256 of each file by its name.

    The bytes are those of :func:`record_files`. An interrupt leaves a part of a file: write into a folder of
    :func:`evaluator.files.atomic.staged`.
    """
    evaluation = canonical(evaluation)
    files, marks = _marks(evaluation, inline_marks)
    digests = {}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    del files
    with (folder / RECORD_NAME).open("wb") as file:
        return {RECORD_NAME: _digest(_pieces(evaluation, marks), file.write), **digests}


def has_marks_file(evaluation: Evaluation) -> bool:
    """Whether the record of an evaluation has its marks in a file of their own."""
    return len(evaluation.marks.marks) > INLINE_MARKS


def record_sha256(evaluation: Evaluation) -> str:
    """The sha256 that evaluation.json has, without writing it anywhere."""
    evaluation = canonical(evaluation)
    return _digest(_pieces(evaluation, _marks(evaluation, INLINE_MARKS)[1]), len)


def record_text(evaluation: Evaluation) -> str:
    """evaluation.json as text. The same evaluation gives the same text; ``record_text(read_record(x))`` is x."""
    return record_files(evaluation)[RECORD_NAME].decode()


def _digest(pieces: Iterable[str], write: Callable[[bytes], object]) -> str:
    """Hand over text in parts of about a megabyte; its sha256."""
    digest, waiting, length = hashlib.sha256(), list[str](), 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length > _PART:
            content = "".join(waiting).encode()
            digest.update(content)
            write(content)
            waiting, length = [], 0
    content = "".join(waiting).encode()
    digest.update(content)
    write(content)
    return digest.hexdigest()


def _marks(evaluation: Evaluation, inline_marks: int) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The file of the marks, if they have one, and what the record says of the marks."""
    if len(evaluation.marks.marks) <= inline_marks:
        return {}, _mark_columns(evaluation)
    from evaluator.files.marks_parquet import marks_to_parquet

    content = marks_to_parquet(evaluation)
    told = {
        "rows": len(evaluation.marks.marks),
        "file": MARKS_NAME,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    blank = int((evaluation.marks.marks.state == BLANK).sum())
    return {MARKS_NAME: content}, {**told, "blank": blank} if blank else told


def _pieces(evaluation: Evaluation, marks: dict[str, Any]) -> Iterator[str]:
    return document(_record(evaluation, marks, with_sheets="file" not in marks))


def evidence_record(evaluation: Evaluation) -> bytes:
    """evidence.json: what was derived from evidence, with the rubric and the hashes of the files; no total, no rank."""
    evaluation = canonical(evaluation)
    whole = _record(evaluation, {}, with_sheets=False)
    keys = ("schema", "round", "applicants", "evidence", "decisions", "warnings", "rubric", "provenance")
    told = {key: whole[key] for key in keys if key in whole}
    leaves = {leaf.id for leaf in evaluation.rubric.leaves() if leaf.is_derived}
    told["decisions"] = Listed(
        _decision(d) for d in evaluation.decisions if d.kind == "consensus" and d.criterion in leaves
    )
    return "".join(document(told)).encode()


def _record(evaluation: Evaluation, marks: dict[str, Any], *, with_sheets: bool) -> dict[str, Any]:
    """Everything in the record, in order. What grows with the applicants is made while it is written."""
    rubric, info = evaluation.rubric, evaluation.round
    total = rubric.rounding.total
    cut = evaluation.cut_line
    told = info.model_dump(mode="json", by_alias=True, exclude={"schema_", "rubric"})
    named = {"id": rubric.id, "version": rubric.version, "sha256": evaluation.rubric_sha256, "path": info.rubric}
    return {
        "schema": 1,
        "round": {"id": told.pop("id"), "status": told.pop("status"), "rubric": named, **told},
        "ranking": Listed(_ranking(evaluation, with_sheets=with_sheets), laid=True),
        "cut_line": cut
        and {
            "places": cut.places,
            "filled": cut.filled,
            "last_selected": _shown(cut.last_selected, total),
            "first_not_selected": _shown(cut.first_not_selected, total),
            "margin": _shown(cut.margin, total),
        },
        "ties": Listed(
            {"total": show(t.total, total), "applicants": list(t.applicants), "settled_by": t.settled_by}
            for t in evaluation.ties
        ),
        # There may be millions of blanks: where the marks lie in a file, they are told there alone.
        "unresolved": Listed(
            _filled(_plain(u)) for u in evaluation.unresolved if u.kind != "blank" or "blank" not in marks
        ),
        "gates": Listed(map(_plain, evaluation.gates)),
        "warnings": Listed({**_plain(w), "params": dict(sorted(w.params.items()))} for w in evaluation.warnings),
        "applicants": Listed(map(_plain, evaluation.applicants)),
        "reviewers": Listed(map(_plain, evaluation.reviewers)),
        "office": Listed(map(_plain, evaluation.office)),
        "adjustments": Listed(map(_plain, evaluation.adjustments)),
        "conflicts": Listed(map(_plain, evaluation.conflicts)),
        "decisions": Listed(map(_decision, evaluation.decisions)),
        "opinions": Listed(map(_plain, evaluation.opinions)),
        **_derived(evaluation),
        **_second_opinions(evaluation),
        "rubric": _rubric(rubric),
        "marks": marks,
        "provenance": {
            "inputs": dict(evaluation.provenance.inputs),
            "software": dict(evaluation.provenance.software),
        },
    }


def _ranking(evaluation: Evaluation, *, with_sheets: bool) -> Iterable[str]:
    if not evaluation.ranking:
        return ()
    if not isinstance(evaluation.ranking, Standings):
        raise TypeError("a record is written from columns")
    return standing_texts(evaluation.ranking, evaluation.rubric, with_sheets=with_sheets)


def _second_opinions(evaluation: Evaluation) -> dict[str, Any]:
    """How other methods order the ranked applicants, where any was asked for; columns in the order of ``ranking``."""
    told = [
        {
            "method": check.method,
            "parameters": dict(check.settings),
            "pool_relative": check.pool_relative,
            "why": check.why,
            "left_out": list(check.left_out),
            "tau": _shown(check.tau, TAU_DECIMALS),
            "tau_why": check.tau_why,
            "ranks": check.ranks.tolist(),
            "scores": [_score_text(score) for score in check.scores.tolist()],
        }
        for check in evaluation.cross_checks
    ]
    return {"cross_checks": told} if told else {}


def _score_text(score: float) -> str:
    """A figure of a method with a fixed number of decimals: it decides nothing, and its last bits mean nothing."""
    text = f"{score:.{SCORE_DECIMALS}f}"
    return text[1:] if float(text) == 0 and text[0] == "-" else text


def _decision(decision: Decision) -> dict[str, Any]:
    told = _plain(decision)
    del told["line"]
    return told


def _derived(evaluation: Evaluation) -> dict[str, Any]:
    """What was derived from evidence and what selection leads to, where there is any."""
    from pydantic import TypeAdapter

    told: dict[str, Any] = {}
    if evaluation.evidence is not None:
        told["evidence"] = TypeAdapter(EvidenceOutcome).dump_python(evaluation.evidence, mode="json", by_alias=True)
    if evaluation.support is not None:
        told["support"] = TypeAdapter(SupportOutcome).dump_python(evaluation.support, mode="json", by_alias=True)
    return {key: _without_nulls(value) for key, value in told.items()}


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
