"""What each method makes of a decision matrix: one score an applicant, greater is better.

The only module that imports scikit-criteria, and only inside the functions that need it: the import costs two seconds.
Its functions on arrays are called, not its classes: those rank as well, by rules that are not ours, and divide by zero
where applicants or criteria are alike. What may be asked of a method at all, :mod:`evaluator.scoring.cross_checks`
decides beforehand; here, whatever is not finite is a bug and raises.

Left out, although scikit-criteria 0.10 has them: COPRAS refuses matrices of which more is better throughout, as points
are, and would order them as ARAS does but for its scaling; MABAC multiplies over all applicants and underflows to 0
from some hundreds of them on; MARCOS prints its scores to standard output.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluator.model.cross_check import MethodName
from evaluator.scoring.promethee import USUAL, Preference, net_flows

Floats = NDArray[np.float64]

TOLERANCE = 1e-12
"""Scores on a scale of 1 that differ by less are equal: some thousand times the error of a sum of fractions."""

NEEDS_DIFFERENCES: frozenset[MethodName] = frozenset({"topsis", "vikor", "edas"})
"""Methods that divide by how far applicants lie apart: undefined where they are all alike."""

NEEDS_POSITIVE: frozenset[MethodName] = frozenset({"weighted_product", "waspas"})
"""Methods that multiply values: one 0 makes the rest of an applicant's values count for nothing."""

DIVIDES_BY_RANGE: frozenset[MethodName] = frozenset({"vikor"})
"""Methods that cannot use a criterion on which all applicants have the same value."""

DIVIDES_BY_SIZE: frozenset[MethodName] = frozenset({"topsis", "moora", "aras", "edas"})
"""Methods that cannot use a criterion on which all applicants have 0."""

_MAXIMISE_ONLY: frozenset[MethodName] = frozenset({"weighted_sum", "weighted_product", "aras", "waspas"})


def method_scores(
    name: MethodName,
    matrix: Floats,
    weights: Floats,
    *,
    objectives: NDArray[np.int64] | None = None,
    bounds: Floats | None = None,
    v: float = 0.5,
    preferences: Sequence[Preference] | None = None,
) -> Floats:
    """The scores of one method, greater is better.

    ``matrix`` has n rows (applicants) and m columns (criteria); ``weights``, above 0, are divided by their sum.
    ``objectives`` are 1 where more is better and -1 where less is, 1 throughout where absent. ``bounds`` (m rows of
    least and greatest) are SPOTIS's, ``v`` VIKOR's, ``preferences``, one a criterion, PROMETHEE II's.

    Raises ``ValueError`` for what a method does not take: less is better in weighted_sum, weighted_product, aras and
    waspas; SPOTIS without bounds. Raises ``FloatingPointError`` for a degenerate matrix; nothing is ever not a number.
    """
    signs = np.ones(matrix.shape[1], np.int64) if objectives is None else objectives
    if name in _MAXIMISE_ONLY and (signs < 0).any():
        raise ValueError(f"{name} takes criteria of which more is better")
    shares = weights / weights.sum()
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        if name == "spotis":
            if bounds is None:
                raise ValueError("spotis needs the bounds of its criteria")
            scores = _spotis(matrix, shares, signs, bounds)
        elif name == "vikor":
            scores = _vikor(matrix, shares, signs, v)
        elif name == "promethee2":
            columns = [matrix[:, j] * signs[j] for j in range(matrix.shape[1])]
            scores = net_flows(columns, shares, preferences or [USUAL] * len(columns))
        else:
            scores = _OF_MATRIX[name](matrix, shares, signs)
    scores = np.asarray(scores, np.float64).reshape(-1)
    if not np.isfinite(scores).all():
        raise FloatingPointError(f"{name} has scores that are not finite")
    return scores


def _weighted_sum(matrix: Floats, weights: Floats, _: NDArray[np.int64]) -> Floats:
    """sum w x (Fishburn 1967). The values are taken as they are: on a common scale."""
    from skcriteria.agg.simple import wsm

    return np.asarray(wsm(matrix, weights)[1])


def _weighted_product(matrix: Floats, weights: Floats, _: NDArray[np.int64]) -> Floats:
    """product x**w (Bridgman 1922), of values above 0; scikit-criteria gives its logarithm to base 10."""
    from skcriteria.agg.simple import wpm

    return np.asarray(10.0 ** wpm(matrix, weights)[1])


def _topsis(matrix: Floats, weights: Floats, objectives: NDArray[np.int64]) -> Floats:
    """d- / (d+ + d-): closeness to the best and distance from the worst value found on each criterion.

    Distances are Euclidean, on values divided by the Euclidean length of their column and weighted (Hwang & Yoon 1981).
    """
    from skcriteria.agg.topsis import topsis
    from skcriteria.preprocessing.scalers import scale_by_vector

    return np.asarray(topsis(scale_by_vector(matrix, axis=0), objectives, weights)[3])


def _moora(matrix: Floats, weights: Floats, objectives: NDArray[np.int64]) -> Floats:
    """sum +-w x, the ratio system, on values divided by the length of their column (Brauers & Zavadskas 2006)."""
    from skcriteria.agg.moora import ratio
    from skcriteria.preprocessing.scalers import scale_by_vector

    return np.asarray(ratio(scale_by_vector(matrix, axis=0), objectives, weights)[1])


