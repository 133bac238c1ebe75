"""From official points to second opinions: which applicants and criteria a method sees, and what it says of them.

A method is given what the official ranking was made of: the rounded points of every leaf, as shares of the points of
that leaf, for the applicants that have an official rank. More is better throughout. A leaf weighs what it can
contribute to the ranking total: its points, times points/of of every group around it, times its ranking weight.
So the weighted sum agrees with the official order but for roundings on the way up, bonuses, penalties and tie-breaks.

How its rows are put into an order of their own, so that names and the order of applicants decide nothing, stands in
:mod:`evaluator.scoring.pool`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evaluator.model.cross_check import POOL_RELATIVE, CrossCheck, MethodRule, WhyNoRanks, WhyNoTau
from evaluator.model.exact import Column, Ints, times
from evaluator.model.numbers import Limit, RoundingMode, round_to
from evaluator.model.rubric import Rubric
from evaluator.scoring.methods import (
    DIVIDES_BY_RANGE,
    DIVIDES_BY_SIZE,
    NEEDS_DIFFERENCES,
    NEEDS_POSITIVE,
    Floats,
    merged_and_ranked,
    merged_scores,
    method_scores,
)
from evaluator.scoring.pool import Leaf, Pool, pool_of
from evaluator.scoring.promethee import Preference, net_flows
from evaluator.scoring.rank_correlation import kendall_tau_b

SCORE_DECIMALS = 12
"""Scores are taken to this many decimals before they are rounded officially: what is left is floating-point error."""

NEAR = Fraction(1, 10**11)
"""A score this near a point where rounding changes, and not on it, may be rounded otherwise by another machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialScores:
    """What an official method other than the weighted sum gives the applicants that are compared.

    ``scores`` are rounded to ``rounding.total`` (greater is better; exact decimals), in the order of the points that
    went in; ``doubtful`` are the positions of those a machine with another arithmetic might round otherwise, and of
    those that were made equal with somebody and would be rounded otherwise if they, or that one, had not been.
    ``scores`` is None where the method gives nothing, and ``why`` says why: the round is then not rankable.
    """

    scores: Column | None
    doubtful: tuple[int, ...] = ()
    why: WhyNoRanks | Literal[""] = ""
    left_out: tuple[str, ...] = ()


def cross_checks(rubric: Rubric, points: Mapping[str, Column], ranks: NDArray[np.int32]) -> tuple[CrossCheck, ...]:
    """The second opinions a rubric asks for, in its order.

    ``points`` are the rounded points of every leaf, ``ranks`` the official ranks, both one entry for each applicant
    that has an official rank, in the order in which the results are wanted.
    """
    if not rubric.cross_checks:
        return ()
    pool = pool_of(rubric, points, len(ranks))
    return tuple(_cross_check(rule, pool, ranks) for rule in rubric.cross_checks)


def official_scores(rubric: Rubric, points: Mapping[str, Column], length: int) -> OfficialScores:
    """The scores of the official method, where it is not the weighted sum.

    ``points`` are the rounded points of every leaf for the ``length`` applicants that are compared: those that are
    out, by a gate or a threshold, are not among them. VIKOR's score is 1 - Q and SPOTIS's 1 less the distance from
    the best, so that greater is better as everywhere. Each score is rounded to ``rounding.total`` in the rubric's mode
    from its shortest decimal form of at most 12 decimals: what is exactly a half is rounded as one.
    """
    found, why, left_out = _scores(rubric.method, pool_of(rubric, points, length))
    decimals, mode = rubric.rounding.total, rubric.rounding.mode
    if found is None or decimals is None:
        return OfficialScores(scores=None, why=why, left_out=left_out)
    scores = merged_scores(found)
    rounded, beside = round_scores(scores, decimals, mode)
    moved = _moved_by_merging(found, scores, rounded, decimals, mode)
    return OfficialScores(scores=rounded, doubtful=tuple(sorted({*beside, *moved})), left_out=left_out)


def _moved_by_merging(found: Floats, merged: Floats, rounded: Column, decimals: int, mode: RoundingMode) -> list[int]:
    """The positions of scores that were made equal although, as they were found, they are not all rounded alike.

    Only a chain of many neighbours, each within rounding error of the next, can do that: two are no further apart than
    what is taken for the same number before it is rounded.
    """
    touched = np.flatnonzero(found != merged)
    if not len(touched):
        return []
    alone, _ = round_scores(found[touched], decimals, mode)
    otherwise = touched[alone.num != rounded.num[touched]]
    return np.flatnonzero(np.isin(merged, merged[otherwise])).tolist()


