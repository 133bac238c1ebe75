"""The oracle against cases computed by hand: what everything else is compared with must be right by itself."""

from __future__ import annotations

import itertools
import pathlib
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from tests.oracle.generate import half_up_text, random_case, write_case, written
from tests.oracle.oracle import (
    Answer,
    Case,
    Refused,
    Row,
    kept_weights,
    rounded,
    solve,
    weights_by_counting,
    weights_by_trying_all,
)

PANEL_MEAN: dict[str, Any] = {"aggregate": "mean"}


def rows(columns: str, *lines: str) -> list[Row]:
    """Table rows from lines of comma-separated cells."""
    names = columns.split(",")
    return [dict(zip(names, line.split(","), strict=True)) for line in lines]


def office_case(figures: dict[str, str], rubric: dict[str, Any] | None = None, **tables: list[Row]) -> Case:
    """One office criterion `c` of 100 points whose figure is the points; the rest as told."""
    base: dict[str, Any] = {
        "criteria": [{"id": "c", "points": 100, "source": "office", "title": "C"}],
        "adjustments": {"bonus_max": None, "penalty_max": None},
    }
    return Case(
        base | (rubric or {}),
        {},
        {
            "applicants": [{"id": a, "name": a} for a in figures],
            "office": [{"applicant": a, "criterion": "c", "score": s} for a, s in figures.items()],
            **tables,
        },
    )


def panel_case(
    criteria: list[dict[str, Any]],
    marks: dict[tuple[str, str], dict[str, str]],
    panel: dict[str, Any],
    rounding: dict[str, Any] | None = None,
    **more: Any,
) -> Case:
    """`marks` maps (applicant, criterion) to {reviewer: mark}."""
    applicants = sorted({a for a, _ in marks})
    reviewers = sorted({r for given in marks.values() for r in given})
    scores = [
        {"reviewer": r, "applicant": a, "criterion": c, "score": mark}
        for (a, c), given in marks.items()
        for r, mark in given.items()
    ]
    rubric: dict[str, Any] = {"criteria": criteria, "panel": panel, "rounding": rounding or {}}
    return Case(
        rubric | more.pop("rubric", {}),
        more.pop("includes", {}),
        {
            "applicants": [{"id": a, "name": a} for a in applicants],
            "reviewers": [{"id": r, "name": r} for r in reviewers],
            "scores": scores,
            **more,
        },
    )


def outcomes(answer: Answer) -> dict[str, str]:
    return {a: result.outcome for a, result in answer.applicants.items()}


def ranks(answer: Answer) -> dict[str, int | None]:
    return {a: result.rank for a, result in answer.applicants.items()}


# The national examination of 2023 (PSAT, grade 7, question 18): its published solution is the expected value.

PSAT_MARKS = {
    "A": (68, 65, 73, 75, 65),
    "B": (68, 73, 69, 70, 60),
    "C": (68, 62, 69, 65, 60),
    "D": (68, 65, 65, 65, 70),
    "E": (72, 65, 69, 75, 75),
}
PSAT_NAMES = ("갑", "을", "병", "정", "무")
PSAT_PRICES = (13, 20, 15, 14, 17)


def psat_case(threshold: str | None = "85%") -> Case:
    technical: dict[str, Any] = {"id": "technical", "points": 80, "title": "Technical"}
    if threshold:
        technical["threshold"] = threshold
    return Case(
        {
            "criteria": [technical, {"id": "price", "points": 20, "source": "office", "title": "Price"}],
            "panel": {"aggregate": "trimmed_mean", "trim": {"high": 1, "low": 1, "from": 3}},
            "rounding": {"mode": "half_up", "total": 4},
            "tie_break": ["technical", "decision"],
            "selection": {"places": 1},
        },
        {},
        {
            "applicants": [{"id": a, "name": a} for a in PSAT_NAMES],
            "reviewers": [{"id": r, "name": r} for r in PSAT_MARKS],
            "scores": [
                {"reviewer": r, "applicant": a, "criterion": "technical", "score": str(mark)}
                for r, given in PSAT_MARKS.items()
                for a, mark in zip(PSAT_NAMES, given, strict=True)
            ],
            "office": [
                {"applicant": a, "criterion": "price", "score": str(price)}
                for a, price in zip(PSAT_NAMES, PSAT_PRICES, strict=True)
            ],
        },
    )


