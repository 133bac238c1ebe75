"""What the panel's report says about the whole field."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from evaluator.errors import Problem
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.frame import build_frame
from evaluator.report.html import panel_html
from evaluator.report.panel import PanelView, panel_view
from evaluator.resources import examples_dir
from evaluator.workflow import evaluate
from tests.report.rounds import REVIEWERS, SHA, made, rubric, scores, tables
from tests.report.test_applicant import text_of, vote_round


def view(evaluation: Evaluation, lang: Language = "ko") -> PanelView:
    return panel_view(build_frame(evaluation, lang, SHA))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return made(tmp_path_factory.mktemp("usual"), rubric(), tables(), chair="rv01")


def test_the_ranking_with_its_cut_line(usual: Evaluation) -> None:
    seen = view(usual)
    assert [(row.rank, row.id, row.total, row.outcome, row.cut) for row in seen.ranking] == [
        ("1", "a1", "89.00", "선정(안)", ""),
        ("2", "a2", "83.00", "선정(안)", ""),
        (
            "",
            "",
            "",
            "",
            "선정 경계: 선정 예정 2개 기관 중 2개 기관 선정 · 점수 차이 0.00점 · 동점을 「기술능력」 점수로 구분",
        ),
        ("3", "a3", "83.00", "예비 순위(안)", ""),
        ("4", "a4", "74.67", "적격 요건 부적합(안)", ""),
    ]
    assert seen.sentence == (
        "신청기관 7개 중 4개의 순위를 정했고, 선정 예정 2개 기관 중 2개 기관이 선정(안)에 포함되었습니다. "
        "경계의 총점은 같으며 동점 처리 규칙에 따라 「기술능력」 점수로 갈렸습니다."
    )
    assert [(g.title, [c.title for c in g.columns]) for g in seen.groups] == [
        ("기술능력", ["수행 계획", "수행 인력", "기술능력"]),
        ("가격", ["가격"]),
    ]
    assert seen.ranking[0].cells == ("45.33", "26.67", "72.00", "15.50")
    assert (
        view(usual, "en").ranking[2].cut
        == "Cut line: 2 of 2 places filled · margin 0.00 · tie separated by the points for ‘Technical capability’"
    )


def test_what_was_decided_is_listed_with_reasons(usual: Evaluation) -> None:
    seen = view(usual)
    assert seen.ties == (
        ("83.00", "나래기술(가상) (a2), 다온정보(가상) (a3)", "선정 경계의 동점: 「기술능력」 점수로 선정을 정함."),
    )
    assert [(row[0], row[1]) for row in seen.exclusions] == [
        ("라온시스템(가상) (a4)", "적격 요건 부적합(안)"),
        ("마루데이터(가상) (a5)", "항목별 최저기준 미충족(안)"),
        ("바다소프트(가상) (a6)", "적격 요건 부적합(안)"),
        ("사람과기계(가상) (a7)", "신청 철회"),
    ]
    assert seen.exclusions[0][4] == "적격 요건 부적합: 재무 건전성. 자본 잠식."
    assert seen.adjustments == (("가람연구소(가상) (a1)", "가점", "1.5", "여성기업"),)
    assert seen.gates_finding == "적격 요건 2개의 확인 결과는 적합 12건, 부적합 2건, 판정 유보 0건입니다."
    assert [(g.title, g.word, g.applicants, g.decider) for g in seen.gates] == [
        ("신청자격", "적합", "6개 기관: a1, a2, a3, a4, a5, a7", "사무국 · 2026-01-05"),
        ("신청자격", "부적합", "바다소프트(가상) (a6)", "위원장(rv01)"),
        ("재무 건전성", "적합", "6개 기관: a1, a2, a3, a5, a6, a7", "사무국 · 2026-01-05"),
        ("재무 건전성", "부적합", "라온시스템(가상) (a4)", "rv02"),
    ]
    assert seen.record_finding == "기록된 처리 내역은 동점 1건, 제외 4개 기관, 가점·감점 1건입니다."
    assert seen.nothing == "다음에 관하여 기록된 것은 없습니다: 위원회 결정, 제척·기피·회피와 기권, 경고."


def test_everybody_on_the_panel_has_a_line_to_sign(usual: Evaluation) -> None:
    seen = view(usual)
    assert [code for code, _ in seen.reviewers] == ["rv01", "rv02", "rv03", "rv04", "rv05"]
    said = text_of(panel_html(build_frame(usual, "ko", SHA)))
    assert said.count("(인)") == 5
    assert "rv01 평가위원장" in said


def test_recusals_and_abstentions_are_told_by_code() -> None:
    evaluation = evaluate(*load_round(examples_dir() / "k-ai-selection"))
    seen = view(evaluation)
    assert [(row[0], row[2]) for row in seen.recusals] == [("r4", "회피")]
    assert len(seen.abstentions) == 1
    assert seen.abstentions[0][0] == "r2"
    assert seen.abstentions[0][2] == "기권한 점수 1개"
    assert len(seen.warnings) == len(evaluation.warnings) == 1
    assert "평가표는 기권한 항목이 있어" in seen.warnings[0][1]
    assert "panel" not in view(evaluation, "en").warnings[0][1]


def test_bonuses_and_penalties_have_a_column_so_that_points_add_up(usual: Evaluation, tmp_path: Path) -> None:
    seen = view(usual)
    assert seen.adjusted
    assert [row.adjusted for row in seen.ranking if not row.cut] == ["+1.50", "", "", ""]
    for row in seen.ranking:
        if not row.cut:
            assert Fraction(row.cells[2]) + Fraction(row.cells[3]) + Fraction(row.adjusted or 0) == Fraction(row.total)
    without = made(tmp_path, rubric(), {k: v for k, v in tables().items() if k != "adjustments"})
    assert not view(without).adjusted
    assert '<th scope="col" class="r" rowspan="2">가점·감점</th>' in html(usual)
    assert 'rowspan="2">가점·감점</th>' not in html(without)


def html(evaluation: Evaluation) -> str:
    return panel_html(build_frame(evaluation, "ko", SHA)).replace("\u2060", "")


def test_the_unranked_have_their_points_too(usual: Evaluation) -> None:
    (matrix,) = view(usual).matrices
    assert matrix.title == "순위를 부여하지 않은 신청기관의 항목별 점수입니다."
    assert [(row.id, row.cells) for row in matrix.rows] == [("a5", ("22.33", "15.00", "20.00"))]


def test_sheet_totals_stand_by_reviewer_with_what_counts(usual: Evaluation) -> None:
    (panel,) = view(usual).sheets
    (table,) = panel.tables
    assert (panel.note, table.reviewers, table.mean) == ("", REVIEWERS, "평균")
    assert [row.id for row in table.rows] == ["a1", "a2", "a3", "a4", "a5"]
    last = table.rows[-1]
    assert (last.rank, last.mean) == ("–", "37.3333…")
    assert [(cell.text, cell.state) for cell in last.cells] == [
        ("35", "dropped"),
        ("38", "kept"),
        ("42", "dropped"),
        ("36", "kept"),
        ("38", "kept"),
    ]
    assert "○&nbsp;<s>35</s>" in html(usual)


def test_who_did_not_score_stands_in_words(tmp_path: Path) -> None:
    conflicts = [{"reviewer": "rv05", "applicant": "a1", "kind": "기피", "reason": "신청기관의 신청"}]
    left_out = {("rv01", "a2"): "recused", ("rv03", "a3"): "abstained"}
    marks = [
        {**m, "score": "" if key in left_out else m["score"], "state": left_out.get(key, "")}
        for m in scores()
        if (key := (m["reviewer"], m["applicant"])) != ("rv05", "a1")
    ]
    evaluation = made(tmp_path, rubric(), tables(conflicts=conflicts, scores=marks))
    ((table,),) = (panel.tables for panel in view(evaluation).sheets)
    words = {
        (row.id, code): cell.text
        for row in table.rows
        for code, cell in zip(table.reviewers, row.cells, strict=True)
        if cell.state == "word"
    }
    assert words == {("a1", "rv05"): "기피", ("a2", "rv01"): "평가 제외", ("a3", "rv03"): "기권"}
    assert [(row[0], row[2]) for row in view(evaluation).recusals] == [("rv05", "기피"), ("rv01", "평가 제외")]


def test_equal_extremes_and_many_reviewers_in_several_tables(tmp_path: Path) -> None:
    codes = [f"p{i:02}" for i in range(25)]
    marks = [
        {"reviewer": code, "applicant": m["applicant"], "criterion": m["criterion"], "score": m["score"]}
        for m in scores()
        if m["reviewer"] == "rv01"
        for code in codes
    ]
    evaluation = made(
        tmp_path, rubric(), tables(scores=marks, reviewers=[{"id": code, "name": code} for code in codes])
    )
    (panel,) = view(evaluation).sheets
    assert [len(table.reviewers) for table in panel.tables] == [9, 9, 7]
    assert [table.mean for table in panel.tables] == ["", "", "평균"]
    assert panel.tables[0].rows[0].cells[0].state == "shared"
    assert panel.tables[0].rows[0].cells[0].share == "23/25"


def test_level_criterion_has_no_sheet_totals_and_says_so(tmp_path: Path) -> None:
    panel = {"aggregate": "median", "level": "criterion", "order": "consensus_first", "quorum": 3}
    seen = view(made(tmp_path, rubric(panel=panel), tables())).sheets[0]
    assert seen.note.startswith("이 위원회는 평가표 합계가 아니라 항목마다 점수를 종합하므로")
    assert [table.title for table in seen.tables] == ["1.1 수행 계획", "1.2 수행 인력"]
    assert [(c.text, c.state) for c in seen.tables[0].rows[0].cells] == [
        ("45", "shared"),
        ("46", "dropped"),
        ("47", "dropped"),
        ("44", "dropped"),
        ("45", "shared"),
    ]
    assert seen.tables[0].rows[0].mean == "45"


def test_columns_without_content_are_left_out(tmp_path: Path) -> None:
    base = rubric()
    del base["rule_basis"]
    del base["criteria"][0]["basis"]
    del base["criteria"][0]["children"][1]["basis"]
    page = html(made(tmp_path, base, tables()))
    assert ">근거</th>" not in page
    assert ">출처·비고</th>" not in page
    assert page.count("기술능력 <span") == 1


def test_assumed_rules_and_criteria_are_marked(usual: Evaluation) -> None:
    seen = view(usual)
    assert [(row.number, row.title, row.assumed) for row in seen.criteria] == [
        ("1", "기술능력", False),
        ("1.1", "수행 계획", False),
        ("1.2", "수행 인력", True),
        ("2", "가격", False),
    ]
    said = text_of(panel_html(build_frame(usual, "ko", SHA)))
    assert "수행 인력 † 30 가정 배점은 가정" in said
    assert "점수 산정 방법: 평가위원회 †" in said
    assert "공개되지 않아 가정한 규칙 1개와 평가항목 1개에는 † 표시가 있습니다." in said
    assert "규정 · 운영규정 제12조" in said


def test_a_tie_at_the_cut_line_is_drawn_before_the_tied(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(tie_break=[]), tables())
    seen = view(evaluation)
    assert [row.id for row in seen.ranking] == ["a1", "", "a2", "a3", "a4"]
    assert seen.ranking[1].cut == (
        "선정 경계: 아래 동점 2개 기관 중 일부만 선정할 수 있어 평가위원회의 결정이 필요함"
        "(선정 예정 2개 기관 중 1개 기관 확정)"
    )
    assert [row.tied for row in seen.ranking] == [False, False, True, True, False]
    assert seen.unsettled == (
        "나래기술(가상) (a2): 선정 경계에서 동점입니다. 평가위원회의 결정을 기록해야 합니다.",
        "다온정보(가상) (a3): 선정 경계에서 동점입니다. 평가위원회의 결정을 기록해야 합니다.",
    )
    assert "선정 경계에 동점이 2개 기관 있어 선정 예정 2개 기관 중 1개 기관만 정해졌습니다." in seen.sentence


def test_a_round_that_cannot_be_ranked_lists_who_owes_what(tmp_path: Path) -> None:
    marks = [m for m in scores() if m["reviewer"] != "rv03" or m["applicant"] not in {"a2", "a3"}]
    office = [row for row in tables()["office"] if row["applicant"] != "a5"]
    evaluation = made(tmp_path, rubric(), tables(scores=marks, office=office))
    seen = view(evaluation)
    assert seen.ranking == ()
    assert seen.sentence == "신청기관 7개 중 3개의 자료가 갖추어지지 않아 순위를 산정할 수 없습니다."
    assert seen.missing == (
        ("평가위원 점수", "나래기술(가상) (a2), 다온정보(가상) (a3)", "rv03", "수행 계획, 수행 인력"),
        ("정량평가 수치", "마루데이터(가상) (a5)", "", "가격"),
    )
    assert seen.missing_finding == "다음이 갖추어져야 순위를 산정할 수 있습니다: 평가위원 점수 4건, 정량평가 수치 1건."
    said = text_of(panel_html(build_frame(evaluation, "ko", SHA)))
    assert "89.00" not in said
    assert "83.00" not in said


def test_open_gates_leave_outcomes_undetermined(tmp_path: Path) -> None:
    gates = [g for g in tables()["gates"] if (g["applicant"], g["gate"]) != ("a1", "sound")]
    seen = view(made(tmp_path, rubric(), tables(gates=gates)))
    assert seen.sentence == (
        "신청기관 7개 중 4개의 순위를 정했고, 선정 예정 2개 기관 중 1개 기관이 선정(안)에 포함되었습니다. "
        "1개 기관의 결과는 적격 요건 확인이 끝날 때까지 유보됩니다."
    )
    assert seen.unsettled == ("가람연구소(가상) (a1): 적격 요건(재무 건전성)의 확인이 끝나지 않았습니다.",)
    assert seen.gates_finding == "적격 요건 2개의 확인 결과는 적합 11건, 부적합 2건, 판정 유보 1건입니다."


def test_nobody_ranked(tmp_path: Path) -> None:
    seen = view(made(tmp_path, rubric(pass_mark="99%"), tables()))
    assert seen.ranking == ()
    assert seen.sentence == "신청기관 7개 중 순위를 부여할 수 있는 기관이 없습니다."
    assert len(seen.exclusions) == 7


def test_votes(tmp_path: Path) -> None:
    votes = {"a1": "yyyyn", "a2": "yyyna", "a3": "ynnna", "a4": "yyynn", "a5": "nnnnn"}
    seen = view(vote_round(tmp_path, votes))
    assert [(row.rank, row.id, row.total, row.cells) for row in seen.ranking if not row.cut] == [
        ("1", "a1", "4", ("1", "0", "5")),
        ("2", "a2", "3", ("1", "1", "5")),
        ("2", "a4", "3", ("2", "0", "5")),
    ]
    nobody = view(vote_round(tmp_path / "n", dict.fromkeys(votes, "nnnnn"), allow_none=False))
    assert nobody.unsettled == ("필요한 찬성에 이른 곳이 없어 선정하지 못했습니다.",)


def test_many_criteria_are_shown_in_groups_and_then_all(tmp_path: Path) -> None:
    groups = [
        {
            "id": f"g{i}",
            "title": f"분야 {i}",
            "points": 20,
            "children": [
                {"id": f"g{i}c{j}", "title": f"항목 {i}-{j}", "points": 5, "scale": {"min": 0, "max": 5}}
                for j in range(4)
            ],
        }
        for i in range(5)
    ]
    marks = [
        {"reviewer": m["reviewer"], "applicant": m["applicant"], "criterion": f"g{i}c{j}", "score": "4"}
        for m in scores()
        if m["criterion"] == "plan"
        for i in range(5)
        for j in range(4)
    ]
    given = {k: v for k, v in tables(scores=marks).items() if k != "office"}
    seen = view(made(tmp_path, rubric(criteria=groups, tie_break=[]), given))
    assert [len(group.columns) for group in seen.groups] == [1, 1, 1, 1, 1]
    assert sum(len(matrix.columns) for matrix in seen.matrices) == 20
    assert all(len(row.cells) == len(matrix.columns) for matrix in seen.matrices for row in matrix.rows)
    assert seen.bars
    assert float(seen.column_width) * 5 <= 100
    assert seen.ranking_note == "평가항목을 묶어 표시했습니다. 세부 항목의 점수는 다음 표에 있습니다."


def test_inputs_are_listed_with_the_beginning_of_their_hash(usual: Evaluation) -> None:
    seen = view(usual)
    assert ("scores.csv", usual.provenance.inputs["scores.csv"][:12]) in seen.inputs
    assert ("평가기준표 test-rubric v3(포함한 것까지 모두 풀어 쓴 내용)", usual.rubric_sha256[:12]) in seen.inputs
    assert "evaluator" in seen.software


def test_warnings_are_printed_as_sentences(usual: Evaluation) -> None:
    warning = Problem(code="relative.best_zero", file="office.csv", line=3, params={"criterion": "price"})
    changed = Evaluation(**{name: getattr(usual, name) for name in usual.__slots__} | {"warnings": (warning,)})
    ((place, sentence),) = view(changed).warnings
    assert place == "office.csv:3"
    assert "price" in sentence


def test_names_are_counted_where_they_do_not_fit(tmp_path: Path) -> None:
    many = [{"id": f"x{i:03}", "name": f"기관 {i:03}"} for i in range(40)]
    marks = [
        {"reviewer": "rv01", "applicant": a["id"], "criterion": c, "score": "30"}
        for a in many
        for c in ("plan", "team")
    ]
    office = [{"applicant": a["id"], "criterion": "price", "score": "20"} for a in many]
    gates = [{"applicant": a["id"], "gate": "eligible", "outcome": "pass"} for a in many]
    panel = {"aggregate": "mean", "quorum": 1}
    evaluation = made(
        tmp_path,
        rubric(panel=panel, tie_break=[]),
        {
            "applicants": many,
            "reviewers": [{"id": "rv01", "name": "위원"}],
            "scores": marks,
            "office": office,
            "gates": gates,
        },
    )
    ((_, names, _),) = view(evaluation).ties
    assert names.startswith("x000, x001, ")
    assert names.endswith("x029 외 10개 기관")


@pytest.mark.parametrize(("chair", "box"), [("", "평가위원장"), ("rv100", "rv100 평가위원장")])
def test_of_a_very_large_panel_the_chair_signs_and_one_sentence_says_so(tmp_path: Path, chair: str, box: str) -> None:
    people = [f"rv{i:03}" for i in range(101)]
    reviewed = {"applicants": [{"id": "x1", "name": "가온(가상)"}], "reviewers": [{"id": r, "name": r} for r in people]}
    marks = [
        {"reviewer": r, "applicant": "x1", "criterion": c, "score": "30"} for r in people for c in ("plan", "team")
    ]
    office = [{"applicant": "x1", "criterion": "price", "score": "20"}]
    rules = rubric(panel={"aggregate": "mean", "quorum": 1}, tie_break=[], gates=[])
    evaluation = made(
        tmp_path, rules, {**reviewed, "scores": marks, "office": office}, **({"chair": chair} if chair else {})
    )
    said = text_of(panel_html(build_frame(evaluation, "ko", SHA)))
    last = said[said.rindex("이 결과는 확정 전이며") :]
    assert last.startswith(
        "이 결과는 확정 전이며, 평가위원이 101명으로 100명을 넘으므로 위원장이 대표하여 서명하면 확정 절차를 밟습니다. "
        + box
    )
    assert "전원이 서명" not in said
    assert said.count("(인)") == 1


def test_the_tie_at_the_cut_line_comes_first_with_what_decided_there(tmp_path: Path) -> None:
    """x0 and x1 tie above; of x2 to x4, equal in total, plan decides the second place left and team the order below."""
    marks = {"x0": (48, 20), "x1": (47, 21), "x2": (40, 20), "x3": (39, 21), "x4": (39, 21), "x5": (10, 30)}
    told: dict[str, list[dict[str, str]]] = {
        "applicants": [{"id": a, "name": f"{a}(가상)"} for a in marks],
        "reviewers": [{"id": "rv01", "name": "위원"}],
        "scores": [
            {"reviewer": "rv01", "applicant": a, "criterion": c, "score": str(score)}
            for a, both in marks.items()
            for c, score in zip(("plan", "team"), both, strict=True)
        ],
        "office": [{"applicant": a, "criterion": "price", "score": "20"} for a in marks],
    }
    parts = {"panel": {"aggregate": "mean", "quorum": 1}, "gates": [], "tie_break": ["price", "plan", "decision"]}
    settled = made(tmp_path / "settled", rubric(selection={"places": 3}, **parts), told)
    assert [row[2] for row in view(settled).ties] == [
        "선정 경계의 동점: 「수행 계획」 점수로 선정을 정함. 묶음 전체: 구분되지 않아 같은 순위.",
        "동점 처리 규칙: 「수행 계획」 점수로 구분",
    ]
    assert view(settled).sentence.endswith("동점 처리 규칙에 따라 「수행 계획」 점수로 갈렸습니다.")
    open_ = made(tmp_path / "open", rubric(selection={"places": 4}, **parts), told)
    assert next(row[2] for row in view(open_).ties) == "선정 경계의 동점: 구분되지 않아 평가위원회의 결정이 필요함."
    by = {"decider": "위원회", "date": "2026-03-01", "reason": "표결"}
    order = [
        {"kind": "tie", "applicant": a, "criterion": "", "before": "", "after": str(i), **by}
        for i, a in enumerate(("x4", "x3"), start=1)
    ]
    decided = made(tmp_path / "decided", rubric(selection={"places": 4}, **parts), {**told, "decisions": order})
    assert next(row[2] for row in view(decided).ties) == "선정 경계의 동점: 평가위원회의 기록된 결정으로 선정을 정함."
    assert view(decided).sentence.endswith("경계의 총점은 같으며 평가위원회의 기록된 결정으로 갈렸습니다.")
    none = made(tmp_path / "none", rubric(selection={"places": 5}, **parts), told)
    assert [row[0] for row in view(none).ties] == ["88.00", "80.00"]
