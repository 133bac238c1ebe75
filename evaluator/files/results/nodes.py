"""A value inside a result file, with its way from the root: asked for as what it should be, or a problem is noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from evaluator.errors import Loc
from evaluator.files.problems import Problems, shorten
from evaluator.files.results.json_text import MAX_NAME, Number, exact, show_path
from evaluator.model.numbers import show as show_number

MAX_COUNT = 10**12


def _nowhere(_: Loc) -> tuple[int, int]:
    return 0, 0


@dataclass(frozen=True, slots=True)
class Origin:
    """The file values come from: its name, its hash, where a place in it stands, and how the place is called.

    ``told`` counts what was said about it: the same is not said twice, however often a value is asked for.
    """

    name: str
    sha256: str
    found: Problems
    place: Callable[[Loc], tuple[int, int]] = field(default=_nowhere)
    show: Callable[[Loc], str] = field(default=show_path)
    told: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def note(self, code: str, loc: Loc = (), **params: object) -> None:
        """Note a problem at a place inside the file."""
        said = (code, loc, *params.values())
        self.told[said] += 1
        if self.told[said] == 1:
            self.found.add(code, self.name, self.place(loc), self.show(loc), **params)


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a file. A node of nothing (``value`` None) is what stands where a key is missing or null."""

    value: Any
    loc: Loc
    origin: Origin

    def __getitem__(self, key: str) -> Node:
        """The value under a key; a node of nothing where this is no map or has no such key."""
        value = self.value
        return Node(value.get(key) if isinstance(value, dict) else None, (*self.loc, key), self.origin)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    @property
    def there(self) -> bool:
        """Whether there is anything but null."""
        return self.value is not None

    def note(self, code: str, **params: object) -> None:
        """Note a problem at this place."""
        self.origin.note(code, self.loc, **params)

    def _wrong(self, wanted: str) -> None:
        if self.value is None:
            self.note("results.key_missing", key=self.loc[-1] if self.loc else "")
        else:
            self.note(wanted, value=describe(self.value))

    def items(self, *, needed: bool = False) -> Iterator[tuple[str, Node]]:
        """The entries of a map; none, with a problem noted, where it is something else (or missing, though needed)."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, Node(value, (*self.loc, key), self.origin)
        elif needed or self.value is not None:
            self._wrong("results.not_a_map")

    def elements(self, *, needed: bool = False) -> Iterator[Node]:
        """The elements of a list; none, with a problem noted, where it is something else."""
        if isinstance(self.value, list | tuple):
            for i, value in enumerate(self.value):
                yield Node(value, (*self.loc, i), self.origin)
        elif needed or self.value is not None:
            self._wrong("results.not_a_list")

    def text(self, *, needed: bool = False, limit: int = MAX_NAME) -> str:
        """A line of text; empty, with a problem noted, where it is something else; empty where it is not there."""
        if isinstance(self.value, str) and not isinstance(self.value, Number):
            if len(self.value) > limit:
                self.note("results.text_too_long", length=f"{len(self.value):,}", limit=f"{limit:,}")
                return ""
            if self.value or not needed:
                return self.value
            self.note("results.key_missing", key=self.loc[-1] if self.loc else "")
            return ""
        if needed or self.value is not None:
            self._wrong("results.not_text")
        return ""

    def number(self, *, needed: bool = False) -> Fraction | None:
        """An exact number; None, with a problem noted, where it is something else or has too many digits."""
        value = self.value
        if isinstance(value, Number):
            number = exact(value)
            if number is None:
                code = "results.not_finite" if value[-1:].isalpha() else "results.number_size"
                self.note(code, value=shorten(value))
            return number
        if isinstance(value, Fraction | int) and not isinstance(value, bool):
            return Fraction(value)
        if needed or value is not None:
            self._wrong("results.text_for_number" if isinstance(value, str) else "results.not_a_number")
        return None

    def count(self, *, needed: bool = False, least: int = 0) -> int | None:
        """A whole number from ``least`` on; a float without a fraction will do, as some programs write it."""
        number = self.number(needed=needed)
        if number is None:
            return None
        if number.denominator != 1 or not least <= number <= MAX_COUNT:
            self.note("results.not_a_count", value=describe(self.value), least=least)
            return None
        return int(number)

    def flag(self) -> bool | None:
        """True or false; None, with a problem noted, where it is something else; None where it is not there."""
        if isinstance(self.value, bool):
            return self.value
        if self.value is not None:
            self._wrong("results.not_a_flag")
        return None


def describe(value: Any) -> str:  # noqa: ANN401 -- plain values
    """A value as a message shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{...}"
    if isinstance(value, list | tuple):
        return "[...]"
    if isinstance(value, Fraction):
        return show_number(value)
    return shorten(str(value))