def test_psat() -> None:
    answer = solve(psat_case())
    assert outcomes(answer) == {
        "정": "selected",
        "병": "not_selected",
        "갑": "not_selected",
        "을": "below_threshold",
        "무": "below_threshold",
    }
    assert ranks(answer) == {"정": 1, "병": 2, "갑": 3, "을": None, "무": None}
    totals = {a: result.total for a, result in answer.applicants.items()}
    assert totals == {"갑": 81, "을": 85, "병": 84, "정": 84, "무": 82}
    assert answer.applicants["갑"].points["technical"] == 68
    assert answer.applicants["정"].points["technical"] == 70
    assert answer.applicants["을"].reasons == ("below_threshold:technical",)
    # 갑 was given 68 68 68 68 72: the 72 goes, and one of four equal 68s
    assert [answer.kept[r, "갑", "technical"] for r in "ABCDE"] == [Fraction(3, 4)] * 4 + [0]
    assert answer.ties == ()
    assert answer.cut_line is not None
    assert (answer.cut_line.filled, answer.cut_line.margin) == (1, Fraction(0))


def test_psat_without_the_threshold_is_won_by_another() -> None:
    answer = solve(psat_case(threshold=None))
    assert ranks(answer) == {"을": 1, "정": 2, "병": 3, "무": 4, "갑": 5}


# Kept weights.


@pytest.mark.parametrize(
    ("values", "low", "high", "expected"),
    [
        ([1, 2, 3], 1, 1, [0, 1, 0]),
        ([5, 5, 7, 9], 1, 1, [Fraction(1, 2), Fraction(1, 2), 1, 0]),
        ([5, 5, 5, 5], 1, 1, [Fraction(1, 2)] * 4),  # high and low meet in the same four
        ([5, 5, 5], 1, 1, [Fraction(1, 3)] * 3),
        ([4, 4, 6, 6], 1, 1, [Fraction(1, 2)] * 4),
        ([3, 9, 9, 9, 9], 1, 2, [0, Fraction(1, 2), Fraction(1, 2), Fraction(1, 2), Fraction(1, 2)]),
        ([3, 3, 3, 8], 2, 1, [Fraction(1, 3), Fraction(1, 3), Fraction(1, 3), 0]),
        ([1, 2, 2, 2, 7], 2, 2, [0, Fraction(1, 3), Fraction(1, 3), Fraction(1, 3), 0]),
        ([2, 1], 0, 0, [1, 1]),
        ([2, 1, 3, 4], 1, 1, [1, 0, 1, 0]),  # the median of four keeps the middle two
        ([6], 0, 0, [1]),
    ],
)
def test_kept_weights(values: list[int], low: int, high: int, expected: list[Fraction]) -> None:
    assert kept_weights([Fraction(v) for v in values], low, high) == expected


def test_counting_weights_is_trying_all() -> None:
    for size in range(1, 6):
        for pattern in itertools.product(range(3), repeat=size):
            for low in range(size):
                for high in range(size - low):
                    assert weights_by_counting(pattern, low, high) == weights_by_trying_all(pattern, low, high)


@pytest.mark.parametrize(
    ("marks", "expected"), [(["2", "9"], Fraction(11, 2)), (["1", "4", "8", "10"], 6), (["3", "1", "8"], 3), (["7"], 7)]
)
def test_median(marks: list[str], expected: Fraction) -> None:
    given = {f"r{i}": mark for i, mark in enumerate(marks)}
    case = panel_case([{"id": "c", "points": 10}], {("a", "c"): given}, {"aggregate": "median", "level": "criterion"})
    assert solve(case).applicants["a"].total == expected


def test_trimming_by_sheet_and_by_criterion_differ() -> None:
    criteria = [{"id": "x", "points": 10}, {"id": "y", "points": 10}]
    marks = {("a", "x"): {"r1": "10", "r2": "5", "r3": "0"}, ("a", "y"): {"r1": "1", "r2": "4", "r3": "9"}}
    trim = {"aggregate": "trimmed_mean", "trim": {"high": 1, "low": 1}}
    # sheets 11, 9, 9: the 11 goes, and half of each 9 stays
    by_sheet = solve(panel_case(criteria, marks, trim)).applicants["a"]
    assert (by_sheet.points["x"], by_sheet.points["y"]) == (Fraction(5, 2), Fraction(13, 2))
    by_criterion = solve(panel_case(criteria, marks, trim | {"level": "criterion"})).applicants["a"]
    assert (by_criterion.points["x"], by_criterion.points["y"]) == (Fraction(5), Fraction(4))


