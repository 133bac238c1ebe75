"""Reading a record back: evaluation.json (and its marks.parquet) to the evaluation it was written from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from evaluator.errors import Loc, Problem, show_loc
from evaluator.files.atomic import RECORD_NAME
from evaluator.files.marks_parquet import DamagedMarksError, ReadMarks, marks_from_parquet
from evaluator.files.problems import MAX_PER_FILE, Problems, shorten
from evaluator.files.record import MARKS_NAME
from evaluator.files.record_json import NotJsonError, RepeatedKeyError, parse
from evaluator.files.record_ranking_read import RankingReader
from evaluator.files.record_shape import CrossCheckShape, RecordShape, StandingShape
from evaluator.files.sources import SCORES_BYTES, decode, read_bytes
from evaluator.model.access import AccessDerivation
from evaluator.model.cross_check import CrossCheck
from evaluator.model.evaluation import CutLine, Evaluation, MarkTable, PanelReviewer, Provenance, Tie, Unresolved
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.numbers import decimals_of, parse_exact
from evaluator.model.openness import OpennessDerivation
from evaluator.model.performance import PerformanceDerivation
from evaluator.model.round import (
    BLANK,
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

_STANDINGS = TypeAdapter(list[StandingShape])
_MAX_DECIMALS = 18
_LIMIT = 1 << 62
_OTHER_KINDS = ((b"PK\x03\x04", "xlsx"), (b"PAR1", "Parquet"), (b"%PDF", "PDF"))
"""How other files begin that lie beside a record and may be taken for it."""


def read_record(path: Path) -> Evaluation:
    """The evaluation in a record; ``path`` is evaluation.json or the folder that holds it.

    Raises ``InputProblems`` where the record (or the marks.parquet it names) is missing, damaged or was changed so
    that it no longer fits together. Figures are read as written and not computed again.
    """
    found = Problems()
    if path.is_dir():
        path = path / RECORD_NAME
    ranking = RankingReader(path.name, found)
    data = _data(path, ranking, found)
    shape = _shape(data, path.name, found) if data is not None else None
    del data
    if shape is None or found:
        found.raise_if_any()
        raise AssertionError("a record that cannot be read has a problem")
    read = _marks_beside(shape, path, found)
    _check_ids(shape, ranking, path.name, found)
    if read is None and shape.marks.file is None:
        _check_columns(shape, path.name, found)
    _check_second_opinions(shape, ranking, path.name, found)
    found.raise_if_any()
    return _evaluation(shape, ranking, read)


def _data(path: Path, ranking: RankingReader, found: Problems) -> Any:  # noqa: ANN401 -- whatever the file holds
    """What the file holds besides the ranking, which goes to ``ranking``."""
    source = read_bytes(path, path.name, SCORES_BYTES, found)
    if source and (kind := next((kind for start, kind in _OTHER_KINDS if source.data.startswith(start)), "")):
        found.add("record.other_format", path.name, kind=kind)
        return None
    text = decode(source, found) if source else None
    if text is None:
        return None
    del source
    try:
        return parse(text, lambda first, items: _take(ranking, first, items, path.name, found))
    except NotJsonError as error:
        found.add("record.not_json", path.name, error.place)
    except RepeatedKeyError as error:
        for key in error.keys:
            found.add("record.key_duplicate", path.name, path=shorten(key), told=shorten(key))
    return None


def _take(ranking: RankingReader, first: int, items: list[Any], file: str, found: Problems) -> None:
    """Take some standings; ``first`` is the position of the first of them."""
    try:
        ranking.add(_STANDINGS.validate_python(items))
    except ValidationError as error:
        found.add_unlisted(file, error.error_count() - MAX_PER_FILE)
        for item in error.errors(include_url=False, include_context=False)[:MAX_PER_FILE]:
            at, *rest = item["loc"]
            code, told = _fault(item["type"], item["loc"], item.get("input"))
            found.add(code, file, path=show_loc(("ranking", first + int(at), *rest)), told=told)


def _shape(data: Any, file: str, found: Problems) -> RecordShape | None:  # noqa: ANN401 -- JSON of any shape
    try:
        return RecordShape.model_validate(data)
    except ValidationError as error:
        found.add_unlisted(file, error.error_count() - MAX_PER_FILE)
        for item in error.errors(include_url=False, include_context=False)[:MAX_PER_FILE]:
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
    beside = path.with_name(MARKS_NAME)
    if not beside.exists():
        found.add("record.marks_missing", MARKS_NAME, sha256=shape.marks.sha256 or "")
        return None
    source = read_bytes(beside, MARKS_NAME, SCORES_BYTES, found)
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
    if int((read.table.marks.state == BLANK).sum()) != shape.marks.blank:
        found.add("record.value", path.name, path="marks.blank", told=str(shape.marks.blank))
    return read


_FIELDS = {
    "applicant": "applicants",
    "reviewer": "reviewers",
    "criterion": "rubric.criteria",
    "gate": "rubric.gates",
    "panel": "rubric.panels",
}
_LISTS = ("gates", "office", "adjustments", "conflicts", "decisions", "opinions", "unresolved")


def _references(shape: RecordShape, ranking: RankingReader) -> Iterator[tuple[str, str, Loc]]:
    """Every id the record uses outside its marks: the id, the list it must stand in, and where it was used."""
    yield from ranking.references()
    for i, tie in enumerate(shape.ties):
        for j, applicant in enumerate(tie.applicants):
            yield applicant, "applicants", ("ties", i, "applicants", j)
        if tie.settled_by not in {"", "decision"}:
            yield tie.settled_by, "rubric.criteria", ("ties", i, "settled_by")
    yield from _evidence_references(shape)
    for i, check in enumerate(shape.cross_checks):
        for j, criterion in enumerate(check.left_out):
            yield criterion, "rubric.criteria", ("cross_checks", i, "left_out", j)
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


def _check_ids(shape: RecordShape, ranking: RankingReader, file: str, found: Problems) -> None:
    """Every id must be one the record lists, every applicant must have one place in the ranking."""
    applicants, reviewers = [a.id for a in shape.applicants], [r.id for r in shape.reviewers]
    known = {
        "applicants": set(applicants),
        "reviewers": set(reviewers),
        "rubric.criteria": {node.id for node in shape.rubric.nodes()},
        "rubric.gates": {gate.id for gate in shape.rubric.gates},
        "rubric.panels": {panel.id for panel in shape.rubric.all_panels},
    }
    for value, listed, where in _references(shape, ranking):
        if value not in known[listed]:
            found.add("record.unknown_id", file, path=show_loc(where), id=shorten(value), listed=listed)
    for path, ids in (("applicants", applicants), ("reviewers", reviewers)):
        for value, count in Counter(ids).items():
            if count > 1:
                found.add("record.id_repeated", file, path=path, id=shorten(value))
    ranking.check(shape.rubric, applicants)


def _check_second_opinions(shape: RecordShape, ranking: RankingReader, file: str, found: Problems) -> None:
    """A method orders all ranked applicants or, saying why, none."""
    for i, check in enumerate(shape.cross_checks):
        wanted = 0 if check.why else ranking.ranked
        for name in ("ranks", "scores"):
            if len(getattr(check, name)) != wanted:
                path = f"cross_checks[{i}].{name}"
                found.add("record.value", file, path=path, told=str(len(getattr(check, name))))
        if (check.tau is None) != bool(check.tau_why):
            found.add("record.value", file, path=f"cross_checks[{i}].tau_why", told=check.tau_why or "–")


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


def _evaluation(shape: RecordShape, ranking: RankingReader, read: ReadMarks | None) -> Evaluation:
    told = dict(shape.round)
    named = told.pop("rubric")
    info = RoundInfo.model_validate({"schema": 1, "rubric": named.path, **told})
    cut = shape.cut_line
    reviewers = [(r.id, r.panel) for r in shape.reviewers]
    standings = ranking.standings(shape.rubric, reviewers, None if read is None else read.sheets)
    return Evaluation(
        round=info,
        rubric=shape.rubric,
        rubric_sha256=named.sha256,
        applicants=tuple(Applicant(**dict(a)) for a in shape.applicants),
        reviewers=tuple(PanelReviewer(**dict(r)) for r in shape.reviewers),
        ranking=standings,
        cut_line=None if cut is None else CutLine(**dict(cut)),
        ties=tuple(Tie(**dict(t)) for t in shape.ties),
        unresolved=(*_blanks(shape, read), *(Unresolved(**dict(u)) for u in shape.unresolved)),
        gates=tuple(GateRecord(**dict(g)) for g in shape.gates),
        adjustments=tuple(Adjustment(**dict(a)) for a in shape.adjustments),
        office=tuple(OfficeFigure(**dict(f)) for f in shape.office),
        conflicts=tuple(Conflict(**dict(c)) for c in shape.conflicts),
        decisions=tuple(Decision(**dict(d)) for d in shape.decisions),
        opinions=tuple(Opinion(**dict(o)) for o in shape.opinions),
        marks=_inline_marks(shape) if read is None else read.table,
        warnings=tuple(Problem(**dict(w)) for w in shape.warnings),
        provenance=Provenance(**dict(shape.provenance)),
        evidence=shape.evidence,
        support=shape.support,
        cross_checks=tuple(map(_cross_check, shape.cross_checks)),
    )


def _blanks(shape: RecordShape, read: ReadMarks | None) -> Iterator[Unresolved]:
    """The marks that are blank in the file of the marks, which the record does not repeat."""
    if read is None:
        return
    marks = read.table.marks
    rows = np.flatnonzero(marks.state == BLANK)
    leaves = shape.rubric.panel_leaves()
    columns = (column[rows].tolist() for column in (marks.applicant, marks.reviewer, marks.criterion))
    for applicant, reviewer, criterion in zip(*columns, strict=True):
        yield Unresolved(
            kind="blank",
            applicant=shape.applicants[applicant].id,
            reviewer=shape.reviewers[reviewer].id,
            criterion=leaves[criterion].id,
        )


def _cross_check(told: CrossCheckShape) -> CrossCheck:
    return CrossCheck(
        method=told.method,
        settings=tuple(told.parameters.items()),
        scores=np.array([float(score) for score in told.scores], np.float64),
        ranks=np.array(told.ranks, np.int32),
        why=told.why,
        left_out=told.left_out,
        tau=told.tau,
        tau_why=told.tau_why,
    )


def record_digest(path: Path) -> str:
    """The sha256 of a record's bytes; reports print a part of it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
