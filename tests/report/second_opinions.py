"""Second opinions made by hand: what a method would say, written down."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from evaluator.model.cross_check import CrossCheck, MethodName, WhyNoRanks
from evaluator.model.evaluation import Evaluation


def ranked_by(method: MethodName, ranks: Sequence[int], **changes: Any) -> CrossCheck:
    """A method that gives these ranks, in the order of the official ones."""
    told: dict[str, Any] = {
        "settings": (("v", "0.5"),) if method == "vikor" else (),
        "scores": 1 / np.array(ranks, np.float64),
        "ranks": np.array(ranks, np.int32),
        "tau": Fraction(3, 4),
    }
    return CrossCheck(method=method, **{**told, **changes})


def without_ranks(method: MethodName, why: WhyNoRanks) -> CrossCheck:
    """A method that gives nothing."""
    return CrossCheck(method=method, scores=np.zeros(0), ranks=np.zeros(0, np.int32), why=why, tau_why="no_ranks")


def with_checks(evaluation: Evaluation, *checks: CrossCheck) -> Evaluation:
    """The same evaluation with second opinions."""
    return dataclasses.replace(evaluation, cross_checks=checks)
