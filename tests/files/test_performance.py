"""Results matched to the benchmarks of a rubric: what is taken, what is refused, what is only told."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.errors import InputProblems, Problem, render
from evaluator.files import load_round
from evaluator.files.matching import Matcher, Matching, result_of
from evaluator.files.problems import Problems
from evaluator.files.references import window_start
from evaluator.model.evidence import RoundEvidence
from evaluator.model.performance import Benchmark, Measurement, PerformanceDeclaration, PerformanceRule
from evaluator.model.performance_rules import is_rated
from evaluator.model.text import LANGUAGES
from evaluator.resources import message_catalogue
from tests.files.cases import ACCEPT

F = Fraction
DECLARED = PerformanceDeclaration.model_validate({"schema": 1, "model": "M", "version": "2", "mode": "thinking"})
ONE = Measurement(
    benchmark="mmlu_pro",
    metric="acc",
    model="M",
    version="2",
    mode="thinking",
    score=F("0.82"),
    low=F(0),
    high=F(1),
    direction="higher",
    n=100,
    stderr=F("0.01"),
    harness="lm-evaluation-harness",
    harness_version="0.4.9",
    measured_by="self",
    file="a.json",
    sha256="0" * 64,
    path="results",
)


def rule(**keys: object) -> PerformanceRule:
    told = {
        "benchmarks": [
            {"id": "mmlu", "title": "t", "names": ["mmlu_pro", "가"], "metric": "acc", "items": 100,
             "scale": {"min": 0, "max": 100}},
            {"id": "law", "title": "t", "metric": "exact_match", "scale": {"min": 0, "max": 1}},
        ],
        "verdict": {"target": "0.95"},
        **keys,
    }  # fmt: skip
    return PerformanceRule.model_validate(told)


def match(
    *measurements: Measurement, of: PerformanceRule | None = None, excused: dict[str, str] | None = None
) -> tuple[Matching, list[str], list[str]]:
    """What was matched, and the codes of the problems and warnings."""
    found, warnings = Problems(), list[Problem]()
    done = Matcher(DECLARED, measurements, found, warnings).match(of or rule(), excused or {})
    return done, [problem.code for problem in found.listed()], [warning.code for warning in warnings]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"benchmark": "mmlu"},
        {"benchmark": "\u1100\u1161"},  # another Unicode form of the name
        {"model": ""},
        {"version": ""},
        {"mode": ""},
        {"direction": None},
        {"n": None},
        {"n": 100, "items": 100},
        {"metric": "acc,strict-match"},
        {"score": F(82), "high": F(100), "stderr": F(1)},
    ],
)
def test_a_figure_that_is_taken_stands_on_the_scale_of_the_rubric(changes: dict[str, object]) -> None:
    done, problems, warnings = match(replace(ONE, **changes))  # type: ignore[arg-type]  # a table of changes
    assert (problems, warnings) == ([], [])
    assert [(r.benchmark, r.score, r.stderr) for r in done.results.values()] == [("mmlu", F(82), F(1))]
    assert [benchmark.id for benchmark in done.missing] == ["law"]


@pytest.mark.parametrize(
    "changes",
    [
        {"benchmark": "MMLU_PRO"},
        {"benchmark": "mmlu-pro"},
        {"metric": "ACC"},
        {"metric": "acc_norm"},
        {"metric": ""},
        {"model": "M-2"},
        {"version": "1"},
        {"mode": "plain"},
    ],
)
def test_what_only_looks_like_it_is_not_taken(changes: dict[str, object]) -> None:
    done, _, _ = match(replace(ONE, **changes))  # type: ignore[arg-type]  # a table of changes
    assert done.results == {}
    assert [benchmark.id for benchmark in done.missing] == ["mmlu", "law"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"low": None, "high": None}, "performance.scale_undeclared"),
        ({"high": None}, "performance.scale_undeclared"),
        ({"score": F("78.5"), "low": F(-400), "high": F(100)}, "performance.scale_other"),
        ({"score": F("78.5"), "low": F(0), "high": F(80)}, "performance.scale_other"),
        ({"score": F(1250), "low": F(0), "high": F(3000)}, "performance.scale_other"),
        ({"direction": "lower"}, "performance.direction"),
        ({"n": 101}, "performance.too_many_items"),
        ({"n": 99}, "performance.partial"),
        ({"partial": "status=cancelled"}, "performance.partial"),
        ({"model": "Other"}, "performance.other_model"),
    ],
)
def test_a_figure_that_is_refused(changes: dict[str, object], code: str) -> None:
    done, problems, _ = match(replace(ONE, **changes))  # type: ignore[arg-type]  # a table of changes
    assert problems == [code]
    assert done.results == {}
    assert done.doubtful == {"mmlu"}


def test_a_scale_of_its_own_kind_is_not_taken_for_a_fraction_or_a_percentage() -> None:
    marks = rule(
        benchmarks=[{"id": "mmlu", "title": "t", "metric": "acc", "scale": {"min": 1, "max": 5}, "names": ["mmlu_pro"]}]
    )
    done, problems, _ = match(ONE, of=marks)
    assert (done.results, problems) == ({}, ["performance.scale_other"])
    done, problems, _ = match(replace(ONE, score=F(4), low=F(1), high=F(5)), of=marks)
    assert (done.results["mmlu"].score, problems) == (4, [])


def test_a_partial_run_counts_with_the_recorded_reason() -> None:
    done, problems, _ = match(replace(ONE, n=99), excused={"mmlu": "copyright"})
    assert problems == []
    assert (done.results["mmlu"].n, done.results["mmlu"].excuse) == (99, "copyright")


def test_a_complete_run_does_not_need_its_excuse() -> None:
    done, _, _ = match(ONE, excused={"mmlu": "copyright"})
    assert done.results["mmlu"].excuse == ""


def test_the_other_models_of_a_file_do_no_harm() -> None:
    done, problems, warnings = match(replace(ONE, model="Other", score=F("0.1")), ONE)
    assert (done.results["mmlu"].score, problems, warnings) == (F(82), [], [])


def test_a_file_with_other_models_only_is_told_where_a_result_is_missing() -> None:
    law = replace(ONE, benchmark="law", metric="exact_match", model="Other", file="b.json")
    assert match(ONE, law)[1] == ["performance.other_model"]
    assert match(ONE, law, replace(law, model="M", file="c.json"))[1] == []


def test_a_file_with_the_declared_model_may_lack_a_benchmark_that_others_have() -> None:
    law = replace(ONE, benchmark="law", metric="exact_match", model="Other")
    done, problems, _ = match(ONE, law)
    assert (problems, [benchmark.id for benchmark in done.missing]) == ([], ["law"])


def test_a_name_of_one_benchmark_is_no_slip_in_writing_another() -> None:
    found, benchmark = Problems(), rule().benchmarks[0]
    matcher = Matcher(DECLARED, [replace(ONE, benchmark="MMLU-Pro")], found, [])
    matcher.hint(benchmark, {"mmlu", "mmlu_pro", "MMLU-Pro"}, None)
    assert not found
    matcher.hint(benchmark, {"mmlu", "mmlu_pro"}, None)
    assert [problem.code for problem in found.listed()] == ["performance.name_near"]


@pytest.mark.parametrize(
    ("changes", "agrees"),
    [
        ({}, True),
        ({"n": None, "stderr": None}, True),
        ({"harness": "", "harness_version": ""}, True),
        ({"score": F(82), "high": F(100), "stderr": F(1)}, True),
        ({"score": F("0.81")}, False),
        ({"stderr": F("0.02")}, False),
        ({"harness_version": "0.4.8"}, False),
        ({"n": None, "partial": "status=cancelled"}, False),
    ],
)
def test_figures_of_one_benchmark_must_say_the_same(changes: dict[str, object], agrees: bool) -> None:
    other = replace(ONE, file="b.json", **changes)  # type: ignore[arg-type]  # a table of changes
    for order in ((ONE, other), (other, ONE)):
        done, problems, _ = match(*order)
        assert ("performance.results_disagree" not in problems) == agrees
        if agrees:
            assert done.results["mmlu"].n == 100, "the figure that says more stands for both"


def test_two_versions_are_told_apart_by_the_declaration_alone() -> None:
    first, second = replace(ONE, version="2"), replace(ONE, version="1", score=F("0.5"))
    assert match(first, second)[0].results["mmlu"].score == 82
    told = DECLARED.model_copy(update={"version": ""})
    found = Problems()
    Matcher(told, (first, second), found, []).match(rule(), {})
    assert [problem.code for problem in found.listed()] == ["performance.results_disagree"]


def test_one_figure_by_two_programs_is_two_ways_of_marking() -> None:
    strict, flexible = replace(ONE, metric="acc,strict"), replace(ONE, metric="acc,flexible")
    assert match(strict, flexible)[1] == ["performance.several_filters"]
    assert match(strict, flexible, ONE)[1] == []
    named = rule(benchmarks=[{"id": "mmlu_pro", "title": "t", "metric": "acc,strict", "scale": {"min": 0, "max": 1}}])
    assert match(strict, flexible, of=named)[0].results["mmlu_pro"].measurement == strict


@pytest.mark.parametrize(
    ("counts", "counting", "aside"),
    [
        (["self", "third_party", "agency"], "agency", "third_party"),
        (["self", "third_party"], "third_party", "agency"),
        (["self"], "self", "agency"),
        (["agency"], "agency", "third_party"),
    ],
)
def test_the_strongest_measurer_that_counts(counts: list[str], counting: str, aside: str) -> None:
    figures = [replace(ONE, measured_by=who) for who in ("self", "third_party", "agency")]
    for order in (figures, figures[::-1]):
        done, problems, warnings = match(*order, of=rule(counts=counts))
        assert done.results["mmlu"].measurement.measured_by == counting
        assert done.set_aside["mmlu"].measurement.measured_by == aside
        assert (problems, warnings) == ([], [])


def test_nobody_whose_measurements_count() -> None:
    done, problems, _ = match(replace(ONE, n=3), of=rule(counts=["agency"]))
    assert (done.results, problems) == ({}, [])
    assert done.set_aside["mmlu"].measurement.measured_by == "self"


def test_measurers_who_disagree_are_a_warning_and_the_stronger_counts() -> None:
    agency = replace(ONE, measured_by="agency", score=F("0.79"))
    done, problems, warnings = match(ONE, agency)
    assert (problems, warnings) == ([], ["performance.measurers_disagree"])
    assert done.results["mmlu"].score == 79


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, score=F("0.82"), high=F(100), file="b.json"),
        replace(ONE, score=F(82), high=F(100)),
        replace(ONE, score=F("0.82"), high=F(100), file="b.json", measured_by="agency"),
    ],
)
def test_one_score_on_two_scales(other: Measurement) -> None:
    assert match(ONE, other)[1] == ["performance.mixed_scale"]


@pytest.mark.parametrize(
    ("members", "others", "code"),
    [
        (("law", "ethics"), (), "performance.group_and_member"),
        (("mmlu_pro_law",), ("mmlu_pro_law",), "performance.groups_overlap"),
        (("ethics",), ("mmlu_pro",), "performance.group_and_member"),
        (("ethics",), ("physics",), ""),
    ],
)
def test_no_item_counts_twice(members: tuple[str, ...], others: tuple[str, ...], code: str) -> None:
    law = replace(ONE, benchmark="law", metric="exact_match", members=others)
    assert match(replace(ONE, members=members), law)[1] == ([code] if code else [])


@given(
    score=st.fractions(0, 1, max_denominator=10**6),
    ends=st.tuples(st.fractions(max_denominator=100), st.fractions(max_denominator=100)).filter(lambda e: e[0] < e[1]),
    of=st.tuples(st.fractions(max_denominator=100), st.fractions(max_denominator=100)).filter(lambda e: e[0] < e[1]),
)
def test_conversion_keeps_the_place_between_the_ends(
    score: Fraction, ends: tuple[Fraction, Fraction], of: tuple[Fraction, Fraction]
) -> None:
    scale = {"min": of[0], "max": of[1]}
    benchmark = Benchmark.model_validate({"id": "b", "title": "t", "metric": "acc", "scale": scale})
    raw = ends[0] + score * (ends[1] - ends[0])
    result = result_of(benchmark, replace(ONE, score=raw, low=ends[0], high=ends[1], stderr=ends[1] - ends[0]))
    assert (result.score - of[0]) / (of[1] - of[0]) == score
    assert result.stderr == of[1] - of[0]


@pytest.mark.parametrize(
    ("end", "months", "start"),
    [
        ("2026-01-15", 6, "2025-07-15"),
        ("2026-08-31", 6, "2026-02-28"),
        ("2024-08-31", 6, "2024-02-29"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2026-12-31", 12, "2025-12-31"),
        ("2026-01-31", 1, "2025-12-31"),
        ("2026-01-15", 1_000_000_000, "0001-01-01"),
    ],
)
def test_the_window_begins_calendar_months_before(end: str, months: int, start: str) -> None:
    assert window_start(datetime.date.fromisoformat(end), months) == datetime.date.fromisoformat(start)


@pytest.mark.parametrize(
    ("metric", "rated"),
    [
        ("elo", True), ("Elo Rating", True), ("arena_score", True), ("bt", True), ("Bradley-Terry", True),
        ("codeforces_rating", True), ("acc", False), ("win_rate", False), ("arena_hard_win_rate", False),
        ("rating", False), ("melody", False), ("bt_acc", False),
    ],
)  # fmt: skip
def test_ratings_by_comparison_are_known_by_their_names(metric: str, rated: bool) -> None:
    assert is_rated(metric) == rated


# Whole rounds


def folder(parent: Path) -> Path:
    """A copy of the small round with a target."""
    return Path(shutil.copytree(ACCEPT / "performance", parent / "round"))


def evidence_of(path: Path) -> tuple[RoundEvidence, tuple[Problem, ...]]:
    round_ = load_round(path)[1]
    return round_.evidence, round_.warnings


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_small_round_is_read_whole() -> None:
    evidence, warnings = evidence_of(ACCEPT / "performance")
    assert [(one.applicant, [r.benchmark for r in one.results]) for one in evidence.performance] == [
        ("alpha", ["mmlu-pro", "kmmlu", "math"]),
        ("beta", ["mmlu-pro", "kmmlu"]),
        ("gamma", ["mmlu-pro", "kmmlu", "math"]),
    ]
    alpha, beta, gamma = evidence.performance
    assert [r.score for r in alpha.results] == [F("82.03"), F("75.6"), F("0.8667")]
    assert [m.benchmark for m in alpha.unused] == ["hellaswag"]
    assert (alpha.model, alpha.version, alpha.mode, alpha.target) == (
        "Fictional-alpha", "2.0", "thinking", "Fictional-R1",
    )  # fmt: skip
    assert [(e.benchmark, e.kind) for e in beta.excuses] == [("math", "missing")]
    assert gamma.results[1].excuse == "일부 문항의 저작권 문제로 제외"
    assert [(m.model, m.released.isoformat(), [r.score for r in m.results]) for m in evidence.references] == [
        ("Fictional-R1", "2025-09-01", [F("84.1"), F(78), F("0.9")]),
        ("Fictional-R2", "2025-12-20", [F(85), F(80)]),
    ]
    first = evidence.references[0].results[1].measurement
    assert (first.file, first.path, first.source, len(first.sha256)) == (
        "references.csv", "line 3", "가상 기술보고서 표 3", 64,
    )  # fmt: skip
    assert warnings == ()


def test_the_order_of_rows_decides_nothing(tmp_path: Path) -> None:
    before = evidence_of(ACCEPT / "performance")[0]
    path = folder(tmp_path)
    for name in ("references.csv", "excuses.csv", "evidence/alpha/performance/results.csv"):
        head, *rows = (path / name).read_text(encoding="utf-8").splitlines()
        (path / name).write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    after = evidence_of(path)[0]

    def told(evidence: RoundEvidence) -> list[object]:
        models = [(m.model, m.released, [(r.benchmark, r.score) for r in m.results]) for m in evidence.references]
        return [*models, *((p.applicant, [(r.benchmark, r.score) for r in p.results]) for p in evidence.performance)]

    assert told(before) == told(after)


def _other_metric(path: Path) -> None:
    edit(path / "evidence/alpha/performance/results.csv", "kmmlu,acc,", "kmmlu,acc_norm,")


def _like_name(path: Path) -> None:
    edit(path / "evidence/alpha/performance/results.csv", "kmmlu,acc,", "kmmlu_pro,acc,")


def _hundredth(path: Path) -> None:
    edit(path / "evidence/beta/performance/results.csv", "mmlu_pro,exact_match,80.9", "mmlu_pro,exact_match,0.809")


def _reproduced(path: Path) -> None:
    text = "benchmark,metric,score,min,max,n,measured_by\nkmmlu,acc,74.9,0,100,35030,agency\n"
    (path / "evidence/alpha/performance/agency.csv").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_reproduced, "performance.measurers_disagree"),
        (_other_metric, "performance.other_metric"),
        (_like_name, "performance.name_like"),
        (_hundredth, "performance.hundredth"),
    ],
)
def test_warnings_are_told_in_both_languages(change: Callable[[Path], None], code: str, tmp_path: Path) -> None:
    path = folder(tmp_path)
    change(path)
    _, warnings = evidence_of(path)
    assert [warning.code for warning in warnings] == [code]
    for language in LANGUAGES:
        found, _, _ = render(warnings[0], message_catalogue("problems", language))
        assert "mmlu" in found


def test_what_stands_for_nothing_is_named_while_a_benchmark_has_no_result(tmp_path: Path) -> None:
    path = folder(tmp_path)
    results = path / "evidence/alpha/performance/results.csv"
    edit(results, "kmmlu,acc,", "ko_exam,acc,")
    text = "benchmark,metric,score,min,max\nboolq,acc,0.8,0,1\nko_exam,acc_norm,70,0,100\n"
    (path / "evidence/alpha/performance/more.csv").write_text(text, encoding="utf-8")
    _, warnings = evidence_of(path)
    assert [(w.code, w.file) for w in warnings] == [
        ("performance.unused", "evidence/alpha/performance/more.csv"),
        ("performance.file_unused", "evidence/alpha/performance/more.csv"),
    ]
    assert warnings[0].params["benchmarks"] == "kmmlu"
    places = ["boolq (AT/more.csv:2)", "ko_exam (AT/results.csv:3)", "hellaswag (AT/results.csv:5)"]
    assert warnings[0].params["names"] == ", ".join(places).replace("AT", "evidence/alpha/performance")
    for language in LANGUAGES:
        assert "ko_exam" in render(warnings[0], message_catalogue("problems", language))[0]


def test_parts_of_a_group_and_other_metrics_of_a_result_stand_for_something() -> None:
    group = replace(ONE, members=("anatomy", "law_exam"))
    part, again = replace(ONE, benchmark="anatomy", path="p"), replace(ONE, metric="acc_norm", path="q")
    found, warnings = Problems(), list[Problem]()
    matcher = Matcher(DECLARED, (group, part, again), found, warnings)
    done = matcher.match(rule(), {})
    matcher.warn_of_unused(done.missing, {"mmlu", "mmlu_pro", "law"}, [done])
    assert warnings == []
    other = Matcher(DECLARED, (group, part, again, replace(ONE, benchmark="statute")), found, warnings)
    other.warn_of_unused((), {"mmlu", "mmlu_pro", "law"}, [done])
    assert warnings == []  # nothing is missing
    other.warn_of_unused(done.missing, {"mmlu", "mmlu_pro", "law"}, [done])
    assert [(w.code, w.params["names"]) for w in warnings] == [("performance.unused", "statute (a.json results)")]


def _unknown_target(path: Path) -> None:
    edit(path / "rubric.yaml", "policy: named_target", "policy: best_single")
    edit(path / "evidence/alpha/performance.yaml", "target: Fictional-R1", "target: Fictional-R9")


def test_an_unknown_target_that_is_not_compared_with_is_a_warning(tmp_path: Path) -> None:
    path = folder(tmp_path)
    _unknown_target(path)
    _, warnings = evidence_of(path)
    assert [(w.code, w.params["value"]) for w in warnings] == [("performance.target_passed_over", "Fictional-R9")]
    for language in LANGUAGES:
        assert "Fictional-R9" in render(warnings[0], message_catalogue("problems", language))[0]


def test_one_wrong_date_is_told_once_where_it_stands(tmp_path: Path) -> None:
    path = folder(tmp_path)
    edit(
        path / "references.csv",
        "Fictional-R1,가상연구소,2025-09-01,가상 기술보고서 표 3,mmlu",
        "Fictional-R1,가상연구소,2025-10-01,가상 기술보고서 표 3,mmlu",
    )
    with pytest.raises(InputProblems) as raised:
        load_round(path)
    told = [(p.code, p.line, p.params["value"], p.params["other"]) for p in raised.value.problems]
    assert told == [("references.dates_differ", 2, "2025-10-01", "2025-09-01")]


def test_an_excuse_may_call_a_benchmark_as_result_files_do(tmp_path: Path) -> None:
    path = folder(tmp_path)
    edit(path / "excuses.csv", "performance,math,missing", "performance,aime_2025,missing")
    evidence, warnings = evidence_of(path)
    assert warnings == ()
    assert [e.benchmark for one in evidence.performance for e in one.excuses if one.applicant == "beta"] == ["math"]
    with (path / "excuses.csv").open("a", encoding="utf-8") as file:
        file.write("beta,,math,missing,위원회,2026-01-14,같은 사유\n")
    with pytest.raises(InputProblems) as raised:
        load_round(path)
    assert [p.code for p in raised.value.problems] == ["table.row_repeated"]


def test_a_cap_at_the_target_can_be_reached(tmp_path: Path) -> None:
    path = folder(tmp_path)
    edit(path / "rubric.yaml", "cap: 1,", "cap: 0.95,")
    assert evidence_of(path)[1] == ()


def test_a_declared_date_is_a_day(tmp_path: Path) -> None:
    path = folder(tmp_path)
    with (path / "evidence/beta/performance.yaml").open("a", encoding="utf-8") as file:
        file.write("files:\n  - {file: results.csv, date: 2026-01-02}\n")
    assert {r.measurement.date for r in evidence_of(path)[0].performance[1].results} == {"2026-01-02"}


def test_an_excused_result_needs_no_hint(tmp_path: Path) -> None:
    path = folder(tmp_path)
    _other_metric(path)
    with (path / "excuses.csv").open("a", encoding="utf-8") as file:
        file.write("alpha,,kmmlu,missing,위원회,2026-01-14,지표가 바뀜\n")
    evidence, warnings = evidence_of(path)
    assert warnings == ()
    assert [r.benchmark for r in evidence.performance[0].results] == ["mmlu-pro", "math"]


FILES = ("references.csv", "excuses.csv", "evidence/alpha/performance.yaml", "evidence/alpha/performance/results.csv",
         "rubric.yaml")  # fmt: skip
PIECES = ("", "0", "1", "-1", "1e9", "NaN", "100", "null", "[]", "{}", "*", ",", "\n", '"', "가", "kmmlu", "mmlu-pro",
          "Fictional-R1", "2026-02-30", "partial", "self", "envelope", "geometric", "0.95", "12032",
          "\x00")  # fmt: skip


@given(
    name=st.sampled_from(FILES),
    edits=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 12), st.sampled_from(PIECES)), min_size=1, max_size=3),
)
def test_whatever_is_in_the_files_is_read_or_refused(
    name: str, edits: list[tuple[int, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = folder(tmp_path_factory.mktemp("fuzz"))
    data = (path / name).read_text(encoding="utf-8")
    for share, length, piece in edits:
        at = share * len(data) // 400
        data = data[:at] + piece + data[at + length :]
    (path / name).write_text(data, encoding="utf-8", newline="")
    try:
        evidence, warnings = evidence_of(path)
    except InputProblems as problems:
        told: tuple[Problem, ...] = problems.problems
    else:
        told = warnings
        of_models = [result for model in evidence.references for result in model.results]
        for result in (*of_models, *(result for one in evidence.performance for result in one.results)):
            assert 0 <= result.score <= 100
    for language in LANGUAGES:
        for problem in told:
            render(problem, message_catalogue("problems", language))