def _aras(matrix: Floats, weights: Floats, _: NDArray[np.int64]) -> Floats:
    """K = S / S0: the weighted sum of an applicant as a share of that of the best value found on each criterion.

    Values are divided by the sum of their column, in which the best one is a row of its own (Zavadskas & Turskis 2010).
    """
    from skcriteria.agg.aras import aras
    from skcriteria.preprocessing.scalers import scale_by_sum

    scaled = scale_by_sum(np.vstack([matrix.max(axis=0), matrix]), axis=0)
    return np.asarray(aras(scaled[1:], weights, scaled[0])[2])


def _edas(matrix: Floats, weights: Floats, objectives: NDArray[np.int64]) -> Floats:
    """Half the sum of how far above and how little below the average (Keshavarz Ghorabaee et al. 2015)."""
    from skcriteria.agg.edas import edas

    return np.asarray(edas(matrix, weights, objectives)[1])


def _waspas(matrix: Floats, weights: Floats, _: NDArray[np.int64]) -> Floats:
    """Half the weighted sum and half the weighted product of values divided by the greatest (Zavadskas et al. 2012)."""
    from skcriteria.agg.waspas import waspas

    return np.asarray(waspas(matrix / matrix.max(axis=0), weights, 0.5)[3])


_OF_MATRIX: dict[MethodName, Callable[[Floats, Floats, NDArray[np.int64]], Floats]] = {
    "weighted_sum": _weighted_sum,
    "weighted_product": _weighted_product,
    "topsis": _topsis,
    "moora": _moora,
    "aras": _aras,
    "edas": _edas,
    "waspas": _waspas,
}


def _spotis(matrix: Floats, weights: Floats, objectives: NDArray[np.int64], bounds: Floats) -> Floats:
    """1 - sum w |x - best| / (greatest - least), where best, greatest and least are given (Dezert et al. 2020)."""
    from skcriteria.agg.spotis import spotis

    best = np.where(objectives > 0, bounds[:, 1], bounds[:, 0])
    return np.asarray(1 - spotis(matrix, weights, bounds, best)[1]["score"])


def _vikor(matrix: Floats, weights: Floats, objectives: NDArray[np.int64], v: float) -> Floats:
    """1 - Q, where Q = v S' + (1 - v) R' (Opricovic & Tzeng 2004).

    S is the weighted sum of an applicant's shortfalls from the best value found on each criterion, as shares of the
    range of values found, R the greatest of them; S' and R' are S and R on the range found, from 0 to 1. Where all
    applicants have the same S, or R, it says nothing and S', or R', is 0. The figures are those of scikit-criteria's
    VIKOR, whose class takes the rounding error of equal sums for such a range and makes ranks of it.
    """
    from skcriteria.preprocessing.scalers import matrix_scale_by_cenit_distance

    shortfalls = matrix_scale_by_cenit_distance(matrix, -objectives) * weights
    total, worst = (_on_own_range(figures) for figures in (shortfalls.sum(axis=1), shortfalls.max(axis=1)))
    return 1 - (v * total + (1 - v) * worst)


def _on_own_range(figures: Floats) -> Floats:
    """From 0 at the least figure to 1 at the greatest; 0 throughout where they differ by rounding error alone."""
    merged = merged_scores(figures)
    least, greatest = merged.min(), merged.max()
    return (merged - least) / (greatest - least) if greatest > least else np.zeros(len(figures))


def merged_scores(scores: Floats) -> Floats:
    """The scores with those that only rounding error separates made equal: the least of each run of neighbours.

    Neighbours, in ascending order, belong together where they differ by at most ``TOLERANCE`` times the greatest
    magnitude of a score, or ``TOLERANCE`` where that is below 1. So a chain of neighbours is one run however long it
    is, and its ends may lie further apart than that: no line can be drawn inside it that rounding error respects.
    """
    return merged_and_ranked(scores)[0]


def competition_ranks(scores: Floats) -> NDArray[np.int32]:
    """1, 1, 3 from the greatest score down; scores are equal as :func:`merged_scores` has it."""
    return merged_and_ranked(scores)[1]


def merged_and_ranked(scores: Floats) -> tuple[Floats, NDArray[np.int32]]:
    """What :func:`merged_scores` and :func:`competition_ranks` say, from one sort."""
    order, starts, lengths = _runs(scores)
    merged, ranks = np.empty_like(scores), np.empty(len(scores), np.int32)
    merged[order] = np.repeat(scores[order[starts]], lengths)
    ranks[order] = np.repeat((len(scores) - starts - lengths + 1).astype(np.int32), lengths)
    return merged, ranks


def _runs(scores: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The ascending order of scores, and where in it each run of equal ones starts and how long it is."""
    order = np.argsort(scores)
    ascending = scores[order]
    allowed = TOLERANCE * max(1.0, float(np.abs(ascending[[0, -1]]).max()))
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ascending) > allowed]))
    return order, starts, np.diff(np.append(starts, len(scores)))
