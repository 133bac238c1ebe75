"""What an applicant's report says, and what it must not say."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import LANGUAGES, Language
from evaluator.report import means
from evaluator.report.applicant import ApplicantView, applicant_view
from evaluator.report.frame import build_frame
from evaluator.report.html import applicant_html, panel_html
from evaluator.resources import examples_dir
from evaluator.workflow import evaluate
from tests.oracle.generate import random_case, write_case
from tests.report.rounds import NAMES, PLANS, REVIEWERS, SHA, TEAMS, made, rubric, scores, tables

DECIDED = {"decider": "rv01", "date": "2026-01-09"}


def view(evaluation: Evaluation, applicant: str, lang: Language = "ko") -> ApplicantView:
    return applicant_view(build_frame(evaluation, lang, SHA), applicant)


def text_of(html: str) -> str:
    """The words of a page without markup, joiners and runs of blanks."""
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", body).replace("\u2060", "").replace("&nbsp;", " ").split())


def page(evaluation: Evaluation, applicant: str, lang: Language = "ko") -> str:
    return text_of(applicant_html(build_frame(evaluation, lang, SHA), applicant))


def vote_round(folder: Path, ballots: dict[str, str], **decision: Any) -> Evaluation:
    rule = {
        "kind": "vote",
        "quorum": "2/3",
        "majority": ">1/2",
        "places": 1,
        "reserve": 1,
        "allow_none": True,
    } | decision
    base = rubric(decision=rule)
    for key in ("criteria", "panel", "rounding", "adjustments", "pass_mark", "tie_break", "selection", "rule_basis"):
        del base[key]
    given = {k: v for k, v in tables().items() if k not in {"scores", "office", "adjustments"}}
    words = {"y": "yes", "n": "no", "a": "abstain"}
    rows = [
        {"reviewer": reviewer, "applicant": applicant, "vote": words[vote], "reason": ""}
        for applicant, votes in ballots.items()
        for reviewer, vote in zip(REVIEWERS, votes, strict=True)
    ]
    return made(folder, base, {**given, "votes": rows})


def test_proposed_results_say_so_in_one_sentence(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(), tables())
    korean = {a: view(evaluation, a).sentence for a in NAMES}
    assert korean == {
        "a1": "가람연구소(가상)은 총점 89.00점으로 순위를 부여한 4개 기관 중 1위이며, 선정(안)에 포함되었습니다.",
        "a2": "나래기술(가상)은 총점 83.00점으로 순위를 부여한 4개 기관 중 2위이며, 선정(안)에 포함되었습니다.",
        "a3": "다온정보(가상)은 총점 83.00점으로 순위를 부여한 4개 기관 중 3위이며, 선정(안)의 예비 순위입니다.",
        "a4": "라온시스템(가상)은 총점 74.67점으로 순위를 부여한 4개 기관 중 4위이나, "
        "적격 요건(재무 건전성)에 적합하지 않아 선정(안)에서 제외되었습니다.",
        "a5": "마루데이터(가상)은 항목별 최저기준(기술능력)에 미치지 못하여 순위를 부여하지 않았습니다(안).",
        "a6": "바다소프트(가상)은 적격 요건(신청자격)에 적합하지 않아 평가 대상에서 제외되었습니다(안).",
        "a7": "사람과기계(가상)은 신청을 철회하여 평가하지 않았습니다.",
    }
    assert view(evaluation, "a1", "en").sentence == (
        "가람연구소(가상) is proposed for selection: 89.00 points, rank 1 of 4."
    )
    assert view(evaluation, "a4", "en").sentence == (
        "라온시스템(가상) has 74.67 points, rank 4 of 4, but is not proposed for selection, because it does not meet a "
        "requirement (Soundness)."
    )
    assert [view(evaluation, a).outcome for a in NAMES] == [
        "선정(안)",
        "선정(안)",
        "예비 순위(안)",
        "적격 요건 부적합(안)",
        "항목별 최저기준 미충족(안)",
        "적격 요건 부적합(안)",
        "신청 철회",
    ]


def test_confirmed_results_are_final(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(), tables(), status="confirmed")
    assert view(evaluation, "a1").sentence.endswith("1위이며, 선정되었습니다.")
    assert view(evaluation, "a1").outcome == "선정"
    for applicant in NAMES:
        for lang in LANGUAGES:
            said = page(evaluation, applicant, lang)
            assert "(안)" not in said
            assert "proposed" not in said


def test_not_selected_and_ranked_only(tmp_path: Path) -> None:
    few = made(tmp_path / "few", rubric(selection={"places": 1}), tables())
    assert view(few, "a2").sentence.endswith("2위이며, 선정(안)에 포함되지 않았습니다.")
    base = rubric()
    del base["selection"]
    ranked = made(tmp_path / "ranked", base, tables(), status="confirmed")
    assert view(ranked, "a2").sentence.endswith("4개 기관 중 2위입니다.")
    assert view(ranked, "a2", "en").sentence == "나래기술(가상) has 83.00 points, rank 2 of 4."


def test_a_tie_at_the_cut_line_waits_for_the_panel(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(tie_break=[]), tables())
    assert view(evaluation, "a2").sentence == (
        "나래기술(가상)은 총점 83.00점으로 순위를 부여한 4개 기관 중 2위이나, "
        "선정(안)의 경계에서 동점이어서 평가위원회의 결정이 있을 때까지 선정이 보류됩니다."
    )
    reserve = made(tmp_path / "r", rubric(tie_break=[], selection={"places": 1, "reserve": 1}), tables())
    assert "예비 순위(안)의 경계에서 동점" in view(reserve, "a3").sentence


def test_how_a_tie_was_settled_is_told_without_naming_the_other(tmp_path: Path) -> None:
    by_chain = made(tmp_path / "chain", rubric(), tables())
    assert (
        "총점이 같은 신청기관이 있어 동점 처리 규칙에 따라 「기술능력」 점수로 순위를 정했습니다."
        in view(by_chain, "a2").notes
    )
    decisions = [
        {"kind": "tie", "applicant": a, "criterion": "", "before": "", "after": after, **DECIDED, "reason": "지역 균형"}
        for a, after in (("a2", "2"), ("a3", "1"))
    ]
    decided = made(tmp_path / "d", rubric(tie_break=["decision"]), tables(decisions=decisions))
    assert "총점이 같은 신청기관이 있어 평가위원회의 기록된 결정으로 순위를 정했습니다." in view(decided, "a2").notes
    open_ = made(tmp_path / "open", rubric(tie_break=[]), tables())
    assert any("같은 순위를 부여" in note for note in view(open_, "a2").notes)
    assert not any("총점이 같은" in note for note in view(by_chain, "a1").notes)


def test_an_open_gate_leaves_the_outcome_open(tmp_path: Path) -> None:
    gates = [g for g in tables()["gates"] if (g["applicant"], g["gate"]) != ("a1", "sound")]
    evaluation = made(tmp_path, rubric(selection={"places": 1, "vacancy": "fill"}), tables(gates=gates))
    assert "적격 요건(재무 건전성)의 확인이 끝나지 않아" in view(evaluation, "a1").sentence
    assert "다른 신청기관의 적격 요건 확인이 끝나지 않아" in view(evaluation, "a2").sentence
    assert view(evaluation, "a1").gates_finding == "적격 요건 2개 가운데 1개의 확인이 끝나지 않았습니다."


def test_an_unranked_applicant_reads_what_was_found_and_what_was_needed(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(), tables())
    assert view(evaluation, "a5").reasons == (
        "기술능력 37.33점: 최저기준 48점(80점의 60 %)에 미치지 못합니다.",
        "총점 57.33점: 적격 기준점수 60점(100점의 60 %)에 미치지 못합니다.",
    )
    assert view(evaluation, "a6").reasons == ("적격 요건 부적합: 신청자격. 사업자등록증을 제출하지 않음.",)
    below = made(tmp_path / "b", rubric(pass_mark=85), tables())
    assert view(below, "a2").sentence == (
        "나래기술(가상)은 총점 83.00점이 적격 기준점수 85점에 미치지 못하여 순위를 부여하지 않았습니다(안)."
    )


def test_a_round_that_cannot_be_ranked_prints_no_total_and_says_what_is_missing(tmp_path: Path) -> None:
    marks = [m for m in scores() if not (m["reviewer"] == "rv03" and m["applicant"] == "a2")]
    evaluation = made(tmp_path, rubric(), tables(scores=marks))
    assert not evaluation.rankable
    missing = view(evaluation, "a2")
    assert missing.notes == ("아직 제출되지 않은 평가위원 점수가 2건 있습니다.",)
    assert missing.figures == ()
    assert missing.scores == missing.totals == missing.panels == ()
    assert "나래기술(가상)의 순위는 아직 산정할 수 없습니다." in missing.sentence
    other = view(evaluation, "a1")
    assert other.notes == ("이 신청기관에 관한 자료는 갖추어졌으나, 평가 전체의 자료가 다 갖추어지지 않았습니다.",)
    assert "89.00" not in page(evaluation, "a1")


def test_votes_take_the_place_of_points(tmp_path: Path) -> None:
    votes = {"a1": "yyyyn", "a2": "yyyna", "a3": "ynnna", "a4": "yyynn", "a5": "nnnnn"}
    evaluation = vote_round(tmp_path, votes)
    assert view(evaluation, "a1").sentence == (
        "가람연구소(가상)은 평가위원 5명 가운데 4명의 찬성으로 순위를 부여한 3개 기관 중 1위이며, "
        "선정(안)에 포함되었습니다."
    )
    assert [(row.kind, row.count) for row in view(evaluation, "a2").votes] == [
        ("찬성", "3"),
        ("반대", "1"),
        ("기권", "1"),
    ]
    assert view(evaluation, "a3").reasons == ("찬성 1표(평가위원 5명): 1/2 초과의 찬성이 필요합니다.",)
    assert view(evaluation, "a3", "en").sentence == (
        "다온정보(가상) has 1 of 5 votes, fewer than the majority that is needed (proposed)."
    )
    assert view(evaluation, "a1").scores == ()


def test_the_worked_figures_show_kept_shared_and_dropped_sheets(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(), tables())
    (panel,) = view(evaluation, "a5").panels
    assert [(sheet.text, sheet.state, sheet.share) for sheet in panel.sheets] == [
        ("35", "dropped", ""),
        ("36", "kept", ""),
        ("38", "kept", ""),
        ("38", "kept", ""),
        ("42", "dropped", ""),
    ]
    assert panel.equation == "(36 + 38 + 38) ÷ 3"
    assert panel.mean == "37.3333…"
    assert panel.valid == 5


def test_the_mean_of_the_sheets_is_told_apart_from_the_total(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(), tables())
    assert view(evaluation, "a2").work_finding == (
        "평가표 5부 중 2부를 제외한 평균은 67점이고, 여기에 정량 항목을 더한 총점은 83.00점입니다."
    )
    assert view(evaluation, "a1").work_finding == (
        "평가표 5부 중 2부를 제외한 평균은 72점이고, 여기에 정량 항목을 더하고 가점·감점을 반영한 총점은 89.00점입니다."
    )
    assert view(evaluation, "a2", "en").work_finding == (
        "With 2 of 5 score sheets dropped, the mean is 67; "
        "with the criteria that follow from figures added, the total is 83.00."
    )
    selection = evaluate(*load_round(examples_dir() / "k-ai-selection"))
    assert view(selection, "t03").work_finding == (
        "평가표 6부 중 2부를 제외한 평균은 54.7점이고, 평가항목마다 반올림 규칙을 적용하여 더하면 54.71점이며, "
        "여기에 정량 항목을 더한 총점은 78.53점입니다."
    )
    plain = made(tmp_path / "mean", rubric(panel={"aggregate": "mean"}), tables())
    assert view(plain, "a2").work_finding.startswith("유효한 평가표 5부의 평균은 67점이고, ")


def test_the_parts_add_up_to_the_total() -> None:
    for example in ("k-ai-selection", "procurement", "k-ai-stage1-2026"):
        evaluation = evaluate(*load_round(examples_dir() / example))
        for standing in evaluation.ranking:
            lines = view(evaluation, standing.applicant).totals
            parts = [line for line in lines if line.label in {"평가위원 평가 항목", "정량 항목"}]
            assert len(parts) == (2 if standing.criteria else 0)
            for line in parts:
                terms = [Fraction(re.sub(r" \(.*", "", term)) for term in line.formula.split(" + ")]
                assert sum(terms) == Fraction(line.value)
            if standing.raw_total is not None and parts:
                added = standing.bonus - standing.penalty
                assert sum(Fraction(line.value) for line in parts) + added == standing.raw_total


def test_every_criterion_the_panel_scored_can_be_worked_out_on_paper() -> None:
    evaluation = evaluate(*load_round(examples_dir() / "k-ai-selection"))
    worked = 0
    for standing in evaluation.ranking:
        for panel in view(evaluation, standing.applicant).panels:
            for line in panel.lines:
                assert line.marks == ()
                sum_ = line.equation.replace("×", "*").replace("÷", "/").replace("½", "0.5")
                exact = eval(re.sub(r"([\d.]+)", r"Fraction('\1')", sum_), {"Fraction": Fraction})  # noqa: S307 -- our own page
                assert (exact, exact, Fraction(line.points)) in {
                    (score.consensus, score.raw, score.points) for score in standing.criteria.values()
                }
                terms = [float(term) for term in re.findall(r"[\d.]+", line.equation.split("(")[1].split(")")[0])]
                assert terms == sorted(terms)
                worked += 1
    assert worked > 50


@pytest.mark.parametrize(
    ("scale", "convert", "equation"),
    [
        ({"min": 0, "max": 50}, None, "(45 + 45 + 46) ÷ 3"),
        ({"min": 0, "max": 100}, None, "50 × (45 + 45 + 46) ÷ 3 ÷ 100"),
        ({"min": 1, "max": 100}, {"kind": "linear"}, "50 × ((45 + 45 + 46) ÷ 3 – 1) ÷ (100 – 1)"),
        ({"min": 0, "max": 100, "direction": "lower"}, None, "50 × (100 – (45 + 45 + 46) ÷ 3) ÷ 100"),
        ({"min": 1, "max": 100}, {"kind": "proportional"}, "50 × (45 + 45 + 46) ÷ 3 ÷ 100"),
        ({"min": 0, "max": 100}, {"kind": "target", "at": "45.5"}, "50 × (45 + 45 + ½×45.5 + ½×45.5) ÷ 3 ÷ 45.5"),
    ],
)
def test_a_conversion_stands_around_the_mean(
    tmp_path: Path, scale: dict[str, Any], convert: dict[str, Any] | None, equation: str
) -> None:
    base = rubric(panel={"aggregate": "trimmed_mean", "trim": {"high": 1, "low": 1}, "level": "criterion"})
    plan = base["criteria"][0]["children"][0]
    plan["scale"] = scale
    if convert:
        plan["convert"] = convert
    evaluation = made(tmp_path, base, tables())
    (work,) = view(evaluation, "a1").panels
    assert work.lines[0].equation == equation


def test_of_many_marks_equal_ones_are_counted() -> None:
    leaf = evaluate(*load_round(examples_dir() / "procurement")).rubric.leaves()[0]
    marks = [(Fraction(i // 4), Fraction(1)) for i in range(12)]
    assert means.mean_equation(leaf, marks, converted=False) == "(4×0 + 4×1 + 4×2) ÷ 12"


def test_recusals_and_abstentions_are_counted_without_a_code(tmp_path: Path) -> None:
    conflicts = [{"reviewer": "rv05", "applicant": "a1", "kind": "회피", "reason": "자문"}]
    marks = [m for m in scores() if not (m["reviewer"] == "rv05" and m["applicant"] == "a1")]
    left_out = {("rv01", "a2"): "recused", ("rv03", "a3"): "abstained"}
    marks = [
        {**m, "score": "", "state": left_out[m["reviewer"], m["applicant"]]}
        if (m["reviewer"], m["applicant"]) in left_out
        else {**m, "state": ""}
        for m in marks
    ]
    evaluation = made(tmp_path, rubric(), tables(conflicts=conflicts, scores=marks))
    assert "회피로 이 신청기관의 평가에 참여하지 않은 평가위원: 1명." in view(evaluation, "a1").notes
    assert "이 신청기관의 평가에서 제외된 평가위원: 1명." in view(evaluation, "a2").notes
    assert "기권한 항목이 있어 반영하지 않은 평가표: 1부." in view(evaluation, "a3").notes
    assert "기권하면 그 평가위원의 평가표 전체를" in page(evaluation, "a4")
    for applicant in NAMES:
        assert "rv0" not in page(evaluation, applicant)


def test_equal_extremes_are_shared(tmp_path: Path) -> None:
    plans, teams = {**PLANS, "a1": (40, 40, 41, 42, 42)}, {**TEAMS, "a1": (20, 20, 20, 20, 20)}
    evaluation = made(tmp_path, rubric(), tables(scores=scores(plans, teams)))
    (panel,) = view(evaluation, "a1").panels
    assert [(sheet.text, sheet.state, sheet.share) for sheet in panel.sheets] == [
        ("60", "shared", "½"),
        ("60", "shared", "½"),
        ("61", "kept", ""),
        ("62", "shared", "½"),
        ("62", "shared", "½"),
    ]
    assert panel.equation == "(½×60 + ½×60 + 61 + ½×62 + ½×62) ÷ 3"
    assert panel.mean == "61"


def test_level_criterion_lists_the_marks_of_each_criterion(tmp_path: Path) -> None:
    panel = {
        "aggregate": "median",
        "level": "criterion",
        "order": "consensus_first",
        "quorum": 3,
        "title": {"ko": "평가위원회", "en": "Panel"},
    }
    rounding = {"consensus": 1, "points": 2, "total": 2}
    evaluation = made(tmp_path, rubric(panel=panel, rounding=rounding), tables())
    (work,) = view(evaluation, "a1").panels
    assert work.sheets == ()
    assert [(line.title, [mark.text for mark in line.marks], line.result) for line in work.lines] == [
        ("수행 계획", ["44", "45", "45", "46", "47"], "45.0"),
        ("수행 인력", ["26", "27", "27", "27", "28"], "27.0"),
    ]
    assert [mark.state for mark in work.lines[0].marks] == ["dropped", "shared", "shared", "dropped", "dropped"]


def test_a_figure_measured_against_the_best_is_marked_and_keeps_the_best_to_itself(tmp_path: Path) -> None:
    base = rubric()
    base["criteria"][1] |= {"scale": {"min": 1, "direction": "lower"}, "convert": {"kind": "relative_to_best"}}
    evaluation = made(tmp_path, base, tables())
    (price,) = (leaf for leaf in view(evaluation, "a2").leaves if leaf.title == "가격")
    assert (price.score, price.formula, price.points) == ("16", "20 × (가장 좋은 값) ÷ 16, 상대평가", "19.38")
    assert "pool-relative" in page(evaluation, "a2", "en")
    assert "15.5" not in page(evaluation, "a2")


def test_bonus_rounding_and_pass_mark_appear_in_the_total(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(), tables())
    assert [(line.label, line.formula, line.value) for line in view(evaluation, "a1").totals] == [
        ("평가위원 평가 항목", "45.33 (1.1) + 26.67 (1.2)", "72.00"),
        ("정량 항목", "15.50 (2)", "15.50"),
        ("가점", "여성기업", "+1.5"),
        ("항목 점수의 합에 가점·감점 반영", "72.00 + 15.50 + 1.5", "89"),
        ("총점", "소수점 아래 2자리까지(반올림)", "89.00"),
        ("적격 기준점수와 비교", "89.00 ≥ 60", "충족"),
    ]


def test_a_recorded_consensus_decision_is_shown_with_what_was_calculated(tmp_path: Path) -> None:
    decision = {
        "kind": "consensus",
        "applicant": "a1",
        "criterion": "plan",
        "before": "",
        "after": "46",
        **DECIDED,
        "reason": "계산 착오",
    }
    evaluation = made(tmp_path, rubric(), tables(decisions=[decision]))
    seen = view(evaluation, "a1")
    assert seen.notes == ("평가위원회 결정으로 「수행 계획」의 값을 45.3333…에서 46으로 바꾸었습니다. 사유: 계산 착오",)
    changed = next(leaf for leaf in seen.leaves if leaf.title == "수행 계획")
    assert (changed.score, changed.formula, changed.points) == ("46", "", "46.00")
    assert changed.note == "평가위원회 결정으로 바꾼 값(계산된 값 45.3333…)"


def test_deciders_who_are_reviewers_are_not_named(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(), tables())
    assert {gate.title: gate.decider for gate in view(evaluation, "a6").gates}["신청자격"] == "위원장"
    assert {gate.title: gate.decider for gate in view(evaluation, "a4").gates}["재무 건전성"] == "평가위원회"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("example", ["k-ai-selection", "procurement"])
def test_a_report_gives_away_nothing_about_anybody_else(example: str, lang: Language) -> None:
    rubric_, round_ = load_round(examples_dir() / example)
    evaluation = evaluate(rubric_, round_)
    frame = build_frame(evaluation, lang, SHA)
    codes = {reviewer.id for reviewer in evaluation.reviewers if len(reviewer.id) > 1}
    for applicant in evaluation.applicants:
        said = text_of(applicant_html(frame, applicant.id))
        tokens = set(re.findall(r"[\w.]+", said))
        own = frame.standings[applicant.id]
        assert not tokens & codes
        for other in evaluation.applicants:
            standing = frame.standings[other.id]
            if other.id == applicant.id:
                continue
            assert other.id not in tokens
            if len(other.name) > 1:
                assert other.name not in said
            if example == "k-ai-selection" and standing.total != own.total and standing.total is not None:
                assert f"{float(standing.total):.2f}" not in tokens
        margin = evaluation.cut_line.margin if evaluation.cut_line else None
        if example == "k-ai-selection" and margin is not None:
            assert f"{float(margin):.2f}" not in tokens


def test_a_blind_round_prints_aliases(tmp_path: Path) -> None:
    applicants = [dict(row, alias=f"신청 {row['id'].upper()}") for row in tables()["applicants"]]
    evaluation = made(tmp_path, rubric(), tables(applicants=applicants), blind=True)
    frame = build_frame(evaluation, "ko", SHA)
    for applicant in NAMES:
        said = text_of(applicant_html(frame, applicant))
        assert f"신청 {applicant.upper()}" in said
        assert NAMES[applicant] not in said
    assert not any(name in text_of(panel_html(frame)) for name in NAMES.values())


def test_the_chosen_word_for_applicants_is_used(tmp_path: Path) -> None:
    terms = {"applicant": {"ko": "입찰업체", "en": "bidder"}}
    evaluation = made(tmp_path, rubric(terms=terms), tables())
    assert "입찰업체 평가 보고서" in page(evaluation, "a1")
    assert "Bidder evaluation report" in page(evaluation, "a1", "en")


@pytest.mark.parametrize("chunk", range(4))
def test_every_kind_of_round_can_be_printed(chunk: int, tmp_path: Path) -> None:
    """Random rounds over every combination of rules: a page for everybody, in both languages, without a gap."""
    for seed in range(chunk * 12, (chunk + 1) * 12):
        folder = write_case(random_case(Random(seed)), tmp_path / str(seed))
        try:
            evaluation = evaluate(*load_round(folder))
        except InputProblems:
            continue
        for lang in LANGUAGES:
            frame = build_frame(evaluation, lang, SHA)
            pages = [applicant_html(frame, applicant.id) for applicant in evaluation.applicants]
            for html in (*pages, panel_html(frame)):
                assert not re.search(r"\bNone\b|Fraction\(|\[[^\[\]]*[|/][^\[\]]*\]|\{\w+\}", text_of(html)), seed
