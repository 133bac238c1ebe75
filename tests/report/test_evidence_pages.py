"""Pages about evidence: what they say, to whom, and what they must not say."""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction
from html import unescape
from pathlib import Path
from typing import Any, get_args

import page as page_validation
import pypdf
import pytest

from evaluator.model.evaluation import CriterionScore, Evaluation
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.performance import BenchmarkLine, Verdict
from evaluator.model.round import Decision
from evaluator.model.text import LANGUAGES, Language
from evaluator.report import write_evidence_report
from evaluator.report.evidence import Files, Note, Notes, SourceFile, clipped, folded, probability, share_text
from evaluator.report.evidence_access import EvidenceRow, access_view
from evaluator.report.evidence_openness import Rung, openness_view
from evaluator.report.evidence_pages import applicant_evidence, evidence_view
from evaluator.report.evidence_performance import AlternativeRow, BenchmarkRow, PerformanceView, performance_view
from evaluator.report.evidence_plot import ROWS_OF_PLOT, Dot
from evaluator.report.evidence_tables import CountRow, FigureRow, LicenceRow
from evaluator.report.frame import Frame, build_frame
from evaluator.report.html import applicant_html, evidence_html, panel_html
from evaluator.report.support import SupportRow, amount, applicant_support, support_view
from evaluator.report.words import Words
from tests.report import evidence_rounds as made_of
from tests.report.rounds import SHA
from tests.report.test_applicant import text_of

F = Fraction


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return made_of.with_evidence(tmp_path_factory.mktemp("ranked"))


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return made_of.evidence_only(tmp_path_factory.mktemp("collected"))


def frame_of(evaluation: Evaluation, lang: Language = "ko") -> Frame:
    return build_frame(evaluation, lang, SHA)


def with_outcome(evaluation: Evaluation, **parts: object) -> Evaluation:
    assert evaluation.evidence is not None
    return dataclasses.replace(evaluation, evidence=dataclasses.replace(evaluation.evidence, **parts))  # type: ignore[arg-type]  # any field


# Performance


def test_the_finding_has_verdict_ratio_target_and_interval(ranked: Evaluation) -> None:
    found = {
        lang: performance_view(frame_of(ranked, lang), made_of.performance("a1"), internal=False).finding
        for lang in LANGUAGES
    }
    assert found == {
        "ko": "참조 모델 대비 성능 비율은 0.9312이며, 목표 0.95에 대한 판정은 미충족입니다. "
        "90% 구간은 0.9051~0.9573입니다.",
        "en": "The ratio to the reference is 0.9312; the target of 0.95 is not met. "
        "The 90 % interval is 0.9051 to 0.9573.",
    }


def test_a_withheld_interval_has_its_reasons(ranked: Evaluation) -> None:
    given = made_of.performance(
        "a1", low=None, high=None, probability=None, verdict="met", withheld=("mode_differs", "no_sample_size")
    )
    view = performance_view(frame_of(ranked, "en"), given, internal=True)
    assert view.finding.endswith("is met. There is no 90 % interval.")
    assert view.reasons == (
        "No interval and probability: the modes differ, and sampling error is not the error that matters.",
        "No interval and probability: the number of items is not known.",
    )
    assert (view.interval, view.probability) == ("–", "–")


