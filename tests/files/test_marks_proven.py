"""The quick proof and the careful readers agree: on every mark where nothing is wrong, on every problem where it is."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evaluator.errors import Problem
from evaluator.files import csv_lines, load_round, marks_proven, scores_parts
from evaluator.files.checks import Reading
from evaluator.files.csv_lines import row_ends
from evaluator.files.marks import marks_in
from evaluator.files.marks_proven import proven_marks
from evaluator.files.problems import Problems
from evaluator.files.scores_parts import in_parts
from evaluator.files.sources import Source
from evaluator.model.round import Applicant, Conflict, Marks, Reviewer, Round
from evaluator.model.rubric import Rubric
from evaluator.scoring.marks import settle_marks
from tests.files.cases import ACCEPT

Row = dict[str, str]
SEEDS = range(150)
NEVER = 1 << 60
TEXTS = (pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string()))
FAULTS: tuple[Callable[[Random, list[Row], Row], None], ...] = (
    lambda rng, rows, row: row.update(applicant=rng.choice(["a99", "", " a0", "A0", "a0\x07"])),
    lambda rng, rows, row: row.update(reviewer=rng.choice(["r99", "", "r0 "])),
    lambda rng, rows, row: row.update(criterion=rng.choice(["", "technology", "price", "plam"])),
    lambda rng, rows, row: row.update(
        score=rng.choice(["77", "-1", "1.25", "1e3", "1,000", "nan", "x", " 1", "0.1234567"])
    ),
    lambda rng, rows, row: row.update(state=rng.choice(["scored", "abstained", "recused", "gone", " "])),
    lambda rng, rows, row: row.update(score=""),
    lambda rng, rows, row: row.update(
        comment=rng.choice(["\x07", "x" * 5_000, "two\nlines", "two\r\nlines", "two\rlines", " blank ", "\u200b"])
    ),
    lambda rng, rows, row: rows.append(dict(row)),
    lambda rng, rows, row: rows.remove(row),
)


@dataclasses.dataclass
class Told:
    """A round's tables as they are known when its marks are read."""

    rubric: Rubric
    applicants: list[str]
    reviewers: dict[str, str]
    assigned: list[tuple[int, int]] | None
    conflicts: tuple[Conflict, ...]
    rows: list[Row]

    def reading(self) -> Reading:
        return Reading(
            found=Problems(),
            rubric=self.rubric,
            applicants={id_: i for i, id_ in enumerate(self.applicants)},
            reviewers={id_: i for i, id_ in enumerate(self.reviewers)},
            reviewer_panels=list(self.reviewers.values()),
            assigned=None if self.assigned is None else np.array(self.assigned, np.int32).reshape(-1, 2),
            conflicts=self.conflicts,
        )


def random_told(rng: Random, rubric: Rubric, faults: int) -> Told:
    """A whole set of marks in any order, some of them missing or in another state, with some faults."""
    panels = {panel.id: rubric.leaves_of(panel) for panel in rubric.all_panels}
    applicants = [f"a{i}" for i in rng.sample(range(9), rng.randint(1, 6))]
    reviewers = {f"r{i}": rng.choice(list(panels)) for i in rng.sample(range(9), rng.randint(1, 5))}
    everybody = [(a, r) for a in range(len(applicants)) for r in range(len(reviewers))]
    assigned = None if rng.random() < 0.3 else rng.sample(everybody, rng.randint(1, len(everybody)))
    away = [(a, r) for a, r in assigned or everybody if rng.random() < 0.1]
    conflicts = [(applicants[a], list(reviewers)[r]) for a, r in away]
    if rng.random() < 0.1:
        conflicts.append(("*", rng.choice(list(reviewers))))
    plain = rng.random() < 0.4
    rows = []
    for a, r in assigned or everybody:
        reviewer, panel = list(reviewers.items())[r]
        recused = not plain and ((applicants[a], reviewer) in conflicts or ("*", reviewer) in conflicts)
        for leaf in panels[panel]:
            row = {"reviewer": reviewer, "applicant": applicants[a], "criterion": leaf.id, "score": "", "state": ""}
            row["comment"] = rng.choice(["좋음", "fine, good", 'so-called "best"']) if rng.random() < 0.1 else ""
            if recused:
                row["state"] = rng.choice(["recused", ""])
            elif plain or rng.random() < 0.8:
                row["score"] = rng.choice(["1", "2", "3", "3.0"]) if leaf.levels else rng.choice(["1", "2", "5", "4.0"])
            elif rng.random() < 0.5:
                row["state"] = "abstained"
            elif rng.random() < 0.5:
                continue
            rows.append(row)
    rng.shuffle(rows)
    for _ in range(faults if rows else 0):
        if rows:
            rng.choice(FAULTS)(rng, rows, rng.choice(rows))
    known = tuple(Conflict(reviewer=r, applicant=a, kind="x", reason="x") for a, r in ([] if plain else conflicts))
    return Told(rubric, applicants, reviewers, assigned, known, rows)


