"""Another method than the weighted sum as the official one: totals, ranks, what keeps a round from being ranked."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from evaluator.files.rounds import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.workflow import evaluate

RUBRIC = """schema: 1
id: two
version: "1"
title: Two criteria
criteria:
  - {{id: a, title: A, points: 60, source: office, scale: {{min: 0, max: 60}}, threshold: {threshold}}}
  - {{id: b, title: B, points: 40, source: office, scale: {{min: 0, max: 40}}}}
method: {method}
rounding: {{total: 4}}
tie_break: [a]
selection: {{places: 1}}
cross_checks: [weighted_sum, topsis, promethee2]
"""


def evaluated(
    folder: Path, figures: dict[str, tuple[str, str]], method: str = "topsis", threshold: str = "0"
) -> Evaluation:
    (folder / "rubric.yaml").write_text(RUBRIC.format(method=method, threshold=threshold), encoding="utf-8")
    (folder / "round.yaml").write_text(
        "schema: 1\nid: r\ntitle: R\nrubric: rubric.yaml\nlanguage: en\n", encoding="utf-8"
    )
    (folder / "applicants.csv").write_text("id,name\n" + "".join(f"{a},{a}\n" for a in figures), encoding="utf-8")
    rows = [f"{a},{c},{score}\n" for a, pair in figures.items() for c, score in zip("ab", pair, strict=True)]
    (folder / "office.csv").write_text("applicant,criterion,score\n" + "".join(rows), encoding="utf-8")
    return evaluate(*load_round(folder))


def test_the_official_total_is_the_methods_score_rounded(tmp_path: Path) -> None:
    found = evaluated(tmp_path, {"x": ("60", "0"), "y": ("0", "40"), "z": ("30", "20")})
    # By hand: vector-normalised columns a and b, weights 0.6 and 0.4; x is best on a and worst on b, z halfway.
    assert [(s.applicant, s.rank, s.total) for s in found.ranking] == [
        ("x", 1, Fraction("0.6000")),
        ("z", 2, Fraction("0.5000")),
        ("y", 3, Fraction("0.4000")),
    ]
    assert found.ranking[0].criteria["a"].points == 60
    assert found.cut_line is not None and found.cut_line.margin == Fraction("0.1")
    assert [check.method for check in found.cross_checks] == ["weighted_sum", "topsis", "promethee2"]
    assert found.cross_checks[1].ranks.tolist() == [1, 2, 3]
    assert found.cross_checks[1].tau == 1


def test_who_misses_a_threshold_is_compared_with_nobody(tmp_path: Path) -> None:
    with_it = evaluated(tmp_path, {"x": ("60", "10"), "y": ("20", "40"), "low": ("5", "40")}, threshold="10")
    without = evaluated(tmp_path, {"x": ("60", "10"), "y": ("20", "40")}, threshold="10")
    assert [(s.applicant, s.total) for s in with_it.ranking[:2]] == [(s.applicant, s.total) for s in without.ranking]
    low = with_it.ranking[2]
    assert (low.applicant, low.rank, low.total, low.outcome) == ("low", None, None, "below_threshold")
    assert low.criteria["b"].points == 40


@pytest.mark.parametrize(
    ("figures", "why"),
    [({"x": ("60", "10")}, "one_applicant"), ({"x": ("6", "1"), "y": ("6", "1")}, "identical_applicants")],
)
def test_a_method_without_scores_leaves_the_round_unranked(
    tmp_path: Path, figures: dict[str, tuple[str, str]], why: str
) -> None:
    found = evaluated(tmp_path, figures)
    assert [(u.kind, u.why) for u in found.unresolved] == [("method", (why,))]
    assert not found.rankable
    assert {(s.rank, s.total, s.outcome) for s in found.ranking} == {(None, None, "not_rankable")}
    assert found.cross_checks == ()


def test_nobody_left_to_compare_is_no_fault_of_the_method(tmp_path: Path) -> None:
    found = evaluated(tmp_path, {"x": ("5", "10"), "y": ("2", "40")}, threshold="10")
    assert found.unresolved == ()
    assert {(s.rank, s.total, s.outcome) for s in found.ranking} == {(None, None, "below_threshold")}
    assert {check.why for check in found.cross_checks} == {"no_applicants"}


def test_a_criterion_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    found = evaluated(tmp_path, {"x": ("60", "0"), "y": ("20", "0")})
    assert [(w.code, dict(w.params)) for w in found.warnings] == [
        ("method.left_out", {"method": "topsis", "criteria": "b"})
    ]
    assert [s.total for s in found.ranking] == [1, 0]


def test_whoever_does_not_compare_gets_the_same_ranking_without_second_opinions(tmp_path: Path) -> None:
    found = evaluated(tmp_path, {"x": ("60", "0"), "y": ("0", "40")}, method="weighted_sum")
    without = evaluate(*load_round(tmp_path), compare=False)
    assert (len(found.cross_checks), without.cross_checks) == (3, ())
    assert [(s.applicant, s.rank) for s in without.ranking] == [(s.applicant, s.rank) for s in found.ranking]
