"""access.yaml: what an applicant claims on public AI access, checked with the documents it names."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, get_args

from evaluator.errors import Loc, Problem, show_loc
from evaluator.files.access_documents import document_hash, place_fault, uncited_documents
from evaluator.files.access_figures import figure_faults, mended_figure
from evaluator.files.checks import Fault, is_date
from evaluator.files.folder import Folder
from evaluator.files.problems import Problems, nearest, shorten, visible
from evaluator.files.sources import Source
from evaluator.files.validation import describe, overlaps, validate
from evaluator.files.yaml_source import Document, read_yaml
from evaluator.model.access import AccessDeclaration, Evidence, Indicator
from evaluator.model.access_kinds import CONFORMING, MEASURED, EvidenceKind
from evaluator.model.numbers import show
from evaluator.model.openness import Delivery
from evaluator.model.rubric import Criterion

_UNCITED = 6
"""How many documents that nothing cites one warning lists."""

KINDS: tuple[str, ...] = get_args(EvidenceKind)

# What stands in for a required value of a piece of evidence that is missing or wrong, so that the rest is checked.
_STAND_INS: dict[str, Any] = {"kind": KINDS[0], "delivery": "delivered", "date": datetime.date.min}


@dataclass(frozen=True, slots=True)
class _Notes:
    """Notes problems of one document, except where its ``spoilt`` places say that something is wrong already."""

    document: Document
    found: Problems
    spoilt: set[Loc] = field(default_factory=set)

    def add(self, loc: Loc, fault: Fault) -> None:
        """Note what is wrong at a place."""
        code, params = fault
        if not overlaps(loc, self.spoilt):
            self.found.add(code, self.document.file, self.document.place(loc), show_loc(loc), **params)

    def spoil(self, loc: Loc, fault: Fault) -> None:
        """Note what is wrong at a place where a stand-in will be, so that nothing more is said about it."""
        self.add(loc, fault)
        self.spoilt.add(loc)


def read_access(
    source: Source,
    files: Folder,
    documents: str,
    evaluation_date: datetime.date | None,
    leaves: Iterable[Criterion] | None,
    warnings: list[Problem] | None = None,
) -> AccessDeclaration | None:
    """Read one applicant's access.yaml; None, with problems noted, where nothing can be made of it.

    ``documents`` is the folder of the files it names, relative to the round folder; they are hashed into the inputs of
    the round and into the declaration. Every problem is noted where it stands: keys and types, figures, units and
    currencies, dates out of order or after the evaluation date, places that are no address, files that are missing,
    empty, changed (``sha256``) or outside the folder, and indicators and levels that ``leaves`` (of the resolved
    rubric; None where it is not known) do not have. Without an evaluation date nothing is said about dates after it.
    Where a problem was noted the declaration may hold stand-ins. ``warnings`` takes documents that are there and that
    nothing cites; a link out of the folder is a problem, cited or not.
    """
    found = files.found
    document = read_yaml(source, found)
    if document is None:
        return None
    notes = _Notes(document, found, set(document.spoilt))
    prepared = replace(document, data=_prepared(document.data, notes), spoilt=notes.spoilt)
    checked = validate(AccessDeclaration, prepared, found)
    if checked.model is None:
        return None
    notes = _Notes(document, found, set(checked.spoilt))
    _check_ids(checked.model, notes)
    if leaves is not None:
        _check_rubric(checked.model, leaves, notes)
    indicators = []
    for i, indicator in enumerate(checked.model.indicators):
        pieces = []
        for j, piece in enumerate(indicator.evidence):
            loc = ("indicators", i, "evidence", j)
            _note_faults(piece, evaluation_date, notes, loc)
            digest = _document(piece, files, documents, notes, loc)
            pieces.append(piece.model_copy(update={"sha256": digest or piece.sha256}))
        indicators.append(indicator.model_copy(update={"evidence": tuple(pieces)}))
    cited = [piece.file for indicator in checked.model.indicators for piece in indicator.evidence if piece.file]
    _note_uncited(cited, files, documents, warnings)
    return checked.model.model_copy(update={"indicators": tuple(indicators)})


def _note_uncited(cited: list[str], files: Folder, documents: str, warnings: list[Problem] | None) -> None:
    """Tell what lies in the folder of documents and is cited by nothing, and refuse links that lead out of it."""
    uncited, leading_out = uncited_documents(files.path / documents, cited)
    for name in leading_out:
        files.found.add("access.document_link", f"{documents}/{name}")
    if uncited and warnings is not None:
        shown = ", ".join(map(shorten, uncited[:_UNCITED]))
        params = {
            "names": visible(f"{shown}, …" if len(uncited) > _UNCITED else shown),
            "count": f"{len(uncited):,}",
        }
        warnings.append(Problem(code="access.documents_not_cited", file=documents, params=params))


def _check_rubric(declaration: AccessDeclaration, leaves: Iterable[Criterion], notes: _Notes) -> None:
    """Every indicator and every level claimed is one of the rubric's."""
    levels = {
        leaf.access.indicator or leaf.id: {level.value for level in leaf.levels}
        for leaf in leaves
        if leaf.access is not None
    }
    for i, indicator in enumerate(declaration.indicators):
        loc: Loc = ("indicators", i)
        if indicator.id not in levels:
            near = nearest(indicator.id, levels)
            code = "access.indicator_unknown_near" if near else "access.indicator_unknown"
            allowed = ", ".join(levels)
            notes.add((*loc, "id"), (code, {"value": shorten(indicator.id), "near": near, "allowed": allowed}))
            continue
        for key, claim in (("promised", indicator.promised), ("delivered", indicator.delivered)):
            if claim is not None and claim.level not in {0, *levels[indicator.id]}:
                allowed = ", ".join(map(show, sorted(levels[indicator.id])))
                params: dict[str, object] = {"value": claim.level, "indicator": indicator.id, "allowed": allowed}
                notes.add((*loc, key, "level"), ("access.level_unknown", params))