def test_nothing_is_dropped_below_from() -> None:
    marks = {("a", "c"): {"r1": "0", "r2": "9", "r3": "9"}}
    panel = {"aggregate": "trimmed_mean", "trim": {"high": 1, "low": 1, "from": 4}}
    assert solve(panel_case([{"id": "c", "points": 10}], marks, panel)).applicants["a"].total == 6


# Rounding.


@pytest.mark.parametrize(
    ("value", "decimals", "half_up", "half_even", "down"),
    [
        ("2.5", 0, "3", "2", "2"),
        ("3.5", 0, "4", "4", "3"),
        ("-2.5", 0, "-3", "-2", "-2"),
        ("-3.5", 0, "-4", "-4", "-3"),
        ("-0.05", 1, "-0.1", "0", "0"),
        ("84.99995", 4, "85", "85", "84.9999"),
        ("0.125", 2, "0.13", "0.12", "0.12"),
        ("0.1251", 2, "0.13", "0.13", "0.12"),
        ("-1.24", 1, "-1.2", "-1.2", "-1.2"),
    ],
)
def test_rounding(value: str, decimals: int, half_up: str, half_even: str, down: str) -> None:
    for mode, expected in (("half_up", half_up), ("half_even", half_even), ("down", down)):
        assert rounded(Fraction(value), decimals, mode) == Fraction(expected)


@pytest.mark.parametrize(("mode", "expected"), [("half_up", -3), ("half_even", -2), ("down", -2)])
def test_a_negative_total_is_rounded_in_the_rubrics_mode(mode: str, expected: int) -> None:
    case = office_case(
        {"a": "1.5"},
        {"rounding": {"mode": mode, "total": 0}},
        adjustments=rows("applicant,kind,points,reason", "a,penalty,4,late"),
    )
    assert solve(case).applicants["a"].total == expected


def test_every_stage_rounds_before_the_next() -> None:
    """Skating: mean, two decimals, times a factor, two decimals, sum."""
    scale = {"min": 0, "max": 10, "step": "0.25"}
    criteria = [{"id": "c", "points": 16, "scale": scale}]
    marks = {("a", "c"): {"r1": "7.25", "r2": "7.5", "r3": "7.25"}}
    panel = {"order": "consensus_first", "level": "criterion"}
    result = solve(panel_case(criteria, marks, panel, {"consensus": 2, "points": 2, "total": 2})).applicants["a"]
    # 22/3 = 7.333 -> 7.33; 7.33 * 1.6 = 11.728 -> 11.73 (7.333... * 1.6 would be 11.733 -> 11.73 as well)
    assert (result.consensus["c"], result.points["c"]) == (Fraction("7.33"), Fraction("11.73"))
    coarse = solve(panel_case(criteria, marks, panel, {"consensus": 0, "points": 1})).applicants["a"]
    assert (coarse.consensus["c"], coarse.points["c"]) == (Fraction(7), Fraction("11.2"))


def test_pass_mark_raw_and_rounded() -> None:
    rubric = {"rounding": {"total": 4}, "pass_mark": "85%"}
    figures = {"just": "84.99995", "under": "84.99994"}
    answer = solve(office_case(figures, rubric))
    assert outcomes(answer) == {"just": "ranked", "under": "below_pass_mark"}
    answer = solve(office_case(figures, rubric | {"pass_compare": "raw"}))
    assert outcomes(answer) == {"just": "below_pass_mark", "under": "below_pass_mark"}


# Conversions, `of`, include, weights.


def converts(leaf: dict[str, Any], mark: str) -> Fraction:
    case = panel_case([{"id": "c", **leaf}], {("a", "c"): {"r": mark}}, PANEL_MEAN)
    return solve(case).applicants["a"].points["c"]


def test_conversions() -> None:
    one_to_five = {"min": 1, "max": 5}
    assert converts({"points": 20, "scale": one_to_five, "convert": {"kind": "linear"}}, "2") == 5
    assert converts({"points": 20, "scale": one_to_five, "convert": {"kind": "proportional"}}, "2") == 8
    lower = {"min": 1, "max": 9, "direction": "lower"}
    assert converts({"points": 8, "scale": lower, "convert": {"kind": "linear"}}, "3") == 6
    below_zero = {"min": -5, "max": 5}
    assert converts({"points": 30, "scale": below_zero, "convert": {"kind": "linear"}}, "-2") == 9
    target = {"points": 16, "scale": {"min": 0, "max": 1}, "convert": {"kind": "target", "at": "0.95"}}
    assert converts(target, "0.76") == Fraction("12.8")
    assert converts(target, "0.97") == 16
    levels = [{"value": v, "title": "L"} for v in (1, 2, 3)]
    grades = {"kind": "grades", "grades": {"1": 40, "2": "87.5", "3": 100}}
    assert converts({"points": 16, "levels": levels, "convert": grades}, "2") == 14