def test_every_state_has_its_row_and_its_shape(ranked: Evaluation) -> None:
    view = performance_view(frame_of(ranked, "en"), made_of.performance("a1"), internal=False)
    same = {"given": "", "own_normal": "", "other_normal": "", "floor": "–"}
    assert [row.title for row in view.rows[:2]] == ["Competition mathematics", "Writing code"]
    assert view.rows[1:3] + view.rows[4:] == (
        BenchmarkRow(
            title="Writing code", category="Reasoning", reference="", own="90", other="84", ratio="1.0714…",
            interval="1.0400–1.1000", weight="0.2", n="500", by="self", notes="[1] b, c", counts=True, **same,
        ),
        BenchmarkRow(
            title="Use of tools", category="Reasoning", reference="", own="–", other="70", ratio="0 (no result)",
            interval="–", weight="0.2", n="–", by="–", notes="d", counts=True, **same,
        ),
        BenchmarkRow(
            title="Korean language", category="Language", reference="", own="75", other="80", ratio="0.9375",
            interval="0.9100–0.9700", weight="0.2", n="500", by="agency", notes="[2]", counts=True, **same,
        ),
        BenchmarkRow(
            title="Long documents", category="Language", reference="", own="–", other="70", ratio="excused",
            interval="–", weight="–", n="–", by="–", notes="e", counts=False, **same,
        ),
    )  # fmt: skip
    assert [note.mark for note in view.notes] == list("abcde")
    assert view.files == (
        SourceFile(number="[1]", name="results/lm_eval.json", sha256="a1" * 6),
        SourceFile(number="[2]", name="results/agency.json", sha256="b2" * 6),
    )
    assert view.excuses == (("Long documents", "문제집이 회수됨."),)
    (plot,) = view.plots
    assert [(d.label, d.shape, d.text) for d in plot.dots] == [
        ("General knowledge", "counts", "0.9565…"),
        ("Competition mathematics", "counts", "0.8510…"),
        ("Writing code", "capped", "1.0714…"),
        ("Korean language", "counts", "0.9375"),
        ("Use of tools", "missing", "0 (no result)"),
        ("Long documents", "none", "excused"),
        ("Whole", "whole", "0.9312"),
    ]
    assert plot.alt.startswith("Ratio on each benchmark against the target of 0.95: General knowledge 0.9565…; ")


def test_a_line_can_be_recomputed_from_what_it_prints(tmp_path: Path) -> None:
    """The floor, the corrected scores, the score as handed in, and one calculation written out."""
    rule = made_of.performance_rule()
    know, maths, *rest = rule["benchmarks"]
    know |= {"scale": {"min": 0, "max": 1}, "chance": "0.2"}
    maths |= {"scale": {"min": 0, "max": 4}, "direction": "lower"}
    evaluation = made_of.with_evidence(
        tmp_path, rubric=made_of.evidence_rubric(performance=rule | {"benchmarks": [know, maths, *rest]})
    )
    own, other = F("0.8075"), F("0.795")
    corrected = dataclasses.replace(
        made_of.line("know", 1, 1), own=own, other=other, floor=F(1, 5),
        own_normal=F("0.759375"), other_normal=F("0.74375"), ratio=F("0.759375") / F("0.74375"),
        given=F("80.75"), given_low=F(0), given_high=F(100),
    )  # fmt: skip
    lower = dataclasses.replace(
        made_of.line("maths", 1, 1),
        own=F(1),
        other=F(1, 2),
        floor=F(4),
        own_normal=F(3, 4),
        other_normal=F(7, 8),
        ratio=F(6, 7),
    )
    plain = made_of.line("code", 40, 50, floor=F(0))

    def view(*lines: BenchmarkLine, lang: Language = "en") -> PerformanceView:
        return performance_view(frame_of(evaluation, lang), made_of.performance("a1", lines=lines), internal=False)

    shown = view(corrected, lower, plain)
    rows = {
        row.title: (row.own, row.own_normal, row.given, row.other, row.other_normal, row.floor) for row in shown.rows
    }
    assert rows == {
        "General knowledge": ("0.8075", "0.759375", "80.75 (0–100)", "0.795", "0.74375", "0.2"),
        "Competition mathematics": ("1", "0.75", "", "0.5", "0.875", "4"),
        "Writing code": ("40", "", "", "50", "", "0"),
    }
    assert shown.worked == (
        "So General knowledge: (0.8075 − 0.2) ÷ (1 − 0.2) = 0.759375, (0.795 − 0.2) ÷ (1 − 0.2) = 0.74375, "
        "0.759375 ÷ 0.74375 = 1.0210…."
    )
    assert view(lower, lang="ko").worked == (
        "예: 수학 경시 (4 − 1) ÷ (4 − 0) = 0.75, (4 − 0.5) ÷ (4 − 0) = 0.875, 0.75 ÷ 0.875 = 0.8571…."
    )
    assert view(plain).worked == ""
    assert view(dataclasses.replace(corrected, ratio=F(0))).worked == ""


