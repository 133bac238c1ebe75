"""A second opinion: how other methods would order the ranked applicants. It never changes the official result."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

MethodName = Literal[
    "weighted_sum",
    "weighted_product",
    "topsis",
    "vikor",
    "spotis",
    "moora",
    "copras",
    "aras",
    "edas",
    "marcos",
    "mabac",
    "waspas",
    "promethee2",
]
POOL_RELATIVE: frozenset[MethodName] = frozenset(
    {"topsis", "vikor", "moora", "copras", "aras", "edas", "marcos", "mabac", "waspas", "promethee2"}
)
"""Methods whose figure for one applicant depends on who else is compared: a withdrawal may reverse two others."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossCheck:
    """How one method orders the ranked applicants.

    ``scores`` and ``ranks`` have one entry for each applicant that has an official rank, in the order of
    ``Evaluation.ranking``; both are empty where the method gives nothing, and ``why`` then is the code of the reason.
    ``scores`` are floating-point figures, greater is better whatever the method's own direction; ``ranks`` are
    competition ranks (1, 1, 3), equal where scores differ by no more than rounding error. ``left_out`` names criteria
    on which all these applicants are equal and which the method cannot use. ``tau`` is Kendall's tau-b between these
    ranks and the official ones, rounded to four decimals; None, with ``tau_why``, where it is not defined.
    """

    method: MethodName
    scores: NDArray[np.float64]
    ranks: NDArray[np.int32]
    why: str = ""
    left_out: tuple[str, ...] = ()
    tau: Fraction | None = None
    tau_why: str = ""

    @property
    def pool_relative(self) -> bool:
        """Whether the order of two applicants may depend on a third."""
        return self.method in POOL_RELATIVE
