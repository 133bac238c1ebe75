"""Reading a record back: evaluation.json (and its marks.parquet) to the evaluation it was written from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from evaluator.errors import Loc, Problem, show_loc
from evaluator.files.atomic import RECORD_NAME
from evaluator.files.marks_parquet import DamagedMarksError, ReadMarks, marks_from_parquet
from evaluator.files.problems import Problems, shorten
from evaluator.files.record import MARKS_NAME
from evaluator.files.record_shape import RecordShape, StandingShape
from evaluator.files.sources import SCORES_BYTES, Source, decode, read_bytes
from evaluator.model.access import AccessDerivation
from evaluator.model.evaluation import (
    CriterionScore,
    CutLine,
    Evaluation,
    MarkTable,
    PanelReviewer,
    Provenance,
    Reason,
    SheetTotal,
    Standing,
    Tally,
    Tie,
    Unresolved,
    VoteCount,
)
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.numbers import decimals_of, parse_exact
from evaluator.model.openness import OpennessDerivation
from evaluator.model.performance import PerformanceDerivation
from evaluator.model.round import (
    SCORED,
    STATE_NAMES,
    Adjustment,
    Applicant,
    Conflict,
    Decision,
    GateRecord,
    Marks,
    OfficeFigure,
    Opinion,
    RoundInfo,
)

_MAX_DECIMALS = 18
_LIMIT = 1 << 62


def read_record(path: Path) -> Evaluation:
    """The evaluation in a record; ``path`` is evaluation.json or the folder that holds it.

    Raises ``InputProblems`` where the record (or the marks.parquet it names) is missing, damaged or was changed so
    that it no longer fits together. Figures are read as written and not computed again.
    """
    found = Problems()
    if path.is_dir():
        path = path / RECORD_NAME
    source = read_bytes(path, path.name, SCORES_BYTES, found)
    data = _json(source, found) if source else None
    shape = _shape(data, path.name, found) if data is not None else None
    if shape is None:
        found.raise_if_any()
        raise AssertionError("a record that cannot be read has a problem")
    read = _marks_beside(shape, path, found)
    _check_ids(shape, path.name, found)
    if read is None and shape.marks.file is None:
        _check_columns(shape, path.name, found)
    found.raise_if_any()
    return _evaluation(shape, read or ReadMarks(_inline_marks(shape), {}))


def _json(source: Source, found: Problems) -> Any:  # noqa: ANN401 -- whatever the file holds
    text = decode(source, found)
    if text is None:
        return None
    repeated: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        counts = Counter(key for key, _ in pairs)
        repeated.extend(key for key, count in counts.items() if count > 1)
        return dict(pairs)

    try:
        data = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        found.add("record.not_json", source.name, (error.lineno, error.colno))
        return None
    except (RecursionError, ValueError):
        # Nested too deeply, or a number with thousands of digits: no record has either.
        found.add("record.not_json", source.name, (1, 1))
        return None
    for key in repeated:
        found.add("record.key_duplicate", source.name, path=shorten(key), told=shorten(key))
    return None if repeated else data


def _shape(data: Any, file: str, found: Problems) -> RecordShape | None:  # noqa: ANN401 -- JSON of any shape
    try:
        return RecordShape.model_validate(data)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_context=False):
            code, told = _fault(item["type"], item["loc"], item.get("input"))
            found.add(code, file, path=show_loc(item["loc"]), told=told)
        return None


def _fault(kind: str, loc: Loc, value: Any) -> tuple[str, str]:  # noqa: ANN401 -- JSON of any shape
    """A finding of pydantic as a problem: a key too few, a key too many, or a value that does not belong there."""
    if kind == "missing":
        return "record.key_missing", str(loc[-1])
    if kind == "extra_forbidden":
        return "record.key_unknown", str(loc[-1])
    return "record.value", shorten(json.dumps(value, ensure_ascii=False, default=str))


def _marks_beside(shape: RecordShape, path: Path, found: Problems) -> ReadMarks | None:
    if shape.marks.file is None:
        return None
    source = read_bytes(path.with_name(MARKS_NAME), MARKS_NAME, SCORES_BYTES, found)
    if source is None:
        return None
    if source.sha256 != shape.marks.sha256:
        found.add("record.marks_changed", MARKS_NAME, recorded=shape.marks.sha256 or "", found=source.sha256)
        return None
    try:
        read = marks_from_parquet(
            source.data,
            [a.id for a in shape.applicants],
            [r.id for r in shape.reviewers],
            [leaf.id for leaf in shape.rubric.panel_leaves()],
        )
    except DamagedMarksError as error:
        found.add("record.marks_damaged", MARKS_NAME, reason=str(error))
        return None
    if len(read.table.marks) != shape.marks.rows:
        found.add("record.length", path.name, path="marks.rows", column="rows", rows=shape.marks.rows)
    return read


_FIELDS = {
    "applicant": "applicants",
    "reviewer": "reviewers",
    "criterion": "rubric.criteria",
    "gate": "rubric.gates",
    "panel": "rubric.panels",
}
_SUBJECTS = {"gate_failed": "rubric.gates", "below_threshold": "rubric.criteria"}
_LISTS = ("gates", "office", "adjustments", "conflicts", "decisions", "opinions", "unresolved")


def _references(shape: RecordShape) -> Iterator[tuple[str, str, Loc]]:
    """Every id the record uses outside its marks: the id, the list it must stand in, and where it was used."""
    for i, s in enumerate(shape.ranking):
        yield s.applicant, "applicants", ("ranking", i, "applicant")
        for criterion in s.criteria or {}:
            yield criterion, "rubric.criteria", ("ranking", i, "criteria", criterion)
        for j, tally in enumerate(s.tallies):
            yield tally.panel, "rubric.panels", ("ranking", i, "tallies", j, "panel")
            for k, sheet in enumerate(tally.sheets):
                yield sheet.reviewer, "reviewers", ("ranking", i, "tallies", j, "sheets", k, "reviewer")
        for j, reason in enumerate(s.reasons):
            if reason.kind in _SUBJECTS:
                yield reason.subject, _SUBJECTS[reason.kind], ("ranking", i, "reasons", j, "subject")
    for i, tie in enumerate(shape.ties):
        for j, applicant in enumerate(tie.applicants):
            yield applicant, "applicants", ("ties", i, "applicants", j)
        if tie.settled_by not in {"", "decision"}:
            yield tie.settled_by, "rubric.criteria", ("ties", i, "settled_by")
    yield from _evidence_references(shape)
    for name in _LISTS:
        for i, item in enumerate(getattr(shape, name)):
            for key, listed in _FIELDS.items():
                value = getattr(item, key, "")
                if value and not (name == "conflicts" and value == "*"):
                    yield value, listed, (name, i, key)


def _evidence_references(shape: RecordShape) -> Iterator[tuple[str, str, Loc]]:
    """The ids used by what was derived from evidence and by the reference models."""
    for loc, derived in _derivations(shape):
        yield derived.applicant, "applicants", (*loc, "applicant")
        yield derived.criterion, "rubric.criteria", (*loc, "criterion")
    for i, model in enumerate(shape.evidence.references if shape.evidence else ()):
        yield model.criterion, "rubric.criteria", ("evidence", "references", i, "criterion")


def _derivations(
    shape: RecordShape,
) -> Iterator[tuple[Loc, PerformanceDerivation | OpennessDerivation | AccessDerivation]]:
    """Everything derived from evidence, and where the record has it."""
    told = shape.evidence or EvidenceOutcome()
    for i, performance in enumerate(told.performance):
        yield ("evidence", "performance", i), performance
    for i, openness in enumerate(told.openness):
        yield ("evidence", "openness", i), openness
    for i, access in enumerate(told.access):
        yield ("evidence", "access", i), access


def _check_ids(shape: RecordShape, file: str, found: Problems) -> None:
    """Every id must be one the record lists, every applicant must have one place in the ranking."""
    applicants, reviewers = [a.id for a in shape.applicants], [r.id for r in shape.reviewers]
    known = {
        "applicants": set(applicants),
        "reviewers": set(reviewers),
        "rubric.criteria": {node.id for node in shape.rubric.nodes()},
        "rubric.gates": {gate.id for gate in shape.rubric.gates},
        "rubric.panels": {panel.id for panel in shape.rubric.all_panels},
    }
    for value, listed, where in _references(shape):
        if value not in known[listed]:
            found.add("record.unknown_id", file, path=show_loc(where), id=shorten(value), listed=listed)
    for path, ids in (("applicants", applicants), ("reviewers", reviewers)):
        for value, count in Counter(ids).items():
            if count > 1:
                found.add("record.id_repeated", file, path=path, id=shorten(value))
    places = Counter(s.applicant for s in shape.ranking)
    for applicant in sorted(known["applicants"]):
        if places[applicant] != 1:
            found.add("record.ranking_incomplete", file, path="ranking", id=shorten(applicant))


def _check_columns(shape: RecordShape, file: str, found: Problems) -> None:
    marks = shape.marks
    for name in ("applicant", "reviewer", "criterion", "state", "score", "kept"):
        if len(getattr(marks, name)) != marks.rows:
            found.add("record.length", file, path=f"marks.{name}", column=name, rows=marks.rows)
    leaves = {leaf.id for leaf in shape.rubric.panel_leaves()}
    listed = {
        "applicant": ("applicants", {a.id for a in shape.applicants}),
        "reviewer": ("reviewers", {r.id for r in shape.reviewers}),
        "criterion": ("rubric.criteria", leaves),
    }
    for name, (where, ids) in listed.items():
        for unknown in sorted(set(getattr(marks, name)) - ids):
            found.add("record.unknown_id", file, path=f"marks.{name}", id=shorten(unknown), listed=where)
    scores = _figures(marks.score)
    whole = 10 ** _decimals(scores.values())
    for row, (state, text) in enumerate(zip(marks.state, marks.score, strict=False)):
        if (state == "scored") != (text is not None) or (text is not None and not _fits(scores[text], whole)):
            found.add("record.value", file, path=f"marks.score[{row}]", told=shorten(text or state))
    weights = {text: _is_weight(weight) for text, weight in _figures(marks.kept).items()}
    for row, text in enumerate(marks.kept):
        if text is not None and not weights[text]:
            found.add("record.value", file, path=f"marks.kept[{row}]", told=shorten(text))
    for i, comment in enumerate(marks.comments):
        if comment.row >= marks.rows:
            found.add("record.value", file, path=f"marks.comments[{i}].row", told=str(comment.row))


def _figures(texts: Iterable[str | None]) -> dict[str, Fraction | None]:
    """What different texts of figures stand for; None for what is no figure after all (``1/0``)."""
    return {text: parse_exact(text) for text in set(texts) if text is not None}


def _fits(score: Fraction | None, whole: int) -> bool:
    """Whether a score is a decimal that the columns of marks can hold."""
    decimals = None if score is None else decimals_of(score)
    return score is not None and decimals is not None and decimals <= _MAX_DECIMALS and abs(score) * whole < _LIMIT


def _is_weight(weight: Fraction | None) -> bool:
    return weight is not None and 0 <= weight <= 1 and weight.denominator < _LIMIT


def _decimals(scores: Iterable[Fraction | None]) -> int:
    return max((decimals_of(score) or 0 for score in scores if score is not None), default=0)


def _inline_marks(shape: RecordShape) -> MarkTable:
    told, figures = shape.marks, _figures(shape.marks.score)
    decimals = _decimals(figures.values())

    def codes(values: Iterable[str], names: Iterable[str]) -> NDArray[np.int32]:
        places = {name: i for i, name in enumerate(names)}
        return np.array([places[value] for value in values], np.int32)

    state = codes(told.state, STATE_NAMES).astype(np.uint8)
    scaled = {text: int((score or 0) * 10**decimals) for text, score in figures.items()}
    scores = [0 if text is None else scaled[text] for text in told.score]
    marks = Marks(
        applicant=codes(told.applicant, (a.id for a in shape.applicants)),
        reviewer=codes(told.reviewer, (r.id for r in shape.reviewers)),
        criterion=codes(told.criterion, (leaf.id for leaf in shape.rubric.panel_leaves())),
        state=state,
        score=np.where(state == SCORED, np.array(scores, np.int64), 0),
        decimals=decimals,
        comments=tuple((c.row, c.text) for c in told.comments),
    )
    ratios = {text: (w.numerator, w.denominator) for text, w in _figures(told.kept).items() if w is not None}
    pairs = np.array([(-1, 1) if text is None else ratios[text] for text in told.kept], np.int64).reshape(-1, 2)
    return MarkTable(marks=marks, kept_num=pairs[:, 0].copy(), kept_den=pairs[:, 1].copy())


def _evaluation(shape: RecordShape, read: ReadMarks) -> Evaluation:
    told = dict(shape.round)
    named = told.pop("rubric")
    info = RoundInfo.model_validate({"schema": 1, "rubric": named.path, **told})
    cut = shape.cut_line
    tallies = _tallies_in_file(shape, read)
    return Evaluation(
        round=info,
        rubric=shape.rubric,
        rubric_sha256=named.sha256,
        applicants=tuple(Applicant(**dict(a)) for a in shape.applicants),
        reviewers=tuple(PanelReviewer(**dict(r)) for r in shape.reviewers),
        ranking=tuple(_standing(s, tallies) for s in shape.ranking),
        cut_line=None if cut is None else CutLine(**dict(cut)),
        ties=tuple(Tie(**dict(t)) for t in shape.ties),
        unresolved=tuple(Unresolved(**dict(u)) for u in shape.unresolved),
        gates=tuple(GateRecord(**dict(g)) for g in shape.gates),
        adjustments=tuple(Adjustment(**dict(a)) for a in shape.adjustments),
        office=tuple(OfficeFigure(**dict(f)) for f in shape.office),
        conflicts=tuple(Conflict(**dict(c)) for c in shape.conflicts),
        decisions=tuple(Decision(**dict(d)) for d in shape.decisions),
        opinions=tuple(Opinion(**dict(o)) for o in shape.opinions),
        marks=read.table,
        warnings=tuple(Problem(**dict(w)) for w in shape.warnings),
        provenance=Provenance(**dict(shape.provenance)),
        evidence=shape.evidence,
        support=shape.support,
    )


def _standing(told: StandingShape, tallies: Mapping[tuple[str, str], tuple[SheetTotal, ...]]) -> Standing:
    parts = dict(told)
    return Standing(
        **{
            **parts,
            "reasons": tuple(Reason(**dict(r)) for r in told.reasons),
            "criteria": {name: CriterionScore(**dict(score)) for name, score in (told.criteria or {}).items()},
            "tallies": tuple(
                Tally(
                    panel=t.panel,
                    mean=t.mean,
                    sheets=tuple(SheetTotal(**dict(s)) for s in t.sheets) or tallies.get((told.applicant, t.panel), ()),
                )
                for t in told.tallies
            ),
            "votes": None if told.votes is None else VoteCount(**dict(told.votes)),
        }
    )


def _tallies_in_file(shape: RecordShape, read: ReadMarks) -> dict[tuple[str, str], tuple[SheetTotal, ...]]:
    sheets: dict[tuple[str, str], list[SheetTotal]] = {}
    for (applicant, reviewer), (total, kept) in read.sheets.items():
        who = shape.reviewers[reviewer]
        key = shape.applicants[applicant].id, who.panel
        sheets.setdefault(key, []).append(SheetTotal(reviewer=who.id, total=total, kept=kept))
    return {key: tuple(sorted(items, key=lambda s: (s.total, s.reviewer))) for key, items in sheets.items()}


def record_digest(path: Path) -> str:
    """The sha256 of a record's bytes; reports print a part of it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
