"""A second opinion: how other methods would order the ranked applicants. It never changes the official result."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, model_serializer

from evaluator.model.numbers import Exact, LimitField, show
from evaluator.model.text import FileModel

MethodName = Literal[
    "weighted_sum",
    "weighted_product",
    "topsis",
    "vikor",
    "spotis",
    "moora",
    "aras",
    "edas",
    "waspas",
    "promethee2",
]
POOL_RELATIVE: frozenset[MethodName] = frozenset({"topsis", "vikor", "moora", "aras", "edas", "waspas", "promethee2"})
"""Methods whose figure for one applicant depends on who else is compared: a withdrawal may reverse two others."""

_NOT_OFFERED = ("ahp", "copras", "electre", "mabac", "marcos", "promethee1", "prometheei")
"""Methods that were looked at and left out, in small letters and digits; docs/methods.md says why."""


def is_not_offered(name: str) -> bool:
    """Whether a name, however it is written, is that of a known method that is left out."""
    plain = "".join(c for c in name.casefold() if c.isalnum())
    return plain in _NOT_OFFERED or plain.startswith("electre")


PreferenceName = Literal["usual", "u_shape", "v_shape", "level", "linear"]
PREFERENCE_THRESHOLDS: dict[PreferenceName, tuple[Literal["q", "p"], ...]] = {
    "usual": (),
    "u_shape": ("q",),
    "v_shape": ("p",),
    "level": ("q", "p"),
    "linear": ("q", "p"),
}
"""Which thresholds each preference function has, and needs."""

WhyNoRanks = Literal["no_applicants", "one_applicant", "identical_applicants", "zero_value", "no_weight"]
"""Why a method gives no ranks.

no_applicants: nobody has an official rank. one_applicant: the method compares applicants and there is one only.
identical_applicants: on every criterion that counts all applicants have the same points, and the method divides by
their differences. zero_value: somebody has 0 points on a criterion that counts, and the method takes products or
logarithms of points. no_weight: no criterion counts in the ranking total.
"""

WhyNoTau = Literal["no_ranks", "one_applicant", "all_tied_official", "all_tied_method"]
"""Why there is no tau: the method gives no ranks, there is nobody to compare with, or one side ties everybody."""


class MethodRule(FileModel):
    """A method and its settings. Where the settings are the usual ones, the name alone is enough."""

    method: MethodName = Field(description="Its name")
    v: Exact | None = Field(
        None, description="vikor: the weight of the sum of shortfalls against the worst of them, from 0 to 1 (1/2)"
    )
    preference: PreferenceName | None = Field(
        None, description="promethee2: how far more points are preferred (usual: any difference counts fully)"
    )
    q: LimitField | None = Field(
        None, description="promethee2: differences up to it count nothing; 5% of the points of a criterion, or points"
    )
    p: LimitField | None = Field(
        None, description="promethee2: differences above it count fully; 20% of the points of a criterion, or points"
    )

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> Any:  # noqa: ANN401 -- a name or a mapping
        written = {key: value for key, value in handler(self).items() if value is not None}
        return self.method if set(written) == {"method"} else written

    @property
    def settings(self) -> tuple[tuple[str, str], ...]:
        """What the method is computed with, defaults written out: names and values in a fixed order."""
        if self.method == "vikor":
            return (("v", show(self.weight_of_sum)),)
        if self.method != "promethee2":
            return ()
        thresholds = ((key, getattr(self, key)) for key in PREFERENCE_THRESHOLDS[self.shape])
        return (("preference", self.shape), *((key, str(value)) for key, value in thresholds))

    @property
    def pool_relative(self) -> bool:
        """Whether the order of two applicants may depend on a third."""
        return self.method in POOL_RELATIVE

    @property
    def weight_of_sum(self) -> Fraction:
        """VIKOR's v, a half where none is given."""
        return Fraction(1, 2) if self.v is None else self.v

    @property
    def shape(self) -> PreferenceName:
        """The preference function of PROMETHEE II, usual where none is given."""
        return self.preference or "usual"


def _from_name(value: Any) -> Any:  # noqa: ANN401 -- whatever a file holds
    return value if value is None or isinstance(value, dict | MethodRule) else {"method": value}


MethodField = Annotated[MethodRule, BeforeValidator(_from_name, json_schema_input_type=MethodName | MethodRule)]
"""A method by its name, or a mapping of its name and settings."""

WEIGHTED_SUM = MethodRule(method="weighted_sum")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrossCheck:
    """How one method orders the ranked applicants.

    ``settings`` are the method's, as in :attr:`MethodRule.settings`.
    ``scores`` and ``ranks`` have one entry for each applicant that has an official rank, in the order of
    ``Evaluation.ranking``; both are empty where the method gives nothing, and ``why`` then is the code of the reason.
    ``scores`` are floating-point figures, greater is better whatever the method's own direction; ``ranks`` are
    competition ranks (1, 1, 3), equal where scores differ by no more than rounding error. ``left_out`` names criteria
    on which all these applicants are equal and which the method cannot use. ``tau`` is Kendall's tau-b between these
    ranks and the official ones, rounded to four decimals; None, with ``tau_why``, where it is not defined.
    """

    method: MethodName
    settings: tuple[tuple[str, str], ...] = ()
    scores: NDArray[np.float64]
    ranks: NDArray[np.int32]
    why: WhyNoRanks | Literal[""] = ""
    left_out: tuple[str, ...] = ()
    tau: Fraction | None = None
    tau_why: WhyNoTau | Literal[""] = ""

    @property
    def pool_relative(self) -> bool:
        """Whether the order of two applicants may depend on a third."""
        return self.method in POOL_RELATIVE
