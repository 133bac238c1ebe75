"""YAML text as plain values, with the place of every value and key.

A small, strict part of YAML 1.2: maps, lists and scalars. Anchors, tags, merge keys, directives and several documents
are problems, so is a key written twice. Numbers are exact: a plain scalar is a number only when it is plain decimal
text (``12``, ``-0.5``); ``1e5``, ``.inf``, ``0x1F``, ``012`` and ``1_000`` stay text and are refused where a number is
needed. ``true`` and ``false`` are the only booleans, so ``no`` and ``yes`` are words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from evaluator.errors import Loc, show_loc
from evaluator.files.problems import Problems, shorten
from evaluator.files.sources import Source, banned_character, character_name, decode

MAX_DEPTH = 64
MAX_NODES = 50_000

_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(\.[0-9]+)?")
_LONGEST_NUMBER = 64
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_OPENERS = {"[": "]", "{": "}", "'": "'", '"': '"'}

Place = tuple[int, int]
"""Line and column, from 1."""


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document: ``data`` in dicts, tuples, str, int, Fraction, bool and None, and where everything stands."""

    file: str
    data: Any
    values: dict[Loc, Place] = field(default_factory=dict)
    keys: dict[Loc, Place] = field(default_factory=dict)
    spoilt: set[Loc] = field(default_factory=set)
    """Where a problem was noted already, so that what follows from it is not said again."""

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """Where a value (or its key) stands; for what is not there, the nearest thing around it."""
        if key and loc in self.keys:
            return self.keys[loc]
        while loc not in self.values and loc:
            loc = loc[:-1]
        return self.values.get(loc, (0, 0))


def read_yaml(source: Source, found: Problems) -> Document | None:
    """Read one YAML file. None, with problems noted, where its text cannot be understood as a map."""
    text = decode(source, found)
    if text is None:
        return None
    document = read_yaml_text(text, source.name, found)
    if document is None:
        return None
    if document.data is None:
        found.add("file.empty", source.name)
        return None
    if not isinstance(document.data, dict):
        found.add("yaml.not_a_map", source.name, document.place(()))
        return None
    return document


def read_yaml_text(text: str, file: str, found: Problems) -> Document | None:
    """Like :func:`read_yaml` for text that was decoded already, whatever its root is: a map, a list, or nothing."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    hidden = banned_character(text)
    if hidden >= 0:
        found.add("text.control", file, _place_of(text, hidden), char=character_name(text[hidden]))
        return None
    return _build(text, file, found)


def _place_of(text: str, offset: int) -> Place:
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def _build(text: str, file: str, found: Problems) -> Document | None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        node = _compose(YAML(typ="safe", pure=True).parse(text), file, found)
    except MarkedYAMLError as error:
        _syntax_problem(error, text, file, found)
        return None
    except Exception as error:  # noqa: BLE001 -- whatever else the parser raises about a text is about the text
        found.add("yaml.unreadable", file, reason=type(error).__name__)
        return None
    if node is None:
        return None
    values: dict[Loc, Place] = {}
    keys: dict[Loc, Place] = {}
    spoilt: set[Loc] = set()
    data = _Reading(file, found, values, keys, spoilt).value(node, ())
    return Document(file, data, values, keys, spoilt)


def _syntax_problem(error: Any, text: str, file: str, found: Problems) -> None:  # noqa: ANN401 -- ruamel has no types
    """Name a syntax error by what stands at its place, not by the library's English."""
    mark = error.problem_mark or error.context_mark
    lines = text.split("\n")
    line, column = (mark.line, mark.column) if mark else (0, 0)
    at_line = lines[line] if line < len(lines) else ""
    char = at_line[column : column + 1]
    place = (min(line, len(lines) - 1) + 1, column + 1)
    if "\t" in at_line[: max(len(at_line) - len(at_line.lstrip()), column + 1)]:
        found.add("yaml.tab", file, (place[0], at_line.index("\t") + 1))
        return
    opened = error.context_mark
    rest = (at_line[column:] + "".join(lines[line + 1 :])).strip()
    if opened is not None and not rest:
        start = lines[opened.line][opened.column : opened.column + 1] if opened.line < len(lines) else ""
        if start in _OPENERS:
            found.add("yaml.unclosed", file, (opened.line + 1, opened.column + 1), opener=start, closer=_OPENERS[start])
            return
    if char == ":":
        found.add("yaml.colon", file, place, text=shorten(at_line.strip()))
    elif char and char in "%@`":
        found.add("yaml.reserved_character", file, place, char=char)
    elif not rest:
        found.add("yaml.ends_early", file, place)
    else:
        found.add("yaml.syntax", file, place, text=shorten(at_line.strip()))


