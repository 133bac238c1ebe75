"""Words for the terminal: sentences of the terminal catalogue, and names and figures fit to be shown there."""

from __future__ import annotations

import unicodedata

from evaluator.model.text import Language
from evaluator.report.words import fill
from evaluator.resources import message_catalogue


class TerminalWords:
    """The terminal catalogue of one language; sentences are filled in as those of reports are."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang
        self._catalogue = message_catalogue("terminal", lang)

    def __call__(self, key: str, **params: object) -> str:
        """The sentence of ``section.name``. A key or parameter that is missing raises ``KeyError``."""
        section, _, name = key.partition(".")
        return fill(self._catalogue[section][name], params)


def one_line(text: str) -> str:
    """Text as one line without characters that a terminal obeys instead of showing."""
    return "".join(" " if c in "\r\n\t" else c for c in text if c in "\r\n\t" or unicodedata.category(c) not in _OBEYED)


_OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}
