"""The folder of an applicant's result files: what is in it, and what performance.yaml says about each file."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from evaluator.files.problems import Problems, nearest, shorten
from evaluator.files.results import helm
from evaluator.files.sources import banned_character
from evaluator.model.performance import DeclaredFile, PerformanceDeclaration

MAX_FILES, MAX_FOLDERS_DEEP = 5_000, 16
"""How many files one applicant may hand in, and in how deep folders."""

_HIDDEN_BUT_READ = ".eval_results"


def declared_files(name: str, declaration: PerformanceDeclaration, found: Problems) -> dict[str, DeclaredFile]:
    """The entries of performance.yaml by the file they are about; a file declared twice is a problem."""
    entries: dict[str, DeclaredFile] = {}
    for i, entry in enumerate(declaration.files):
        file = _plain(entry.file)
        if file in entries:
            found.add("results.declared_twice", _declaration(name), path=f"files[{i}].file", name=shorten(file))
        entries.setdefault(file, entry)
    return entries


def entry_of(entries: dict[str, DeclaredFile], inside: str) -> DeclaredFile | None:
    """The entry of a file (of a HELM run: its folder or its statistics), or else that of the innermost folder."""
    parts = _plain(inside).split("/")
    ways = [f"{inside}/{helm.STATS}", *("/".join(parts[:end]) for end in range(len(parts), 0, -1))]
    return next((entries[way] for way in ways if way in entries), None)


def check_declared(name: str, declaration: PerformanceDeclaration, seen: set[str], found: Problems) -> None:
    """Note every file of performance.yaml that is not in the folder; ``seen`` is all that is."""
    for i, entry in enumerate(declaration.files):
        if _plain(entry.file) not in seen:
            near = nearest(_plain(entry.file), sorted(seen))
            code = "results.declared_missing_near" if near else "results.declared_missing"
            found.add(code, _declaration(name), path=f"files[{i}].file", name=shorten(entry.file), near=near)


def _declaration(name: str) -> str:
    """How messages call performance.yaml, which lies beside the folder."""
    return f"{name.rpartition('/')[0]}/performance.yaml" if "/" in name else "performance.yaml"


def _plain(file: str) -> str:
    """A declared path as it is looked for: from the folder performance on, in composed letters (macOS takes apart)."""
    return unicodedata.normalize("NFC", file).removeprefix("./").removeprefix("performance/").rstrip("/")


def files_in(folder: Path, name: str, seen: set[str], found: Problems) -> Iterator[tuple[Path, str]]:
    """The files of a folder and their paths inside it, sorted. Hidden ones are passed over, links refused.

    ``seen`` takes the path of everything that is there, read or not. A folder that is not there holds nothing.
    """
    if folder.is_symlink():
        found.add("results.link", name)
        return
    waiting: list[tuple[Path, str]] = [(folder, "")] if folder.exists() else []
    count = 0
    while waiting:
        here, inside = waiting.pop()
        try:
            children = sorted(os.scandir(here), key=lambda child: child.name)
        except OSError as error:
            found.add("file.unreadable", f"{name}/{inside}".rstrip("/"), reason=error.strerror or type(error).__name__)
            continue
        below: list[tuple[Path, str]] = []
        for child in children:
            way = f"{inside}/{child.name}" if inside else child.name
            shown = _printable(f"{name}/{way}")
            seen.add(_plain(_printable(way)))
            if banned_character(shown) >= 0:
                found.add("results.file_name", name, name=shown)
            elif child.is_symlink():
                found.add("results.link", shown)
            elif child.name.startswith(".") and child.name != _HIDDEN_BUT_READ:
                continue
            elif child.is_dir(follow_symlinks=False):
                if way.count("/") >= MAX_FOLDERS_DEEP:
                    found.add("results.too_deep", shown, limit=MAX_FOLDERS_DEEP)
                else:
                    below.append((Path(child.path), way))
            else:
                count += 1
                if count > MAX_FILES:
                    found.add("results.too_many_files", name, limit=f"{MAX_FILES:,}")
                    return
                yield Path(child.path), _printable(way)
        waiting += reversed(below)


def runs(files: Iterator[tuple[Path, str]]) -> Iterator[tuple[str, Path | dict[str, Path]]]:
    """Files one by one, but the files of a run folder of HELM together, under the folder's name."""
    for holder, held in groupby(files, key=lambda file: file[1].rpartition("/")[0]):
        here = {inside.rpartition("/")[2]: path for path, inside in held}
        if helm.SPEC in here and helm.STATS in here:
            yield holder, here
        else:
            for base, path in here.items():
                yield f"{holder}/{base}" if holder else base, path


def _printable(name: str) -> str:
    """A file's name as text that can be written; bytes that are no text are shown as marks."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