def test_dots_lie_where_their_ratios_are(ranked: Evaluation) -> None:
    lines = (
        made_of.line("know", 40, 50, low=F(7, 10), high=F(9, 10)),
        made_of.line("maths", 100, 50),
        made_of.line("code", 10, 50, weight=F(0)),
    )
    (plot,) = performance_view(frame_of(ranked), made_of.performance("a1", lines=lines), internal=False).plots
    assert [tick.text for tick in plot.ticks] == ["0.2", "0.4", "0.6", "0.8", "1.0", "1.2", "1.4"]
    assert plot.target == pytest.approx((0.95 - 0.1) / 1.4)
    first, second, third, _ = plot.dots
    assert dataclasses.replace(first, x=None, low=None, high=None) == Dot(
        label="종합 지식 시험",
        lines=("종합 지식 시험",),
        text="0.8000",
        shape="counts",
        x=None,
        low=None,
        high=None,
        beyond="",
    )
    assert (first.x, first.low, first.high) == pytest.approx((0.5, 0.6 / 1.4, 0.8 / 1.4))
    assert (second.x, second.beyond) == (1.0, "high")
    assert (third.x, third.shape) == (pytest.approx(0.1 / 1.4), "hollow")


def test_many_benchmarks_are_drawn_in_pieces_of_about_equal_size(ranked: Evaluation) -> None:
    lines = tuple(made_of.line(f"b{i}", 80, 90) for i in range(2 * ROWS_OF_PLOT))
    plots = performance_view(frame_of(ranked), made_of.performance("a1", lines=lines), internal=False).plots
    assert [len(plot.dots) for plot in plots] == [11, 11, 11]
    assert [plot.dots[-1].shape for plot in plots] == ["counts", "counts", "whole"]


def test_alternatives_that_turn_the_verdict_are_told_to_the_panel(ranked: Evaluation) -> None:
    view = performance_view(frame_of(ranked, "en"), made_of.performance("a1"), internal=True)
    assert view.alternatives_finding == "Under 1 of 2 other formulas and references the verdict is another."
    assert view.alternatives == (
        AlternativeRow(policy="best single model", formula="ratio of means", ratio="0.9531", verdict="met", word="met",
                       declared=False, changed=True),
        AlternativeRow(policy="best single model", formula="mean of ratios, capped at 1", ratio="0.9312",
                       verdict="not_met", word="not met", declared=True, changed=False),
        AlternativeRow(policy="best of each benchmark", formula="mean of ratios", ratio="0.8971", verdict="not_met",
                       word="not met", declared=False, changed=False),
    )  # fmt: skip
    assert (view.probability, view.equal_passes) == ("0.1183", "0.8412")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_probability_and_no_other_formula_reaches_the_applicant(ranked: Evaluation, lang: Language) -> None:
    words, said = Words(lang), text_of(applicant_html(frame_of(ranked, lang), "a1"))
    assert "0.9312" in said
    for hidden in ("0.1183", "0.8412", "0.9531", "0.8971", words("label.probability"), words("section.alternatives")):
        assert hidden not in said
    told = text_of(evidence_html(frame_of(ranked, lang)))
    for shown in ("0.1183", "0.8412", "0.9531", "0.8971", words("label.probability"), words("section.alternatives")):
        assert shown in told


