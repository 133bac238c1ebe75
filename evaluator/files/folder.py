"""The round folder while it is read: which files are there, and the sha256 of each one that was read."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluator.files.problems import Problems
from evaluator.files.sources import SCORES_BYTES, TABLE_BYTES, Source, read_bytes
from evaluator.files.tables import Column, Table, read_table

_LONG = ("applicants.csv", "assignments.csv")
"""Tables with a row for each applicant or for several: a million of them is more than TABLE_BYTES."""


@dataclass(slots=True)
class Folder:
    """A round folder. ``names`` are the entries at its top, ``inputs`` the files read, each with its sha256."""

    path: Path
    found: Problems
    names: set[str]
    inputs: dict[str, str] = field(default_factory=dict)

    def source(self, name: str, limit: int) -> Source | None:
        """The bytes of one of the folder's files, by its name; names of files further down have slashes."""
        if "/" not in name and name not in self.names:
            return None
        if not self.is_inside(name):
            return None
        source = read_bytes(self.path / name, name, limit, self.found)
        if source is not None:
            self.inputs[name] = source.sha256
        return source

    def is_inside(self, name: str) -> bool:
        """Whether a file or folder really lies in the round folder; a problem is noted where a link leads out of it."""
        path = self.path / name
        try:
            inside = path.resolve().is_relative_to(self.path.resolve())
        except (OSError, RuntimeError, ValueError):
            self.found.add("file.unreadable", name, reason=os.strerror(errno.ELOOP))
            return False
        if not inside:
            self.found.add("file.outside", name)
        return inside

    def table(self, name: str, columns: Sequence[Column]) -> Table | None:
        """One of the folder's tables; None where it is not there or cannot be read."""
        source = self.source(name, SCORES_BYTES if name in _LONG else TABLE_BYTES)
        return None if source is None else read_table(source, columns, self.found)


def entries(folder: Path, name: str, found: Problems) -> list[Path]:
    """What lies in a folder, by name, without what begins with a dot; a problem where it cannot be looked into."""
    try:
        return sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=lambda path: path.name)
    except OSError as error:
        found.add("file.unreadable", name, reason=error.strerror or type(error).__name__)
        return []
