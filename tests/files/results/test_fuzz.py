"""Whatever happens to a result file: it is told, or what is read is what the file says.

A changed digit that leaves a well-formed file cannot be noticed by anybody; so a second reader (``json``, ``csv``,
``ruamel.yaml``, told nothing of formats) looks for every figure in the mutated file, at the place the measurement
names. A score that was not literally there, an impossible one, or a crash fails the test.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import os
import random
import re
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from evaluator.errors import Problem, render
from evaluator.model.performance import Measurement
from evaluator.resources import message_catalogue
from tests.files.results.reading import DATA, NAME, read

if sys.version_info >= (3, 14):
    import zipfile
else:
    from backports.zstd import zipfile

RUNS = int(os.environ.get("FUZZ_RUNS", "40"))
SAMPLES = Path(os.environ.get("FUZZ_RESULTS", str(DATA)))
"""Another folder of result files may be named, to try files that are not in the repository."""

FILES = sorted(
    path.relative_to(SAMPLES).as_posix()
    for path in SAMPLES.rglob("*")
    if path.is_file() and path != SAMPLES / "README.md" and path.name != "scenario.json"
)
SCRAPS = (
    b"", b",", b'"', b"\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b" ", b"\t", b":", b"-", b"{", b"}", b"[", b"]",
    b"NaN", b"Infinity", b"-Infinity", b"1e5", b"1e999999999", b"-1", b"0", b"012", b"1,000", b"true", b"null", b"%",
    b"99999999999999999999999", b"0.0000001", "가".encode(), b"\xe2\x80\xae", b"\\ud800", b"...", b"---\n", b"&a",
    b"*a", b"\xc2\xb1 1.2", b"/", b"..", b"N/A",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 3, 0.5, -0.5, 1.5, 101, 1e300, 10**30, float("nan"), float("inf"), "", "0.5", "N/A",
    "20.0 ± 1.2", "\ud800", "a\u202eb", "x" * 5000, [], {}, [1, 2], {"a": 1}, [[[]]], {"value": 0.5}, "success",
    "error",
)  # fmt: skip


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [place for key in keys for place in [(node, key), *places(node[key])]]


def rearranged(data: bytes, rng: random.Random) -> bytes:
    """One accident in the structure of a JSON document."""
    document = json.loads(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        spots = places(document)
        if not spots:
            break
        holder, key = rng.choice(spots)
        fate = rng.randrange(5)
        if fate == 0:
            del holder[key]
        elif fate == 1 and isinstance(holder, dict):
            holder[rng.choice(["metrics", "results", "groups", "name", "acc,none", "x"])] = holder.pop(key)
        elif fate == 2:
            other, at = rng.choice(spots)
            if isinstance(other, dict) or at < len(other):
                holder[key] = copy.deepcopy(other[at])
        else:
            holder[key] = copy.deepcopy(rng.choice(VALUES))
    return json.dumps(document).encode("utf-8", "surrogatepass")


def broken(data: bytes, rng: random.Random) -> bytes:
    """One accident in the bytes of a file."""
    at, to = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    fate = rng.randrange(6)
    if fate == 0:
        return data[:at]
    if fate == 1:
        return data[:at] + rng.choice(SCRAPS) + data[at:]
    if fate == 2:
        return data[:at] + (data[to:] if to - at < 30 else data[at + 2 :])
    if fate == 3:
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    if fate == 4:
        return data[:at] + rng.choice(SCRAPS) + data[at + 1 :]
    lines = data.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    return b"\n".join([*lines[:i], lines[j], *lines[i:]])


def repacked(data: bytes, rng: random.Random) -> bytes:
    """An archive with an accident in its header."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_ZSTANDARD) as new:
        for member in old.infolist():
            inside = old.read(member)
            if member.filename == "header.json":
                inside = rearranged(inside, rng) if rng.random() < 0.7 else broken(inside, rng)
            new.writestr(member.filename, inside)
    return out.getvalue()


