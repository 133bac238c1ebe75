"""JSON text as the records have it: one space a level, what fits on a line on one line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any

WIDTH = 110
_CHUNK = 20

quoted = encode_basestring
"""A text as JSON, every letter as it is."""
one_line = json.JSONEncoder(ensure_ascii=False).encode
"""Any value as JSON on one line."""


def layout(value: Any, depth: int) -> str:  # noqa: ANN401 -- plain JSON values
    """JSON text of a value at some depth: columns run over lines of twenty values."""
    if isinstance(value, Mapping | list) and value:
        if depth > 1:
            line = one_line(value)
            if len(line) + depth <= WIDTH:
                return line
        if isinstance(value, Mapping):
            return mapping(((key, layout(part, depth + 1)) for key, part in value.items()), depth)
        if isinstance(value[0], Mapping | list):
            return listing([layout(part, depth + 1) for part in value], depth)
        return listing([one_line(value[i : i + _CHUNK])[1:-1] for i in range(0, len(value), _CHUNK)], depth)
    return one_line(value)


def mapping(parts: Iterable[tuple[str, str]], depth: int) -> str:
    """A mapping over several lines, from its keys and the texts of its values one level deeper."""
    between = ",\n" + " " * (depth + 1)
    return "{" + between[1:] + between.join(f"{quoted(key)}: {text}" for key, text in parts) + "\n" + " " * depth + "}"


def listing(parts: Iterable[str], depth: int) -> str:
    """A list over several lines, from the texts of its items one level deeper."""
    between = ",\n" + " " * (depth + 1)
    return "[" + between[1:] + between.join(parts) + "\n" + " " * depth + "]"


class Listed:
    """A list that is laid out while it is written: ``items`` are values, or with ``laid`` texts at depth 2."""

    def __init__(self, items: Iterable[Any], *, laid: bool = False) -> None:
        self._items, self._laid = items, laid

    def pieces(self) -> Iterator[str]:
        """The text of the list at depth 1, piece by piece."""
        before = "[\n  "
        for item in self._items:
            yield before
            yield item if self._laid else layout(item, 2)
            before = ",\n  "
        yield "[]" if before[0] == "[" else "\n ]"


def document(told: Mapping[str, Any]) -> Iterator[str]:
    """The text of a whole document, piece by piece; values are plain JSON values or ``Listed``."""
    before = "{\n "
    for key, value in told.items():
        yield f"{before}{quoted(key)}: "
        if isinstance(value, Listed):
            yield from value.pieces()
        else:
            yield layout(value, 1)
        before = ",\n "
    yield "\n}\n"
