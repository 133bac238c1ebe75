"""Fictional rounds of any size: five reviewers to an applicant, ten criteria, every mark given, rows shuffled.

The same arguments give the same files. Nothing of size is held but one permutation of the rows, so that a round of
fifty million marks is written in less than 1 GiB.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

PER_APPLICANT, CRITERIA, STEPS = 5, 10, 20
"""Reviewers to an applicant; criteria; steps of half a point from 0 to 10."""
LEAVES = tuple(f"c{k:02d}" for k in range(CRITERIA))
CHUNK = 1 << 20

Rule = Literal["mean", "trimmed", "sheets"]
ScoreType = Literal["string", "double", "decimal"]

PANELS: dict[Rule, str] = {
    "mean": "aggregate: mean",
    "trimmed": "aggregate: trimmed_mean\n  trim: {high: 1, low: 1, from: 5}\n  level: criterion",
    "sheets": "aggregate: trimmed_mean\n  trim: {high: 1, low: 1, from: 5}\n  level: reviewer_total",
}
"""Panel rules: all marks; on each criterion without its highest and lowest mark; without whole sheets."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """Who scores whom: sheet i is of applicant i // 5; ``reviewer`` and ``quality`` have one entry a sheet."""

    reviewer: Any
    quality: Any


def write_round(folder: Path, applicants: int, rule: Rule, scores: ScoreType = "string", seed: int = 7) -> Path:
    """A round folder with its rubric, registers and scores.parquet. Returns the folder.

    ``rule`` is one of :data:`PANELS`; ``scores`` is the type of the score column.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, applicants])
    sheets = draw_sheets(rng, applicants)
    write_rubric(folder, applicants, rule)
    _write_lines(folder / "applicants.csv", "id,name", (f"{i},가상기관 {i}" for i in _ids("a", applicants)))
    _write_lines(folder / "reviewers.csv", "id,name", (f"{i},가상위원 {i}" for i in _ids("r", reviewers(applicants))))
    applicant_ids, reviewer_ids = _ids("a", applicants), _ids("r", reviewers(applicants))
    pairs = (f"{reviewer_ids[r]},{applicant_ids[i // PER_APPLICANT]}" for i, r in enumerate(sheets.reviewer.tolist()))
    _write_lines(folder / "assignments.csv", "reviewer,applicant", pairs)
    _write_scores(folder / "scores.parquet", rng, sheets, scores)
    return folder


def sibling(folder: Path, other: Path, rule: Rule, applicants: int) -> Path:
    """The same round under another panel rule: the large files are linked, not written again."""
    other.mkdir(parents=True, exist_ok=True)
    for name in ("applicants.csv", "reviewers.csv", "assignments.csv", "scores.parquet"):
        (other / name).unlink(missing_ok=True)
        os.link(folder / name, other / name)
    write_rubric(other, applicants, rule)
    return other


def reviewers(applicants: int) -> int:
    """How many reviewers a round has: one for every fifty applicants, at least ten."""
    return max(2 * PER_APPLICANT, applicants // 50)


def write_rubric(folder: Path, applicants: int, rule: Rule, more: str = "") -> None:
    """rubric.yaml and round.yaml: ten criteria of ten points, points are marks, so that a consensus is one figure.

    ``more`` are further lines of the rubric.
    """
    leaves = "".join(
        f"""  - id: {leaf}
    title: Criterion {leaf}
    points: 10
    basis: {{status: assumed, source: fictional}}
    scale: {{min: 0, max: 10, step: 0.5}}
"""
        for leaf in LEAVES
    )
    rubric = f"""schema: 1
id: bulk
version: "1"
title: A fictional programme with many applicants
criteria:
{leaves}panel:
  criteria: [{", ".join(LEAVES)}]
  {PANELS[rule]}
  order: convert_first
  quorum: 3
rounding: {{mode: half_up, consensus: null, points: null, total: 4}}
pass_mark: null
tie_break: [{LEAVES[0]}, {LEAVES[1]}]
selection: {{places: {max(1, applicants // 20)}, reserve: 5}}
method: weighted_sum
{more}"""
    (folder / "rubric.yaml").write_text(rubric, encoding="utf-8")
    told = "schema: 1\nid: bulk\ntitle: A fictional round\nrubric: rubric.yaml\nlanguage: en\n"
    (folder / "round.yaml").write_text(told + "evaluation_date: 2026-01-15\n", encoding="utf-8")


def draw_sheets(rng: np.random.Generator, applicants: int) -> Sheets:
    """Five different reviewers for each applicant, and how good the applicant is."""
    count = reviewers(applicants)
    first = rng.integers(0, count, applicants)
    stride = rng.integers(1, count // PER_APPLICANT, applicants) if count >= 2 * PER_APPLICANT + 1 else 1
    stride = np.broadcast_to(stride, applicants)
    reviewer = (first[:, None] + stride[:, None] * np.arange(PER_APPLICANT)) % count
    quality = np.repeat(rng.normal(6, 1.5, applicants).astype(np.float32), PER_APPLICANT)
    return Sheets(reviewer=reviewer.reshape(-1).astype(np.int32), quality=quality)


def _write_scores(path: Path, rng: np.random.Generator, sheets: Sheets, scores: ScoreType) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    applicants = len(sheets.reviewer) // PER_APPLICANT
    types = {"string": pa.string(), "double": pa.float64(), "decimal": pa.decimal128(4, 1)}
    texts = [f"{step / 2:g}" for step in range(STEPS + 1)]
    values = pa.array(texts if scores == "string" else [step / 2 for step in range(STEPS + 1)]).cast(types[scores])
    columns: dict[str, tuple[Any, pa.DataType]] = {
        "reviewer": (pa.array(_ids("r", reviewers(applicants))), pa.string()),
        "applicant": (pa.array(_ids("a", applicants)), pa.string()),
        "criterion": (pa.array(LEAVES), pa.string()),
        "score": (values, types[scores]),
    }
    schema = pa.schema([(name, type_) for name, (_, type_) in columns.items()])
    with pq.ParquetWriter(path, schema) as writer:
        for codes in _shuffled(rng, sheets):
            arrays = [
                words.take(pa.array(code)).cast(type_)
                for code, (words, type_) in zip(codes, columns.values(), strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))


def _shuffled(rng: np.random.Generator, sheets: Sheets) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Codes of reviewer, applicant, criterion and half points, a chunk of shuffled rows at a time."""
    rows = rng.permutation(np.arange(len(sheets.reviewer) * CRITERIA, dtype=np.int32))
    for start in range(0, len(rows), CHUNK):
        sheet, criterion = np.divmod(rows[start : start + CHUNK], CRITERIA)
        drawn = sheets.quality[sheet] + rng.normal(0, 1.2, len(sheet)).astype(np.float32)
        steps = np.clip(np.rint(2 * drawn), 0, STEPS).astype(np.int32)
        yield sheets.reviewer[sheet], sheet // PER_APPLICANT, criterion, steps


def _ids(letter: str, count: int) -> list[str]:
    width = 7 if letter == "a" else 5
    return [f"{letter}{i:0{width}d}" for i in range(count)]


def _write_lines(path: Path, heading: str, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(heading + "\n")
        file.writelines(f"{line}\n" for line in lines)