def names_of(rng: Random, rows: list[Row]) -> list[str]:
    optional = [name for name in ("state", "comment") if any(row[name] for row in rows) or rng.random() < 0.5]
    return rng.sample(["reviewer", "applicant", "criterion", "score", *optional], 4 + len(optional))


def as_csv(rng: Random, rows: list[Row]) -> bytes:
    names = names_of(rng, rows)
    file = io.StringIO(newline="")
    ending = rng.choice(["\n", "\n", "\r\n"])
    everything = rng.random() < 0.3
    writer = csv.writer(file, lineterminator=ending, quoting=csv.QUOTE_ALL if everything else csv.QUOTE_MINIMAL)
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    text = file.getvalue().encode()
    return (b"\xef\xbb\xbf" if rng.random() < 0.2 else b"") + (text if rng.random() < 0.8 else text.rstrip(b"\r\n"))


def as_parquet(rng: Random, rows: list[Row]) -> bytes:
    names = names_of(rng, rows)
    columns: dict[str, Any] = {}
    for name in names:
        texts = [row[name] if row[name] or rng.random() < 0.5 else None for row in rows]
        columns[name] = pa.array(texts, pa.string()).cast(rng.choice(TEXTS))
    numbers = [row["score"] for row in rows]
    if all(text == "" or text in {"1", "2", "3", "5"} for text in numbers) or rng.random() < 0.3:
        columns["score"] = numeric(rng, numbers) or columns["score"]
    target = io.BytesIO()
    size = rng.choice([1, 5, 1_000_000])
    pq.write_table(pa.table(columns), target, row_group_size=size, use_dictionary=rng.random() < 0.7)
    return target.getvalue()


def numeric(rng: Random, texts: list[str]) -> Any:
    kind = rng.choice([pa.int8(), pa.uint64(), pa.float64(), pa.decimal128(9, 3), pa.decimal256(40, 1)])
    try:
        return pa.array([Decimal(text) if text else None for text in texts]).cast(kind)
    except (ArithmeticError, pa.ArrowException):
        return None


def read(told: Told, name: str, data: bytes, least: int, patch: pytest.MonkeyPatch) -> tuple[Marks | None, Reading]:
    patch.setattr(scores_parts, "MANY", least)
    reading, source = told.reading(), Source(name, data, "")
    with in_parts(source) as parts:
        return marks_in(source, parts, reading), reading


def proof(told: Told, name: str, data: bytes) -> Marks | None:
    with in_parts(Source(name, data, "")) as parts:
        return None if parts is None else proven_marks(parts, told.reading())