def test_flags_about_the_method_are_for_the_panel(ranked: Evaluation) -> None:
    given = made_of.performance("a1", lines=(), flags=("winners_curse", "equal_model_fails", "capped"))
    own, panel = (performance_view(frame_of(ranked, "en"), given, internal=internal) for internal in (False, True))
    assert [note.text for note in own.notes] == ["The ratio is above the cap and counts as the cap."]
    assert [note.mark for note in panel.notes] == ["a", "b", "c"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_not_even_a_rule_by_probability_brings_one_to_the_applicant(tmp_path: Path, lang: Language) -> None:
    rule = made_of.performance_rule(verdict={"target": 0.95, "rule": "probability"})
    evaluation = made_of.with_evidence(tmp_path, rubric=made_of.evidence_rubric(performance=rule))
    view = performance_view(frame_of(evaluation, "en"), made_of.performance("a1"), internal=False)
    assert (view.probability, view.equal_passes, view.alternatives) == ("", "", ())
    assert view.rule.endswith("undetermined between. Points follow from the ratio, not from the verdict.")
    words, said = Words(lang), text_of(applicant_html(frame_of(evaluation, lang), "a1"))
    for hidden in ("0.1183", "0.8412", words("label.probability"), words("label.equal_passes")):
        assert hidden not in said
    assert "0.9051" in said


def test_no_probability_is_printed_as_certain() -> None:
    values = (None, F(0), F(1, 10_000), F(1, 2), F(9999, 10_000), F(1))
    assert [probability(v) for v in values] == ["–", "< 0.0001", "0.0001", "0.5000", "0.9999", "> 0.9999"]


# Openness


def test_the_ladder_says_what_is_reached_claimed_and_missing(ranked: Evaluation) -> None:
    view = openness_view(frame_of(ranked, "en"), made_of.openness("a1", base_limit=3, base_model="Base-0"))
    assert view.finding == "The open-source level is 3, below the claimed 4."
    assert view.rungs[3:5] == (
        Rung(level=3, title="level 3", reached=True, claimed=False, counted=True, limit=True, missing=""),
        Rung(
            level=4, title="level 4", reached=False, claimed=True, counted=False, limit=False,
            missing="Evaluation results, Data card",
        ),
    )  # fmt: skip
    lacks = "Data preprocessing code, Training code, Data card."
    assert view.sentences == (
        "In no class of the Model Openness Framework; class III lacks: Evaluation results, Data card.",
        f"It is no candidate under the Open Source AI Definition (OSAID); it lacks: {lacks}",
        "The 14 dimensions of transparency sum to 5.5 of 14.",
        "The base model's licence allows no more than level 3.",
        "The claimed level is higher than the derived one.",
    )
    assert [mark for mark, _ in view.dimensions] == ["● open (1)", "◐ partly (0.5)", "○ closed (0)"]
    absent = [line for line in made_of.openness("a1").components if line.state == "absent"]
    assert len(view.components) + len(absent) == 17
    assert len(view.absent.split(", ")) == len(absent) > 0
    assert view.notes == (Note(mark="a", text="A software licence on data or documents."),)


def test_nothing_is_asked_for_the_lowest_level(ranked: Evaluation) -> None:
    html = evidence_html(frame_of(ranked, "en"))
    ladder = html.partition('class="ladder"')[2].partition("</table>")[0]
    assert ladder.count("conditions met") == 3  # levels 1 to 3, not 0
    assert "The 14 dimensions of transparency" in html


def test_promised_and_delivered_are_told_apart(ranked: Evaluation) -> None:
    given = made_of.openness("a1", counts="promised", level=4, promised_level=4, claimed=None, mof_class="III")
    view = openness_view(frame_of(ranked, "en"), given)
    assert view.finding == "The open-source level is 4."
    assert view.sentences[0] == "With binding promises it is level 4, by what is released alone 3."
    assert view.claimed == "–"


# Access


def test_an_applicant_does_not_learn_whose_evidence_is_the_same(ranked: Evaluation) -> None:
    row = EvidenceRow(
        number="5.2", indicator="Reach", title="usage statistics – 이용 통계", place="documents/usage.pdf",
        date="2025-12-20", valid_until="", figure="1,200,000 persons a month (2025-10-01~2025-12-31)",
        promised=False, counts=True, alike="free-use/e9", notes="b",
    )  # fmt: skip
    own = access_view(frame_of(ranked, "en"), "a1", internal=False)
    panel = access_view(frame_of(ranked, "en"), "a1", internal=True)
    assert own is not None
    assert panel is not None
    assert own.evidence[1] == row
    assert panel.evidence[1] == dataclasses.replace(row, alike="free-use/e9, a2:reach/e4", notes="b, c")
    assert "a2" not in text_of(applicant_html(frame_of(ranked), "a1"))


@pytest.mark.parametrize(
    ("lang", "title", "shown"),
    [
        ("ko", "도달 범위 이용 통계(가상)", "이용 통계(가상)"),
        ("ko", "2025년 보고서", "이용 통계 – 2025년 보고서"),
        ("ko", "도달 범위", "이용 통계 – 도달 범위"),
        ("ko", "", "이용 통계"),
        ("en", "도달 범위 이용 통계(가상)", "usage statistics – 이용 통계(가상)"),
        ("en", "Usage statistics of 2025", "Usage statistics of 2025"),
    ],
)
def test_evidence_says_its_kind_once(ranked: Evaluation, lang: Language, title: str, shown: str) -> None:
    view = evidence_titled(ranked, lang, title=title)
    assert view.title == shown


@pytest.mark.parametrize(
    ("lang", "figure", "shown"),
    [
        ("ko", {"figure": "900000000", "currency": "KRW", "unit": "money_per_year"}, "900,000,000원/년"),
        ("ko", {"figure": "48000", "unit": "persons_per_month"}, "48,000명/월"),
        ("ko", {"figure": "30", "currency": "USD", "unit": "money"}, "30 USD"),
        ("ko", {"figure": "50", "unit": "percent"}, "50%"),
        ("en", {"figure": "900000000", "currency": "KRW", "unit": "money_per_year"}, "900,000,000 won a year"),
        ("en", {"figure": "30", "currency": "USD", "unit": "money_per_month"}, "30 USD a month"),
    ],
)
def test_amounts_are_written_as_the_language_writes_them(
    ranked: Evaluation, lang: Language, figure: dict[str, str], shown: str
) -> None:
    assert evidence_titled(ranked, lang, **(figure | {"period": ""})).figure == shown


def evidence_titled(evaluation: Evaluation, lang: Language, **more: str) -> EvidenceRow:
    """The row of the usage statistics of the first team with other fields."""
    assert evaluation.evidence is not None
    (found,) = [d for d in evaluation.evidence.access if d.criterion == "reach" and d.applicant == "a1"]
    (item,) = [e for e in found.evidence if e.kind == "usage_statistics"]
    changed = dataclasses.replace(found, evidence=(dataclasses.replace(item, **more),))  # type: ignore[arg-type]  # any field
    view = access_view(frame_of(with_outcome(evaluation, access=(changed,)), lang), "a1", internal=False)
    assert view is not None
    return view.evidence[0]


def test_claimed_evidenced_and_counted_levels_stand_apart(ranked: Evaluation) -> None:
    view = access_view(frame_of(ranked, "en"), "a1", internal=False)
    assert view is not None
    assert view.finding == "On 1 of 2 indicators evidence is missing, and a lower level than claimed counts."
    assert [
        (r.number, r.claimed_promised, r.promised, r.claimed_delivered, r.delivered, r.level, r.fell, r.by)
        for r in view.rows
    ] == [("5.1", "4", "4", "3", "3", "3", False, "2026-12-31"), ("5.2", "4", "2", "4", "2", "2", True, "")]
    assert [row.steps for row in view.rows] == ["●●●○○", "●●◇◇○"]
    assert access_view(frame_of(ranked), "a3", internal=True) is None


# Support


def test_support_of_a_team_with_its_rules(ranked: Evaluation) -> None:
    view = support_view(frame_of(ranked, "en"))
    assert view is not None
    assert view.finding == "The support of 2 selected teams is within the budget."
    first, second = view.teams
    assert first.rows == (
        SupportRow(item="Own data", unit="won", asked="4,000,000,000", granted="3,111,111,112",
                   government="2,800,000,000", own="311,111,112", cash="31,111,112", rule="shared cost", cut=True,
                   assumed=True),
        SupportRow(item="GPUs", unit="GPU", asked="1,024", granted="512", government="512", own="0", cash="–",
                   rule="from the pool", cut=True, assumed=False),
    )  # fmt: skip
    assert (
        view.policy
        == first.policy
        == ("Support policy (fictional), version 1: published · a sister call · used as an example",)
    )
    assert first.facts == (("Size", "large"), ("Open-source level", "3"), ("Own share", "10%"))
    assert second.notes == ("GPUs: Excluded from this item. It leases GPUs to the programme.",)
    assert [(row.item, row.available, row.left) for row in view.totals] == [
        ("Own data", "6,000,000,000", "500,000,000"),
        ("GPUs", "768", "256"),
        ("All items in won", "–", "–"),
    ]


def test_what_is_counted_in_units_stands_in_the_sentence_too(ranked: Evaluation) -> None:
    told: tuple[tuple[Language, str, str], ...] = (
        ("ko",
         ("가람연구소(가상)에 대한 정부 지원(안)은 2,800,000,000원, GPU 배정 512 GPU이고 "
         "민간 부담(안)은 311,111,112원입니다."),
         "나래기술(가상)에 대한 정부 지원(안)은 2,700,000,000원이고 민간 부담(안)은 300,000,000원입니다."),
        ("en",
         ("가람연구소(가상) (proposed): the government gives 2,800,000,000 won, GPUs 512 GPU; the team pays "
         "311,111,112 won."),
         "나래기술(가상) (proposed): the government gives 2,700,000,000 won; the team pays 300,000,000 won."),
    )  # fmt: skip
    for lang, first, second in told:
        view = support_view(frame_of(ranked, lang))
        assert view is not None
        assert [team.finding for team in view.teams] == [first, second]


def test_what_exceeds_the_pool_is_undecided_for_every_team_that_wants_some(ranked: Evaluation) -> None:
    view = support_view(frame_of(dataclasses.replace(ranked, support=made_of.over_budget()), "en"))
    assert view is not None
    data, gpu = view.teams[0].rows
    assert (gpu.asked, gpu.granted, gpu.government, gpu.own, gpu.cash, gpu.cut) == (
        "1,024", "undecided", "undecided", "undecided", "–", False,
    )  # fmt: skip
    assert (data.granted, view.teams[0].government) == ("3,111,111,112", "2,800,000,000")
    assert view.teams[0].finding == (
        "가람연구소(가상): more is asked for than there is of GPUs, so that is not settled yet."
    )
    assert view.teams[1].rows[1].granted == "0", "excluded, whatever is decided"
    assert view.teams[1].notes == ("GPUs: Excluded from this item. It leases GPUs to the programme.",)
    total = view.totals[0]
    assert (total.granted, total.government, total.left, total.over) == ("undecided", "768", "-256", True)


def test_where_the_sum_of_money_is_too_large_no_money_is_settled(ranked: Evaluation) -> None:
    given = made_of.undecided(made_of.support(), "data")
    nothing: dict[str, Any] = {"granted": None, "government": None, "own": None}
    data_total = dataclasses.replace(given.totals[0], **nothing)
    budget = dataclasses.replace(given.totals[2], **nothing, available=F(5 * 10**9), over=F(5 * 10**8))
    over = dataclasses.replace(given, status="over", totals=(data_total, given.totals[1], budget))
    view = support_view(frame_of(dataclasses.replace(ranked, support=over), "ko"))
    assert view is not None
    data, gpu = view.teams[0].rows
    assert (data.granted, data.cash, gpu.granted) == ("미정", "–", "512")
    assert (view.teams[0].government, view.teams[0].own) == ("미정", "미정")
    assert [row.granted for row in view.totals] == ["미정", "512", "미정"]
    assert [row.left for row in view.totals] == ["500,000,000", "256", "-500,000,000"]
    said = text_of(panel_html(frame_of(dataclasses.replace(ranked, support=over), "ko")))
    assert "3,111,111,112" not in said


def test_too_much_asked_for_shows_the_ways_out(ranked: Evaluation) -> None:
    evaluation = dataclasses.replace(ranked, support=made_of.over_budget())
    view = support_view(frame_of(evaluation, "en"))
    assert view is not None
    assert view.finding.startswith(
        "What 2 selected teams asked for exceeds what there is on 1 item; nothing is granted"
    )
    (option,) = view.options
    own = applicant_support(frame_of(evaluation, "en"), "a1")
    assert own is not None
    assert (own.finding, own.rows) == ("More is asked for than there is, so the support is not settled yet.", ())
    said = text_of(applicant_html(frame_of(evaluation, "en"), "a1"))
    assert own.finding in said
    assert "2,800,000,000" not in said
    assert option.columns == ("proportional", "equal cap", "by rank")
    assert option.rows == (("가람연구소(가상)", "341", "256", "512"), ("나래기술(가상)", "170", "256", "0"))
    assert "256 more than the 512" in text_of(panel_html(frame_of(evaluation, "en")))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (F(0), "0"),
        (F(1234567), "1,234,567"),
        (F(-1500), "-1,500"),
        (F(12345, 10), "1,234.5"),
        (F(10, 3), "3.3333…"),
        (None, "–"),
    ],
)
def test_amounts(value: Fraction | None, text: str) -> None:
    assert amount(value) == text


