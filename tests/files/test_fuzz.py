"""Whatever happens to a folder: it is read, or every problem is told; and what is read is what the files say."""

from __future__ import annotations

import copy
import csv
import json
import os
import random
import shutil
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from evaluator.errors import InputProblems, render
from evaluator.files import load_round, round_language
from evaluator.model.numbers import show
from evaluator.model.round import ABSTAINED, BLANK, RECUSED, SCORED, Round
from evaluator.model.rubric import Rubric
from evaluator.resources import message_catalogue
from tests.files.cases import ACCEPT

FOLDERS = ("small", "two-panels", "vote", "odd")
RUNS = int(os.environ.get("FUZZ_RUNS", "40"))
SCRAPS = (
    b"", b",", b'"', b"\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b" ", b"\t", b":", b"-", b"{", b"}", b"[", b"]",
    b"&a", b"*a", b"|", b">", b"#", b"!!int", b"null", b"~", b"true", b"NaN", b"1e5", b"-1", b"0", b"012", b"1,000",
    b"99999999999999999999", b"0.0000001", b"a1", b"r1", b"north", b"decision", b"*", b"=1+1", b"points", b"children",
    b"include", b"rubric.yaml", b"..", b"/", b"\\", "가".encode(), "가".encode("cp949"), b"\xe2\x80\xae", b"%YAML 1.1",
    b"---\n", b"<<", b"? ", b"2026-02-30", b"yes", b"abstained", b"recused", b"withdrawn", b"60%", b"2/3", b">1/2",
)  # fmt: skip


def break_something(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """One small accident in a file's bytes."""
    lines = data.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    at, to = rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)

    def cells(change: Callable[[list[bytes]], None]) -> bytes:
        fields = lines[i].split(b",")
        change(fields)
        return b"\n".join([*lines[:i], b",".join(fields), *lines[i + 1 :]])

    def put(fields: list[bytes]) -> None:
        fields[rng.randrange(len(fields))] = rng.choice(SCRAPS)

    def swap(fields: list[bytes]) -> None:
        a, b = rng.randrange(len(fields)), rng.randrange(len(fields))
        fields[a], fields[b] = fields[b], fields[a]

    def shorten(fields: list[bytes]) -> None:
        del fields[-1]

    def indent() -> bytes:
        return b"\n".join([*lines[:i], b"  " + lines[i], *lines[i + 1 :]])

    accidents: list[Callable[[], bytes]] = [
        lambda: data[:at],
        lambda: data[:at] + rng.choice(SCRAPS) + data[at:],
        lambda: data[: min(at, to)] + data[max(at, to) :] if abs(at - to) < 30 else data[:at] + data[at + 3 :],
        lambda: data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
        lambda: b"\n".join(lines[:i] + lines[i + 1 :]),
        lambda: b"\n".join([*lines[:i], lines[j], *lines[i:]]),
        lambda: b"\n".join(
            [*lines[: min(i, j)], lines[max(i, j)], *lines[min(i, j) + 1 : max(i, j)], lines[min(i, j)]]
        ),
        lambda: cells(put),
        lambda: cells(put),
        lambda: cells(swap),
        lambda: cells(lambda fields: fields.append(rng.choice(SCRAPS))),
        lambda: cells(shorten),
        indent,
        lambda: data.replace(b"\n", b"\r\n"),
        lambda: data + other,
        lambda: other,
    ]
    return rng.choice(accidents)()


