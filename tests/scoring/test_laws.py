"""Laws of every round: names and order decide nothing, newcomers change no total, dropped marks no figure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.model.round import SCORED
from evaluator.model.rubric import Criterion, Panel, allowed_scale
from evaluator.workflow import evaluate
from tests.oracle.generate import random_case, write_case
from tests.oracle.oracle import Case
from tests.scoring.test_against_oracle import picture

SEEDS = range(100_000, 100_250)
Row = dict[str, str]


def rounds(tmp_path: Path) -> Iterator[tuple[int, Case, Evaluation]]:
    """The generated rounds without input problems, evaluated."""
    for seed in SEEDS:
        case = random_case(Random(seed))
        try:
            yield seed, case, evaluated(case, tmp_path / f"{seed}")
        except InputProblems:
            continue


def evaluated(case: Case, folder: Path) -> Evaluation:
    return evaluate(*load_round(write_case(case, folder)))


def with_tables(case: Case, tables: dict[str, list[Row]]) -> Case:
    return dataclasses.replace(case, tables=tables)


def test_renaming_and_reordering_changes_nothing(tmp_path: Path) -> None:
    compared = 0
    for seed, case, before in rounds(tmp_path):
        rng = Random(seed)
        names = {
            column: renamed(rng, [row["id"] for row in case.tables.get(f"{column}s", [])])
            for column in ("applicant", "reviewer")
        }
        tables = {stem: shuffled_rows(rng, stem, rows, names) for stem, rows in case.tables.items()}
        rubric = {**case.rubric}
        if "criteria" in rubric:
            rubric["criteria"] = shuffled_criteria(rng, rubric["criteria"])
        if "panels" in rubric:
            rubric["panels"] = rng.sample(rubric["panels"], len(rubric["panels"]))
        after = evaluated(dataclasses.replace(case, rubric=rubric, tables=tables), tmp_path / f"{seed}-renamed")
        assert renamed_picture(picture(before), names) == picture(after), f"seed {seed}"
        compared += 1
    assert compared > len(SEEDS) * 0.8


def renamed(rng: Random, ids: list[str]) -> dict[str, str]:
    return dict(zip(ids, rng.sample([f"n{i:03}" for i in range(len(ids))], len(ids)), strict=True))


def shuffled_rows(rng: Random, stem: str, rows: list[Row], names: dict[str, dict[str, str]]) -> list[Row]:
    own = stem.removesuffix("s")
    changed = []
    for row in rows:
        new = {column: names.get(column, {}).get(value, value) for column, value in row.items()}
        if own in names:
            new["id"] = names[own][row["id"]]
        changed.append(new)
    return rng.sample(changed, len(changed))


def shuffled_criteria(rng: Random, criteria: list[dict[str, Any]]) -> list[dict[str, Any]]:
    inside = [{**c, "children": shuffled_criteria(rng, c["children"])} if c.get("children") else c for c in criteria]
    return rng.sample(inside, len(inside))


def renamed_picture(before: dict[str, Any], names: dict[str, dict[str, str]]) -> dict[str, Any]:
    applicants, reviewers = names["applicant"], names["reviewer"]
    return before | {
        "applicants": {applicants[a]: s for a, s in before["applicants"].items()},
        "kept": {(reviewers[r], applicants[a], c): k for (r, a, c), k in before["kept"].items()},
        "shared": sorted(tuple(sorted(applicants[a] for a in group)) for group in before["shared"]),
        "blanks": sorted((reviewers.get(r, r), applicants[a], c) for r, a, c in before["blanks"]),
        "quorums": sorted((q[0], applicants[q[1]], *q[2:]) for q in before["quorums"]),
        "gates": sorted((applicants[a], g) for a, g in before["gates"]),
    }


def test_an_added_applicant_changes_nobodys_total_under_an_anchored_rubric(tmp_path: Path) -> None:
    compared = 0
    for seed, case, before in rounds(tmp_path):
        relative = any(c.convert and c.convert.kind == "relative_to_best" for c in before.rubric.nodes())
        if relative or not before.rankable or before.rubric.decision:
            continue
        model = Random(seed).choice(case.tables["applicants"])["id"]
        tables = {
            stem: rows + [copied(row, stem) for row in rows if model in (row.get("id"), row.get("applicant"))]
            for stem, rows in case.tables.items()
            if stem != "decisions"
        }
        alone = evaluated(
            with_tables(case, {k: v for k, v in case.tables.items() if k != "decisions"}), tmp_path / f"{seed}-alone"
        )
        together = evaluated(with_tables(case, tables), tmp_path / f"{seed}-together")
        totals = {s.applicant: (s.total, s.ranking_total) for s in together.ranking}
        assert {s.applicant: (s.total, s.ranking_total) for s in alone.ranking} == {
            a: t for a, t in totals.items() if a != "newcomer"
        }, f"seed {seed}"
        assert totals["newcomer"] == totals[model], f"seed {seed}"
        compared += 1
    assert compared > len(SEEDS) * 0.3


def copied(row: Row, stem: str) -> Row:
    return {**row, ("id" if stem == "applicants" else "applicant"): "newcomer"}


def test_a_dropped_mark_may_become_more_extreme_without_effect(tmp_path: Path) -> None:
    compared = 0
    for seed, case, before in rounds(tmp_path):
        change = more_extreme(before, Random(seed))
        if change is None:
            continue
        reviewer, applicant, criterion, score = change
        rows = [
            {**row, "score": score}
            if (row["reviewer"], row["applicant"], row["criterion"]) == (reviewer, applicant, criterion)
            else row
            for row in case.tables["scores"]
        ]
        after = evaluated(with_tables(case, {**case.tables, "scores": rows}), tmp_path / f"{seed}-extreme")
        assert picture(after) == picture(before), f"seed {seed}: {change}"
        compared += 1
    assert compared > len(SEEDS) * 0.05


def more_extreme(before: Evaluation, rng: Random) -> tuple[str, str, str, str] | None:
    """A mark that was dropped whole, with an end of its scale as new score, further out than it was."""
    table, leaves = before.marks, before.rubric.panel_leaves()
    panels = {leaf.id: p for p in before.rubric.all_panels for leaf in before.rubric.leaves_of(p)}
    rows = [i for i in range(len(table.marks)) if table.marks.state[i] == SCORED and table.kept_num[i] == 0]
    rng.shuffle(rows)
    for row in rows:
        leaf = leaves[table.marks.criterion[row]]
        panel, scale = panels[leaf.id], allowed_scale(leaf)
        if panel.aggregate != "trimmed_mean" or scale.max is None or not monotone(leaf, panel):
            continue
        side = side_dropped(before, row, panel)
        if side == 0:
            continue
        rising = scale.direction == "higher" or (panel.level == "criterion" and panel.order == "consensus_first")
        end = scale.max if (side > 0) == rising else scale.min
        if leaf.scale is not None and leaf.scale.step is not None and (end - scale.min) % leaf.scale.step:
            continue
        ids = before.reviewers[table.marks.reviewer[row]].id, before.applicants[table.marks.applicant[row]].id
        text = str(end.numerator) if end.denominator == 1 else f"{end.numerator / end.denominator:.6f}"
        if Fraction(text) == end:
            return (*ids, leaf.id, text)
    return None


def monotone(leaf: Criterion, panel: Panel) -> bool:
    """Whether a higher mark is a higher (or, in direction lower, a lower) item under the panel's order."""
    plain = leaf.convert is not None and leaf.convert.kind in {"linear", "proportional"}
    return plain or (panel.level == "criterion" and panel.order == "consensus_first")


def side_dropped(before: Evaluation, row: int, panel: Panel) -> int:
    """1 where the item of a dropped mark lies above everything kept, -1 below, 0 where it cannot be told."""
    table = before.marks
    same = table.marks.applicant == table.marks.applicant[row]
    if panel.level == "criterion":
        same &= (table.marks.criterion == table.marks.criterion[row]) & (table.kept_num > 0)
        rest = table.marks.score[same]
        leaf = before.rubric.panel_leaves()[table.marks.criterion[row]]
        falling = leaf.scale is not None and leaf.scale.direction == "lower" and panel.order == "convert_first"
        own = table.marks.score[row]
        side = 1 if own > rest.max() else -1 if own < rest.min() else 0
        return -side if falling else side
    standing = next(s for s in before.ranking if s.applicant == before.applicants[table.marks.applicant[row]].id)
    tally = next((t for t in standing.tallies if t.panel == panel.id), None)
    if tally is None:
        return 0
    own_total = next(s.total for s in tally.sheets if s.reviewer == before.reviewers[table.marks.reviewer[row]].id)
    kept = [s.total for s in tally.sheets if s.kept > 0]
    return 1 if own_total > max(kept) else -1 if own_total < min(kept) else 0
