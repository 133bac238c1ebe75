"""Rubrics: read, check, fill in what they include and write out every default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath

from evaluator import resources
from evaluator.errors import Loc, show_loc
from evaluator.files.problems import Problems, nearest, shorten
from evaluator.files.sources import YAML_BYTES, read_bytes, relative_name
from evaluator.files.validation import Checked, validate
from evaluator.files.yaml_source import Document, read_yaml
from evaluator.model.findings import Finding
from evaluator.model.numbers import Limit
from evaluator.model.rubric import Convert, Criterion, Rubric, Scale
from evaluator.model.rubric_rules import file_findings, resolved_findings

MAX_INCLUDES = 8
"""How deep rubrics may include one another."""

_SHAPE = {"criteria", "children", "include", "id", "source"}
"""Keys by which the ids of criteria, and who scores them, are known."""


@dataclass(frozen=True, slots=True)
class _File:
    """One rubric file as written: its document, what could be made of it, and where its own includes start from."""

    name: str
    path: Path
    document: Document
    checked: Checked[Rubric]


@dataclass(slots=True)
class RubricReading:
    """What came of reading a rubric.

    ``rubric`` is resolved; None where the file could not be understood at all. ``complete`` says that every criterion
    is known by its id; ``doubtful`` are the top keys of the rubric under which something is wrong, so that nothing
    is concluded from them. ``files`` maps the files read to their sha256; ``seen`` holds them by where they lie.
    """

    rubric: Rubric | None = None
    complete: bool = True
    doubtful: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    seen: dict[Path, _File | None] = field(default_factory=dict)


def load_rubric(reference: str, base: Path | None = None) -> Rubric:
    """The resolved rubric a reference names: a shipped id, or a path ending in .yaml or .yml relative to ``base``.

    Every include is filled with the other rubric's criteria, scaled exactly; every default is written out (source,
    scale, convert), so that nothing downstream knows defaults. Raises :class:`InputProblems` with everything that
    is wrong with the rubric and with those it includes.
    """
    found = Problems()
    reading = read_rubric(reference, base or Path(), found)
    found.raise_if_any()
    return _of(reading)


def load_rubric_file(path: Path) -> Rubric:
    """The resolved rubric in a file, wherever it lies; problems call it by the path as given."""
    found = Problems()
    reading = RubricReading()
    _read_whole(str(path), path, path.parent, found, reading)
    found.raise_if_any()
    return _of(reading)


def _of(reading: RubricReading) -> Rubric:
    if reading.rubric is None:
        raise AssertionError("a rubric that cannot be read has problems")
    return reading.rubric


def read_rubric(
    reference: str, base: Path, found: Problems, file: str = "", place: tuple[int, int] = (0, 0), path: str = ""
) -> RubricReading:
    """Read and resolve a rubric named in ``file`` at ``place``; every problem is noted, none is raised."""
    reading = RubricReading()
    named = _find(reference, base, base, found, file, place, path)
    if named is None:
        reading.complete = False
        return reading
    name, where = named
    _read_whole(name, where, base, found, reading)
    return reading


def _read_whole(name: str, path: Path, folder: Path, found: Problems, reading: RubricReading) -> None:
    main = _read_file(name, path, found, reading)
    if main is not None and main.checked.model is not None:
        resolver = _Resolver(folder, found, reading)
        reading.rubric = resolver.resolve(main)
        _doubt(main.checked.spoilt, reading)
        _note(resolved_findings(reading.rubric, complete=reading.complete), resolver.origins, found, reading)
    else:
        reading.complete = False


def _doubt(locs: Iterable[Loc], reading: RubricReading) -> None:
    """Remember that something is wrong at some places of a rubric."""
    for loc in locs:
        reading.doubtful.update(str(part) for part in loc[:1])
        reading.complete &= loc[:1] != ("criteria",) or loc[-1] not in _SHAPE


def _find(
    reference: str, base: Path, folder: Path, found: Problems, file: str, place: tuple[int, int], path: str
) -> tuple[str, Path] | None:
    """The name and the file a reference stands for; None with a problem noted."""
    if reference.endswith((".yaml", ".yml")):
        if PurePosixPath(reference).is_absolute() or PureWindowsPath(reference).drive or "\\" in reference:
            found.add("path.not_relative", file, place, path, value=shorten(reference))
            return None
        target = base / reference
        if not _is_file(target):
            found.add("rubric.file_missing", file, place, path, value=shorten(reference))
            return None
        return relative_name(target, folder), target
    shipped = resources.rubric_path(reference)
    if shipped is None:
        near = nearest(reference, resources.rubric_ids())
        code = "rubric.unknown_near" if near else "rubric.unknown"
        allowed = ", ".join(resources.rubric_ids())
        found.add(code, file, place, path, value=shorten(reference), near=near, allowed=allowed)
        return None
    return f"rubric:{reference}", shipped


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _read_file(name: str, path: Path, found: Problems, reading: RubricReading) -> _File | None:
    """One file as written, with everything noted that can be said without the files it includes."""
    key = path.resolve()
    if key not in reading.seen:
        reading.seen[key] = _read_new(name, path, found, reading)
    return reading.seen[key]


def _read_new(name: str, path: Path, found: Problems, reading: RubricReading) -> _File | None:
    source = read_bytes(path, name, YAML_BYTES, found)
    if source is None:
        return None
    reading.files[name] = source.sha256
    document = read_yaml(source, found)
    if document is None:
        return None
    checked = validate(Rubric, document, found)
    file = _File(name, path, document, checked)
    if checked.model is not None:
        _note(file_findings(checked.model), {(): (file, ())}, found, reading)
    return file


def _note(
    findings: Iterable[Finding], origins: dict[Loc, tuple[_File, Loc]], found: Problems, reading: RubricReading
) -> None:
    """Findings as problems in the files they come from, except where they only follow from problems noted before."""
    for finding in findings:
        if any(file.checked.is_spoilt(loc) for file, loc in (_origin(needed, origins) for needed in finding.needs)):
            continue
        file, loc = _origin(finding.loc, origins)
        if file.checked.is_spoilt(loc):
            continue
        found.add(finding.code, file.name, file.document.place(loc), show_loc(loc), **finding.params)
        _doubt([loc], reading)


def _origin(loc: Loc, origins: dict[Loc, tuple[_File, Loc]]) -> tuple[_File, Loc]:
    """The file a place of the resolved rubric comes from, and its place there."""
    for end in range(len(loc), 0, -1):
        if loc[:end] in origins:
            file, prefix = origins[loc[:end]]
            return file, prefix + loc[end:]
    file, prefix = origins[()]
    return file, prefix + loc


@dataclass(slots=True)
class _Resolver:
    """Fills includes and defaults, remembering which file every criterion came from."""

    folder: Path
    found: Problems
    reading: RubricReading
    origins: dict[Loc, tuple[_File, Loc]] = field(default_factory=dict)

    def resolve(self, main: _File) -> Rubric:
        if main.checked.model is None:
            raise AssertionError("only what could be read is resolved")
        self.origins[()] = (main, ())
        criteria = self._level(main.checked.model.criteria, ("criteria",), main, ("criteria",), Fraction(1), (main,))
        return main.checked.model.model_copy(update={"criteria": criteria})

    def _level(
        self,
        nodes: tuple[Criterion, ...],
        loc: Loc,
        file: _File,
        file_loc: Loc,
        factor: Fraction,
        chain: tuple[_File, ...],
    ) -> tuple[Criterion, ...]:
        done = []
        for i, node in enumerate(nodes):
            self.origins[(*loc, i)] = (file, (*file_loc, i))
            done.append(self._node(node, (*loc, i), file, (*file_loc, i), factor, chain))
        return tuple(done)

    def _node(
        self, node: Criterion, loc: Loc, file: _File, file_loc: Loc, factor: Fraction, chain: tuple[_File, ...]
    ) -> Criterion:
        scaled = {
            "points": node.points * factor,
            "of": None if node.of is None else node.of * factor,
            "threshold": node.threshold
            if node.threshold is None or node.threshold.percent
            else Limit(node.threshold.value * factor),
        }
        if node.is_leaf:
            return _with_defaults(node).model_copy(update=scaled)
        inner_loc = (*loc, "children")
        if node.include is None:
            children = self._level(node.children, inner_loc, file, (*file_loc, "children"), factor, chain)
        else:
            children = self._included(node, inner_loc, file, file_loc, factor, chain)
        return node.model_copy(update={**scaled, "include": None, "children": children})

    def _included(
        self, node: Criterion, loc: Loc, file: _File, file_loc: Loc, factor: Fraction, chain: tuple[_File, ...]
    ) -> tuple[Criterion, ...]:
        reference = node.include or ""
        here = (*file_loc, "include")
        place, path = file.document.place(here), show_loc(here)
        named = _find(reference, file.path.parent, self.folder, self.found, file.name, place, path)
        if named is None:
            self.reading.complete = False
            return ()
        name, where = named
        around = [link.path.resolve() for link in chain]
        if where.resolve() in around:
            names = [link.name for link in chain[around.index(where.resolve()) :]]
            self.found.add("include.circular", file.name, place, path, chain=" -> ".join([*names, name]))
            self.reading.complete = False
            return ()
        if len(chain) > MAX_INCLUDES:
            self.found.add("include.too_deep", file.name, place, path, limit=MAX_INCLUDES)
            self.reading.complete = False
            return ()
        inner = _read_file(name, where, self.found, self.reading)
        if inner is None or inner.checked.model is None:
            self.reading.complete = False
            return ()
        rubric = inner.checked.model
        _doubt((spoilt for spoilt in inner.checked.spoilt if spoilt[:1] == ("criteria",)), self.reading)
        if not rubric.criteria or rubric.full_total <= 0:
            if not inner.checked.is_spoilt(("criteria",)):
                self.found.add("include.no_criteria", file.name, place, path, value=shorten(reference))
            self.reading.complete = False
            return ()
        inner_factor = node.points * factor / rubric.full_total
        return self._level(rubric.criteria, loc, inner, ("criteria",), inner_factor, (*chain, inner))


def _with_defaults(leaf: Criterion) -> Criterion:
    """A leaf with its source, scale and conversion written out; its points are still those of its own file."""
    source = leaf.source or "panel"
    convert = leaf.convert or Convert(kind="linear")
    scale = leaf.scale
    if scale is None and not leaf.levels:
        open_ended = source != "panel" and convert.kind in {"target", "relative_to_best"}
        scale = Scale(min=Fraction(0), max=None if open_ended else leaf.points)
    return leaf.model_copy(update={"source": source, "convert": convert, "scale": scale})