@dataclass(slots=True)
class _Node:
    """A scalar (``text``), a list (``items``) or a map (``items``: keys and values by turns)."""

    kind: str
    place: Place
    text: str = ""
    plain: bool = False
    items: list[_Node] = field(default_factory=list)


def _compose(events: Iterator[Any], file: str, found: Problems) -> _Node | None:
    """The tree of nodes of a document. Not recursive, so that depth is a limit and not a crash.

    None where the document is too deep or too large to go on.
    """
    from ruamel.yaml import events as kinds

    root = _Node("scalar", (1, 1), plain=True)
    open_: list[_Node] = []
    nodes = documents = 0
    for event in events:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        node: _Node | None = None
        if isinstance(event, kinds.DocumentStartEvent):
            documents += 1
            if documents > 1:
                found.add("yaml.several_documents", file, place)
                break
            if event.version or event.tags:
                found.add("yaml.directive", file, place)
        elif isinstance(event, kinds.AliasEvent):
            found.add("yaml.anchor", file, place, mark=f"*{event.anchor}")
            node = _Node("alias", place)
        elif isinstance(event, kinds.ScalarEvent):
            node = _Node("scalar", place, event.value, event.style is None)
        elif isinstance(event, kinds.MappingStartEvent | kinds.SequenceStartEvent):
            node = _Node("map" if isinstance(event, kinds.MappingStartEvent) else "list", place)
        elif isinstance(event, kinds.MappingEndEvent | kinds.SequenceEndEvent):
            open_.pop()
        if node is None:
            continue
        if node.kind != "alias":
            _refuse_extras(event, place, file, found)
        if open_:
            open_[-1].items.append(node)
        else:
            root = node
        if node.kind in {"map", "list"}:
            open_.append(node)
        nodes += 1
        if len(open_) > MAX_DEPTH or nodes > MAX_NODES:
            found.add("yaml.too_complex", file, place, depth=MAX_DEPTH, nodes=f"{MAX_NODES:,}")
            return None
    return root


def _refuse_extras(event: Any, place: Place, file: str, found: Problems) -> None:  # noqa: ANN401 -- ruamel has no types
    if event.anchor:
        found.add("yaml.anchor", file, place, mark=f"&{event.anchor}")
    if event.tag is not None and str(event.tag) != "!":
        found.add("yaml.tag", file, place, tag=shorten(str(event.tag)))


@dataclass(frozen=True, slots=True)
class _Reading:
    """Turns nodes into plain values and notes where each stands."""

    file: str
    found: Problems
    values: dict[Loc, Place]
    keys: dict[Loc, Place]
    spoilt: set[Loc]

    def value(self, node: _Node, loc: Loc) -> Any:  # noqa: ANN401 -- plain values
        if node.kind == "scalar" and not node.text and node.plain and loc:
            # An empty value stands nowhere; the key is the place to look at.
            self.values[loc] = self.keys.get(loc, node.place)
        else:
            self.values[loc] = node.place
        if node.kind == "list":
            return tuple(self.value(item, (*loc, i)) for i, item in enumerate(node.items))
        if node.kind == "map":
            return self.map(node, loc)
        if node.kind == "alias":
            self.spoilt.add(loc)
            return None
        return self.scalar(node, loc)

    def scalar(self, node: _Node, loc: Loc) -> Any:  # noqa: ANN401 -- plain values
        value = _plain(node.text) if node.plain else node.text
        if isinstance(value, str):
            hidden = banned_character(value)
            if hidden >= 0:
                self.found.add("text.control", self.file, node.place, show_loc(loc), char=character_name(value[hidden]))
                self.spoilt.add(loc)
                return "".join(c for c in value if banned_character(c) < 0) or "?"
        return value

    def map(self, node: _Node, loc: Loc) -> dict[str, Any]:
        done: dict[str, Any] = {}
        for key, value in zip(node.items[::2], node.items[1::2], strict=True):
            if key.kind != "scalar":
                self.found.add("yaml.key_not_text", self.file, key.place, show_loc(loc))
                continue
            name = key.text
            if name == "<<" and key.plain:
                self.found.add("yaml.merge_key", self.file, key.place, show_loc(loc))
                continue
            here = (*loc, name)
            if name in done:
                self.found.add(
                    "yaml.key_duplicate",
                    self.file,
                    key.place,
                    show_loc(here),
                    key=shorten(name),
                    line=self.keys[here][0],
                )
                continue
            self.keys[here] = key.place
            done[name] = self.value(value, here)
        return done


def _plain(text: str) -> Any:  # noqa: ANN401 -- plain values
    """What an unquoted scalar means."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    number = _NUMBER.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    if number is None:
        return text
    return Fraction(text) if number[1] else int(text)
