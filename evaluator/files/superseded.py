"""What a folder of results still holds of an older record when a new one is put in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from evaluator.files.atomic import RECORD_NAME
from evaluator.files.problems import Problems
from evaluator.files.record import MARKS_NAME
from evaluator.files.record_json import NotJsonError, RepeatedKeyError, parse
from evaluator.files.record_read import record_digest
from evaluator.files.sources import SCORES_BYTES, decode, read_bytes

OldMarks = Literal["none", "of_record", "of_others"]


def old_marks(folder: Path) -> OldMarks:
    """Whose ``marks.parquet`` lies in a folder of results.

    ``of_record``: it is what the ``evaluation.json`` beside it names with its hash. ``of_others``: it is not, or that
    cannot be told; then it may be anybody's and is not ours to remove.
    """
    marks = folder / MARKS_NAME
    try:
        if not marks.exists() and not marks.is_symlink():
            return "none"
        named = _named(folder / RECORD_NAME)
        return "of_record" if named and marks.is_file() and record_digest(marks) == named else "of_others"
    except OSError:
        return "of_others"


def _named(record: Path) -> str:
    """The hash with which a record names its marks.parquet; empty where it names none or is no record."""
    unread = Problems()
    source = read_bytes(record, RECORD_NAME, SCORES_BYTES, unread)
    text = decode(source, unread) if source else None
    del source
    if text is None:
        return ""
    try:
        told: Any = parse(text, lambda first, items: None)  # noqa: ARG005 -- the ranking passes by
    except (NotJsonError, RepeatedKeyError):
        return ""
    told = told.get("marks") if isinstance(told, dict) else None
    named = isinstance(told, dict) and told.get("file") == MARKS_NAME and isinstance(told.get("sha256"), str)
    return str(told["sha256"]) if named else ""
