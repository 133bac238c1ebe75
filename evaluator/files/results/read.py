"""Reads a folder of result files: what each one is, what it says, and whether two of them disagree."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from evaluator.errors import Loc
from evaluator.files.problems import Problems, nearest, shorten
from evaluator.files.results.figures import Declared, Figure, Placed, measurements
from evaluator.files.results.json_text import read_json
from evaluator.files.results.lm_eval import is_lm_eval, read_lm_eval
from evaluator.files.results.nodes import Node, Origin
from evaluator.files.results.own_csv import is_own_table, place_in, read_own_table
from evaluator.files.sources import Source, decode, read_bytes
from evaluator.model.numbers import show
from evaluator.model.performance import DeclaredFile, Measurement, PerformanceDeclaration

TEXT_BYTES = 64_000_000
ARCHIVE_BYTES = 256_000_000
MAX_FILES = 5_000
"""How many files (and how deep folders) one applicant may hand in."""
MAX_FOLDERS_DEEP = 16

_HIDDEN_BUT_READ = ".eval_results"
_DOCUMENTS = (b"%PDF", b"\xd0\xcf\x11\xe0")
_DOCUMENT_NAMES = (".md", ".txt", ".rst", ".html", ".htm", ".docx", ".hwp", ".hwpx", ".pptx", ".xlsx", ".png", ".jpg")


def read_results(
    folder: Path, name: str, declaration: PerformanceDeclaration, found: Problems, inputs: dict[str, str]
) -> list[Measurement]:
    """Every figure of every result file in a folder, by benchmark, metric, model, version, mode; one for each key.

    ``folder`` is ``evidence/<applicant>/performance`` on disk and ``name`` the same as messages call it, relative to
    the round folder. The hash of each file that was read goes into ``inputs`` under ``name``/its path. Problems are
    collected in ``found``: a file with a problem gives no figure it is about, and hides nothing of the others.
    Where a key stands twice with the same figure, the first in the order of file names is kept.
    """
    entries = _entries(name, declaration, found)
    used: set[str] = set()
    made: list[Placed] = []
    for path, inside in _files(folder, name, found):
        full = f"{name}/{inside}"
        entry = _entry(entries, inside, used)
        made += _read_file(path, full, Declared(declaration, entry), found, inputs)
    for file in sorted(entries.keys() - used):
        near = nearest(file, [path[len(name) + 1 :] for path in inputs if path.startswith(f"{name}/")])
        code = "results.declared_missing_near" if near else "results.declared_missing"
        found.add(code, _declaration_name(name), path=_path_of(declaration, file), name=file, near=near)
    return _without_repeats(made, found)


def _declaration_name(name: str) -> str:
    return f"{name.rpartition('/')[0]}/performance.yaml" if "/" in name else "performance.yaml"


def _path_of(declaration: PerformanceDeclaration, file: str) -> str:
    at = next(i for i, entry in enumerate(declaration.files) if _plain(entry.file) == file)
    return f"files[{at}].file"


def _plain(file: str) -> str:
    return file.removeprefix("./").removeprefix("performance/").rstrip("/")


def _entries(name: str, declaration: PerformanceDeclaration, found: Problems) -> dict[str, DeclaredFile]:
    """The entries of performance.yaml by the file they are about; a file declared twice is a problem."""
    entries: dict[str, DeclaredFile] = {}
    for i, entry in enumerate(declaration.files):
        file = _plain(entry.file)
        if file in entries:
            found.add("results.declared_twice", _declaration_name(name), path=f"files[{i}].file", name=shorten(file))
        entries.setdefault(file, entry)
    return entries


def _entry(entries: dict[str, DeclaredFile], inside: str, used: set[str]) -> DeclaredFile | None:
    """The entry of a file, or else that of the innermost folder around it."""
    parts = inside.split("/")
    for end in range(len(parts), 0, -1):
        known = "/".join(parts[:end])
        if known in entries:
            used.add(known)
            return entries[known]
    return None


def _files(folder: Path, name: str, found: Problems) -> Iterator[tuple[Path, str]]:
    """The files of a folder and their paths inside it, sorted. Hidden ones are passed over, links refused."""
    waiting: list[tuple[Path, str]] = [(folder, "")]
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
            if child.is_symlink():
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


def _printable(name: str) -> str:
    """A file's name as text that can be written; bytes that are no text are shown as marks."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _read_file(path: Path, name: str, declared: Declared, found: Problems, inputs: dict[str, str]) -> list[Placed]:
    source = read_bytes(path, name, ARCHIVE_BYTES, found)
    if source is None:
        return []
    inputs[name] = source.sha256
    figures, origin = _figures(source, found)
    return measurements(figures, origin, declared)


def _figures(source: Source, found: Problems) -> tuple[list[Figure], Origin]:
    """What a file says, by whatever its content shows it to be."""
    origin = Origin(source.name, source.sha256, found)
    if not source.data.strip():
        found.add("file.empty", source.name)
        return [], origin
    if source.data.startswith(_DOCUMENTS):
        found.add("results.document", source.name)
        return [], origin
    if len(source.data) > TEXT_BYTES:
        found.add("file.too_large", source.name, size=f"{len(source.data):,}", limit=f"{TEXT_BYTES:,}")
        return [], origin
    head = source.data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] in {b"{", b"["}:
        return _json(source, origin, found), origin
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip().replace('"', "")
    if is_own_table(first.split(",")) or source.name.casefold().endswith(".csv"):
        figures, table = read_own_table(source, found)
        if table is not None:
            known = table
            origin = Origin(source.name, source.sha256, found, lambda loc: place_in(known, loc))
        return figures, origin
    code = "results.document" if source.name.casefold().endswith(_DOCUMENT_NAMES) else "results.unknown"
    found.add(code, source.name)
    return [], origin


def _json(source: Source, origin: Origin, found: Problems) -> list[Figure]:
    text = decode(source, found)
    if text is None:
        return []
    before = len(found)
    value = read_json(text, source.name, found)
    if len(found) != before:
        return []
    root = Node(value, (), origin)
    loc: Loc = ()
    for known, read in ((is_lm_eval, read_lm_eval),):
        if known(root):
            figures = read(root)
            if not figures and len(found) == before:
                found.add("results.nothing", source.name)
            return figures
    origin.note("results.unknown", loc)
    return []


def _without_repeats(made: list[Placed], found: Problems) -> list[Measurement]:
    """One measurement for each key, in order; two that say different things about the same are a problem."""
    kept: dict[tuple[str, ...], Measurement] = {}
    for one, place in made:
        key = (one.benchmark, one.metric, one.model, one.version, one.mode)
        first = kept.setdefault(key, one)
        if first is not one and _told(first) != _told(one):
            found.add(
                "results.disagree",
                one.file,
                place,
                one.path,
                benchmark=shorten(one.benchmark),
                metric=shorten(one.metric),
                score=show(one.score),
                other=show(first.score),
                where=f"{first.file} {first.path}".strip(),
            )
    return [kept[key] for key in sorted(kept)]


def _told(one: Measurement) -> tuple[object, ...]:
    """What must be equal for two measurements of one key to be the same figure given twice."""
    return one.score, one.low, one.high, one.direction, one.n, one.stderr, one.measured_by
