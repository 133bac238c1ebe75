"""Second opinions on points: what a method is given, what it cannot judge, and what never changes its answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.model.cross_check import POOL_RELATIVE, CrossCheck, MethodName, MethodRule
from evaluator.model.exact import Column
from evaluator.model.numbers import round_to
from evaluator.model.rubric import Rubric
from evaluator.scoring.cross_checks import cross_checks, official_scores, round_scores
from evaluator.scoring.pool import leaf_weights
from tests.oracle import methods_oracle

few = settings(max_examples=settings().max_examples // 4)

METHODS: tuple[MethodName, ...] = tuple(MethodRule.model_fields["method"].annotation.__args__)  # type: ignore[union-attr]
Points = Sequence[Sequence[Any]]


def rubric_of(*points: Any, checks: Sequence[Any] = METHODS, **more: Any) -> Rubric:
    """One root for each entry: its points, or a mapping with more keys."""
    nodes = [entry if isinstance(entry, dict) else {"points": entry} for entry in points]
    criteria = [{"id": f"c{i}", "title": f"c{i}", **node} for i, node in enumerate(nodes)]
    told = {"schema": 1, "id": "a", "version": "1", "title": "a", "criteria": criteria, "cross_checks": list(checks)}
    return Rubric.model_validate({**told, **more})


def columns(rows: Points, ids: Sequence[str] = ()) -> dict[str, Column]:
    """The points of applicants, one row each, as columns of leaves c0, c1, ..."""
    by_leaf: Points = list(zip(*rows, strict=True)) if rows else [()] * len(ids)
    names = ids or [f"c{j}" for j in range(len(by_leaf))]
    return {name: Column.of(Fraction(x) for x in column) for name, column in zip(names, by_leaf, strict=True)}


def opinions(rubric: Rubric, rows: Points, ranks: Sequence[int] | None = None) -> dict[str, CrossCheck]:
    official = np.arange(1, len(rows) + 1) if ranks is None else np.array(ranks)
    leaves = [leaf.id for leaf in rubric.leaves()]
    found = cross_checks(rubric, columns(rows, leaves), official.astype(np.int32))
    return {check.method: check for check in found}


ROWS: Points = [["24", 18, "7.5"], [30, "12.5", 9], ["21.5", 20, 4], [12, 8, "1.5"]]


@pytest.mark.parametrize("name", [name for name in METHODS if name != "promethee2"])
def test_a_method_sees_shares_of_points_and_weights_that_are_points(name: MethodName) -> None:
    found = opinions(rubric_of(30, 20, 10), ROWS)[name]
    shares = [[float(Fraction(x) / p) for x, p in zip(row, (30, 20, 10), strict=True)] for row in ROWS]
    expected = getattr(methods_oracle, name)(shares, [1 / 2, 1 / 3, 1 / 6], [1, 1, 1])
    assert found.scores == pytest.approx(expected, abs=1e-12)
    assert found.why == "" and found.left_out == ()


def test_promethee_sees_points_and_thresholds_exactly() -> None:
    """0.3 - 0.2 is a tenth of a point: no more than q, although floating point says otherwise."""
    rubric = rubric_of(1, 2, checks=[{"method": "promethee2", "preference": "linear", "q": "10%", "p": "0.3"}])
    rows = [["0.3", "0.5"], ["0.2", "0.7"], ["0.5", "0.8"]]
    found = opinions(rubric, rows)["promethee2"]
    expected = methods_oracle.promethee2(
        [[Fraction(row[j]) for row in rows] for j in range(2)],
        [Fraction(1, 3), Fraction(2, 3)],
        [("linear", Fraction(1, 10), Fraction(3, 10)), ("linear", Fraction(1, 5), Fraction(3, 10))],
    )
    assert found.scores == pytest.approx([float(x) for x in expected], abs=1e-15)
    assert found.settings == (("preference", "linear"), ("q", "10%"), ("p", "0.3"))


def test_vikor_is_given_its_v() -> None:
    rubric = rubric_of(30, 20, 10, checks=[{"method": "vikor", "v": "0.9"}])
    shares = [[float(Fraction(x) / p) for x, p in zip(row, (30, 20, 10), strict=True)] for row in ROWS]
    expected = methods_oracle.vikor(shares, [1 / 2, 1 / 3, 1 / 6], [1, 1, 1], v=0.9)
    assert opinions(rubric, ROWS)["vikor"].scores == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", METHODS)
def test_equal_in_every_sense_is_one_score_and_one_rank(name: MethodName) -> None:
    """Four applicants with the same marks on each other's criteria of one weight; sums differ in the last digit."""
    rows = [np.roll(["0.3", "1", "0.7", "0.6"], k).tolist() for k in range(4)]
    found = opinions(rubric_of(1, 1, 1, 1, checks=[name]), rows)[name]
    assert (found.ranks.tolist(), len(set(found.scores.tolist()))) == ([1, 1, 1, 1], 1)