# Before the types are checked


def _prepared(data: Any, notes: _Notes) -> Any:  # noqa: ANN401 -- plain values
    """The data with stand-ins where a fault was noted in a piece of evidence."""
    indicators = data.get("indicators")
    if not isinstance(indicators, tuple):
        return data
    done = []
    for i, indicator in enumerate(indicators):
        if isinstance(indicator, dict) and isinstance(indicator.get("evidence"), tuple):
            pieces = tuple(
                _prepared_piece(piece, ("indicators", i, "evidence", j), notes) if isinstance(piece, dict) else piece
                for j, piece in enumerate(indicator["evidence"])
            )
            done.append({**indicator, "evidence": pieces})
        else:
            done.append(indicator)
    return {**data, "indicators": tuple(done)}


def _prepared_piece(piece: dict[str, Any], loc: Loc, notes: _Notes) -> dict[str, Any]:
    done = dict(piece)
    for key, stand_in in _STAND_INS.items():
        fault = _required_fault(piece, key)
        if fault is not None:
            notes.spoil((*loc, key), fault)
            done[key] = stand_in
    if isinstance(piece.get("figure"), dict):
        figure, faults = mended_figure(piece["figure"])
        for inside, fault in faults:
            notes.spoil((*loc, "figure", *inside), fault)
        done["figure"] = figure
    return done


def _required_fault(piece: dict[str, Any], key: str) -> Fault | None:
    """What is wrong with a required value of a piece of evidence."""
    if key not in piece:
        return "yaml.key_missing", {"key": key}
    value = piece[key]
    if value is None:
        return "value.none", {"key": key}
    if key == "date":
        fine = isinstance(value, str) and is_date(value)
        return None if fine else ("value.not_a_date", {"value": describe(value)})
    options = KINDS if key == "kind" else get_args(Delivery)
    if value in options:
        return None
    near = nearest(describe(value), options)
    params: dict[str, object] = {"value": describe(value), "near": near, "allowed": ", ".join(options)}
    if key == "kind":
        return "access.kind_unknown_near" if near else "access.kind_unknown", params
    return "value.not_a_choice_near" if near else "value.not_a_choice", params


# After the types are checked


def _check_ids(declaration: AccessDeclaration, notes: _Notes) -> None:
    """Each indicator is there once, and so is the id of each piece of evidence."""
    indicators: dict[str, Loc] = {}
    pieces: dict[str, Loc] = {}
    for i, indicator in enumerate(declaration.indicators):
        _note_repeated(indicator, ("indicators", i, "id"), indicators, "access.indicator_repeated", notes)
        for j, piece in enumerate(indicator.evidence):
            _note_repeated(piece, ("indicators", i, "evidence", j, "id"), pieces, "access.evidence_repeated", notes)


