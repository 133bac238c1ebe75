"""docs/performance.md: its worked example, its codes and its tables are what the program gives."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.coverage import (
    COUNTS,
    FORMULAS,
    LEADS,
    SITUATIONS,
    SIZES,
    cell,
    selected_cell,
    simulate,
    simulate_selected,
)
from evaluator.evidence.doubts import OVERALL, WITHHELD
from evaluator.model.numbers import show
from tests.evidence.scores import benchmark, derive_one, evidence, reference, rule
from tests.evidence.test_performance_oracle import WHY

F = Fraction
PAGE = (Path(__file__).parent.parent.parent / "docs/performance.md").read_text("utf-8")
ROWS = [[part.strip() for part in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]


def test_the_worked_example() -> None:
    outcome = derive_one(
        rule([benchmark("x", chance=F(25)), benchmark("y")]),
        evidence({"x": (70, 400), "y": (60, 400)}),
        reference("r", {"x": (85, 400), "y": (55, 400)}),
    )
    figures = [show(a.ratio, 4) for a in outcome.alternatives if a.policy == "best_single" and a.ratio]
    printed = re.findall(
        r"^- (?:ratio of means|mean of ratios|mean of ratios, cap 1|geometric): .* = ([0-9.]+)$", PAGE, re.MULTILINE
    )
    assert printed == figures == ["0.8889", "0.9205", "0.8750", "0.9045"]
    assert outcome.low is not None and outcome.high is not None and outcome.probability is not None
    assert f"from {show(outcome.low)} to {show(outcome.high)}" in PAGE
    assert f"standard errors: {float(outcome.probability):.3f}." in PAGE


def test_every_code_is_explained() -> None:
    rows = "\n".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
    explained = re.findall(r"`(\w+)`", rows)
    formulas = ["ratio_of_means", "mean_of_ratios", "geometric"]
    assert explained == [*formulas, *WITHHELD, *explained[-len(OVERALL) :]]
    assert sorted(explained[-len(OVERALL) :]) == sorted(OVERALL)
    reasons = PAGE.partition("Why there is no ratio:")[2].partition("\n")[0]
    assert set(re.findall(r"`(\w+)`", reasons)) == WHY


def test_the_tables_of_coverage_are_what_is_simulated() -> None:
    lines = [cells for cells in ROWS if cells[1] in SITUATIONS]
    wanted = [(title, situation) for title, _, _ in FORMULAS for situation in SITUATIONS]
    assert [tuple(line[:2]) for line in lines] == wanted * 2
    inside, misled = lines[: len(wanted)], lines[len(wanted) :]
    for row in (0, 8, 15, 24, 34):
        title, situation = wanted[row]
        _, formula, cap = next(f for f in FORMULAS if f[0] == title)
        column = row % len(SIZES)
        found = [simulate(situation, formula, cap, SIZES[column], count) for count in COUNTS]
        assert inside[row][2 + column] == cell(found, lambda f: f.inside)
        assert misled[row][2 + column] == cell(found, lambda f: max(f.met, f.not_met))
    large = [int(n) for line in inside for part in line[3:] for n in re.findall(r"\d+", part)]
    small = [int(n) for line in inside for n in re.findall(r"\d+", line[2])]
    assert (min(small), min(large)) == (86, 88)


def test_the_table_of_chosen_references_is_what_is_simulated() -> None:
    rows = [cells for cells in ROWS if cells[0] in {"best_single", "envelope"}]
    assert [cells[:2] for cells in rows] == [[p, str(lead)] for p in ("best_single", "envelope") for lead in LEADS]
    for policy, lead, one, ten in (rows[0], rows[8]):
        found = [selected_cell(simulate_selected(policy, int(lead), 198, count)) for count in (1, 10)]
        assert [one, ten] == found
    # what is said below it: faults in a hundred runs
    now = [tuple(map(int, re.findall(r"/ (\d+) \(", cell_))) for cells in rows for cell_ in cells[2:]]
    assert (max(missed for missed, _ in now), max(misled for _, misled in now)) == (10, 11)


def test_the_table_of_equals_under_a_cap_is_what_is_computed() -> None:
    start = next(i for i, cells in enumerate(ROWS) if cells[0] == "formula, cap 1")
    for formula, points, n, _, computed, _ in ROWS[start + 1 : start + 7]:
        shares = points.split(", ")
        scores: dict[str, Any] = {f"b{i}": (60, int(n)) for i in range(len(shares))}
        ruled = rule(
            [benchmark(b, points=F(p)) for b, p in zip(scores, shares, strict=True)],
            formula=formula.replace(" ", "_"),
            cap="1",
        )
        found = derive_one(ruled, evidence(scores), reference("r", scores)).equal_passes
        assert found is not None and f"{float(found):.2f}" == computed