def test_weights_are_what_a_leaf_can_contribute_to_the_ranking_total() -> None:
    group = {
        "points": 30,
        "of": 50,
        "children": [
            {"id": "x", "title": "x", "points": 20, "ranking_weight": "1.5"},
            {"id": "y", "title": "y", "points": 30, "of": 60, "children": [{"id": "z", "title": "z", "points": 60}]},
        ],
    }
    rubric = rubric_of(10, group, {"points": 5, "ranking_weight": 0})
    assert leaf_weights(rubric) == {"c0": 10, "x": 18, "z": 18, "c2": 0}
    # A leaf that does not count takes no part, whatever is on it.
    assert opinions(rubric, [[1, 2, 3, 0], [4, 4, 4, 0]])["weighted_product"].why == ""


def test_the_weighted_sum_is_the_official_order() -> None:
    rng = Random(1)
    for _ in range(50):
        rubric = rubric_of(30, {"points": 20, "ranking_weight": "0.5"}, 7, checks=["weighted_sum"])
        rows = [[Fraction(rng.randrange(2 * p + 1), 2) for p in (30, 20, 7)] for _ in range(12)]
        totals = [row[0] + row[1] / 2 + row[2] for row in rows]
        official = [1 + sum(t > own for t in totals) for own in totals]
        found = opinions(rubric, rows, official)["weighted_sum"]
        assert found.ranks.tolist() == official
        assert found.tau == 1 or (found.tau is None and found.tau_why == "all_tied_official")


@pytest.mark.parametrize("name", METHODS)
def test_nobody(name: MethodName) -> None:
    found = opinions(rubric_of(30, 20, checks=[name]), [])[name]
    assert (found.why, found.tau_why, found.scores.size, found.ranks.size) == ("no_applicants", "no_ranks", 0, 0)


@pytest.mark.parametrize("name", METHODS)
def test_one_applicant(name: MethodName) -> None:
    found = opinions(rubric_of(30, 20, checks=[name]), [[15, 10]])[name]
    if name in POOL_RELATIVE:
        assert (found.why, found.tau_why, found.ranks.size) == ("one_applicant", "no_ranks", 0)
    else:
        assert (found.why, found.ranks.tolist(), found.tau_why) == ("", [1], "one_applicant")
        assert found.scores.tolist() == pytest.approx([0.5])


@pytest.mark.parametrize("name", METHODS)
def test_all_applicants_alike(name: MethodName) -> None:
    found = opinions(rubric_of(30, 20, checks=[name]), [[15, 10]] * 3)[name]
    if name in {"topsis", "vikor", "edas"}:
        assert (found.why, found.tau_why, found.ranks.size) == ("identical_applicants", "no_ranks", 0)
    else:
        assert (found.why, found.ranks.tolist(), found.tau_why) == ("", [1, 1, 1], "all_tied_method")


@pytest.mark.parametrize("name", METHODS)
def test_all_applicants_with_nothing(name: MethodName) -> None:
    found = opinions(rubric_of(30, 20, checks=[name]), [[0, 0]] * 3)[name]
    reasons = dict.fromkeys(("weighted_product", "waspas"), "zero_value")
    reasons |= dict.fromkeys(("topsis", "vikor", "edas", "moora", "aras"), "identical_applicants")
    assert found.why == reasons.get(name, "")