# Decisions, blind rounds


def test_a_recorded_decision_stands_beside_the_derived_level(ranked: Evaluation) -> None:
    scored = CriterionScore(consensus=F(4), raw=F(20, 3), points=F(667, 100), calculated=F(3))
    standings = tuple(
        dataclasses.replace(s, criteria={**s.criteria, "release": scored}) if s.applicant == "a1" else s
        for s in ranked.ranking
    )
    decision = Decision(
        kind="consensus", applicant="a1", criterion="release", before="3", after="4", decider="위원장(rv01)",
        date="2026-01-09", reason="데이터 카드를 확인함.",
    )  # fmt: skip
    evaluation = dataclasses.replace(ranked, ranking=standings, decisions=(decision,))
    view = openness_view(frame_of(evaluation, "en"), made_of.openness("a1"))
    assert view.override is not None
    assert dataclasses.astuple(view.override) == (
        "Criterion 4 Openness", "3", "4", "데이터 카드를 확인함.", "위원장 · 2026-01-09",
    )  # fmt: skip
    said = text_of(applicant_html(frame_of(evaluation), "a1"))
    assert "위원회 결정에 따른 변경" in said
    assert "rv01" not in said


def test_a_blind_round_names_no_model_file_or_address(tmp_path: Path) -> None:
    evaluation = made_of.with_evidence(tmp_path, blind=True)
    for html in (evidence_html, panel_html, lambda frame: applicant_html(frame, "a1")):
        said = text_of(html(frame_of(evaluation)))
        for name in ("가람", "lm_eval.json", "example.org", "이용약관 2판"):
            assert name not in said
    assert "0.9312" in text_of(evidence_html(frame_of(evaluation)))


