"""Random round folders with result files, read and evaluated as a whole: every exact figure is the oracle's."""

from __future__ import annotations

import pathlib
from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.model.performance import BenchmarkLine, PerformanceDerivation
from evaluator.workflow import evaluate
from tests.oracle import performance_oracle as oracle
from tests.oracle.performance_oracle import Answer, Case, Figure, Line, Rule
from tests.oracle.performance_rounds import random_case, write_case

ROUNDS = 100
REFUSED = {"performance.mixed_scale"}
"""What the files of a random round may be refused for: 1 % and 100 % on one benchmark look like two scales."""
FORMULAS: list[tuple[str, Fraction | None]] = [
    ("ratio_of_means", None),
    ("mean_of_ratios", None),
    ("mean_of_ratios", Fraction(1)),
    ("geometric", None),
]


def test_random_rounds_give_the_figures_of_the_oracle(tmp_path: pathlib.Path) -> None:
    seen: Counter[str] = Counter()
    for seed in range(ROUNDS):
        rng = Random(seed)
        case = random_case(rng)
        try:
            evaluation = evaluate(*load_round(write_case(rng, case, tmp_path / str(seed))))
        except InputProblems as refused:
            if not {problem.code for problem in refused.problems} <= REFUSED:
                raise
            seen["refused"] += 1
            continue
        assert evaluation.evidence is not None
        derivations = evaluation.evidence.performance
        assert len(derivations) == len(case.rules) * len(case.results)
        for derivation in derivations:
            try:
                check(case, derivation)
            except AssertionError as fault:
                raise AssertionError(f"seed {seed}, {derivation.applicant}, {derivation.criterion}: {fault}") from fault
            seen.update([derivation.verdict, derivation.policy, *derivation.why])
        check_points(case, evaluation)
    assert seen["refused"] <= 2
    wanted = {"met", "not_met", "point_only", "best_single", "named_target", "envelope", "nothing_compared", "coverage"}
    wanted |= {"missing_result", "reference_at_floor", "no_reference_result", "no_eligible_reference", "target_unknown"}
    assert wanted <= set(seen)


def check(case: Case, got: PerformanceDerivation) -> None:
    rule, want = case.rules[got.criterion], oracle.answer(case, got.criterion, got.applicant)
    assert (got.ratio, got.coverage) == (want.figure.ratio, want.coverage)
    # every reason that holds is given; two say more about results that are missing, and are no reasons of their own
    assert bool(got.why) == (got.ratio is None)
    assert set(got.why) - {"no_results", "results_not_counted"} == want.figure.why
    if rule["verdict"].get("rule", "point") == "point" or got.ratio is None:
        assert got.verdict == want.verdict
    elif got.probability is None:
        assert got.verdict == "point_only"
    else:
        sure, sure_not = got.probability >= Fraction(8, 10), got.probability <= Fraction(2, 10)
        assert got.verdict == ("met" if sure else "not_met" if sure_not else "undetermined")
    if got.policy == "envelope":  # of several that are best on a benchmark one is named
        assert set(got.references) <= want.references
    else:
        assert set(got.references) == want.references
    assert [line.benchmark for line in got.lines] == [b["id"] for b in rule["benchmarks"]]
    assert sum(line.weight for line in got.lines) == (0 if "nothing_compared" in want.figure.why else 1)
    for line in got.lines:
        check_line(line, want.lines[line.benchmark])
    if want.figure.opponents:
        assert any(all(stands_on(line, opponent) for line in got.lines) for opponent in want.figure.opponents)
    check_alternatives(case, got, want)


def check_line(got: BenchmarkLine, want: Line) -> None:
    state = "measured" if got.state in {"no_reference", "reference_at_floor"} else got.state
    assert (state, got.weight, got.own) == (want.state, want.weight, want.own)
    assert got.own_normal == (None if want.own is None else want.normal)
    if got.state == "no_reference":
        assert got.other is None
    elif got.state == "reference_at_floor":
        assert got.other_normal == 0
    elif got.state == "measured":
        assert got.other_normal
        assert got.ratio == want.normal / got.other_normal


def stands_on(line: BenchmarkLine, opponent: oracle.Opponent) -> bool:
    """Whether the other side of a line is this opponent's."""
    if line.other_normal != opponent.normal.get(line.benchmark):
        return False
    return line.other is None or opponent.scores[line.benchmark].get(line.reference) == line.other


