"""One published table, five formulas, five figures: the formula decides on which side of 95 % a figure falls.

The figures are self-reported and quoted from one table: they check arithmetic, and nobody is judged by them.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from evaluator.model.numbers import show
from evaluator.model.performance import PerformanceDerivation
from tests.evidence.scores import benchmark, derive_one, evidence, reference, rule

TABLE = Path(__file__).parent.parent / "data/k_exaone.csv"
OWN, OTHER = "K-EXAONE (Reasoning)", "DeepSeek-V3.2 (Reasoning)"
SINGLE: dict[tuple[Any, ...], str] = {
    ("ratio_of_means", None): "0.953",
    ("mean_of_ratios", None): "0.931",
    ("mean_of_ratios", 1): "0.911",
    ("geometric", None): "0.916",
}


def derived(**rules: Any) -> PerformanceDerivation:
    rows = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
    columns = {
        model: {row["benchmark"]: row[model] for row in rows if row[model]}
        for model in rows[0]
        if model not in {"benchmark", "source"}
    }
    # the names in the table are no ids
    ids = {row["benchmark"]: f"b{i}" for i, row in enumerate(rows)}
    scores = {model: {ids[b]: score for b, score in column.items()} for model, column in columns.items()}
    assert len(ids) == 27
    return derive_one(
        rule((benchmark(id) for id in ids.values()), policy="named_target", round=3, **rules),
        evidence(scores.pop(OWN), target=OTHER),
        *(reference(model, column) for model, column in scores.items()),
    )


@pytest.mark.parametrize(("formula", "cap"), SINGLE)
def test_the_declared_formula(formula: str, cap: int | None) -> None:
    assert derived(formula=formula, cap=cap).ratio == Fraction(SINGLE[formula, cap])


def test_every_alternative_is_beside_it() -> None:
    outcome = derived()
    shown: dict[tuple[Any, ...], str | None] = {
        (a.policy, a.formula, a.cap): show(a.ratio) if a.ratio else None for a in outcome.alternatives
    }
    # the other models of the table lack a result, so the best single one is the one that was named
    for key, expected in SINGLE.items():
        assert shown["named_target", *key] == shown["best_single", *key] == expected
    assert shown["envelope", "mean_of_ratios", None] == "0.897"
    assert len(shown) == 12
    assert [a.ratio for a in outcome.alternatives if a.declared] == [outcome.ratio]


def test_no_probability_without_sample_sizes() -> None:
    outcome = derived()
    assert {"no_sample_size", "no_reference_sample_size"} <= set(outcome.withheld)
    assert outcome.probability is outcome.low is outcome.high is outcome.equal_passes is None