@pytest.mark.parametrize("name", METHODS)
def test_a_criterion_on_which_all_are_equal(name: MethodName) -> None:
    """VIKOR divides by its range and leaves it out; for the others it changes nothing, or the same for everybody."""
    rows = [[15, 10, 3], [20, 10, 1], [25, 10, 2]]
    found = opinions(rubric_of(30, 20, 5, checks=[name]), rows)[name]
    assert found.left_out == (("c1",) if name == "vikor" else ())
    assert found.ranks.size == 3
    if name == "vikor":
        without = opinions(rubric_of(30, 5, checks=[name]), [[row[0], row[2]] for row in rows])[name]
        assert found.scores.tolist() == without.scores.tolist()


@pytest.mark.parametrize("name", METHODS)
def test_a_criterion_on_which_nobody_has_points(name: MethodName) -> None:
    rows = [[15, 0, 3], [20, 0, 1], [25, 0, 2]]
    found = opinions(rubric_of(30, 20, 5, checks=[name]), rows)[name]
    if name in {"weighted_product", "waspas"}:
        assert (found.why, found.ranks.size) == ("zero_value", 0)
        return
    assert found.left_out == (("c1",) if name in {"topsis", "vikor", "moora", "aras", "edas"} else ())
    if found.left_out:
        without = opinions(rubric_of(30, 5, checks=[name]), [[row[0], row[2]] for row in rows])[name]
        assert found.scores.tolist() == without.scores.tolist()


@pytest.mark.parametrize("name", METHODS)
def test_one_zero(name: MethodName) -> None:
    found = opinions(rubric_of(30, 20, checks=[name]), [[15, 10], [0, 20], [30, 1]])[name]
    assert found.why == ("zero_value" if name in {"weighted_product", "waspas"} else "")


@pytest.mark.parametrize("name", METHODS)
def test_no_criterion_counts(name: MethodName) -> None:
    rubric = rubric_of({"points": 30, "ranking_weight": 0}, checks=[name])
    assert opinions(rubric, [[1], [2]])[name].why == "no_weight"


def test_tau_is_not_defined_where_all_are_tied_officially() -> None:
    found = opinions(rubric_of(30, 20, checks=["topsis"]), [[15, 10], [20, 5]], ranks=[1, 1])["topsis"]
    assert (found.tau, found.tau_why) == (None, "all_tied_official")


def test_nothing_is_asked_of_a_rubric_without_cross_checks() -> None:
    assert cross_checks(rubric_of(30, checks=[]), {}, np.zeros(0, np.int32)) == ()


@st.composite
def pools(draw: st.DrawFn) -> tuple[list[int], list[list[Fraction]]]:
    """Points of criteria, and applicants with half points, some of them alike, some criteria constant."""
    limits = draw(st.lists(st.integers(1, 40), min_size=1, max_size=4))
    values = [st.integers(draw(st.integers(0, 2)), 2 * limit).map(lambda k: Fraction(k, 2)) for limit in limits]
    rows = draw(st.lists(st.tuples(*values).map(list), min_size=2, max_size=8))
    rows += [rows[0]] * draw(st.integers(0, 2))
    return limits, rows


CHECKS: list[Any] = [
    *METHODS,
    {"method": "vikor", "v": "0.9"},
    {"method": "promethee2", "preference": "linear", "q": "10%", "p": "40%"},
    {"method": "promethee2", "preference": "level", "q": "5%", "p": "50%"},
    {"method": "promethee2", "preference": "v_shape", "p": "100%"},
    {"method": "promethee2", "preference": "u_shape", "q": "25%"},
]


def everything(limits: Sequence[Any], rows: Points) -> tuple[CrossCheck, ...]:
    rubric = rubric_of(*limits, checks=CHECKS)
    return cross_checks(rubric, columns(rows), np.arange(1, len(rows) + 1, dtype=np.int32))


@few
@given(pools(), st.randoms(use_true_random=False))
def test_the_order_of_applicants_changes_no_digit(pool: tuple[list[int], Points], rng: Random) -> None:
    limits, rows = pool
    moved = rng.sample(range(len(rows)), len(rows))
    before, after = everything(limits, rows), everything(limits, [rows[i] for i in moved])
    for a, b in zip(before, after, strict=True):
        assert (a.why, a.left_out) == (b.why, b.left_out)
        if not a.why:
            assert a.scores[moved].tolist() == b.scores.tolist()
            assert a.ranks[moved].tolist() == b.ranks.tolist()