def _cross_check(rule: MethodRule, pool: Pool, official: NDArray[np.int32]) -> CrossCheck:
    found, why, left_out = _scores(rule, pool)
    if found is None:
        return CrossCheck(
            method=rule.method,
            settings=rule.settings,
            scores=np.zeros(0),
            ranks=np.zeros(0, np.int32),
            why=why,
            tau_why="no_ranks",
        )
    scores, ranks = merged_and_ranked(found)
    tau = kendall_tau_b(official, ranks)
    return CrossCheck(
        method=rule.method,
        settings=rule.settings,
        scores=scores,
        ranks=ranks,
        left_out=left_out,
        tau=tau,
        tau_why=_why_no_tau(official, ranks) if tau is None else "",
    )


def _why_no_tau(official: NDArray[np.int32], ranks: NDArray[np.int32]) -> WhyNoTau:
    if len(ranks) < 2:
        return "one_applicant"
    return "all_tied_official" if official.min() == official.max() else "all_tied_method"


def _scores(rule: MethodRule, pool: Pool) -> tuple[Floats | None, WhyNoRanks | Literal[""], tuple[str, ...]]:
    """The scores in the order the points came in, or why there are none; and the leaves that were left out.

    Equal rows have equal scores, to the last bit; whoever else rounding error alone separates is not yet made equal.
    """
    name = rule.method
    if not pool.length:
        return None, "no_applicants", ()
    if not pool.leaves:
        return None, "no_weight", ()
    if pool.length == 1 and name in POOL_RELATIVE:
        return None, "one_applicant", ()
    if name in NEEDS_POSITIVE and any(leaf.least <= 0 for leaf in pool.leaves):
        return None, "zero_value", ()
    if name in NEEDS_DIFFERENCES and all(leaf.constant for leaf in pool.leaves):
        return None, "identical_applicants", ()
    used = tuple(leaf for leaf in pool.leaves if not _useless(rule, leaf))
    if not used:
        return None, "identical_applicants", ()
    weights = np.array([float(leaf.weight) for leaf in used])
    if name == "promethee2":
        # On whole numbers, so that a difference equal to a threshold is recognised as such.
        exact = [_with_preference(rule, leaf) for leaf in used]
        scores = net_flows([values for values, _ in exact], weights, [preference for _, preference in exact])
    else:
        which = [leaf in used for leaf in pool.leaves]
        matrix = pool.shares if all(which) else pool.shares[:, which]
        bounds = np.array([[0.0, 1.0]] * len(used))
        found = method_scores(name, matrix, weights, bounds=bounds, v=float(rule.weight_of_sum))
        scores = np.empty(pool.length)
        scores[pool.order] = found[pool.first]
    kept = {leaf.id for leaf in used}
    return scores, "", tuple(leaf.id for leaf in pool.leaves if leaf.id not in kept)


def _useless(rule: MethodRule, leaf: Leaf) -> bool:
    """Whether a method would divide by nothing on a leaf."""
    if rule.method in DIVIDES_BY_RANGE:
        return leaf.constant
    return rule.method in DIVIDES_BY_SIZE and leaf.least == leaf.greatest == 0


def _with_preference(rule: MethodRule, leaf: Leaf) -> tuple[Ints, Preference]:
    """The values of a leaf and the thresholds on it, all as whole numbers of one unit."""
    q, p = (_points(limit, leaf) for limit in (rule.q, rule.p))
    unit = math.lcm(leaf.den, q.denominator, p.denominator)
    values: Any = times(leaf.values, unit // leaf.den)
    return values, Preference(kind=rule.shape, q=int(q * unit), p=int(p * unit))


def _points(limit: Limit | None, leaf: Leaf) -> Fraction:
    return Fraction(0) if limit is None else limit.of(leaf.points)


def round_scores(scores: Floats, decimals: int, mode: RoundingMode) -> tuple[Column, tuple[int, ...]]:
    """Scores rounded to at most 9 decimals, exactly from their decimal form, and the positions that are doubtful.

    What lies well between two points where rounding changes is rounded in floating point; what is near one, as a
    fraction.
    """
    scaled = scores * 10.0**decimals
    edges = np.floor(scaled) + 0.5 if mode != "down" else np.round(scaled)
    nearby = np.flatnonzero(np.abs(scaled - edges) < 1e-4 + float(2 * NEAR) * 10.0**decimals)
    whole = np.trunc(scaled) if mode == "down" else np.round(scaled)
    rounded, doubtful = whole.astype(np.int64), list[int]()
    for position in nearby.tolist():
        value = Fraction(repr(float(scores[position])))
        taken = round_to(value, SCORE_DECIMALS, "half_even")
        rounded[position] = int(round_to(taken, decimals, mode) * 10**decimals)
        edge = Fraction(edges[position]) / 10**decimals
        if taken != edge and abs(value - edge) < NEAR:
            doubtful.append(position)
    return Column(rounded, 10**decimals), tuple(doubtful)