def check_alternatives(case: Case, got: PerformanceDerivation, want: Answer) -> None:
    rule = case.rules[got.criterion]
    told = rule.get("aggregation", {})
    declared = (told.get("formula", "mean_of_ratios"), Fraction(told["cap"]) if "cap" in told else None)
    policies = {"best_single", "envelope", got.policy} | ({"named_target"} if case.targets[got.applicant] else set())
    listed = [(a.policy, a.formula, a.cap) for a in got.alternatives]
    assert len(listed) == len(set(listed))
    assert set(listed) == {(policy, *formula) for policy in policies for formula in (*FORMULAS, declared)}
    assert [(a.policy, a.formula, a.cap) for a in got.alternatives if a.declared] == [(got.policy, *declared)]
    for a in got.alternatives:
        figure: Figure = oracle.figure(case, got.criterion, got.applicant, a.policy, a.formula, a.cap)
        assert (a.ratio, a.verdict) == (figure.ratio, oracle.verdict(rule, figure.ratio))
        if a.declared:
            assert a.ratio == want.figure.ratio


def check_points(case: Case, evaluation: Evaluation) -> None:
    """The figures go into the scores as they are; where one is missing nobody is ranked."""
    ratios = {(a, c): oracle.answer(case, c, a).figure.ratio for a in case.results for c in case.rules}
    lacking = any(ratio is None for ratio in ratios.values())
    assert bool(evaluation.unresolved) == lacking
    for standing in evaluation.ranking:
        assert (standing.rank is None) == lacking
        for criterion in () if lacking else case.rules:
            ratio = ratios[standing.applicant, criterion]
            assert ratio is not None
            score = standing.criteria[criterion]
            assert (score.consensus, score.points) == (ratio, 100 * min(Fraction(1), ratio / Fraction("0.95")))


# ---------------------------------------------------------------- the oracle against cases computed by hand


def by_hand(formula: str = "mean_of_ratios", cap: str | None = None, **rule: object) -> Case:
    """The worked example of the page: 70 and 60 against 85 and 55, chance 25 on the first."""
    scale = {"min": "0", "max": "100"}
    told: Rule = {
        "benchmarks": [
            {"id": "x", "metric": "acc", "scale": scale, "chance": "25"},
            {"id": "y", "metric": "acc", "scale": scale},
        ],
        "aggregation": {"formula": formula} | ({} if cap is None else {"cap": cap}),
        "verdict": {"target": "0.95"},
    }

    def row(id_: str, score: str) -> dict[str, str]:
        return {"benchmark": id_, "metric": "acc", "score": score, "min": "0", "max": "100", "measured_by": "self"}

    references = {"perf": {"R": {"x": row("x", "85"), "y": row("y", "55")}}}
    return Case({"perf": told | rule}, references, {"a": [row("x", "70"), row("y", "60")]}, {"a": ""})


@pytest.mark.parametrize(
    ("formula", "cap", "ratio"),
    [
        ("ratio_of_means", None, "0.8889"),
        ("mean_of_ratios", None, "0.9205"),
        ("mean_of_ratios", "1", "0.875"),
        ("geometric", None, "0.9045"),
        ("geometric", "1", "0.866"),
        ("ratio_of_means", "1", "0.8519"),
    ],
)
def test_the_worked_example(formula: str, cap: str | None, ratio: str) -> None:
    assert oracle.answer(by_hand(formula, cap), "perf", "a").figure.ratio == Fraction(ratio)


def test_the_oracle_moves_the_weight_of_what_is_excused() -> None:
    case = by_hand()
    del case.results["a"][0]
    assert oracle.answer(case, "perf", "a").figure.ratio == Fraction("0.5455")
    excused = Case(case.rules, case.references, case.results, case.targets, frozenset({("a", "perf", "x", "missing")}))
    answer = oracle.answer(excused, "perf", "a")
    assert (answer.figure.ratio, answer.coverage) == (Fraction("1.0909"), Fraction(1, 2))
    assert (answer.lines["x"].weight, answer.lines["y"].weight) == (0, 1)


def test_a_geometric_mean_on_a_rounding_boundary_is_rounded_up() -> None:
    assert oracle.geometric([(Fraction(1, 2), Fraction(81, 100)), (Fraction(1, 2), Fraction(1))], 0) == 1
    assert oracle.geometric([(Fraction(1, 2), Fraction(1, 4)), (Fraction(1, 2), Fraction(1))], 0) == 1
    assert (
        oracle.geometric([(Fraction(1, 2), Fraction(1, 4) - Fraction(1, 10**40)), (Fraction(1, 2), Fraction(1))], 0)
        == 0
    )
