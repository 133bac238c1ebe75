"""Flags, reasons to give no probability, and verdicts: each comes from one thing, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from evaluator.evidence.doubts import OVERALL, WITHHELD
from evaluator.model.performance import BenchmarkScale, PerformanceDerivation, PerformanceEvidence, ReferenceModel
from tests.evidence.scores import benchmark, derive_one, evidence, reference, result, rule

F = Fraction
TWO = [benchmark("x"), benchmark("y")]
OWN = {"x": (70, 400), "y": (80, 400)}
OTHER = {"x": (72, 400), "y": (82, 400)}


def outcome(
    own: PerformanceEvidence | None = None, other: ReferenceModel | None = None, ruled: Any = None
) -> PerformanceDerivation:
    return derive_one(ruled or rule(TWO), own or evidence(OWN), other or reference("r", OTHER))


def with_y(**more: Any) -> PerformanceEvidence:
    """The same results, one of them measured differently."""
    results = (result("x", 70, n=400), result("y", **({"score": 80, "n": 400} | more)))
    return PerformanceEvidence(applicant="a", criterion="c", model="m", results=results)


def test_nothing_is_doubted_without_a_reason() -> None:
    found = outcome()
    assert found.flags == found.withheld == found.why == ()
    assert found.probability is not None and found.equal_passes is not None
    assert found.low is not None and found.ratio is not None and found.high is not None
    assert found.low < found.ratio < found.high
    for line in found.lines:
        assert line.low is not None and line.ratio is not None and line.high is not None
        assert line.low < line.ratio < line.high


@pytest.mark.parametrize(
    ("own", "withheld", "flag"),
    [
        ({"harness": ""}, "harness_unknown", "harness_unknown"),
        ({"harness": "other"}, "harness_differs", "harness_mismatch"),
        ({"harness_version": ""}, "harness_version_unknown", "version_unknown"),
        ({"harness_version": "2"}, "harness_version_differs", "version_mismatch"),
        ({"mode": "thinking"}, "mode_differs", "mode_mismatch"),
        ({"metric": "f1"}, "metric_differs", "metric_mismatch"),
        ({"metric": "acc,none"}, None, None),
        ({"excuse": "too dear"}, "partial_run", "partial"),
        ({"partial": "30 of 400"}, "partial_run", "partial"),
        ({"n": None}, "no_sample_size", None),
        ({"n": None, "stderr": F(0)}, "no_sample_size", None),
        ({"n": 99}, None, "small_n"),
        ({"n": 100}, None, None),
        ({"n": None, "stderr": F(2)}, None, None),
        ({"n": 400, "stderr": F(0)}, None, None),
        ({"measured_by": "self"}, None, "self_measured"),
        ({"measured_by": "third_party"}, None, None),
    ],
)
def test_each_difference_has_its_reason_and_its_flag(
    own: dict[str, Any], withheld: str | None, flag: str | None
) -> None:
    found = outcome(with_y(**own))
    assert found.withheld == ((withheld,) if withheld else ())
    assert found.flags == ((flag,) if flag else ())
    assert found.lines[1].flags == found.flags and found.lines[0].flags == ()
    assert (found.probability is None) == (found.equal_passes is None) == (found.low is None) == bool(withheld)
    # the other benchmark is not to blame
    assert found.lines[0].low is not None
    assert (found.lines[1].low is None) == bool(withheld)
    # no doubt changes the figure
    assert found.ratio == outcome().ratio and found.verdict == "met"


def test_means_of_marks_need_a_standard_error_on_both_sides() -> None:
    marks = rule([benchmark("x", statistic="mean")])
    found = outcome(evidence({"x": (70, 400)}), reference("r", {"x": (72, 400)}), marks)
    assert found.withheld == ("no_standard_error", "no_reference_standard_error")
    found = outcome(evidence({"x": 70}, stderr=F(1)), reference("r", {"x": 72}, stderr=F(1)), marks)
    assert found.withheld == () and found.probability is not None


def test_a_reference_lost_in_noise_gives_no_probability() -> None:
    poor = reference("r", {"x": (3, 50), "y": (82, 400)})
    assert outcome(other=poor).withheld == ("reference_too_noisy",)
    assert outcome(other=poor, ruled=rule(TWO, formula="ratio_of_means")).withheld == ()
    geometric = rule(TWO, formula="geometric")
    assert outcome(evidence({"x": (3, 50), "y": (82, 400)}), ruled=geometric).withheld == ("result_too_noisy",)
    assert outcome(evidence({"x": (3, 50), "y": (82, 400)})).withheld == ()


@pytest.mark.parametrize(
    ("other", "flag"),
    [(95, "saturated"), (F("94.9"), None), (20, "near_floor"), (F("20.1"), None)],
)
def test_saturated_and_near_floor_look_at_the_reference(other: Any, flag: str | None) -> None:
    found = outcome(other=reference("r", {"x": (72, 4000), "y": (other, 4000)}))
    assert found.lines[1].flags == ((flag,) if flag else ())


def test_saturation_is_after_chance_correction() -> None:
    chance = rule([benchmark("x", chance=F(25)), benchmark("y")])
    assert outcome(other=reference("r", {"x": (40, 4000), "y": (82, 400)}), ruled=chance).lines[0].flags == (
        "near_floor",
    )


def test_capped_is_said_where_the_cap_takes_something() -> None:
    better = evidence({"x": (90, 400), "y": (80, 400)})
    found = outcome(better, ruled=rule(TWO, cap="1"))
    assert found.flags == found.lines[0].flags == ("capped",)
    assert found.lines[0].ratio == F(90, 72)
    assert outcome(better).flags == ()


def test_without_a_figure_nothing_counts_zero_and_nothing_is_withheld() -> None:
    found = outcome(evidence({"x": (70, 400)}, harness=""), ruled=rule(TWO, coverage="70%"))
    assert (found.ratio, found.why, found.withheld) == (None, ("coverage",), ())
    assert found.lines[1].state == "missing" and "missing_counts_zero" not in found.flags
    nothing = outcome(evidence({}), ruled=rule(TWO, coverage="70%"))
    assert nothing.why == ("coverage", "no_results")
    by_others = outcome(evidence({}, set_aside=(result("x", 70),)), ruled=rule(TWO, coverage="70%"))
    assert by_others.why == ("coverage", "results_not_counted")


def test_a_missing_result_counts_zero_and_says_so() -> None:
    found = outcome(evidence({"x": (70, 400)}))
    assert found.ratio == F("0.4861") and found.coverage == F(1, 2)
    assert found.flags == ("missing_counts_zero",)
    assert found.lines[1].state == "missing" and found.lines[1].weight == F(1, 2)
    # sampling cannot mend it: the other half of the weight is lost for certain
    assert found.high is not None and found.high < F("0.55") and found.probability == 0
    geometric = outcome(evidence({"x": (70, 400)}), ruled=rule(TWO, formula="geometric"))
    assert geometric.ratio == geometric.low == geometric.high == geometric.probability == 0
    assert geometric.withheld == ()


def test_what_does_not_count_is_shown_without_its_score() -> None:
    aside = result("y", 80, n=400, measured_by="self", file="own.json")
    found = outcome(evidence({"x": (70, 400)}, set_aside=(aside,)))
    line = found.lines[1]
    assert (line.state, line.own, line.ratio, line.measured_by, line.file) == (
        "not_counted",
        None,
        None,
        "self",
        "own.json",
    )
    assert found.ratio == outcome(evidence({"x": (70, 400)})).ratio


def test_measurers_who_disagree_are_named() -> None:
    aside = result("y", 88, n=400, measured_by="self")
    assert outcome(evidence(OWN, set_aside=(aside,))).flags == ("measurers_disagree",)
    assert outcome(evidence(OWN, set_aside=(result("y", 80),))).flags == ()


def test_a_reference_that_luck_may_have_chosen_has_no_interval() -> None:
    several = [reference(name, OTHER) for name in "rst"]
    named = rule(TWO, policy="named_target")
    for ruled in (rule(TWO), rule(TWO, policy="envelope")):
        found = derive_one(ruled, evidence(OWN), *several)
        assert found.flags == ("winners_curse",) and found.withheld == ("reference_selected",)
        assert found.low is found.high is found.probability is None
        assert all(line.low is None for line in found.lines)
        # the figure that has the choice in it is given, and the ratio stands
        assert found.equal_passes is not None and found.ratio == outcome().ratio and found.verdict == "met"
    found = derive_one(named, evidence(OWN, target="r"), *several)
    assert found.flags == found.withheld == () and found.probability is not None
    unsure = derive_one(probability_rule(), evidence(OWN), *several)
    assert unsure.verdict == "point_only"


def leads(policy: str, other: Any, **more: Any) -> PerformanceDerivation:
    """References of 400 items: one has 72 and 82, beside one with other figures."""
    ruled = rule(TWO, policy=policy, **more)
    return derive_one(ruled, evidence(OWN), reference("r", OTHER), reference("s", other))


def test_how_clear_the_best_single_model_must_be() -> None:
    # errors of 72 and 82 of 100 are 2.24 and 1.92, of a mean with a model as good 1.47 * sqrt(2): 2.08, and 1.645 of
    # it 3.43; a lead on one benchmark is halved in the mean
    assert leads("best_single", {"x": (72, 400), "y": (F("74.8"), 400)}).withheld == ()
    assert leads("best_single", {"x": (72, 400), "y": (F("75.5"), 400)}).withheld == ("reference_selected",)
    # ahead on one, behind on the other: only the whole matters
    assert leads("best_single", {"x": (80, 400), "y": (60, 400)}).withheld == ()
    # what has no weight does not choose, and what luck may have chosen there does not matter
    excused = derive_one(
        rule([*TWO, benchmark("z")], policy="envelope"),
        evidence(OWN, excuses=["z"]),
        reference("r", {**OTHER, "z": (50, 400)}),
        reference("s", {"x": (50, 400), "y": (50, 400), "z": (50, 400)}),
    )
    assert excused.withheld == () and excused.flags == ()


def test_the_envelope_must_be_clear_on_every_benchmark() -> None:
    far, near = {"x": (60, 400), "y": (70, 400)}, {"x": (60, 400), "y": (81, 400)}
    assert leads("envelope", far).withheld == ()
    found = leads("envelope", near)
    assert found.withheld == ("reference_selected",)
    # the other benchmark's reference is clear
    assert found.lines[0].low is not None and found.lines[1].low is None
    assert leads("envelope", {"x": (60, 400)}).withheld == ()


def test_a_lead_is_not_clear_where_an_error_is_unknown() -> None:
    for policy in ("best_single", "envelope"):
        assert leads(policy, {"x": 50, "y": 50}).withheld == ("reference_selected",)
    unknown = derive_one(
        rule(TWO), evidence(OWN), reference("r", {"x": 72, "y": 82}), reference("s", {"x": 50, "y": 50})
    )
    assert unknown.withheld == ("no_reference_sample_size", "reference_selected")
    # a model that cannot be chosen does not matter
    assert leads("best_single", {"x": 72}).withheld == ()


def test_what_is_0_by_rule_does_not_depend_on_the_reference() -> None:
    several = [reference(name, OTHER) for name in "rst"]
    found = derive_one(rule(TWO, formula="geometric"), evidence({"x": (70, 400)}), *several)
    assert found.ratio == found.high == 0 and found.withheld == ()


def test_a_rule_that_fails_equals_is_flagged() -> None:
    few = {"x": (70, 100), "y": (80, 100)}
    found = outcome(evidence(few), reference("r", few), rule(TWO, cap="1"))
    assert found.ratio == 1
    assert found.equal_passes is not None and found.equal_passes < F("0.8")
    assert found.flags == ("equal_model_fails",)


def test_every_flag_and_reason_has_a_place() -> None:
    assert len(set(OVERALL)) == len(OVERALL) and len(set(WITHHELD)) == len(WITHHELD)


def probability_rule(**more: Any) -> Any:
    return rule(TWO, verdict={"rule": "probability", **more})


@pytest.mark.parametrize(("score", "verdict"), [(95, "met"), (76, "undetermined"), (50, "not_met")])
def test_probability_decides_only_where_it_is_clear(score: int, verdict: str) -> None:
    found = outcome(evidence({"x": (score * F(72, 82), 400), "y": (score, 400)}), ruled=probability_rule())
    assert found.verdict == verdict


def test_the_rubric_says_what_is_clear() -> None:
    found = outcome(ruled=probability_rule())
    assert found.verdict == "undetermined" and found.probability is not None
    share = found.probability * 100
    assert outcome(ruled=probability_rule(met=f"{float(share)}%")).verdict == "met"
    assert outcome(ruled=probability_rule(not_met=f"{float(share)}%")).verdict == "not_met"


def test_without_a_probability_only_the_point_estimate_is_left() -> None:
    assert outcome(with_y(n=None), ruled=probability_rule()).verdict == "point_only"
    assert outcome(with_y(n=None)).verdict == "met"


def test_exactly_at_the_target_is_met() -> None:
    at = outcome(evidence({"x": (95, 400)}), reference("r", {"x": (100, 400)}), rule([benchmark("x")]))
    assert at.ratio == F("0.95") and at.verdict == "met"
    rounded = rule([benchmark("x")], round=2)
    below = outcome(evidence({"x": F("94.5")}), reference("r", {"x": 100}), rounded)
    assert below.ratio == F("0.95") and below.verdict == "met"


def test_a_reference_at_the_floor_leaves_no_ratio_but_a_ratio_of_means() -> None:
    floor = [benchmark("x", chance=F(25)), benchmark("y")]
    other = reference("r", {"x": (20, 400), "y": (82, 400)})
    found = outcome(other=other, ruled=rule(floor))
    assert found.verdict == "not_assessable" and found.why == ("reference_at_floor",)
    assert found.withheld == () and found.probability is None  # why says it
    assert found.lines[0].state == "reference_at_floor" and found.lines[0].ratio is None
    assert outcome(other=other, ruled=rule(floor, formula="ratio_of_means")).ratio is not None


def test_every_reason_that_holds_is_given() -> None:
    three = [benchmark("x", chance=F(25)), benchmark("y"), benchmark("z")]
    ruled = rule(three, policy="named_target", missing="not_assessable", coverage="90%")
    poor = reference("r", {"x": (20, 400), "y": (82, 400)})
    found = outcome(evidence(OWN, target="r"), poor, ruled)
    assert found.why == ("missing_result", "coverage", "no_reference_result", "reference_at_floor")
    means = rule(three, policy="named_target", formula="ratio_of_means")
    assert outcome(evidence(OWN, target="r"), poor, means).why == ("no_reference_result",)
    none = reference("r", {"x": (20, 400)})
    assert outcome(evidence(OWN, target="r"), none, means).why == ("no_reference_result", "reference_at_floor")


def test_equally_good_references_count_by_the_least_ratio_whatever_they_are_called() -> None:
    for names in ("pq", "qp"):
        one = reference(names[0], {"x": (60, 400), "y": (80, 400)})
        other = reference(names[1], {"x": (80, 400), "y": (60, 400)})
        found = derive_one(rule(TWO), evidence({"x": (60, 400), "y": (80, 400)}), one, other)
        # beside the one it is a copy; beside the other it is 60/80 and 80/60
        assert found.ratio == 1 and found.references == ("p", "q")
        assert found.lines[0].reference == names[0]


def test_scales_of_every_kind() -> None:
    scale = BenchmarkScale(min=F(1), max=F(5))
    lower = rule([benchmark("x", scale=scale, direction="lower")])
    found = outcome(evidence({"x": (2, 400)}), reference("r", {"x": (F("1.4"), 400)}), lower)
    assert (found.lines[0].own_normal, found.lines[0].other_normal) == (F(3, 4), F(9, 10))


def test_a_converted_score_is_printed_as_it_was_handed_in_too() -> None:
    ruled = rule([benchmark("x", chance=F(25)), benchmark("y")])
    shares = replace(result("x", 70), measurement=result("x", F("0.7"), low=F(0), high=F(1)).measurement)
    percent = result("y", 60, low=F(0), high=F(100))
    own = replace(evidence({}), results=(shares, percent))
    converted, kept = derive_one(ruled, own, reference("r", {"x": 85, "y": 55})).lines
    assert (converted.given, converted.given_low, converted.given_high) == (F("0.7"), 0, 1)
    assert (kept.given, kept.given_low, kept.given_high) == (None, None, None)
    for line in (converted, kept):  # every printed line can be recomputed from what it prints
        assert line.own is not None and line.floor is not None
        assert line.own_normal == (line.own - line.floor) / (100 - line.floor)
    assert (converted.floor, kept.floor) == (25, 0)


def test_the_floor_of_a_benchmark_where_less_is_better() -> None:
    assert outcome(ruled=rule([benchmark("x", direction="lower")])).lines[0].floor == 100
