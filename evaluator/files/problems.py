"""Collecting problems while reading goes on, and the words put into them."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterable

from evaluator.errors import InputProblems, Problem

MAX_PER_FILE = 1000
"""How many problems of one file are listed; one more says how many others there are."""

_SHOWN = 60
_LONGEST = 600


class Problems:
    """The problems found so far. Reading never stops at one; it asks at the end whether there are any."""

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self._unlisted: Counter[str] = Counter()

    def add(self, code: str, file: str, place: tuple[int, int] = (0, 0), path: str = "", **params: object) -> None:
        """Note one problem. ``place`` is line and column, from 1; parameters become text that is safe to print."""
        self._found.append(
            Problem(
                code=code,
                file=file,
                line=place[0],
                column=place[1],
                path=path,
                params={name: visible(str(value)) for name, value in params.items()},
            )
        )

    def add_unlisted(self, file: str, count: int) -> None:
        """Count problems of a file beyond those listed."""
        if count > 0:
            self._unlisted[file] += count

    def __len__(self) -> int:
        return len(self._found)

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_if_any(self) -> None:
        """Raise :class:`InputProblems` with everything found; nothing where nothing was."""
        if self._found:
            raise InputProblems(self.listed())

    def listed(self) -> list[Problem]:
        """The problems to show: the first thousand of each file, and one that counts the others."""
        by_file: dict[str, list[Problem]] = {}
        for problem in InputProblems(self._found).problems:
            by_file.setdefault(problem.file, []).append(problem)
        shown: list[Problem] = []
        for file, problems in by_file.items():
            kept = problems[:MAX_PER_FILE]
            more = len(problems) - len(kept) + self._unlisted[file]
            shown += kept
            if more:
                last = kept[-1]
                shown.append(
                    Problem(
                        code="file.more_problems",
                        file=file,
                        line=last.line,
                        column=last.column + 1,
                        params={"count": f"{more:,}", "listed": f"{len(kept):,}"},
                    )
                )
        return shown


def visible(text: str) -> str:
    """Text fit for a message: one line, nothing invisible, cut where it is very long."""
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return "".join(_escape(c) if _hidden(c) else c for c in text)


def shorten(text: str, limit: int = _SHOWN) -> str:
    """A cell's text for a message, cut where it is long."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _hidden(char: str) -> bool:
    return char != "\u200d" and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _escape(char: str) -> str:
    code = ord(char)
    names = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return names.get(char) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def nearest(word: str, options: Iterable[str]) -> str:
    """The option that was probably meant; empty where none is like it, or several are equally.

    Korean is compared by its letters (jamo), so that one wrong letter is a small difference. Capitals and the
    Unicode form make none.
    """
    if len(word) > 200:
        return ""
    forms: dict[str, str] = {}
    for option in options:
        forms.setdefault(_letters(option), option)
    letters = _letters(word)
    close = difflib.get_close_matches(letters, list(forms), n=2, cutoff=0.6)
    likeness = [difflib.SequenceMatcher(None, form, letters).ratio() for form in close]
    return forms[close[0]] if close and len(set(likeness)) == len(close) else ""


class Suggestions:
    """What was probably meant, for the first few words of a long run of wrong ones: comparing takes time."""

    def __init__(self, options: Iterable[str], words: int = 50) -> None:
        self._options = tuple(options)
        self._left = words
        self._told: dict[str, str] = {}

    def __call__(self, word: str) -> str:
        """The nearest option, or nothing where none is near or enough words have been looked at."""
        if word not in self._told:
            if self._left == 0:
                return ""
            self._left -= 1
            self._told[word] = nearest(word, self._options)
        return self._told[word]


def _letters(text: str) -> str:
    return unicodedata.normalize("NFKD", text).casefold()