def mutated(data: bytes, rng: random.Random) -> bytes:
    fate = rng.random()
    if data[:2] == b"PK":
        return repacked(data, rng) if fate < 0.7 else broken(data, rng)
    if data[:1] in b"{[" and fate < 0.6:
        return rearranged(data, rng)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        data = broken(data, rng) or b"x"
    return data


def at_path(document: Any, path: str) -> Any:
    """The value at a path as measurements show it."""
    for name, number, quoted in re.findall(r'([^.\[\]"]+)(?=\.|\[|$)|\[([0-9]+)\]|\["((?:[^"]|"(?!\]))*)"\]', path):
        document = document[int(number)] if number else document[quoted or name]
    return document


def said(m: Measurement, data: bytes) -> list[Fraction]:
    """The numbers another reader finds in a file where a measurement says its score is."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read("header.json")
    text = data.decode("utf-8-sig")
    if m.path.startswith("line "):
        line, _, column = m.path.removeprefix("line ").partition(", ")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = next(record for record in reader if record)
        before = reader.line_num
        for record in reader:
            if record and before + 1 <= int(line) <= reader.line_num:
                return [Fraction(record[header.index(column or "score")])]
            before = reader.line_num
        raise AssertionError(m.path)
    path = m.path.removeprefix("stats.json ")
    if text.lstrip()[:1] in ("{", "["):
        document = json.loads(text, parse_float=Decimal)
        return [Fraction(at_path(document, path))]
    if text.startswith("---"):
        text = text.split("\n---")[0]
    document = YAML(typ="rt", pure=True).load(text)
    value = at_path(document, path)
    return [Fraction(str(value)), Fraction(Decimal(repr(float(value))))]


def check(measurements: list[Measurement], problems: list[Problem], file: str, data: bytes) -> None:
    """What is read is possible, is what the file says where it says it, and every problem can be shown."""
    for problem in problems:
        assert problem.file.startswith(NAME.rpartition("/")[0])
        for language in ("ko", "en"):
            " ".join(render(problem, message_catalogue("problems", language))).encode()
        f"{problem.place} {problem.path}".encode()
    if problems:
        return
    for m in measurements:
        assert isinstance(m.score, Fraction)
        if m.low is not None and m.high is not None:
            assert m.low <= m.score <= m.high
            assert m.stderr is None or 0 <= 2 * m.stderr <= m.high - m.low
        assert m.n is None or (type(m.n) is int and m.n > 0 and (m.items is None or m.n <= m.items))
        assert m.stderr is None or m.stderr >= 0
        assert m.benchmark.strip()
        assert m.metric.strip()
        for text in (m.benchmark, m.metric, m.model, m.version, m.mode, m.harness, m.source, m.partial, m.path):
            text.encode()
        if m.file.endswith(file.rpartition("/")[2]):
            assert m.score in said(m, data), m


@pytest.mark.parametrize("file", FILES)
def test_a_file_says_what_is_read_from_it(file: str) -> None:
    whole = (SAMPLES / file).parent
    measurements, _, _ = read(whole)
    for m in measurements:
        path = whole / m.file.removeprefix(f"{NAME}/")
        assert m.score in said(m, path.read_bytes())


@pytest.mark.parametrize("file", FILES)
def test_accidents_are_told_and_never_mended(file: str, tmp_path: Path) -> None:
    original = (SAMPLES / file).read_bytes()
    siblings = {} if "helm" not in file else {
        path.name: path.read_bytes() for path in (SAMPLES / file).parent.iterdir() if path.is_file()
    }  # fmt: skip
    base = Path(file).name
    for seed in range(RUNS):
        rng = random.Random(f"{file} {seed}")
        data = mutated(original, rng)
        for name, content in {**siblings, base: data}.items():
            (tmp_path / name).write_bytes(content)
        measurements, problems, inputs = read(tmp_path)
        assert f"{NAME}/{base}" in inputs or problems
        assert measurements or problems
        check(measurements, problems, base, data if base != "run_spec.json" else siblings["stats.json"])
