"""Reads a folder of result files: what each one is, what it says, and whether two of them disagree."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from evaluator.files.problems import Problems, nearest, shorten
from evaluator.files.results import helm
from evaluator.files.results.archive import is_archive, read_header
from evaluator.files.results.every_eval_ever import is_every_eval_ever, read_every_eval_ever
from evaluator.files.results.figures import Declared, Figure, Placed, measurements
from evaluator.files.results.hugging_face import (
    front_matter,
    is_eval_results,
    is_model_index,
    looks_like_results,
    read_eval_results,
    read_model_index,
)
from evaluator.files.results.inspect_log import is_inspect, read_inspect
from evaluator.files.results.json_text import read_json
from evaluator.files.results.lighteval import is_lighteval, read_lighteval
from evaluator.files.results.lm_eval import is_lm_eval, read_lm_eval
from evaluator.files.results.nodes import Node, Origin
from evaluator.files.results.opencompass import is_opencompass, read_opencompass
from evaluator.files.results.own_csv import is_own_table, place_in, read_own_table
from evaluator.files.sources import YAML_BYTES, Source, decode, read_bytes
from evaluator.files.tables import Table
from evaluator.files.yaml_source import read_yaml_text
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
    for inside, files in _runs(_files(folder, name, found)):
        declared = Declared(declaration, _entry(entries, inside, used))
        full = f"{name}/{inside}" if inside else name
        if isinstance(files, Path):
            made += _read_file(files, full, declared, found, inputs)
        else:
            made += _read_run(files, full, declared, found, inputs)
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


def _runs(files: Iterator[tuple[Path, str]]) -> Iterator[tuple[str, Path | dict[str, Path]]]:
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


def _read_file(path: Path, name: str, declared: Declared, found: Problems, inputs: dict[str, str]) -> list[Placed]:
    source = read_bytes(path, name, ARCHIVE_BYTES, found)
    if source is None:
        return []
    inputs[name] = source.sha256
    figures, origin = _figures(source, found)
    return measurements(figures, origin, declared)


def _read_run(
    files: dict[str, Path], name: str, declared: Declared, found: Problems, inputs: dict[str, str]
) -> list[Placed]:
    """The figures of a run folder of HELM; their file and hash are those of its statistics."""
    roots: dict[str, Node | None] = {}
    origin = Origin(f"{name}/{helm.STATS}", "", found)
    for part in (helm.SPEC, helm.STATS, helm.INSTANCES):
        if part not in files:
            continue
        source = read_bytes(files[part], f"{name}/{part}", TEXT_BYTES, found)
        if source is None:
            return []
        inputs[source.name] = source.sha256
        own = Origin(source.name, source.sha256, found)
        if part == helm.STATS:
            origin = own
        roots[part] = _root(source, own, found)
    spec, stats = roots[helm.SPEC], roots[helm.STATS]
    instances = roots.get(helm.INSTANCES)
    if spec is None or stats is None or (helm.INSTANCES in roots and instances is None):
        return []
    before = len(found)
    figures = helm.read_helm(spec, stats, instances)
    if not figures and len(found) == before:
        found.add("results.nothing", origin.name)
    return measurements(figures, origin, declared)


def _figures(source: Source, found: Problems) -> tuple[list[Figure], Origin]:
    """What a file says, by whatever its content shows it to be."""
    origin = Origin(source.name, source.sha256, found)
    name = source.name.casefold()
    if not source.data.strip():
        found.add("file.empty", source.name)
    elif is_archive(source.data):
        header = read_header(source, found)
        if header is not None:
            inside = Source(source.name, header, source.sha256)
            return _from_root(_root(inside, origin, found), (_INSPECT,), found), origin
    elif source.data.startswith(_DOCUMENTS):
        found.add("results.document", source.name)
    elif len(source.data) > TEXT_BYTES:
        found.add("file.too_large", source.name, size=f"{len(source.data):,}", limit=f"{TEXT_BYTES:,}")
    elif (head := source.data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip())[:1] in {b"{", b"["}:
        return _from_root(_root(source, origin, found), _JSON, found), origin
    elif b"\x00" in head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        before = len(found)
        decode(source, found)
        if len(found) == before:
            found.add("results.unknown", source.name)
    else:
        names = [part.strip('" \r') for part in head.split(b"\n", 1)[0].decode("utf-8", "replace").split(",")]
        if is_opencompass(names):
            return _table(*read_opencompass(source, names, found), origin)
        if is_own_table(names) or name.endswith(".csv"):
            return _table(*read_own_table(source, found), origin)
        return _yaml(source, origin, found)
    return [], origin


Format = tuple[Callable[[Node], bool], Callable[[Node], list[Figure]]]

_INSPECT: Format = (is_inspect, read_inspect)
_JSON: tuple[Format, ...] = (
    _INSPECT,
    (is_every_eval_ever, read_every_eval_ever),
    (is_lighteval, read_lighteval),
    (is_lm_eval, read_lm_eval),
)
_YAML: tuple[Format, ...] = ((is_model_index, read_model_index), (is_eval_results, read_eval_results))


def _from_root(root: Node | None, formats: tuple[Format, ...], found: Problems) -> list[Figure]:
    """The figures of a value, by the first format that knows it; None is a value that could not be read."""
    if root is None:
        return []
    before = len(found)
    for known, read in formats:
        if known(root):
            figures = read(root)
            if not figures and len(found) == before:
                root.note("results.nothing")
            return figures
    root.note("results.unknown")
    return []


def _root(source: Source, origin: Origin, found: Problems) -> Node | None:
    """The value of a JSON file; None, with a problem noted, where it has none that can be read."""
    before = len(found)
    text = decode(source, found)
    value = None if text is None else read_json(text, source.name, found)
    return Node(value, (), origin) if len(found) == before else None


def _table(figures: list[Figure], table: Table | None, origin: Origin) -> tuple[list[Figure], Origin]:
    return figures, origin if table is None else replace(origin, place=lambda loc: place_in(table, loc))


def _yaml(source: Source, origin: Origin, found: Problems) -> tuple[list[Figure], Origin]:
    """The figures of a YAML file or of a README's front matter."""
    name = source.name.casefold()
    text = source.data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
    matter = front_matter(text)
    is_yaml = name.endswith((".yaml", ".yml"))
    if not is_yaml and not looks_like_results(matter or ("" if name.endswith(_DOCUMENT_NAMES) else text)):
        found.add("results.document" if name.endswith(_DOCUMENT_NAMES) else "results.unknown", source.name)
        return [], origin
    if len(source.data) > YAML_BYTES:
        found.add("file.too_large", source.name, size=f"{len(source.data):,}", limit=f"{YAML_BYTES:,}")
        return [], origin
    before = len(found)
    decoded = decode(source, found)
    if decoded is None or len(found) != before:
        return [], origin
    # A whole YAML file may begin with the same mark as a front matter; then what follows a second mark matters.
    document = read_yaml_text(decoded if is_yaml else matter or decoded, source.name, found)
    if document is None or len(found) != before:
        return [], origin
    origin = replace(origin, place=document.place)
    return _from_root(Node(document.data, (), origin), _YAML, found), origin


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