def test_relative_to_best() -> None:
    """The best is sought among those neither withdrawn nor failed at a gate before scoring."""
    leaf = {"id": "c", "points": 20, "source": "office", "convert": {"kind": "relative_to_best"}}
    out = {
        "gates": [{"id": "docs", "when": "before_scoring"}],
        "criteria": [leaf],
    }
    verdicts = rows("applicant,gate,outcome", "a,docs,pass", "b,docs,pass", "c,docs,fail", "d,docs,pass")
    case = office_case({"a": "40", "b": "30", "c": "90", "d": "80"}, out, gates=verdicts)
    for row in case.tables["applicants"]:
        row["status"] = "withdrawn" if row["id"] == "d" else ""
    answer = solve(case)
    assert answer.applicants["b"].points["c"] == 15
    assert outcomes(answer) == {"a": "ranked", "b": "ranked", "c": "gate_failed", "d": "withdrawn"}
    assert answer.applicants["c"].points == {}
    cheap = leaf | {"scale": {"min": 1, "max": 1000, "direction": "lower"}}
    answer = solve(office_case({"a": "40", "b": "30"}, {"criteria": [cheap]}))
    assert answer.applicants["a"].points["c"] == 15
    answer = solve(office_case({"a": "0", "b": "0"}, {"criteria": [leaf]}))
    assert answer.applicants["a"].points["c"] == 0


def test_a_scaled_group_is_rounded_once_more() -> None:
    criteria = [
        {
            "id": "g",
            "points": 9,
            "of": 100,
            "children": [
                {"id": "x", "points": 60, "source": "office"},
                {"id": "y", "points": 40, "source": "office", "ranking_weight": 2},
            ],
        }
    ]
    case = office_case({"a": "0"}, {"criteria": criteria, "rounding": {"points": 1}})
    case.tables["office"] = rows("applicant,criterion,score", "a,x,41.25", "a,y,20.04")
    result = solve(case).applicants["a"]
    # 41.25 -> 41.3, 20.04 -> 20.0; 61.3 * 0.09 = 5.517 -> 5.5; weighted 81.3 * 0.09 = 7.317 -> 7.3
    assert result.points == {"x": Fraction("41.3"), "y": 20, "g": Fraction("5.5")}
    assert (result.total, result.ranking_total) == (Fraction("5.5"), Fraction("7.3"))


def test_an_included_rubric_is_scaled_and_its_scales_stay() -> None:
    """Points and points-thresholds below scale, through two includes; percents and scales do not."""
    inner = {"criteria": [{"id": "deep", "points": 4, "source": "office", "threshold": 3}]}
    middle = {
        "criteria": [
            {"id": "nested", "points": 8, "include": "./inner.yaml"},
            {"id": "flat", "points": 12, "source": "office", "threshold": "50%"},
        ]
    }
    case = Case(
        {"criteria": [{"id": "top", "points": 10, "include": "./middle.yaml"}]},
        {"./middle.yaml": middle, "./inner.yaml": inner},
        {
            "applicants": rows("id,name", "a,A", "b,B"),
            "office": rows("applicant,criterion,score", "a,deep,3", "a,flat,6", "b,deep,2.9", "b,flat,5.9"),
        },
    )
    answer = solve(case)
    # factor 10/20, then 4/4 (8 points of 4, times 1/2): the leaf of 4 counts 4; flat 12 counts 6
    assert answer.applicants["a"].points == {"deep": 3, "nested": 3, "flat": 3, "top": 6}
    assert outcomes(answer) == {"a": "ranked", "b": "below_threshold"}
    assert answer.applicants["b"].reasons == ("below_threshold:deep", "below_threshold:flat")


def test_a_threshold_in_points_scales() -> None:
    other = {"criteria": [{"id": "x", "points": 10, "source": "office", "threshold": 6}]}
    case = office_case({"a": "0"}, {"criteria": [{"id": "g", "points": 5, "include": "./o.yaml"}]})
    case.includes["./o.yaml"] = other
    for figure, outcome in (("6", "ranked"), ("5.9", "below_threshold")):
        case.tables["office"] = [{"applicant": "a", "criterion": "x", "score": figure}]
        assert outcomes(solve(case)) == {"a": outcome}


