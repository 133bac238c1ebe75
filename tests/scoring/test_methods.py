"""Every method against its publication: printed examples, formulas written a second time, and a second program."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluator.model.cross_check import MethodName
from evaluator.scoring.methods import TOLERANCE, Floats, competition_ranks, merged_scores, method_scores
from evaluator.scoring.promethee import Preference
from tests.oracle import methods_oracle

PUBLISHED = tomllib.loads((Path(__file__).parent.parent / "data/methods/published.toml").read_text("utf-8"))["example"]
WITH_ORACLE: tuple[MethodName, ...] = (
    "weighted_sum", "weighted_product", "topsis", "vikor", "spotis", "moora", "aras", "edas", "waspas",
)  # fmt: skip
BOTH_WAYS = {"topsis", "vikor", "spotis", "moora", "edas"}


def scores_of(example: dict[str, Any]) -> Floats:
    matrix, weights = np.array(example["matrix"], np.float64), np.array(example["weights"], np.float64)
    types = np.array(example["types"], np.int64)
    settings: dict[str, Any] = {"objectives": types}
    if example["method"] == "weighted_sum":
        # The publication's own scaling; points are on a common scale already and need none.
        matrix = np.where(types < 0, 1 / matrix, matrix)
        matrix, settings = matrix / matrix.sum(axis=0), {}
    if "v" in example:
        settings["v"] = example["v"]
    if "bounds" in example:
        settings["bounds"] = np.array(example["bounds"], np.float64)
    if "preference" in example:
        pairs = zip(example["q"], example["p"], strict=True)
        settings["preferences"] = [Preference(kind=example["preference"], q=q, p=p) for q, p in pairs]
    return method_scores(example["method"], matrix, weights, **settings)


@pytest.mark.parametrize("example", PUBLISHED, ids=[example["id"] for example in PUBLISHED])
def test_published_examples(example: dict[str, Any]) -> None:
    scores, expected = scores_of(example), np.array(example["expected"])
    if example["method"] in {"vikor", "spotis"}:  # printed as distances: less is better
        expected = 1 - expected
    assert scores == pytest.approx(expected, abs=example["tolerance"])
    assert competition_ranks(scores).tolist() == example.get("ranks", competition_ranks(expected).tolist())


def test_every_method_with_a_published_example_has_one() -> None:
    assert {example["method"] for example in PUBLISHED} == {"topsis", "vikor", "promethee2", "weighted_sum", "spotis"}


def cases(name: str) -> list[tuple[Floats, Floats, np.ndarray[Any, np.dtype[np.int64]]]]:
    rng = np.random.default_rng(len(name))
    found = []
    for n, m in ((2, 1), (2, 5), (7, 3), (30, 8), (200, 2)):
        matrix, weights = rng.uniform(0.05, 1, (n, m)), rng.uniform(0.1, 3, m)
        signs = rng.choice([-1, 1], m) if name in BOTH_WAYS else np.ones(m, np.int64)
        found.append((matrix, weights, np.asarray(signs, np.int64)))
        # A tenth of a point is the usual step: many equal values.
        found.append((np.maximum(np.round(matrix, 1), 0.1), weights, np.asarray(signs, np.int64)))
    return [case for case in found if (np.ptp(case[0], axis=0) > 0).all()]


@pytest.mark.parametrize("name", WITH_ORACLE)
def test_scores_are_those_of_the_formula(name: MethodName) -> None:
    oracle: Callable[..., list[float]] = getattr(methods_oracle, name)
    for matrix, weights, signs in cases(name):
        bounds = np.array([[0.0, 1.0]] * len(weights)) if name == "spotis" else None
        found = method_scores(name, matrix, weights, objectives=signs, bounds=bounds)
        expected = oracle(matrix.tolist(), (weights / weights.sum()).tolist(), signs.tolist())
        assert found == pytest.approx(expected, abs=1e-11), (matrix.shape, signs)


def second_program(name: str, m: int) -> Any:
    from pymcdm import methods, normalizations

    vector = normalizations.vector_normalization
    program: dict[str, Any] = {
        "weighted_sum": lambda: methods.WSM(lambda x, cost: x),
        "weighted_product": lambda: methods.WPM(lambda x, cost: x),
        "topsis": lambda: methods.TOPSIS(vector),
        "vikor": methods.VIKOR,
        "spotis": lambda: methods.SPOTIS(np.array([[0.0, 1.0]] * m)),
        "moora": methods.MOORA,
        "aras": methods.ARAS,
        "edas": methods.EDAS,
        "waspas": methods.WASPAS,
    }
    return program[name]()


@pytest.mark.parametrize("name", WITH_ORACLE)
def test_scores_are_those_of_a_second_program(name: MethodName) -> None:
    """pymcdm. It scales by other rules where less is better, so more is better here, but for MOORA, which it wants with
    a criterion of each kind."""
    for matrix, weights, _ in cases(name):
        bounds, types = np.array([[0.0, 1.0]] * len(weights)), np.ones(len(weights), np.int64)
        if name == "moora":
            types[-1] = -1
        if (types < 0).all():
            continue
        found = method_scores(name, matrix, weights, objectives=types, bounds=bounds)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*are domina", UserWarning)  # said of small pools
            expected = second_program(name, len(weights))(matrix, weights / weights.sum(), types)
        if name in {"vikor", "spotis"}:
            expected = 1 - expected
        finite = np.isfinite(expected)  # its VIKOR divides by a range of 0
        assert found[finite] == pytest.approx(expected[finite], abs=1e-11), matrix.shape


def test_scores_are_those_of_the_library_s_own_classes() -> None:
    import skcriteria
    from skcriteria.agg.edas import EDAS
    from skcriteria.agg.topsis import TOPSIS
    from skcriteria.agg.vikor import VIKOR
    from skcriteria.pipelines import mkpipe
    from skcriteria.preprocessing.scalers import SumScaler, VectorScaler

    rng = np.random.default_rng(8)
    matrix, weights = rng.random((50, 6)), rng.random(6)
    decision = skcriteria.mkdm(matrix, [max] * 6, weights=weights)
    shares = SumScaler(target="weights")
    closeness = mkpipe(VectorScaler(target="matrix"), shares, TOPSIS()).evaluate(decision).e_.similarity
    regret = mkpipe(shares, VIKOR(v=0.3)).evaluate(decision).e_.q_k
    appraisal = mkpipe(shares, EDAS()).evaluate(decision).e_.score
    assert method_scores("topsis", matrix, weights) == pytest.approx(closeness, abs=1e-12)
    assert method_scores("vikor", matrix, weights, v=0.3) == pytest.approx(1 - regret, abs=1e-12)
    assert method_scores("edas", matrix, weights) == pytest.approx(appraisal, abs=1e-12)


def test_vikor_does_not_make_ranks_of_the_rounding_error_of_equal_sums() -> None:
    """Four applicants with the same four marks, on each other's criteria: S and R are equal. In floating point one sum
    is not, and the library's class spreads the difference over half the scale."""
    import skcriteria
    from skcriteria.agg.vikor import VIKOR

    matrix = np.array([np.roll([0.3, 1.0, 0.7, 0.6], k) for k in range(4)])
    scores = method_scores("vikor", matrix, np.ones(4))
    assert scores.tolist() == [1, 1, 1, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        decision = skcriteria.mkdm(matrix, [max] * 4, weights=[0.25] * 4)
        theirs = VIKOR(use_compromise_set=False).evaluate(decision)
    assert theirs.rank_.tolist() == [1, 2, 1, 1]


def test_equal_but_for_rounding_error_is_equal() -> None:
    scores = np.array([0.1 + 0.2, 0.3, 0.3 - 2 * TOLERANCE, 0.9])
    assert competition_ranks(scores).tolist() == [2, 2, 4, 1]
    assert merged_scores(scores).tolist() == [0.3, 0.3, 0.3 - 2 * TOLERANCE, 0.9]
    # On a larger scale the error is larger; on a smaller one it is not looked for.
    assert competition_ranks(scores * 1e6).tolist() == [2, 2, 4, 1]
    assert competition_ranks(scores * 1e-13).tolist() == [1, 1, 1, 1]


def test_ranks_leave_out_as_many_as_share_one() -> None:
    assert competition_ranks(np.array([3.0, 5, 3, 5, 1, 3])).tolist() == [3, 1, 3, 1, 6, 3]


@pytest.mark.parametrize("name", ["weighted_sum", "weighted_product", "aras", "waspas"])
def test_some_methods_take_no_criterion_of_which_less_is_better(name: MethodName) -> None:
    with pytest.raises(ValueError, match="more is better"):
        method_scores(name, np.ones((2, 2)), np.ones(2), objectives=np.array([1, -1]))


def test_spotis_needs_bounds() -> None:
    with pytest.raises(ValueError, match="bounds"):
        method_scores("spotis", np.ones((2, 2)), np.ones(2))


@pytest.mark.parametrize("name", ["topsis", "moora", "aras", "edas", "waspas", "weighted_product"])
def test_what_was_to_be_decided_beforehand_is_loud(name: MethodName) -> None:
    """A column of zeros, which none of these can use, is never given to them; if it were, nothing would be NaN."""
    if name == "edas":
        matrix = np.array([[0.4, 0.5], [0.4, 0.5]])
    else:
        matrix = np.array([[0.0, 0.5], [0.0, 0.7]])
    try:
        scores = method_scores(name, matrix, np.ones(2))
    except FloatingPointError:
        return
    assert name == "edas" and np.isfinite(scores).all()
