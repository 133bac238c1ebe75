"""What the derivation of performance costs for 1,000 applicants on 30 benchmarks, beside what one would do without it.

The derivation gives the ratio under every formula and reference policy, exactly, with flags, interval, probability and
how often an equal would pass. Beside it: one formula in floating point over a long table (pandas), the same over arrays
(numpy), and the probability by drawing 10,000 times from the posteriors, for some of the applicants.
"""

from __future__ import annotations

import datetime
import sys
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks._child import Lap, Work
from benchmarks._harness import Contestant, contest, measure
from benchmarks._results import Section
from evaluator.evidence.performance import derive_performance
from evaluator.model.performance import (
    Aggregation,
    Benchmark,
    BenchmarkScale,
    Measurement,
    PerformanceEvidence,
    PerformanceRule,
    ReferenceModel,
    Result,
    VerdictRule,
)
from evaluator.model.rubric import Criterion

if TYPE_CHECKING:
    import pandas as pd

APPLICANTS, BENCHMARKS, REFERENCES, ITEMS = 1_000, 30, 5, 500
DRAWS, DRAWN = 10_000, 20


def results(solved: list[int], model: str) -> tuple[Result, ...]:
    """A result on each benchmark, from the items solved of each."""
    return tuple(
        Result(
            benchmark=f"b{i}",
            score=Fraction(k, ITEMS),
            n=ITEMS,
            measurement=Measurement(
                benchmark=f"b{i}",
                metric="acc",
                model=model,
                score=Fraction(k, ITEMS),
                harness="harness",
                harness_version="1",
                measured_by="agency",
                file="results.json",
                sha256="0" * 64,
            ),
        )
        for i, k in enumerate(solved)
    )


def drawn_models() -> tuple[np.ndarray, np.ndarray]:
    """Items solved by the applicants and by the references on each benchmark."""
    rng = np.random.default_rng(1)
    own = rng.integers(ITEMS // 3, ITEMS, (APPLICANTS, BENCHMARKS))
    return own, rng.integers(ITEMS // 2, ITEMS, (REFERENCES, BENCHMARKS))


def derivation() -> Work:
    """What the product does."""
    own, other = drawn_models()
    rule = PerformanceRule(
        benchmarks=tuple(
            Benchmark(id=f"b{i}", title="b", metric="acc", scale=BenchmarkScale(min=Fraction(0), max=Fraction(1)))
            for i in range(BENCHMARKS)
        ),
        aggregation=Aggregation(cap=Fraction(1)),
        verdict=VerdictRule(target=Fraction(95, 100)),
    )
    leaf = Criterion(id="c", title="c", points=Fraction(10), performance=rule)
    evidence = [
        PerformanceEvidence(applicant=f"a{i}", criterion="c", model="m", target="r0", results=results(row, "m"))
        for i, row in enumerate(own.tolist())
    ]
    references = [
        ReferenceModel(criterion="c", model=f"r{i}", released=datetime.date(2025, 6, 1), results=results(row, f"r{i}"))
        for i, row in enumerate(other.tolist())
    ]
    return Work(lambda _: derive_performance(leaf, evidence, references), lambda _: {})


def in_numpy() -> Work:
    """One formula over arrays."""
    own, other = drawn_models()
    a, b = own / ITEMS, other[other.mean(-1).argmax()] / ITEMS
    return Work(lambda _: np.minimum(a / b, 1).mean(-1), lambda found: {"value": found})


def in_pandas() -> Work:
    """Merge, divide, group and average, as one would with a long table."""
    import pandas as pd

    own, other = drawn_models()
    rows, columns = np.indices(own.shape)
    long = pd.DataFrame({"applicant": rows.ravel(), "benchmark": columns.ravel(), "score": own.ravel() / ITEMS})
    best = pd.DataFrame({"benchmark": range(BENCHMARKS), "other": other[other.mean(-1).argmax()] / ITEMS})

    def work(_: Lap) -> pd.Series:
        joined = long.merge(best, on="benchmark")
        return joined.assign(ratio=(joined.score / joined.other).clip(upper=1)).groupby("applicant").ratio.mean()

    return Work(work, lambda found: {"value": found.to_numpy()})


def by_drawing() -> Work:
    """The probability of the target for some applicants, from draws of both sides' posteriors."""
    own, other = drawn_models()
    b = other[other.mean(-1).argmax()]
    rng = np.random.default_rng(2)

    def work(_: Lap) -> object:
        x = rng.beta(own[:DRAWN, :, None] + 0.5, ITEMS - own[:DRAWN, :, None] + 0.5, (DRAWN, BENCHMARKS, DRAWS))
        y = rng.beta(b[None, :, None] + 0.5, ITEMS - b[None, :, None] + 0.5, x.shape)
        return (np.minimum(x / y, 1).mean(1) >= 0.95).mean(-1)

    return Work(work, lambda _: {})


def table(runs: int) -> Section:
    """The derivation beside what gives less."""
    everything = "Evaluator, every formula, exact"
    plans = {
        everything: Contestant(name=everything, target="benchmarks.evidence:derivation", compared=False),
        "pandas": Contestant(name="pandas, one formula", target="benchmarks.evidence:in_pandas"),
        "numpy": Contestant(name="numpy, one formula", target="benchmarks.evidence:in_numpy"),
        "draws": Contestant(
            name=f"numpy, {DRAWS:,} draws, {DRAWN} applicants",
            target="benchmarks.evidence:by_drawing",
            repeats=1,
            runs=1,
            compared=False,
        ),
    }
    title = f"{APPLICANTS:,} applicants on {BENCHMARKS} benchmarks: derivation of performance"
    section = contest(title, list(plans.values()), runs=runs, base=everything)
    section.notes = [
        f"The draws are for {DRAWN} applicants only: for all it would be {APPLICANTS // DRAWN} times as long."
    ]
    return section


if __name__ == "__main__":
    sys.exit(measure("evidence", {"evidence": partial(table, 3)}))