# States of marks.


def test_an_abstention_takes_the_sheet_or_only_the_mark() -> None:
    criteria = [{"id": "x", "points": 10}, {"id": "y", "points": 10}]
    marks = {("a", "x"): {"r1": "10", "r2": "4"}, ("a", "y"): {"r1": "", "r2": "6"}}
    case = panel_case(criteria, marks, {"quorum": 1})
    next(row for row in case.tables["scores"] if not row["score"])["state"] = "abstained"
    result = solve(case)
    assert result.applicants["a"].points == {"x": 4, "y": 6}
    assert sorted(result.kept) == [("r2", "a", "x"), ("r2", "a", "y")]
    case.rubric["panel"] = {"level": "criterion"}
    assert solve(case).applicants["a"].points == {"x": 7, "y": 6}
    case.rubric["panel"] = {"quorum": 2}
    assert solve(case).missing.quorums == (("panel", "a"),)
    case.rubric["panel"] = {"quorum": 2, "level": "criterion"}
    assert solve(case).missing.quorums == (("panel", "a", "y"),)


def test_a_blank_ranks_nobody() -> None:
    marks = {("a", "x"): {"r1": "10", "r2": ""}, ("b", "x"): {"r1": "3", "r2": "4"}}
    answer = solve(panel_case([{"id": "x", "points": 10}], marks, PANEL_MEAN))
    assert not answer.rankable
    assert answer.missing.blanks == (("r2", "a", "x"),)
    assert outcomes(answer) == {"a": "not_rankable", "b": "not_rankable"}
    assert answer.applicants["b"].total is None


def test_recusals_owe_nothing() -> None:
    marks = {("a", "x"): {"r1": "10", "r2": ""}, ("b", "x"): {"r1": "", "r2": "4"}}
    case = panel_case([{"id": "x", "points": 10}], marks, PANEL_MEAN)
    case.tables["conflicts"] = rows("reviewer,applicant,kind,reason", "r2,a,회피,adviser")
    case.tables["scores"][2]["state"] = "recused"
    answer = solve(case)
    assert (answer.applicants["a"].total, answer.applicants["b"].total) == (Fraction(10), Fraction(4))
    case.tables["conflicts"] = rows("reviewer,applicant,kind,reason", "r2,*,회피,adviser")
    case.tables["scores"] = rows("reviewer,applicant,criterion,score", "r1,a,x,10", "r1,b,x,3")
    answer = solve(case)
    assert (answer.applicants["a"].total, answer.applicants["b"].total) == (Fraction(10), Fraction(3))


def test_only_the_assigned_owe_marks() -> None:
    marks = {("a", "x"): {"r1": "10"}, ("b", "x"): {"r2": "4"}}
    case = panel_case([{"id": "x", "points": 10}], marks, PANEL_MEAN)
    assert len(solve(case).missing.blanks) == 2
    case.tables["assignments"] = rows("reviewer,applicant", "r1,a", "r2,b")
    assert solve(case).rankable


# Seats.


def seats(figures: dict[str, str], selection: dict[str, Any], verdicts: dict[str, str], **more: Any) -> dict[str, str]:
    """Outcomes with one gate after ranking; applicants without a verdict have passed it."""
    table = [{"applicant": a, "gate": "own", "outcome": verdicts.get(a, "pass")} for a in figures]
    gates = [{"id": "own", "when": "after_ranking"}]
    return outcomes(solve(office_case(figures, {"gates": gates, "selection": selection, **more}, gates=table)))


def test_keep_and_fill() -> None:
    figures = {"a": "90", "b": "80", "c": "70", "d": "60"}
    kept = seats(figures, {"places": 2, "reserve": 1}, {"b": "fail"})
    assert kept == {"a": "selected", "b": "gate_failed", "c": "reserve", "d": "not_selected"}
    filled = seats(figures, {"places": 2, "reserve": 1, "vacancy": "fill"}, {"b": "fail"})
    assert filled == {"a": "selected", "b": "gate_failed", "c": "selected", "d": "reserve"}


def test_failed_members_come_last_in_their_group() -> None:
    figures = {"a": "90", "b": "90", "c": "70"}
    assert seats(figures, {"places": 1, "reserve": 1}, {"b": "fail"}) == {
        "a": "selected",
        "b": "gate_failed",
        "c": "not_selected",
    }