@few
@given(pools(), st.randoms(use_true_random=False))
def test_the_order_of_criteria_changes_no_rank(pool: tuple[list[int], Points], rng: Random) -> None:
    limits, rows = pool
    moved = rng.sample(range(len(limits)), len(limits))
    before = everything(limits, rows)
    after = everything([limits[j] for j in moved], [[row[j] for j in moved] for row in rows])
    for a, b in zip(before, after, strict=True):
        assert a.why == b.why
        assert a.ranks.tolist() == b.ranks.tolist(), a.method
        assert a.scores == pytest.approx(b.scores, abs=1e-9)


@few
@given(pools(), st.sampled_from([Fraction(3), Fraction(1, 7), Fraction(100, 9)]))
def test_the_unit_of_points_changes_no_rank(pool: tuple[list[int], Points], factor: Fraction) -> None:
    limits, rows = pool
    before = everything(limits, rows)
    after = everything([limit * factor for limit in limits], [[x * factor for x in row] for row in rows])
    for a, b in zip(before, after, strict=True):
        assert (a.why, a.left_out, a.ranks.tolist()) == (b.why, b.left_out, b.ranks.tolist())


@few
@given(pools())
def test_who_is_better_in_nothing_is_never_ahead(pool: tuple[list[int], Points]) -> None:
    limits, rows = pool
    for check in everything(limits, rows):
        for i, a in enumerate(rows if not check.why else ()):
            for j, b in enumerate(rows):
                if all(x >= y for x, y in zip(a, b, strict=True)):
                    assert check.ranks[i] <= check.ranks[j], check.method
                if a == b:
                    assert check.ranks[i] == check.ranks[j] and check.scores[i] == check.scores[j]


@few
@given(pools())
def test_a_withdrawal_changes_nothing_where_nobody_is_compared(pool: tuple[list[int], Points]) -> None:
    limits, rows = pool
    before, after = everything(limits, rows), everything(limits, rows[:-1])
    for a, b in zip(before, after, strict=True):
        if not a.pool_relative and not a.why:
            assert a.scores[:-1] == pytest.approx(b.scores, abs=1e-12)


def test_a_withdrawal_reverses_two_others_where_they_are() -> None:
    """The example of docs/methods.md: the last of three withdraws."""
    rubric = rubric_of(50, 50, checks=["weighted_sum", "spotis", *sorted(POOL_RELATIVE)])
    three, two = opinions(rubric, [[40, 20], [25, 34], [5, 45]]), opinions(rubric, [[40, 20], [25, 34]])
    for name in ("weighted_sum", "spotis"):
        assert three[name].ranks.tolist() == [1, 2, 3]
        assert two[name].ranks.tolist() == [1, 2]
    for name in ("topsis", "moora", "aras", "edas", "waspas"):
        assert three[name].ranks.tolist() == [1, 2, 3]
        assert two[name].ranks.tolist() == [2, 1], name
    assert three["topsis"].scores.round(4).tolist() == [0.6385, 0.5686, 0.3615]
    assert two["topsis"].scores.round(4).tolist() == [0.4726, 0.5274]


def official(name: Any, rows: Points, total: int = 4, mode: str = "half_up") -> Any:
    rounding = {"total": total, "mode": mode}
    rubric = rubric_of(30, 20, checks=[], method=name, rounding=rounding)
    return official_scores(rubric, columns(rows), len(rows))


def test_official_scores_are_rounded_and_greater_is_better() -> None:
    rows: Points = [[24, 18], [30, "12.5"], ["21.5", 20]]
    for name in METHODS:
        found = official(name, rows)
        scores = opinions(rubric_of(30, 20, checks=[name]), rows)[name].scores
        assert found.why == ""
        assert found.scores.fractions() == [round_to(Fraction(repr(float(x))), 4) for x in scores]
    assert official("topsis", rows[:1]).why == "one_applicant"
    assert official("topsis", rows[:1]).scores is None
    assert official("spotis", rows[:1]).scores.fractions() == [Fraction("0.8400")]


