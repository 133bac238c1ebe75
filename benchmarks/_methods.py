"""Methods as contestants: Evaluator's whole path, the libraries and plain numpy on the same points, more being better.

Evaluator starts from what the product has at that place, columns of exact points and official ranks, and ends with
what the record keeps: scores, ranks and Kendall's tau. The others start from a matrix of floating-point numbers and end
with scores and ranks. Before anything is timed each has done the same for a few applicants.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from benchmarks._child import Lap, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from skcriteria.agg import RankResult

SEED, TINY, POINTS = 11, 100, 10
"""Of the draws; applicants to get warm with; points of each criterion."""
UNITS = {"continuous": 1_000_000, "marks": 2}
"""Parts of a point in which points are drawn: millionths, of which hardly two are equal, or halves."""
WEIGHT_UNITS = 1000


def drawn(rows: int, columns: int, kind: str) -> tuple[Any, Any]:
    """Points from 1 to 10 as whole numbers of units, one row an applicant; weights from 1 to 5 in thousandths."""
    import numpy as np

    rng, unit = np.random.default_rng([SEED, rows, columns]), UNITS[kind]
    values = rng.integers(unit, POINTS * unit, (rows, columns), endpoint=True)
    return values, rng.integers(WEIGHT_UNITS, 5 * WEIGHT_UNITS, columns)


def matrix_of(rows: int, columns: int, kind: str) -> tuple[Any, Any]:
    """The same points as a matrix of floating-point numbers, and weights with sum 1."""
    values, weights = drawn(rows, columns, kind)
    return values / UNITS[kind], weights / weights.sum()


def twice(made: Callable[[int], Callable[[], Any]], rows: int, answer: Callable[[Any], dict[str, Any]]) -> Work:
    """The work on all applicants, and on a few to get warm."""
    whole = made(rows)
    return Work(lambda _: whole(), answer, made(TINY))


def as_told(found: tuple[Any, Any]) -> dict[str, Any]:
    """Scores and competition ranks of one who has both."""
    return {"value": found[0], "rank": found[1]}


def ours(rows: int, columns: int, kind: str, check: str | dict[str, Any]) -> Work:
    """One second opinion as the product forms it: from columns of exact points to scores, ranks and tau.

    Inside are the pool with its own order of rows, shares of points, the method, merging of scores that only rounding
    error separates, and Kendall's tau to the official ranks, which are those of the exact weighted sum.
    """
    import numpy as np

    from evaluator.model.exact import Column
    from evaluator.model.rubric import Rubric
    from evaluator.scoring.cross_checks import cross_checks

    def made(count: int) -> Callable[[], Any]:
        values, weights = drawn(count, columns, kind)
        leaves = [
            {"id": f"c{j}", "title": f"c{j}", "points": POINTS, "ranking_weight": Fraction(int(weight), WEIGHT_UNITS)}
            for j, weight in enumerate(weights)
        ]
        told = {"schema": 1, "id": "a", "version": "1", "title": "a", "criteria": leaves, "cross_checks": [check]}
        rubric = Rubric.model_validate(told)
        points = {f"c{j}": Column(np.ascontiguousarray(values[:, j]), UNITS[kind]) for j in range(columns)}
        ranks = by_value(values @ weights)
        return lambda: cross_checks(rubric, points, ranks)[0]

    return twice(made, rows, lambda found: as_told((found.scores, found.ranks)))


def by_value(totals: NDArray[Any]) -> NDArray[np.int32]:
    """Competition ranks (1, 1, 3) from the greatest value down."""
    import numpy as np

    _, place, counts = np.unique(-totals, return_inverse=True, return_counts=True)
    return (1 + np.cumsum(counts) - counts)[place].astype(np.int32)


def promethee_ours(rows: int, columns: int, kind: str, q: float, p: float) -> Work:
    """PROMETHEE II; linear between q and p, usual where p is 0."""
    linear = {"method": "promethee2", "preference": "linear", "q": str(q), "p": str(p)}
    return ours(rows, columns, kind, linear if p else "promethee2")


def promethee_numpy(rows: int, columns: int, kind: str, q: float, p: float) -> Work:
    """What one would write with numpy who knows that a sorted column and its prefix sums are enough."""
    import numpy as np

    def usual(x: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.searchsorted(x, x, "left") - (len(x) - np.searchsorted(x, x, "right"))

    def linear(x: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.zeros(len(x))
        # sum over b of clip((d - q)/(p - q), 0, 1) for d = x - b, then for d = b - x as the same of the mirrored column
        for sign, column, back in ((1, x, slice(None)), (-1, -x[::-1], slice(None, None, -1))):
            run = np.concatenate([[0.0], np.cumsum(column)])
            whole = np.searchsorted(column, column - p, "right")
            part = np.searchsorted(column, column - q, "left")
            rising = ((column - q) * (part - whole) - (run[part] - run[whole])) / (p - q)
            total += sign * (whole + rising)[back]
        return total

    def made(count: int) -> Callable[[], Any]:
        matrix, weights = matrix_of(count, columns, kind)
        matrix = np.asfortranarray(matrix)  # columns lie together, as they are taken

        def work() -> tuple[Any, Any]:
            flows, ranks = np.zeros(count), np.empty(count, np.int32)
            for j, weight in enumerate(weights):
                order = np.argsort(matrix[:, j])
                ascending = matrix[order, j]
                flows[order] += weight * (linear(ascending) if p else usual(ascending))
            ranks[np.argsort(-flows)] = np.arange(1, count + 1)
            return flows / (count - 1), ranks

        return work

    return twice(made, rows, as_told)


def promethee_pymcdm(rows: int, columns: int, kind: str, q: float, p: float, keep_tables: bool) -> Work:
    """pymcdm's PROMETHEE II, which keeps a table of all pairs for each criterion; or, with less memory, the difference
    of the flows of its PROMETHEE I, which is the same and keeps none. Its validation, row by row, is left out.
    """
    import numpy as np
    from pymcdm.methods import PROMETHEE_II
    from pymcdm.methods.partial import PROMETHEE_I

    method = PROMETHEE_II if keep_tables else PROMETHEE_I

    def made(count: int) -> Callable[[], Any]:
        matrix, weights = matrix_of(count, columns, kind)

        def work() -> tuple[Any, Any]:
            body = method("vshape_2", p=[p] * columns, q=[q] * columns) if p else method("usual")
            found = body(matrix, weights, np.ones(columns), validation=False)
            flows = found if keep_tables else found[0] - found[1]
            return flows, PROMETHEE_II("usual").rank(flows)

        return work

    return twice(made, rows, as_told)


def topsis_ours(rows: int, columns: int) -> Work:
    """TOPSIS."""
    return ours(rows, columns, "continuous", "topsis")


def topsis_skcriteria(rows: int, columns: int) -> Work:
    """scikit-criteria as its documentation has it: a decision matrix and a pipeline, which ends with ranks."""
    import numpy as np
    import skcriteria
    from skcriteria.agg.topsis import TOPSIS
    from skcriteria.pipelines import mkpipe
    from skcriteria.preprocessing.scalers import VectorScaler

    def made(count: int) -> Callable[[Lap], Any]:
        matrix, weights = matrix_of(count, columns, "continuous")

        def work(lap: Lap) -> RankResult:
            decision = skcriteria.mkdm(matrix, [max] * columns, weights=weights)
            lap("mkdm")
            result = mkpipe(VectorScaler(target="matrix"), TOPSIS()).evaluate(decision)
            lap("evaluate")
            return result

        return work

    def answer(result: RankResult) -> dict[str, Any]:
        # Its ranks are dense (1, 1, 2): whoever comes after equal ones has as many places less.
        return as_told((result.e_.similarity, by_value(-np.asarray(result.rank_))))

    whole, tiny = made(rows), made(TINY)
    return Work(whole, answer, lambda: tiny(lambda _: None))


def topsis_pymcdm(rows: int, columns: int) -> Work:
    """pymcdm's TOPSIS with the same scaling, and its ranks. Its validation, row by row, is left out."""
    import numpy as np
    from pymcdm.methods import TOPSIS
    from pymcdm.normalizations import vector_normalization

    def made(count: int) -> Callable[[], Any]:
        matrix, weights = matrix_of(count, columns, "continuous")

        def work() -> tuple[Any, Any]:
            body = TOPSIS(vector_normalization)
            scores = body(matrix, weights, np.ones(columns), validation=False)
            return scores, body.rank(scores)

        return work

    return twice(made, rows, as_told)


def imports(names: list[str]) -> Work:
    """Imports, timed as the work itself."""

    def work(_: Lap) -> None:
        import importlib

        for name in names:
            importlib.import_module(name)

    return Work(work, lambda _: {})