def mutated(base: str, seed: int, parent: Path) -> Path:
    rng = random.Random(f"{base} {seed}")
    folder = parent / "round"
    shutil.copytree(ACCEPT / base, folder)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        files = sorted(path for path in folder.iterdir() if path.is_file())
        path, other = rng.choice(files), rng.choice(files)
        fate = rng.random()
        if fate < 0.03 and len(files) > 1:
            path.unlink()
        elif fate < 0.06:
            path.rename(path.with_name(rng.choice(["score.csv", "x.yaml", "office.csv", "round.yaml"])))
        else:
            path.write_bytes(break_something(path.read_bytes(), other.read_bytes(), rng))
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    """A table as the csv module of the standard library reads it; blank lines are no rows."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = [record for record in csv.reader(file, strict=True) if record]
    header = records[0]
    return [dict(zip(header, record, strict=True)) for record in records[1:]]


def same_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def points_in(criteria: list[dict[str, Any]]) -> list[tuple[str, Fraction]]:
    """The ids and points of the leaves of a rubric file without includes, as another reader of YAML has them."""
    found = []
    for node in criteria:
        below = points_in(node.get("children") or [])
        found += below or [(node["id"], Fraction(str(node["points"])))]
    return found


def check_nothing_was_repaired(folder: Path, rubric: Rubric, round_: Round) -> None:
    """The round's content equals the cells of its files, read by another program."""
    applicants, reviewers = rows_of(folder / "applicants.csv"), rows_of(folder / "reviewers.csv")
    assert [(a.id, a.name) for a in round_.applicants] == [(row["id"], row["name"]) for row in applicants]
    assert [a.withdrawn for a in round_.applicants] == [row.get("status") == "withdrawn" for row in applicants]
    assert [(r.id, r.name) for r in round_.reviewers] == [(row["id"], row["name"]) for row in reviewers]
    if (folder / "rubric.yaml").exists():
        told_rubric = YAML(typ="safe", pure=True).load(folder / "rubric.yaml")
        if "include" not in str(told_rubric):
            criteria = told_rubric.get("criteria") or []
            assert [(leaf.id, leaf.points) for leaf in rubric.leaves()] == points_in(criteria)
    marks, leaves = round_.marks, rubric.panel_leaves()
    states = {"scored": SCORED, "abstained": ABSTAINED, "recused": RECUSED}
    told = [
        (
            row["reviewer"],
            row["applicant"],
            row["criterion"],
            states.get(row.get("state", ""), SCORED if row["score"] else BLANK),
            Fraction(row["score"] or 0),
        )
        for row in rows_of(folder / "scores.csv")
    ]
    read = [
        (
            round_.reviewers[marks.reviewer[i]].id,
            round_.applicants[marks.applicant[i]].id,
            leaves[marks.criterion[i]].id,
            marks.state[i],
            Fraction(int(marks.score[i]), 10**marks.decimals),
        )
        for i in range(len(marks))
    ]
    assert read == told
    comments = [(i, row.get("comment", "")) for i, row in enumerate(rows_of(folder / "scores.csv"))]
    assert list(marks.comments) == [(i, same_newlines(text)) for i, text in comments if text]
    office = [row for row in rows_of(folder / "office.csv") if row["score"]]
    assert [(f.applicant, f.criterion, f.score) for f in round_.office] == [
        (row["applicant"], row["criterion"], Fraction(row["score"])) for row in office
    ]
    adjustments = rows_of(folder / "adjustments.csv")
    assert [(a.applicant, a.kind, a.points) for a in round_.adjustments] == [
        (row["applicant"], row["kind"], Fraction(row["points"])) for row in adjustments
    ]
    tables = {
        "conflicts.csv": round_.conflicts,
        "gates.csv": round_.gates,
        "decisions.csv": round_.decisions,
        "opinions.csv": round_.opinions,
        "votes.csv": round_.ballots,
    }
    for name, entries in tables.items():
        rows = rows_of(folder / name)
        assert len(entries) == len(rows), name
        for entry, row in zip(entries, rows, strict=True):
            assert {key: getattr(entry, key) for key in row} == {k: same_newlines(v) for k, v in row.items()}
    if round_.assigned is not None:
        pairs = [(round_.applicants[a].id, round_.reviewers[r].id) for a, r in round_.assigned]
        assert pairs == [(row["applicant"], row["reviewer"]) for row in rows_of(folder / "assignments.csv")]


@pytest.mark.parametrize("base", FOLDERS)
def test_valid_folders_say_what_their_files_say(base: str) -> None:
    check_nothing_was_repaired(ACCEPT / base, *load_round(ACCEPT / base))