def test_ties_at_the_cut_and_at_the_reserve() -> None:
    figures = {"a": "90", "b": "80", "c": "80", "d": "70"}
    assert seats(figures, {"places": 2}, {}) == {
        "a": "selected",
        "b": "tied_at_cut",
        "c": "tied_at_cut",
        "d": "not_selected",
    }
    assert seats(figures, {"places": 3}, {})["b"] == "selected"
    assert seats(figures, {"places": 1, "reserve": 1}, {})["b"] == "tied_at_reserve"
    assert seats(figures, {"places": 1, "reserve": 2}, {})["b"] == "reserve"
    wide = {"a": "90", "b": "80", "c": "80", "d": "80"}
    assert seats(wide, {"places": 2, "reserve": 1}, {})["d"] == "tied_at_cut"


def test_an_open_gate_opens_who_depends_on_it() -> None:
    figures = {"a": "90", "b": "80", "c": "70"}
    fill = {"places": 1, "reserve": 1, "vacancy": "fill"}
    assert seats(figures, fill, {"a": "open"}) == {"a": "open", "b": "open", "c": "open"}
    keep = fill | {"vacancy": "keep"}
    assert seats(figures, keep, {"a": "open"}) == {"a": "open", "b": "reserve", "c": "not_selected"}
    assert seats(figures, fill | {"places": 3}, {"a": "open"}) == {"a": "open", "b": "selected", "c": "selected"}


def test_an_open_member_of_a_tied_group() -> None:
    figures = {"a": "90", "b": "90", "c": "70"}
    # b passes: a and b compete for one place; b fails: it is a's
    assert seats(figures, {"places": 1}, {"b": "open"}) == {"a": "open", "b": "open", "c": "not_selected"}
    # without a selection nothing depends on anything
    table = rows("applicant,gate,outcome", "a,own,fail", "b,own,open", "c,own,pass")
    gates = [{"id": "own", "when": "after_ranking"}]
    answer = solve(office_case(figures, {"gates": gates}, gates=table))
    assert outcomes(answer) == {"a": "gate_failed", "b": "open", "c": "ranked"}
    assert ranks(answer) == {"a": 1, "b": 1, "c": 3}
    assert answer.applicants["a"].reasons == ("gate_failed:own",)


def test_an_absent_gate_row_before_scoring_is_open() -> None:
    gates = [{"id": "docs", "when": "before_scoring"}]
    table = rows("applicant,gate,outcome", "b,docs,fail", "c,docs,open", "d,docs,pass")
    answer = solve(office_case({"a": "1", "b": "2", "c": "3", "d": "4"}, {"gates": gates}, gates=table))
    assert answer.missing.gates == (("a", "docs"), ("c", "docs"))
    assert outcomes(answer) == {"a": "not_rankable", "b": "gate_failed", "c": "not_rankable", "d": "not_rankable"}


def test_cut_line() -> None:
    figures = {"a": "90", "b": "80.5", "c": "79.25", "d": "79.25"}
    line = solve(office_case(figures, {"selection": {"places": 2, "reserve": 1}})).cut_line
    assert line is not None
    assert (line.places, line.filled, line.margin) == (2, 2, Fraction("1.25"))
    line = solve(office_case(figures, {"selection": {"places": 3}})).cut_line
    assert line is not None
    assert (line.filled, line.last_selected, line.first_not_selected, line.margin) == (
        2,
        Fraction("80.5"),
        Fraction("79.25"),
        None,
    )
    line = solve(office_case(figures, {"selection": {"places": 5}})).cut_line
    assert line is not None
    assert (line.filled, line.first_not_selected, line.margin) == (4, None, None)


# Recorded decisions.


def tie(*lines: str) -> list[Row]:
    return [{"kind": "tie"} | row for row in rows("applicant,after", *lines)]


def test_a_recorded_order_gives_distinct_ranks() -> None:
    rubric = {"tie_break": ["decision"], "selection": {"places": 1}}
    figures = {"a": "80", "b": "80", "c": "90"}
    undecided = solve(office_case(figures, rubric | {"selection": {"places": 2}}))
    assert undecided.ties == (("a", "b"),)
    assert ranks(undecided) == {"a": 2, "b": 2, "c": 1}
    decided = solve(office_case(figures, rubric | {"selection": {"places": 2}}, decisions=tie("a,2", "b,1")))
    assert ranks(decided) == {"a": 3, "b": 2, "c": 1}
    assert outcomes(decided) == {"a": "not_selected", "b": "selected", "c": "selected"}
    assert decided.ties == ()
    assert decided.cut_line is not None
    assert decided.cut_line.margin == 0