def settled(told: Told, base: Round, read_marks: Marks) -> list[tuple[object, ...]]:
    round_ = dataclasses.replace(
        base,
        applicants=tuple(Applicant(id=id_, name="") for id_ in told.applicants),
        reviewers=tuple(Reviewer(id=id_, panel=panel) for id_, panel in told.reviewers.items()),
        assigned=told.reading().assigned,
        conflicts=told.conflicts,
        marks=read_marks,
    )
    done = settle_marks(told.rubric, round_, np.ones(len(told.applicants), np.bool_))
    columns = (done.applicant, done.reviewer, done.criterion, done.state, done.score)
    kinds = tuple(column.dtype for column in columns)
    return [(kinds, done.decimals, done.comments), *zip(*(column.tolist() for column in columns), strict=True)]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Parts of a few rows, so that small tables have several."""
    monkeypatch.setattr(scores_parts, "ROWS", 7)
    monkeypatch.setattr(scores_parts, "_CSV_BYTES", 150)
    monkeypatch.setattr(marks_proven, "_AT_A_TIME", 5)
    return monkeypatch


@pytest.mark.parametrize("written", [("scores.csv", as_csv), ("scores.parquet", as_parquet)])
@pytest.mark.parametrize("name", ["small", "two-panels"])
def test_proof_and_careful_reading_agree(
    name: str, written: tuple[str, Callable[[Random, list[Row]], bytes]], small_parts: pytest.MonkeyPatch
) -> None:
    rubric, base = load_round(ACCEPT / name)
    file, write = written
    proved = refused = 0
    for seed in SEEDS:
        rng = Random(f"{name} {file} {seed}")
        told = random_told(rng, rubric, faults=rng.choice([0, 0, 1, 2]))
        data = write(rng, told.rows)
        slow, careful = read(told, file, data, NEVER, small_parts)
        quick, reading = read(told, file, data, 0, small_parts)
        assert reading.found.listed() == careful.found.listed(), f"seed {seed}"
        assert sorted(map(shown, reading.warnings)) == sorted(map(shown, careful.warnings)), f"seed {seed}"
        proven = proof(told, file, data)
        if careful.found or careful.warnings:
            assert proven is None, f"seed {seed}"
            refused += 1
            continue
        assert slow is not None
        assert quick is not None
        assert settled(told, base, quick) == settled(told, base, slow), f"seed {seed}"
        proved += proven is not None
    assert proved > len(SEEDS) / 4
    assert refused > len(SEEDS) / 5


def shown(problem: Problem) -> str:
    return repr(problem)


def test_what_is_right_is_proved(small_parts: pytest.MonkeyPatch) -> None:
    """The careful readers are not asked where nothing is unusual, whatever the types of the columns."""
    rubric, _ = load_round(ACCEPT / "small")
    for seed in range(60):
        rng = Random(seed)
        told = random_told(rng, rubric, faults=0)
        if told.rows and not told.conflicts:
            for file, write in (("scores.csv", as_csv), ("scores.parquet", as_parquet)):
                small_parts.setattr(scores_parts, "MANY", 0)
                assert proof(told, file, write(rng, told.rows)) is not None, f"seed {seed} {file}"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('a,b\n"x",1\n', True),
        ('a,b\n"x ""y"" z","1\n2"\n', True),
        ('a,b\n"","""', False),
        ('a,b\n"""x""",""\n', True),
        ('a,b\n5" disk,6" disk\n', False),
        ('a,b\n"x" ,1\n', False),
        ('a,b\n "x",1\n', False),
        ('a,b\n"x"y","z"\n', False),
        ('a,b\n"x\n', False),
        ('a,b\n1,"x"', True),
        ("a,b\n1,2\n", True),
    ],
)
@pytest.mark.parametrize("at_a_time", [1, 2, 3, 100])
def test_quotes_that_every_reader_of_csv_understands_alike(
    text: str, at_a_time: int, monkeypatch: pytest.MonkeyPatch, *, plain: bool
) -> None:
    monkeypatch.setattr(csv_lines, "_BYTES_AT_A_TIME", at_a_time)
    assert (row_ends(text.encode(), 4) is not None) == plain


@pytest.mark.parametrize("at_a_time", [1, 2, 5, 100])
def test_rows_are_cut_at_their_ends_only(at_a_time: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_lines, "_BYTES_AT_A_TIME", at_a_time)
    monkeypatch.setattr(scores_parts, "_CSV_BYTES", 1)
    text = b'h\n"a\nb",1\nc,"d\n""\n"\ne,2\n'
    ends = scores_parts.cuts(text, 0, 2)
    assert ends is not None
    assert [text[begin:end] for begin, end in zip([2, *ends], [*ends, len(text)], strict=True)] == [
        b'"a\nb",1\n',
        b'c,"d\n""\n"\n',
        b"e,2\n",
        b"",
    ]
