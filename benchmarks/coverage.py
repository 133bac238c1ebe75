"""How often the 90 % interval of a performance ratio contains the truth, and how often its probability misleads.

Simulated tests of an applicant and a reference whose true scores are known: numbers of solved items are drawn, interval
and probability computed as the product does, and compared with the true ratio. The last table is about references that
are chosen for their results. The same seeds every time; printed as the tables of docs/performance.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluator.evidence.delta import Floats, Sides, spread
from evaluator.evidence.doubts import CLEAR_LEAD, NOISY
from evaluator.model.performance import Formula

RUNS = 2_000
SIZES = (30, 100, 198, 500, 1_000)
COUNTS = (1, 5, 15, 30)
FORMULAS: tuple[tuple[str, Formula, float | None], ...] = (
    ("ratio of means", "ratio_of_means", None),
    ("mean of ratios", "mean_of_ratios", None),
    ("geometric", "geometric", None),
    ("mean of ratios, cap 1", "mean_of_ratios", 1.0),
    ("geometric, cap 1", "geometric", 1.0),
)


def _steps(*ratios: float) -> Callable[[int], Floats]:
    return lambda count: np.resize(np.array(ratios), count)


SITUATIONS: dict[str, tuple[Callable[[int], Floats], Callable[[int], Floats]]] = {
    # true scores of the reference, and what the applicant's are of them
    "equal, near 0.5": (_steps(0.5), _steps(1.0)),
    "equal, near 0.9": (_steps(0.9), _steps(1.0)),
    "a tenth worse": (lambda count: np.linspace(0.5, 0.9, count), _steps(0.9)),
    "better here, worse there": (lambda count: np.linspace(0.4, 0.85, count), _steps(0.8, 0.9, 1.0, 1.05, 1.1)),
    "far better, far worse": (_steps(0.6), _steps(0.7, 1.3)),
    "near the ceiling": (_steps(0.97), _steps(0.97)),
    "near the floor": (lambda count: np.linspace(0.1, 0.3, count), _steps(0.95)),
}


REFERENCES, SHARE = 5, 0.8
LEADS = (0, 1, 2, 3, 4, 6)
"""By how many standard errors of the difference one reference is truly better than the four others."""


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of the runs: withheld; of the others, the truth inside, and misled where the truth is the target."""

    withheld: float
    inside: float
    met: float
    not_met: float


def beta_errors(share: Floats, n: int) -> Floats:
    """Standard errors of proportions, as evaluator.evidence.sampling has them."""
    mean = (share * n + 0.5) / (n + 1)
    return np.sqrt(mean * (1 - mean) / (n + 2))


def true_ratio(formula: Formula, cap: float | None, own: Floats, other: Floats) -> float:
    """The ratio of true scores, all benchmarks counting alike."""
    ratios = own / other if cap is None else np.minimum(own / other, cap)
    if formula == "ratio_of_means":
        return float((ratios * other).sum() / other.sum())
    return float(ratios.mean() if formula == "mean_of_ratios" else np.exp(np.log(ratios).mean()))


def simulate(situation: str, formula: Formula, cap: float | None, n: int, count: int, runs: int = RUNS) -> Found:
    """Coverage in one situation, with ``count`` benchmarks of ``n`` items each."""
    rng = np.random.default_rng([n, count, *situation.encode()])
    other, part = (make(count) for make in SITUATIONS[situation])
    own = np.minimum(other * part, 1.0)
    a, b = rng.binomial(n, own, (runs, count)) / n, rng.binomial(n, other, (runs, count)) / n
    sa, sb = beta_errors(a, n), beta_errors(b, n)
    if formula == "ratio_of_means" and cap is None:
        usable = np.sqrt((sb**2).sum(-1)) <= NOISY * b.sum(-1)
    else:
        usable = (sb <= NOISY * b).all(-1)
    if formula == "geometric":
        usable &= (sa <= NOISY * a).all(-1)
    if not usable.any():
        return Found(1.0, np.nan, np.nan, np.nan)
    truth = true_ratio(formula, cap, own, other)
    weight = np.full((int(usable.sum()), count), 1 / count)
    sides = Sides(weight=weight, a=a[usable], sa=sa[usable], b=b[usable], sb=sb[usable])
    found = spread(sides, formula, cap, truth)
    inside = (found.low <= truth + 1e-9) & (truth - 1e-9 <= found.high)
    return Found(
        float(1 - usable.mean()),
        float(inside.mean()),
        float((found.probability >= 0.9).mean()),
        float((found.probability <= 0.1).mean()),
    )


@dataclass(frozen=True, slots=True)
class Selected:
    """Of references that are chosen for their results, as shares of all runs: those in which the choice is clear, so
    that interval and probability are given; those in which the interval is given and the truth is not in it, or the
    probability is given and is at most 0.1; and the same two faults were everything given always.
    """

    given: float
    missed: float
    misled: float
    missed_always: float
    misled_always: float