@pytest.mark.parametrize("base", FOLDERS)
def test_accidents_are_told_and_never_mended(base: str, tmp_path: Path) -> None:
    catalogue = message_catalogue("problems", "ko")
    read = 0
    for seed in range(RUNS):
        folder = mutated(base, seed, tmp_path / str(seed))
        round_language(folder)
        try:
            rubric, round_ = load_round(folder)
        except InputProblems as error:
            for problem in error.problems:
                assert render(problem, catalogue)[0]
        else:
            read += 1
            check_nothing_was_repaired(folder, rubric, round_)
            assert all(show(leaf.points) for leaf in rubric.leaves())
        shutil.rmtree(tmp_path / str(seed))
    assert 0 < read < RUNS


VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1, 2, 100, "0.5", "60%", "1/3", "", "a", "decision", "quality", "reach", "rubric.yaml", "office",
    "panel", "global-performance", [], {}, [1, 2], {"ko": "가"}, {"min": 0, "max": 5}, {"min": 5, "max": 0, "step": 0},
    {"kind": "relative_to_best"}, {"kind": "grades", "grades": {"0": 0}}, {"kind": "target", "at": 0},
    {"kind": "vote", "quorum": 1, "majority": ">1", "places": 1}, [{"value": 1, "title": "x"}], {"high": 0, "low": 0},
    "median", "criterion", "consensus_first", "lower", [{"id": "quality", "title": "x", "points": 5}],
)  # fmt: skip
KEYS = ("of", "include", "children", "levels", "scale", "convert", "threshold", "source", "ranking_weight", "panels",
        "decision", "criteria", "order", "level", "aggregate", "trim", "zzz")  # fmt: skip


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    keys: Iterable[Any] = ()
    if isinstance(node, dict):
        keys = list(node)
    elif isinstance(node, list):
        keys = range(len(node))
    return [place for key in keys for place in [(node, key), *places(node[key])]]


def rearrange(document: Any, rng: random.Random) -> None:
    """One small accident in the structure of a document."""
    spots = places(document)
    if not spots:
        return
    holder, key = rng.choice(spots)
    fate = rng.randrange(4)
    if fate == 0:
        del holder[key]
    elif fate == 1:
        holder[key] = copy.deepcopy(rng.choice(VALUES))
    elif fate == 2 and isinstance(holder, dict):
        holder[rng.choice(KEYS)] = copy.deepcopy(rng.choice(VALUES))
    else:
        other, at = rng.choice(spots)
        if isinstance(other, dict) or at < len(other):
            holder[key] = copy.deepcopy(other[at])


@pytest.mark.parametrize("base", ["small", "two-panels", "vote"])
def test_rearranged_rubrics_are_told_and_never_mended(base: str, tmp_path: Path) -> None:
    catalogue = message_catalogue("problems", "en")
    folder = tmp_path / "round"
    shutil.copytree(ACCEPT / base, folder)
    original = YAML(typ="safe", pure=True).load(folder / "rubric.yaml")
    for seed in range(RUNS * 2):
        rng = random.Random(f"{base} {seed}")
        document = copy.deepcopy(original)
        for _ in range(rng.choice([1, 1, 2, 4])):
            rearrange(document, rng)
        (folder / "rubric.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        try:
            rubric, round_ = load_round(folder)
        except InputProblems as error:
            for problem in error.problems:
                assert render(problem, catalogue)[0]
        else:
            check_nothing_was_repaired(folder, rubric, round_)


def test_damaged_parquet_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "round"
    shutil.copytree(ACCEPT / "small", folder)
    rows = rows_of(folder / "scores.csv")
    (folder / "scores.csv").unlink()
    pq.write_table(pa.table({key: [row[key] for row in rows] for key in rows[0]}), folder / "scores.parquet")
    whole = (folder / "scores.parquet").read_bytes()
    for seed in range(RUNS * 2):
        rng = random.Random(seed)
        data = bytearray(whole)
        for _ in range(rng.choice([1, 2, 5])):
            data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        (folder / "scores.parquet").write_bytes(data)
        try:
            load_round(folder)
        except InputProblems as error:
            files = {problem.file for problem in error.problems}
        else:
            files = {"scores.parquet"}
        assert files == {"scores.parquet"}