def _note_repeated(item: Indicator | Evidence, loc: Loc, seen: dict[str, Loc], code: str, notes: _Notes) -> None:
    first = seen.setdefault(item.id, loc)
    if first != loc:
        notes.add(loc, (code, {"value": item.id, "line": notes.document.place(first)[0]}))


class _Found(NamedTuple):
    """Something wrong at a place of a piece of evidence; nothing where a value it ``needs`` is itself in doubt."""

    loc: Loc
    fault: Fault
    needs: tuple[str, ...] = ()


def _note_faults(piece: Evidence, evaluation_date: datetime.date | None, notes: _Notes, loc: Loc) -> None:
    for one in (*_date_faults(piece, evaluation_date), *_standard_faults(piece), *_place_faults(piece)):
        if not any(overlaps((*loc, key), notes.spoilt) for key in one.needs):
            notes.add((*loc, *one.loc), one.fault)
    if piece.figure is not None:
        kind = None if overlaps((*loc, "kind"), notes.spoilt) else piece.kind
        for inside, fault in figure_faults(piece.figure, kind):
            notes.add((*loc, "figure", *inside), fault)


def _date_faults(piece: Evidence, evaluation_date: datetime.date | None) -> Iterator[_Found]:
    params: dict[str, object] = {"date": piece.date}
    if evaluation_date is not None and piece.date > evaluation_date:
        yield _Found(("date",), ("access.date_after_evaluation", {**params, "evaluation": evaluation_date}))
    if piece.valid_until is not None and piece.valid_until < piece.date:
        yield _Found(
            ("valid_until",), ("access.validity_before_date", {**params, "until": piece.valid_until}), ("date",)
        )
    period = piece.figure.period if piece.figure is not None else None
    if period is not None and piece.delivery == "delivered" and piece.kind in MEASURED and piece.date < period.to:
        here = ("figure", "period", "to")
        yield _Found(here, ("access.period_after_date", {**params, "to": period.to}), ("date", "delivery", "kind"))


def _standard_faults(piece: Evidence) -> Iterator[_Found]:
    groups = CONFORMING.get(piece.kind, ())
    said = [one.standard for one in piece.conforms]
    params: dict[str, object] = {"kind": piece.kind}
    if said and not groups:
        allowed = ", ".join(CONFORMING)
        yield _Found(("conforms",), ("access.standards_not_used", {**params, "allowed": allowed}), ("kind",))
    lacking = [" / ".join(group) for group in groups if not set(said).intersection(group)]
    if lacking:
        wanted = ", ".join(lacking)
        yield _Found(("conforms",), ("access.standard_missing", {**params, "wanted": wanted}), ("kind",))
    for i, standard in enumerate(said):
        if standard in said[:i]:
            yield _Found(("conforms", i, "standard"), ("access.standard_repeated", {"value": standard}))


def _place_faults(piece: Evidence) -> Iterator[_Found]:
    if piece.url is None and piece.file is None:
        yield _Found(("id",), ("access.no_place", {"id": piece.id}), ("url", "file"))
    if piece.sha256 is not None and piece.file is None:
        yield _Found(("sha256",), ("access.hash_without_file", {}), ("file",))
    for key, value in (("url", piece.url), ("file", piece.file)):
        fault = place_fault(key, value) if value is not None else None
        if fault is not None:
            yield _Found((key,), fault)


def _document(piece: Evidence, files: Folder, documents: str, notes: _Notes, loc: Loc) -> str:
    """The hash of the file a piece of evidence names; empty where there is none or something is wrong with it."""
    here = (*loc, "file")
    if piece.file is None or place_fault("file", piece.file) or overlaps(here, notes.spoilt):
        return ""
    name = f"{documents}/{piece.file}"
    digest, fault = document_hash(piece.file, files.path / documents)
    if fault is None:
        files.inputs[name] = digest
    elif fault[0].startswith("file."):
        files.found.add(fault[0], name, (0, 0), "", **fault[1])
    else:
        notes.add(here, fault)
    if digest and piece.sha256 is not None and piece.sha256.lower() != digest:
        notes.add((*loc, "sha256"), ("access.hash_differs", {"value": shorten(piece.file), "sha256": digest}))
    return digest