# The document of evaluator evidence


def test_the_summary_is_in_the_order_of_ids_and_ranks_nobody(ranked: Evaluation) -> None:
    assert ranked.evidence is not None
    turned = with_outcome(ranked, performance=tuple(reversed(ranked.evidence.performance)))
    summary = evidence_view(frame_of(turned, "en")).summary
    assert summary is not None
    assert summary.finding == (
        "Performance target: 1 met, 1 not met. 1 verdict would be another under some other formula or reference. "
        "The open-source level of 1 model is derived; 1 is below the claim. "
        "Of 2 access levels 1 is below the claim for lack of evidence."
    )
    (performance,) = summary.performance
    assert [(r.id, r.ratio, r.word, r.probability, r.changed) for r in performance.rows] == [
        ("a1", "0.9312", "not met", "0.1183", "best single model · ratio of means"),
        ("a2", "0.9871", "met", "–", "–"),
    ]
    assert summary.access is not None
    assert [(r.id, r.levels) for r in summary.access.rows] == [("a1", ("3", "2 (4)"))]
    assert evidence_view(frame_of(turned, "en")) == evidence_view(frame_of(ranked, "en"))


def test_published_figures_stand_with_their_sources(collected: Evaluation) -> None:
    view = evidence_view(frame_of(collected, "en"))
    first, second, third = view.organisations
    assert [model.title for model in first.models] == ["가람-1", "가람-1"]
    assert first.models[1].rows == (
        FigureRow(benchmark="AIME 2025", metric="", score="92.8", scale="0–100", n="30", by="self-published", quoted="",
                  date="2025-12-31", source="[1]"),
    )  # fmt: skip
    assert first.sources == (
        SourceFile(
            number="[1]", name="https://example.org/garam-1/README.md", sha256="performance/published.csv a1a1a1a1a1a1"
        ),
        SourceFile(number="[2]", name="https://example.org/garam-1", sha256=""),
        SourceFile(number="[3]", name="README", sha256=""),
    )
    assert first.licences[0].base == "바탕-0 (MIT)"
    assert first.licences[0].rows == (
        LicenceRow(component="Final weights", state="released · gated", licence="Garam licence 1.0",
                   terms="commercial use allowed; conditions: naming", date="2025-12-31", sources="[2] [3]"),
    )  # fmt: skip
    assert (second.models[0].rows[0].scale, second.models[0].rows[0].date) == ("–", "–")
    assert third.finding == "No published figure found."
    assert view.counts[2] == CountRow(
        id="a3", name="다온정보(가상)", models="–", figures="none found", licences="none found"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_table_of_evidence_judges_nobody(collected: Evaluation, lang: Language) -> None:
    """Not even where something was derived all the same."""
    derived = EvidenceOutcome(performance=(made_of.performance("a1"),), openness=(made_of.openness("a1"),))
    evaluation = with_outcome(collected, performance=derived.performance, openness=derived.openness)
    words, said = Words(lang), unescape(text_of(evidence_html(frame_of(evaluation, lang))))
    assert said == unescape(text_of(evidence_html(frame_of(collected, lang))))
    labels = ("rank", "total", "verdict", "ratio", "probability", "level", "level_counted", "transparency", "counts")
    body = said.partition(words("section.limits"))[0]
    for label in labels:
        assert not re.search(rf"(?<!\w){re.escape(words(f'label.{label}'))}(?!\w)", body), label
    for verdict in get_args(Verdict):
        assert not re.search(rf"(?<!\w){re.escape(words(f'performance_verdict.{verdict}'))}(?!\w)", body), verdict
    assert words("correction.text") in said
    assert said.count(words("found.nothing")) == 1
    html = evidence_html(frame_of(collected, lang)).replace("\u2060", "")
    assert f'data-head-right="{words("evidence_status.proposed")}"' in html
    assert words("status.proposed") not in html


def test_nobody_without_evidence_has_an_empty_section(ranked: Evaluation) -> None:
    assert applicant_evidence(frame_of(ranked), "a3", internal=False) == applicant_evidence(
        frame_of(dataclasses.replace(ranked, evidence=None)), "a3", internal=False
    )
    assert "글로벌 성능" not in applicant_html(frame_of(ranked), "a3")


# Small parts


def test_marks_and_numbers_go_by_first_use() -> None:
    notes, files = Notes(Words("en")), Files()
    assert notes("performance_flag", ("capped", "small_n")) == "a, b"
    assert notes("performance_flag", ("small_n",)) == "b"
    assert notes("unheard_of", ("strange",)) == "c"
    assert notes.all(("unheard_of", ("strange",)), ("performance_flag", ("capped", "capped"))) == "a, c"
    assert notes.legend()[2] == Note(mark="c", text="strange")
    assert notes("more", map(str, range(24))).endswith("z, aa")
    assert [files("x", "1"), files("y", "2"), files("x", "1"), files("", "")] == ["[1]", "[2]", "[1]", ""]


def test_shares_and_clipped_labels() -> None:
    assert [share_text(F(n, d)) for n, d in ((1, 5), (1, 27), (1, 2000), (1, 3001))] == [
        "0.2",
        "1/27",
        "0.0005",
        "0.0003…",
    ]
    assert [clipped(text, 8) for text in ("가나다라", "가나다라마", "abcdefgh", "abcdefghi")] == [
        "가나다라",
        "가나다…",
        "abcdefgh",
        "abcdefg…",
    ]
    assert [folded(text, 8) for text in ("가나 다라", "가나 다라마 바사", "abcdefghi", "ab cdefghij")] == [
        ("가나", "다라"),
        ("가나", "다라마…"),
        ("abcdefg…",),
        ("ab", "cdefghij"),
    ]


def test_every_drawing_has_a_text(ranked: Evaluation) -> None:
    for html in (applicant_html(frame_of(ranked), "a1"), evidence_html(frame_of(ranked)), panel_html(frame_of(ranked))):
        assert html.count("<svg") == len(re.findall(r"<svg[^>]*>\s*<title>[^<]+</title>", html))


# Files


@pytest.mark.parametrize("which", ["ranked", "collected"])
def test_the_document_is_accessible_and_the_same_each_time(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    evaluation: Evaluation = request.getfixturevalue(which)
    (path,) = write_evidence_report(evaluation, tmp_path, record_sha256=SHA)
    (other,) = write_evidence_report(evaluation, tmp_path / "en", record_sha256=SHA, lang="en")
    assert (path.name, other.name) == ("evidence.pdf", "evidence.en.pdf")
    for file in (path, other):
        report = page_validation.validate_pdf(file, profile=page_validation.ValidationProfile.PDF_UA_1)
        assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    first = path.read_bytes()
    write_evidence_report(evaluation, tmp_path, record_sha256=SHA)
    assert path.read_bytes() == first
    assert "round-1/evidence" in pypdf.PdfReader(path).pages[0].extract_text()
