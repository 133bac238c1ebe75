"""Sequences whose items are made when they are asked for, from columns: a hundred thousand of them cost no memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

T_co = TypeVar("T_co", covariant=True)

_BLOCK = 256
_KEPT = 16
"""Blocks that are kept once made: a small round is made once, a large one passes through."""


class Rows(Sequence[T_co]):
    """A sequence made a block of items at a time. Equal to any sequence that has equal items in the same order."""

    @abstractmethod
    def _make(self, start: int, stop: int) -> list[T_co]:
        """The items from ``start`` up to ``stop``, which lie inside the sequence."""

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T_co, ...]: ...
    def __getitem__(self, index: int | slice) -> T_co | tuple[T_co, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        position = range(len(self))[index]
        return self._block(position // _BLOCK)[position % _BLOCK]

    def __iter__(self) -> Iterator[T_co]:
        for number in range(-(-len(self) // _BLOCK)):
            yield from self._block(number)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal to tuples, which hash by their items

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"

    def _block(self, number: int) -> list[T_co]:
        made: dict[int, list[T_co]] = self.__dict__.setdefault("_made", {})
        if number not in made:
            if len(made) >= _KEPT:
                made.pop(next(iter(made)))
            start = number * _BLOCK
            made[number] = self._make(start, min(start + _BLOCK, len(self)))
        return made[number]
