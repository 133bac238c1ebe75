"""What the derivation of performance costs for 1,000 applicants on 30 benchmarks, beside what one would do without it.

The derivation gives the ratio under every formula and reference policy, exactly, with flags, interval, probability and
how often an equal would pass. Beside it: one formula in floating point over a long table (pandas, where it is
installed), the same over arrays (numpy), and the probability by drawing 10,000 times from the posteriors (for some
applicants, the time scaled up). CPU seconds of one core, medians, and each as a multiple of the derivation's.
"""

from __future__ import annotations

import datetime
import os
import platform
import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

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

APPLICANTS, BENCHMARKS, REFERENCES, ITEMS = 1_000, 30, 5, 500
DRAWS, DRAWN = 10_000, 20


def timed(work: Callable[[], object], runs: int) -> float:
    """Median CPU seconds."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


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


def main() -> None:
    """Print the table."""
    print(f"{processor()}, {os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}")
    rng = np.random.default_rng(1)
    own = rng.integers(ITEMS // 3, ITEMS, (APPLICANTS, BENCHMARKS))
    other = rng.integers(ITEMS // 2, ITEMS, (REFERENCES, BENCHMARKS))
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
    base = timed(lambda: derive_performance(leaf, evidence, references), 3)
    plans = [("evaluator, everything, exact", base)]
    if table := pandas_table(own, other):
        plans.append(("pandas, one formula", timed(table, 3)))
    a, b = own / ITEMS, other[other.mean(-1).argmax()] / ITEMS
    plans.append(("numpy, one formula", timed(lambda: np.minimum(a / b, 1).mean(-1), 9)))

    def drawn() -> object:
        x = rng.beta(own[:DRAWN, :, None] + 0.5, ITEMS - own[:DRAWN, :, None] + 0.5, (DRAWN, BENCHMARKS, DRAWS))
        y = rng.beta(b[None, :, None] * ITEMS + 0.5, ITEMS * (1 - b[None, :, None]) + 0.5, x.shape)
        return (np.minimum(x / y, 1).mean(1) >= 0.95).mean(-1)

    plans.append((f"numpy, {DRAWS:,} draws, one formula", timed(drawn, 1) * APPLICANTS / DRAWN))
    print(f"{'':36}{'CPU s':>10}{'x evaluator':>14}")
    for name, cpu in plans:
        print(f"{name:36}{cpu:10.2g}{cpu / base:14.2g}")


def pandas_table(own: np.ndarray, other: np.ndarray) -> Callable[[], object] | None:
    """Merge, divide, group and average, as one would with a long table; None without pandas."""
    try:
        import pandas as pd
    except ImportError:
        return None
    rows, columns = np.indices(own.shape)
    long = pd.DataFrame({"applicant": rows.ravel(), "benchmark": columns.ravel(), "score": own.ravel() / ITEMS})
    best = pd.DataFrame({"benchmark": range(BENCHMARKS), "other": other[other.mean(-1).argmax()] / ITEMS})

    def work() -> object:
        joined = long.merge(best, on="benchmark")
        return joined.assign(ratio=(joined.score / joined.other).clip(upper=1)).groupby("applicant").ratio.mean()

    return work


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