@pytest.mark.parametrize("lines", [("a,1",), ("a,1", "b,1"), ("a,1", "b,3"), ("c,1",), ("a,1", "b,2", "c,1")])
def test_a_tie_decision_that_does_not_fit_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="tie decision"):
        solve(office_case({"a": "80", "b": "80", "c": "90"}, {"tie_break": ["decision"]}, decisions=tie(*lines)))


def test_a_tie_decision_needs_its_place_in_the_chain() -> None:
    with pytest.raises(Refused, match="chain"):
        solve(office_case({"a": "80", "b": "80"}, {"tie_break": ["c"]}, decisions=tie("a,1", "b,2")))


def test_a_consensus_decision_replaces_and_may_be_stale() -> None:
    marks = {("a", "x"): {"r1": "3", "r2": "4", "r3": "4"}}
    columns = "kind,applicant,criterion,before,after"
    criteria = [{"id": "x", "points": 20, "scale": {"min": 0, "max": 5}}]

    def decided(order: str, line: str) -> Fraction | None:
        case = panel_case(criteria, marks, {"order": order}, decisions=rows(columns, line))
        return solve(case).applicants["a"].total

    # 11/3 = 3.667 on the scale, 44/3 = 14.667 in points
    assert decided("consensus_first", "consensus,a,x,3.67,4.5") == 18
    assert decided("convert_first", "consensus,a,x,14.7,4.5") == Fraction("4.5")
    assert decided("consensus_first", "consensus,a,x,,5") == 20
    for order, line in (("consensus_first", "3.66,4"), ("convert_first", "3.67,4"), ("consensus_first", "3.67,6")):
        with pytest.raises(Refused, match="consensus decision"):
            decided(order, f"consensus,a,x,{line}")


def test_limits_of_adjustments_are_per_applicant_and_kind() -> None:
    table = rows("applicant,kind,points,reason", "a,bonus,3,x", "a,bonus,2,y", "b,bonus,5,x", "a,penalty,1.5,z")
    rubric = {"adjustments": {"bonus_max": 5, "penalty_max": None}}
    answer = solve(office_case({"a": "50", "b": "50"}, rubric, adjustments=table))
    assert (answer.applicants["a"].total, answer.applicants["b"].total) == (Fraction("53.5"), Fraction(55))
    with pytest.raises(Refused, match="over the limit"):
        solve(
            office_case(
                {"a": "50", "b": "50"}, {"adjustments": {"bonus_max": "4.9", "penalty_max": None}}, adjustments=table
            )
        )
    with pytest.raises(Refused, match="allows no penalty"):
        solve(office_case({"a": "50", "b": "50"}, {"adjustments": {"bonus_max": 5}}, adjustments=table))


def test_a_maximum_that_cannot_be_shown_is_refused() -> None:
    leaf = {"id": "c", "points": "12.25", "source": "office"}
    assert solve(office_case({"a": "3"}, {"criteria": [leaf], "rounding": {"points": 2}})).rankable
    with pytest.raises(Refused, match="cannot be shown"):
        solve(office_case({"a": "3"}, {"criteria": [leaf], "rounding": {"points": 1}}))


def test_reasons_and_their_precedence() -> None:
    leaf = {"id": "c", "points": 100, "source": "office", "threshold": "60%"}
    rubric = {"criteria": [leaf], "pass_mark": 50, "gates": [{"id": "docs", "when": "before_scoring"}]}
    verdicts = rows("applicant,gate,outcome", "a,docs,pass", "b,docs,pass", "c,docs,pass", "d,docs,fail")
    case = office_case({"a": "49", "b": "55", "c": "60", "d": "99"}, rubric, gates=verdicts)
    answer = solve(case)
    assert answer.applicants["a"].reasons == ("below_pass_mark", "below_threshold:c")
    assert outcomes(answer) == {
        "a": "below_threshold",
        "b": "below_threshold",
        "c": "ranked",
        "d": "gate_failed",
    }
    case.tables["applicants"][3]["status"] = "withdrawn"
    withdrawn = solve(case).applicants["d"]
    assert (withdrawn.outcome, withdrawn.reasons) == ("withdrawn", ("gate_failed:docs", "withdrawn"))


# Votes.