def draw(policy: str, lead: float, n: int, count: int, runs: int) -> tuple[Floats, Floats]:
    """Shares solved by the applicant (runs x benchmarks) and by each reference (runs x references x benchmarks).

    The applicant and one reference truly solve ``SHARE`` of each benchmark (under the envelope another reference on
    each in turn), the other references less.
    """
    rng = np.random.default_rng([n, count, int(10 * lead), *policy.encode()])
    behind = lead * np.sqrt(2 * SHARE * (1 - SHARE) / n / (count if policy == "best_single" else 1))
    true = np.full((REFERENCES, count), SHARE - behind)
    true[np.arange(count) % REFERENCES if policy == "envelope" else 0, np.arange(count)] = SHARE
    return rng.binomial(n, SHARE, (runs, count)) / n, rng.binomial(n, true, (runs, REFERENCES, count)) / n


def chosen(policy: str, field: Floats, errors: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Score and standard error of the chosen reference on each benchmark, and whether the choice is clear, by run."""
    if policy == "envelope":
        clear, best = _leads(field, errors), field.argmax(1)[:, np.newaxis]
    else:
        mean, error = field.mean(-1, keepdims=True), np.sqrt((errors**2).mean(-1, keepdims=True) / field.shape[-1])
        clear, best = _leads(mean, error), mean.argmax(1)[:, np.newaxis]
    b, sb = (np.take_along_axis(values, best, 1)[:, 0] for values in (field, errors))
    return b, sb, clear


def _leads(score: Floats, error: Floats) -> NDArray[np.bool_]:
    """Whether the best along axis 1 leads every other clearly, everywhere along the last axis."""
    best = score.argmax(1)[:, np.newaxis]
    first, its = np.take_along_axis(score, best, 1), np.take_along_axis(error, best, 1)
    clear = first - score >= CLEAR_LEAD * np.hypot(its, error)
    np.put_along_axis(clear, best, values=True, axis=1)
    return np.asarray(clear.all((1, 2)))


def simulate_selected(policy: str, lead: float, n: int, count: int, runs: int = 10 * RUNS) -> Selected:
    """Mean of ratios without a cap; the truth, 1, is the ratio to what is truly the best, and it is the target."""
    a, field = draw(policy, lead, n, count, runs)
    b, sb, clear = chosen(policy, field, beta_errors(field, n))
    sides = Sides(weight=np.full(a.shape, 1 / count), a=a, sa=beta_errors(a, n), b=b, sb=sb)
    found = spread(sides, "mean_of_ratios", None, 1.0)
    missed, misled = (found.low > 1) | (found.high < 1), found.probability <= 0.1
    shares = (clear, clear & missed, clear & misled, missed, misled)
    return Selected(*(float(share.mean()) for share in shares))


def selected_rows() -> Iterator[str]:
    """One row a policy and lead, one column a number of benchmarks."""
    counts = (1, 10)
    yield "| policy | true lead | " + " | ".join("1 benchmark" if c == 1 else f"{c} benchmarks" for c in counts) + " |"
    yield "|---|---|" + "---|" * len(counts)
    for policy in ("best_single", "envelope"):
        for lead in LEADS:
            cells = [selected_cell(simulate_selected(policy, lead, 198, count)) for count in counts]
            yield f"| {policy} | {lead} | " + " | ".join(cells) + " |"


def selected_cell(found: Selected) -> str:
    """Given; missed and misled, with what they would be were everything given always in brackets."""
    faults = ((found.missed, found.missed_always), (found.misled, found.misled_always))
    return " / ".join([f"{100 * found.given:.0f}", *(f"{100 * now:.0f} ({100 * then:.0f})" for now, then in faults)])


def rows(of: Callable[[Found], float]) -> Iterator[str]:
    """One row a formula and situation, one column a number of items: figures for each number of benchmarks."""
    yield "| formula | true scores | " + " | ".join(f"n = {n:,}" for n in SIZES) + " |"
    yield "|---|---|" + "---|" * len(SIZES)
    for title, formula, cap in FORMULAS:
        for situation in SITUATIONS:
            cells = [cell([simulate(situation, formula, cap, n, count) for count in COUNTS], of) for n in SIZES]
            yield f"| {title} | {situation} | " + " | ".join(cells) + " |"


def cell(found: list[Found], of: Callable[[Found], float]) -> str:
    """Percentages, one for each number of benchmarks; a dash where most runs are withheld."""
    return " / ".join("–" if f.withheld > 0.5 else f"{100 * of(f):.0f}" for f in found)


def main() -> None:
    """Print the tables."""
    print("\n".join(rows(lambda found: found.inside)))
    print()
    print("\n".join(rows(lambda found: max(found.met, found.not_met))))
    print()
    print("\n".join(selected_rows()))


if __name__ == "__main__":
    main()
