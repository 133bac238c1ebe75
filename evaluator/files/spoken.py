"""The language of a round folder or of a record, told before either is read so that what is said meanwhile is in it."""

from __future__ import annotations

import re
from pathlib import Path

from evaluator.files.atomic import RECORD_NAME
from evaluator.files.rounds import ROUND_FILE, round_language
from evaluator.model.text import LANGUAGES, Language

_HEAD = 1 << 16
"""Bytes at the beginning of a record in which the round is told."""
_SAID = re.compile(rb'"language":\s*"([a-z]+)"')


def source_language(source: Path) -> Language | None:
    """The language a round folder, a folder of results or a record names; None where none can be told.

    Of a record the first such key counts, which is the round's: quotation marks inside texts are escaped. Nothing is
    checked and nothing raised.
    """
    try:
        if (source / ROUND_FILE).is_file():
            return round_language(source)
        record = source / RECORD_NAME if source.is_dir() else source
        if not record.is_file():
            return None
        with record.open("rb") as file:
            said = _SAID.search(file.read(_HEAD))
    except (OSError, ValueError):
        return None
    return next((language for language in LANGUAGES if said and said[1] == language.encode()), None)