def test_an_exact_half_is_rounded_as_one() -> None:
    """Net flows of a few applicants are fractions like 1/8, and floating point may miss them by a hair."""
    scores = np.array([0.125, np.nextafter(0.125, 0), np.nextafter(0.125, 1), -0.125, 0.135])
    for mode, expected in (("half_up", [13, 13, 13, -13, 14]), ("half_even", [12, 12, 12, -12, 14])):
        found, doubtful = round_scores(scores, 2, mode)  # type: ignore[arg-type]
        assert (found.num.tolist(), found.den, doubtful) == (expected, 100, ())
    found, doubtful = round_scores(np.array([0.12, np.nextafter(0.12, 0), -0.129]), 2, "down")
    assert (found.num.tolist(), doubtful) == ([12, 12, -12], ())


def test_a_score_beside_a_rounding_point_is_doubtful() -> None:
    scores = np.array([0.125 + 5e-12, 0.125 - 5e-12, 0.125 + 5e-11, 0.3])
    found, doubtful = round_scores(scores, 2, "half_up")
    assert found.num.tolist() == [13, 12, 13, 30]
    assert doubtful == (0, 1)
    assert round_scores(np.array([0.12 - 5e-12, 0.12 + 5e-12, 0.128]), 2, "down")[1] == (0, 1)


def of_one_criterion(*steps: Fraction) -> Any:
    """Under SPOTIS a single criterion's share is the score: an eighth and so many units of the twelfth decimal."""
    rubric = rubric_of(1, checks=[], method="spotis", rounding={"total": 2})
    return official_scores(rubric, columns([[Fraction(1, 8) + step / 10**12] for step in steps]), len(steps))


def test_who_is_made_equal_across_a_rounding_point_is_doubtful() -> None:
    """A chain of neighbours, each within rounding error of the next: its ends are not, and lie on both sides of a half.

    Far away is somebody whom the chain does not concern.
    """
    chain = [Fraction(9, 10) * k - 90 for k in range(200)]
    found = of_one_criterion(*chain, Fraction(3 * 10**11))
    assert found.scores.num.tolist() == [12] * 200 + [43]
    assert found.doubtful == tuple(range(200))
    # With a gap at the half there are two chains, and each is rounded as all of it would be.
    gap = of_one_criterion(*(step + 40 * (step >= 0) for step in chain))
    assert gap.scores.num.tolist() == [12] * 100 + [13] * 100
    assert gap.doubtful == ()


def test_who_is_made_equal_and_rounded_alike_is_not_doubtful() -> None:
    """Equal rows, and rows that are not equal: what was made equal decides nothing here."""
    found = of_one_criterion(*[Fraction(2, 5) * k + 5000 for k in (0, 0, 1, 2)])
    assert found.scores.num.tolist() == [13] * 4
    assert found.doubtful == ()


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=20), st.integers(0, 9))
def test_rounding_is_that_of_the_decimal_form(scores: list[float], decimals: int) -> None:
    for mode in ("half_up", "half_even", "down"):
        found, _ = round_scores(np.array(scores), decimals, mode)
        for value, rounded in zip(scores, found.fractions(), strict=True):
            taken = round_to(Fraction(repr(value)), 12, "half_even")
            assert rounded == round_to(taken, decimals, mode)


def test_nobody_pays_for_an_import_that_was_not_asked_for() -> None:
    """Evaluating a round without cross-checks, and PROMETHEE II, which is our own."""
    program = """
import sys
from pathlib import Path
from evaluator.files import load_round
from evaluator.workflow import evaluate
import numpy as np
from evaluator.model.cross_check import MethodRule
from evaluator.model.exact import Column
from evaluator.scoring.cross_checks import cross_checks
rubric, round_ = load_round(Path(sys.argv[1]))
evaluate(rubric, round_)
asked = rubric.model_copy(update={"cross_checks": (MethodRule(method="promethee2"),)})
ranks = np.array([3, 2, 1], np.int32)
check, = cross_checks(asked, {leaf.id: Column(np.array([3, 4, 5])) for leaf in rubric.leaves()}, ranks)
assert check.ranks.tolist() == [3, 2, 1]
print(*sorted({"skcriteria", "pandas", "scipy"} & set(sys.modules)))
"""
    folder = Path(__file__).parent.parent / "accept/small"
    done = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
