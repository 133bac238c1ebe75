"""openness.yaml: what of a model is released, promised or absent, and under which licences."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from evaluator.errors import Loc, Problem, show_loc
from evaluator.files.checks import Fault
from evaluator.files.licences import licence_faults, listed_as
from evaluator.files.problems import Problems, shorten
from evaluator.files.sources import Source
from evaluator.files.validation import overlaps, validate
from evaluator.files.yaml_source import Document, read_yaml
from evaluator.model.openness import OpennessDeclaration

_HOST = re.compile(r"[A-Za-z0-9가-힣](?:[A-Za-z0-9가-힣.-]*[A-Za-z0-9가-힣])?")

# What an entry of each state has to say, and what it cannot say.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "delivered": ("licence", "url"),
    "promised": ("licence", "by", "commitment"),
    "absent": (),
}
_OUT_OF_PLACE: Mapping[str, tuple[str, ...]] = {
    "delivered": ("by", "commitment"),
    "promised": ("date",),
    "absent": ("licence", "url", "gated", "date", "by", "commitment"),
}
_ODD: Mapping[str, str] = {
    "delivered": "openness.delivered_with",
    "promised": "openness.promised_with",
    "absent": "openness.absent_with",
}


@dataclass(frozen=True, slots=True)
class _Checking:
    """One document while it is checked: what is known to be wrong already is not spoken of again."""

    document: Document
    spoilt: frozenset[Loc]
    found: Problems

    def note(self, loc: Loc, fault: Fault | None, *, key: bool = False) -> None:
        """Note what is wrong at a place, or at its key."""
        if fault is not None and not overlaps(loc, self.spoilt):
            place = self.document.place(loc, key=key)
            self.found.add(fault[0], self.document.file, place, show_loc(loc), **fault[1])

    def entries(self, key: str) -> Iterator[tuple[Loc, dict[str, Any]]]:
        """The maps of a list at the top of the document, with their places."""
        listed = self.document.data.get(key)
        if isinstance(listed, tuple):
            for i, entry in enumerate(listed):
                if isinstance(entry, dict):
                    yield (key, i), entry


def read_openness(
    source: Source,
    found: Problems,
    *,
    judged: bool = True,
    evaluation_date: datetime.date | None = None,
    warnings: list[Problem] | None = None,
) -> OpennessDeclaration | None:
    """One declaration; None, with every problem noted where it stands, where something is wrong with it.

    ``judged``: a level will follow from it, so it has to say how the model was made. ``warnings`` takes promises whose
    day has passed before ``evaluation_date``: they count as not kept.

    Besides keys and types: licence expressions and the ids in them, records of own licences, addresses, what each
    state of a component needs and excludes, things said twice, and base models that do not fit how the model was made.
    """
    document = read_yaml(source, found)
    if document is None:
        return None
    before = len(found)
    checked = validate(OpennessDeclaration, document, found)
    checking = _Checking(document, checked.spoilt, found)
    own = _check_own_licences(checking)
    _check_base(checking, own)
    if judged and "relation" not in document.data:
        found.add("yaml.key_missing", document.file, document.place(()), "relation", key="relation")
    _check_components(checking, own)
    _check_transparency(checking)
    sound = len(found) == before and not checked.spoilt
    if evaluation_date is not None and checked.model is not None:
        _check_released(checked.model, document, evaluation_date, found)
        sound = sound and len(found) == before
    elif judged and checked.model is not None:
        sound = _check_undated(checked.model, document, found) and sound
    if not sound or checked.model is None:
        return None
    if evaluation_date is not None and warnings is not None:
        warnings += _overdue(checked.model, document, evaluation_date)
    return checked.model


def _check_released(declaration: OpennessDeclaration, document: Document, on: datetime.date, found: Problems) -> None:
    """What is released only after the evaluation is not delivered: it may be promised."""
    for i, record in enumerate(declaration.components):
        if record.state == "delivered" and record.date is not None and record.date > on:
            loc: Loc = ("components", i, "date")
            params = {"component": record.component, "date": record.date.isoformat(), "on": on.isoformat()}
            found.add("openness.date_after_evaluation", document.file, document.place(loc), show_loc(loc), **params)


def _check_undated(declaration: OpennessDeclaration, document: Document, found: Problems) -> bool:
    """Whether no promise needs to be held against the day of an evaluation that nobody has named."""
    for i, record in enumerate(declaration.components):
        if record.state == "promised":
            loc: Loc = ("components", i, "by")
            params = {"component": record.component}
            found.add("openness.no_evaluation_date", document.file, document.place(loc), show_loc(loc), **params)
            return False
    return True


def _overdue(declaration: OpennessDeclaration, document: Document, on: datetime.date) -> Iterator[Problem]:
    """A warning for each promise whose day has passed."""
    for i, record in enumerate(declaration.components):
        if record.state == "promised" and record.by is not None and record.by < on:
            loc: Loc = ("components", i, "by")
            line, column = document.place(loc)
            params = {"component": record.component, "by": record.by.isoformat(), "on": on.isoformat()}
            yield Problem(
                code="openness.promise_overdue",
                file=document.file,
                line=line,
                column=column,
                path=show_loc(loc),
                params=params,
            )


def _check_own_licences(checking: _Checking) -> frozenset[str]:
    """Check the records of own licences; their ids, for the expressions that use them."""
    seen: dict[str, Loc] = {}
    for loc, entry in checking.entries("licences"):
        id_ = entry.get("id")
        if isinstance(id_, str):
            spelt = listed_as(id_)
            if spelt:
                checking.note((*loc, "id"), ("openness.own_licence_listed", {"id": id_, "listed": spelt}))
            _check_twice(checking, (*loc, "id"), id_, seen)
        checking.note((*loc, "url"), _address_fault(entry.get("url")))
    return frozenset(seen)


def _check_base(checking: _Checking, own: frozenset[str]) -> None:
    """A model made from others names them; one made from scratch names none."""
    relation = checking.document.data.get("relation")
    bases = checking.document.data.get("base_models")
    if relation == "from_scratch" and bases:
        checking.note(("base_models",), ("openness.base_of_scratch", {}), key=True)
    elif isinstance(relation, str) and relation != "from_scratch" and not bases:
        checking.note(("relation",), ("openness.base_missing", {"relation": shorten(relation)}))
    seen: dict[str, Loc] = {}
    for loc, entry in checking.entries("base_models"):
        _check_licence(checking, (*loc, "licence"), entry.get("licence"), own)
        checking.note((*loc, "url"), _address_fault(entry.get("url")))
        if isinstance(entry.get("name"), str):
            _check_twice(checking, (*loc, "name"), entry["name"], seen)


def _check_components(checking: _Checking, own: frozenset[str]) -> None:
    seen: dict[str, Loc] = {}
    for loc, entry in checking.entries("components"):
        if isinstance(entry.get("component"), str):
            _check_twice(checking, (*loc, "component"), entry["component"], seen)
        _check_licence(checking, (*loc, "licence"), entry.get("licence"), own)
        checking.note((*loc, "url"), _address_fault(entry.get("url")))
        state = entry.get("state")
        if not isinstance(state, str) or state not in _NEEDED:
            continue
        for key in _NEEDED[state]:
            if key not in entry:
                code = "openness.promise_needs" if state == "promised" else "openness.delivered_needs"
                checking.note(loc, (code, {"key": key}))
        for key in _OUT_OF_PLACE[state]:
            if entry.get(key) not in (None, False):
                checking.note((*loc, key), (_ODD[state], {"key": key}), key=True)


def _check_transparency(checking: _Checking) -> None:
    """Each dimension once, and with an address unless it is closed."""
    seen: dict[str, Loc] = {}
    for loc, entry in checking.entries("transparency"):
        if isinstance(entry.get("dimension"), str):
            _check_twice(checking, (*loc, "dimension"), entry["dimension"], seen)
        checking.note((*loc, "url"), _address_fault(entry.get("url")))
        answer = entry.get("answer")
        if answer in {"open", "partial"} and "url" not in entry:
            checking.note(loc, ("openness.answer_needs_url", {"answer": answer}))


def _check_twice(checking: _Checking, loc: Loc, value: str, seen: dict[str, Loc]) -> None:
    first = seen.setdefault(value, loc)
    if first != loc:
        line = checking.document.place(first)[0]
        checking.note(loc, ("openness.twice", {"value": shorten(value), "line": line}))


def _check_licence(checking: _Checking, loc: Loc, licence: Any, own: frozenset[str]) -> None:  # noqa: ANN401 -- plain values
    if isinstance(licence, str) and licence:
        for fault in licence_faults(licence, own):
            checking.note(loc, fault)


def _address_fault(value: Any) -> Fault | None:  # noqa: ANN401 -- plain values
    """What is wrong with an address: it begins with https:// and names a host; blanks are not part of one."""
    if not isinstance(value, str) or not value:
        return None
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "openness.address", {"value": shorten(value)}
    named = "." in host and _HOST.fullmatch(host) is not None and ".." not in host and port != 0
    if parts.scheme != "https" or not named or parts.username is not None or re.search(r"\s", value):
        return "openness.address", {"value": shorten(value)}
    return None
