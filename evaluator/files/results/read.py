"""Reads a folder of result files: what each one is, what it says, and whether two of them disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from evaluator.files.problems import Problems, shorten
from evaluator.files.results import helm
from evaluator.files.results.archive import is_archive, read_header
from evaluator.files.results.every_eval_ever import is_every_eval_ever, read_every_eval_ever
from evaluator.files.results.figures import Declared, Figure, Placed, measurements
from evaluator.files.results.folder import check_declared, declared_files, entry_of, files_in, runs
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
from evaluator.files.results.own_csv import is_own_table, place_in, read_own_table, show_column
from evaluator.files.sources import YAML_BYTES, Source, decode, read_bytes
from evaluator.files.tables import Table
from evaluator.files.yaml_source import read_yaml_text
from evaluator.model.numbers import show
from evaluator.model.performance import Measurement, PerformanceDeclaration

TEXT_BYTES = 64_000_000
ARCHIVE_BYTES = 256_000_000
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
    entries = declared_files(name, declaration, found)
    seen: set[str] = set()
    made: list[Placed] = []
    for inside, files in runs(files_in(folder, name, seen, found)):
        declared = Declared(declaration, entry_of(entries, inside))
        full = f"{name}/{inside}" if inside else name
        if isinstance(files, Path):
            made += _read_file(files, full, declared, found, inputs)
        else:
            made += _read_run(files, full, declared, found, inputs)
    check_declared(name, declaration, seen, found)
    return _without_repeats(made, found)


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
        found.add("results.workbook" if name.endswith(".xls") else "results.document", source.name)
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
    return figures, origin if table is None else replace(
        origin, place=lambda loc: place_in(table, loc), show=show_column
    )


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
    """One measurement for each key and measurer, in order; two that say different things are a problem.

    What only one of them says (a scale, a number of items) is no difference: the one that says more is kept, of
    equals the first.
    """
    kept: dict[tuple[str, ...], Measurement] = {}
    for one, place in made:
        key = (one.benchmark, one.metric, one.model, one.version, one.mode, one.measured_by)
        first = kept.setdefault(key, one)
        if first is one:
            continue
        own, other = _told(one), _told(first)
        different = [name for name in own if None not in (own[name], other[name]) and own[name] != other[name]]
        if different:
            found.add(
                "results.disagree",
                one.file,
                place,
                one.path,
                benchmark=shorten(one.benchmark),
                metric=shorten(one.metric),
                own=_shown(own, different),
                other=_shown(other, different),
                where=f"{first.file} {first.path}".strip(),
            )
        elif sum(value is not None for value in own.values()) > sum(value is not None for value in other.values()):
            kept[key] = one
    return [kept[key] for key in sorted(kept)]


def _told(one: Measurement) -> dict[str, str | None]:
    """What must not be different for two measurements of one key to be the same figure given twice."""
    return {
        "score": show(one.score),
        "scale": None if one.low is None or one.high is None else f"{show(one.low)}..{show(one.high)}",
        "direction": one.direction,
        "n": None if one.n is None else f"{one.n:,}",
        "stderr": None if one.stderr is None else show(one.stderr),
        "harness": one.harness or None,
        "harness version": one.harness_version or None,
    }


def _shown(told: dict[str, str | None], different: list[str]) -> str:
    return ", ".join(f"{name} {told[name]}" for name in different)
