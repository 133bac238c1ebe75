"""What is found wrong with a rubric by looking at it, before it has a file to point into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evaluator.errors import Loc


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a place of a rubric. It says nothing where a place it ``needs`` is itself in doubt."""

    code: str
    loc: Loc
    params: dict[str, str] = field(default_factory=dict)
    needs: tuple[Loc, ...] = ()


def repeats(names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The names that stand in a list already, with their positions."""
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            yield i, name
        seen.add(name)
