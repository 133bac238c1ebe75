"""The JSON of a record, parsed with its longest list passing by: a hundred thousand applicants need no memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

STREAMED = "ranking"
_AT_A_TIME = 500
_blank = re.compile(r"[ \t\n\r]*").match

Take = Callable[[int, list[Any]], None]
"""Called with some items of the list and the position of the first of them."""


class NotJsonError(ValueError):
    """The text is no JSON; ``place`` is line and column."""

    def __init__(self, place: tuple[int, int]) -> None:
        super().__init__(f"no JSON at {place[0]}:{place[1]}")
        self.place = place


class RepeatedKeyError(ValueError):
    """Keys that stand twice in one object."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__(", ".join(keys))
        self.keys = keys


def parse(text: str, take: Take) -> Any:  # noqa: ANN401 -- whatever the text holds
    """The value of a JSON text. A list under the key ``ranking`` of the outermost object goes to ``take``.

    An empty list stands in its place. Raises ``NotJsonError`` and ``RepeatedKeyError``, the latter when the whole text
    was read.
    """
    reader = _Reader(text, take)
    try:
        value = reader.whole()
    except json.JSONDecodeError as error:
        raise NotJsonError((error.lineno, error.colno)) from error
    except (RecursionError, ValueError) as error:
        # Nested too deeply, or a number with thousands of digits: no record has either.
        raise NotJsonError((1, 1)) from error
    if reader.repeated:
        raise RepeatedKeyError(list(dict.fromkeys(reader.repeated)))
    return value


class _Reader:
    def __init__(self, text: str, take: Take) -> None:
        self._text, self._take, self._at = text, take, 0
        self.repeated: list[str] = []
        self._decode = json.JSONDecoder(object_pairs_hook=self._once).raw_decode

    def _once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        told = dict(pairs)
        if len(told) != len(pairs):
            keys = [key for key, _ in pairs]
            self.repeated += [key for key in told if keys.count(key) > 1]
        return told

    def whole(self) -> Any:  # noqa: ANN401 -- whatever the text holds
        value = self._object() if self._sees("{") else self._value()
        self._skip()
        if self._at != len(self._text):
            raise json.JSONDecodeError("more than one value", self._text, self._at)
        return value

    def _object(self) -> dict[str, Any]:
        pairs: list[tuple[str, Any]] = []
        self._at += 1
        while not (not pairs and self._sees("}")):
            if not self._sees('"'):
                raise json.JSONDecodeError("a key", self._text, self._at)
            key = self._value()
            self._step(":")
            pairs.append((key, self._list() if key == STREAMED and self._sees("[") else self._value()))
            if self._sees("}"):
                break
            self._step(",")
        self._at += 1
        return self._once(pairs)

    def _list(self) -> list[Any]:
        waiting: list[Any] = []
        count = 0
        self._at += 1
        while not (count == 0 and self._sees("]")):
            waiting.append(self._value())
            count += 1
            if len(waiting) == _AT_A_TIME:
                self._take(count - len(waiting), waiting)
                waiting = []
            if self._sees("]"):
                break
            self._step(",")
        self._at += 1
        self._take(count - len(waiting), waiting)
        return []

    def _value(self) -> Any:  # noqa: ANN401 -- whatever the text holds
        self._skip()
        value, self._at = self._decode(self._text, self._at)
        return value

    def _skip(self) -> None:
        found = _blank(self._text, self._at)
        self._at = found.end() if found else self._at

    def _sees(self, sign: str) -> bool:
        self._skip()
        return self._text.startswith(sign, self._at)

    def _step(self, sign: str) -> None:
        if not self._sees(sign):
            raise json.JSONDecodeError(sign, self._text, self._at)
        self._at += 1