def vote_case(ballots: dict[str, str], reviewers: int, **rule: Any) -> Case:
    """`ballots` maps an applicant to one letter per present reviewer: y, n, a; `-` is not there."""
    words = {"y": "yes", "n": "no", "a": "abstain"}
    decision = {"kind": "vote", "quorum": "2/3", "majority": ">1/2", "places": 1, "allow_none": True}
    return Case(
        {"decision": decision | rule},
        {},
        {
            "applicants": [{"id": a, "name": a} for a in ballots],
            "reviewers": [{"id": f"r{i}", "name": f"r{i}"} for i in range(reviewers)],
            "votes": [
                {"reviewer": f"r{i}", "applicant": a, "vote": words[letter]}
                for a, letters in ballots.items()
                for i, letter in enumerate(letters)
                if letter != "-"
            ],
        },
    )


def test_a_vote() -> None:
    answer = solve(vote_case({"a": "yyyn--", "b": "yyyya-", "c": "yyyyyy"}, 6, places=1, reserve=1))
    # half of six is not more than half
    assert outcomes(answer) == {"a": "below_majority", "b": "reserve", "c": "selected"}
    assert ranks(answer) == {"a": None, "b": 2, "c": 1}
    assert outcomes(solve(vote_case({"a": "yyyn--"}, 6, majority="1/2"))) == {"a": "selected"}
    votes = answer.applicants["b"].votes
    assert votes is not None
    assert (votes.yes, votes.no, votes.abstain, votes.eligible) == (4, 0, 1, 6)


def test_a_vote_without_quorum_is_not_rankable() -> None:
    answer = solve(vote_case({"a": "yyy---", "b": "yyyyyy"}, 6))
    assert answer.missing.quorums == (("", "a"),)
    assert outcomes(answer) == {"a": "not_rankable", "b": "not_rankable"}
    case = vote_case({"a": "yyy---", "b": "yyyyyy"}, 6)
    case.tables["conflicts"] = rows("reviewer,applicant,kind,reason", "r4,a,회피,x", "r5,a,회피,x")
    # three of the four that remain, and three yes are more than half of four
    assert solve(case).applicants["a"].rank == 2


def test_nobody_need_be_recognised() -> None:
    answer = solve(vote_case({"a": "ynnn"}, 4))
    assert (outcomes(answer), answer.nobody_recognised) == ({"a": "below_majority"}, False)
    assert solve(vote_case({"a": "ynnn"}, 4, allow_none=False)).nobody_recognised


def test_equal_votes_tie_until_decided() -> None:
    case = vote_case({"a": "yyyn", "b": "yyyn"}, 4)
    assert outcomes(solve(case)) == {"a": "tied_at_cut", "b": "tied_at_cut"}
    case.tables["decisions"] = tie("a,2", "b,1")
    assert outcomes(solve(case)) == {"a": "not_selected", "b": "selected"}


# The generator.


def test_the_same_seed_gives_the_same_case_and_files(tmp_path: pathlib.Path) -> None:
    for seed in range(40):
        first = write_case(random_case(Random(seed)), tmp_path / f"{seed}-a")
        second = write_case(random_case(Random(seed)), tmp_path / f"{seed}-b")
        names = sorted(path.name for path in first.iterdir())
        assert names == sorted(path.name for path in second.iterdir())
        assert {"round.yaml", "rubric.yaml", "applicants.csv"} <= set(names)
        assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


def test_random_rounds_reach_every_outcome() -> None:
    seen: set[str] = set()
    refused = rankable = 0
    for seed in range(600):
        try:
            answer = solve(random_case(Random(seed)))
        except Refused:
            refused += 1
            continue
        rankable += answer.rankable
        seen.update(outcomes(answer).values())
    assert seen == {
        *("selected", "reserve", "not_selected", "ranked", "tied_at_cut", "tied_at_reserve", "open", "gate_failed"),
        *("below_threshold", "below_pass_mark", "below_majority", "withdrawn", "not_rankable"),
    }
    assert 450 < rankable < 570
    assert 0 < refused < 40


@pytest.mark.parametrize(
    ("value", "text"), [("12.50", "12.5"), ("-0.5", "-0.5"), ("100", "100"), ("0.000001", "0.000001")]
)
def test_written(value: str, text: str) -> None:
    assert written(Fraction(value)) == text


def test_half_up_text_shows_the_decimals_it_has() -> None:
    assert half_up_text(Fraction(11, 3), 2) == "3.67"
    assert half_up_text(Fraction(3), 2) == "3.00"
    assert half_up_text(Fraction(-1, 2), 0) == "-1"
