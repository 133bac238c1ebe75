"""What can be wrong with an input, and what is raised about it.

Three kinds of error, kept apart because different people act on them: input problems (the person who filled in the
files), usage errors (the person at the keyboard; raised by the command line itself) and our own bugs (an ordinary
traceback, never swallowed).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Loc = tuple[str | int, ...]
"""The way from the root of a document to a value: keys and positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong (or, inside an evaluation, one thing that a rule tolerates: a warning).

    ``code`` names an entry of the message catalogue, which holds the sentences for what was found, what is allowed
    and what to do, in every language; ``params`` are the figures and names put into them. ``line`` and ``column``
    count from 1; 0 means unknown. ``path`` is the place inside the document (``criteria[0].points``, a column name).
    """

    code: str
    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def place(self) -> str:
        """``file:line:column`` as far as known."""
        parts = [self.file]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


def show_loc(loc: Iterable[str | int]) -> str:
    """``("criteria", 0, "points")`` as ``criteria[0].points``."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def render(problem: Problem, catalogue: Mapping[str, Mapping[str, str]]) -> tuple[str, str, str]:
    """What was found, what is allowed and what to do, as sentences in the catalogue's language.

    The last two are empty where the catalogue has none. A code without an entry raises ``KeyError``: every code has
    an entry in every language, and a test holds us to it.
    """
    entry = catalogue[problem.code]
    found, allowed, fix = (entry.get(part, "").format_map(problem.params) for part in ("found", "allowed", "fix"))
    return found, allowed, fix


class InputProblems(Exception):  # noqa: N818 -- it carries many problems; "Error" would say there is one
    """The input cannot be evaluated. Carries every problem found, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            sorted(problems, key=lambda p: (p.file, p.line, p.column, p.path, p.code))
        )
        super().__init__(f"{len(self.problems)} input problem(s)")
