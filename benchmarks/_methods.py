"""Methods as contestants: ours, the libraries' and plain numpy on one matrix, in which more is better throughout."""

from __future__ import annotations

from typing import Any

from benchmarks._child import Lap, Work

SEED = 11


def matrix_of(rows: int, columns: int, kind: str) -> tuple[Any, Any]:
    """A matrix, drawn evenly from [1, 10) or, unless ``kind`` is continuous, in half points; weights with sum 1."""
    import numpy as np

    rng = np.random.default_rng([SEED, rows, columns])
    values = rng.uniform(1, 10, (rows, columns))
    weights = rng.uniform(1, 5, columns)
    return (values if kind == "continuous" else np.rint(2 * values) / 2), weights / weights.sum()


def promethee_ours(rows: int, columns: int, kind: str, q: float, p: float) -> Work:
    """Evaluator's net flows; linear between q and p, usual where p is 0."""
    from evaluator.scoring.methods import method_scores
    from evaluator.scoring.promethee import USUAL, Preference

    matrix, weights = matrix_of(rows, columns, kind)
    preferences = [Preference(kind="linear", q=q, p=p) if p else USUAL] * columns

    def work(_: Lap) -> Any:  # noqa: ANN401 -- an array
        return method_scores("promethee2", matrix, weights, preferences=preferences)

    return work, lambda flows: {"value": flows}


def promethee_numpy(rows: int, columns: int, kind: str, q: float, p: float) -> Work:
    """What one would write with numpy who knows that a sorted column and its prefix sums are enough."""
    import numpy as np

    matrix, weights = matrix_of(rows, columns, kind)

    def usual(x: Any) -> Any:  # noqa: ANN401 -- an ascending column
        return np.searchsorted(x, x, "left") - (rows - np.searchsorted(x, x, "right"))

    def linear(x: Any) -> Any:  # noqa: ANN401
        prefix = np.concatenate([[0.0], np.cumsum(x)])
        total = np.zeros(rows)
        # sum over b of clip((d - q)/(p - q), 0, 1) for d = x - b, then for d = b - x as the same of the mirrored column
        for column, sums, back in ((x, prefix, slice(None)), (-x[::-1], None, slice(None, None, -1))):
            run = np.concatenate([[0.0], np.cumsum(column)]) if sums is None else sums
            whole = np.searchsorted(column, column - p, "right")
            part = np.searchsorted(column, column - q, "left")
            rising = ((column - q) * (part - whole) - (run[part] - run[whole])) / (p - q)
            total += (1 if back == slice(None) else -1) * (whole + rising)[back]
        return total

    def work(_: Lap) -> Any:  # noqa: ANN401 -- an array
        flows = np.zeros(rows)
        for j, weight in enumerate(weights):
            order = np.argsort(matrix[:, j])
            ascending = matrix[order, j]
            flows[order] += weight * (linear(ascending) if p else usual(ascending))
        return flows / (rows - 1)

    return work, lambda flows: {"value": flows}


def promethee_pymcdm(rows: int, columns: int, kind: str, q: float, p: float, keep_tables: bool) -> Work:
    """pymcdm's PROMETHEE II, which keeps a table of all pairs for each criterion; or, with less memory, the difference
    of the flows of its PROMETHEE I, which is the same and keeps none.
    """
    import numpy as np
    from pymcdm.methods import PROMETHEE_II
    from pymcdm.methods.partial import PROMETHEE_I

    matrix, weights = matrix_of(rows, columns, kind)
    method = PROMETHEE_II if keep_tables else PROMETHEE_I
    body = method("vshape_2", p=[p] * columns, q=[q] * columns) if p else method("usual")

    def work(_: Lap) -> Any:  # noqa: ANN401 -- an array, or two
        found = body(matrix, weights, np.ones(columns))
        return found if keep_tables else found[0] - found[1]

    return work, lambda flows: {"value": flows}


def topsis_ours(rows: int, columns: int) -> Work:
    """Scores and competition ranks."""
    import skcriteria.agg.topsis
    import skcriteria.preprocessing.scalers  # noqa: F401 -- what the first run would import is imported here

    from evaluator.scoring.methods import competition_ranks, method_scores

    matrix, weights = matrix_of(rows, columns, "continuous")

    def work(lap: Lap) -> Any:  # noqa: ANN401 -- an array
        scores = method_scores("topsis", matrix, weights)
        lap("scores")
        competition_ranks(scores)
        lap("ranks")
        return scores

    return work, lambda scores: {"value": scores}


def topsis_skcriteria(rows: int, columns: int) -> Work:
    """scikit-criteria as its documentation has it: a decision matrix and a pipeline."""
    import skcriteria
    from skcriteria.agg.topsis import TOPSIS
    from skcriteria.pipelines import mkpipe
    from skcriteria.preprocessing.scalers import VectorScaler

    matrix, weights = matrix_of(rows, columns, "continuous")

    def work(lap: Lap) -> Any:  # noqa: ANN401 -- a RankResult
        decision = skcriteria.mkdm(matrix, [max] * columns, weights=weights)
        lap("mkdm")
        result = mkpipe(VectorScaler(target="matrix"), TOPSIS()).evaluate(decision)
        lap("evaluate")
        return result

    return work, lambda result: {"value": result.e_.similarity}


def imports(names: list[str]) -> Work:
    """Imports, timed as the work itself."""

    def work(_: Lap) -> None:
        import importlib

        for name in names:
            importlib.import_module(name)

    return work, lambda _: {}
