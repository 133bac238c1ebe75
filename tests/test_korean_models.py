"""The evidence table of real models: a source, a date and a scale for every figure, and nobody compared."""

from __future__ import annotations

import csv
import datetime
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from evaluator import resources
from evaluator.cli import main
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.evidence_tables import count_rows, organisation_view
from evaluator.report.frame import build_frame
from evaluator.report.html import evidence_html
from evaluator.workflow import evaluate

FOLDER = resources.examples_dir() / "korean-models"
SEARCHED = datetime.date(2026, 11, 24)

NO_FIGURE = {"estsoft", "lotte-innovate", "nhn"}
OWN_MODELS = {
    "kakao": re.compile(r"kanana", re.IGNORECASE),
    "kt": re.compile(r"Mi:dm"),
    "lg-ai-research": re.compile(r"(K-)?EXAONE"),
    "naver": re.compile(r"HyperCLOVA ?X"),
    "nc-ai": re.compile(r"VAETKI"),
    "saltlux": re.compile(r"luxia"),
    "sk-telecom": re.compile(r"A\.X"),
    "upstage": re.compile(r"Solar"),
}
"""How the names of an organisation's own models begin: figures of others in its tables are not taken."""

SCALES = {("0", "100"), ("1", "10"), ("0", "10"), ("0", "1")}
MEASURED_BY_OTHERS = {"saltlux"}
"""Whose figures a public leaderboard measured and entered into the model card."""

QUOTED = {"hyperclova-x-think", "solar-open-100b"}
"""Tables that were taken from a text that quotes the publication."""

# Typed from the sources a second time, independently of the table: organisation, model, version, mode, benchmark,
# metric, score as printed. The source of each is the address in the table's cell.
SECOND_READING = """
lg-ai-research | K-EXAONE | | thinking | MMLU-Pro | | 83.8
lg-ai-research | K-EXAONE | | thinking | Humanity's Last Exam | | 13.6
lg-ai-research | K-EXAONE | | thinking | SWE-Bench Verified | | 49.4
lg-ai-research | K-EXAONE | | thinking | BrowseComp | | 31.4
lg-ai-research | K-EXAONE | | thinking | KGC-Safety | | 96.1
lg-ai-research | EXAONE 4.0 | as in the table of K-EXAONE | thinking | LiveCodeBench Pro 25Q2 (Medium) | | 4.8
lg-ai-research | EXAONE 4.0 | as in the table of K-EXAONE | thinking | IFEval | | 84.7
lg-ai-research | EXAONE 4.0 32B | | thinking | IFEval | | 83.7
lg-ai-research | EXAONE 4.0 32B | | thinking | MMLU-Redux | | 92.3
lg-ai-research | EXAONE 4.0 32B | | thinking | MATH500 (ES) | | 95.8
lg-ai-research | EXAONE 4.0 32B | | non-thinking | MMLU-Redux | | 89.8
lg-ai-research | EXAONE 4.0 32B | | non-thinking | AIME 2025 | | 35.9
lg-ai-research | EXAONE 4.0 32B | | non-thinking | HELMET | | 58.3
lg-ai-research | EXAONE Deep 32B | | thinking | AIME 2024 | pass@1 | 72.1
lg-ai-research | EXAONE Deep 32B | | thinking | AIME 2024 | cons@64 | 90.0
lg-ai-research | EXAONE Deep 7.8B | | thinking | CSAT Math 2025 | pass@1 | 89.9
lg-ai-research | EXAONE Deep 2.4B | | thinking | LiveCodeBench | pass@1 | 46.6
kt | Mi:dm 2.0 Base Instruct | | | K-Refer (KT's own) | | 89.6
kt | Mi:dm 2.0 Base Instruct | | | Ko-Best (Comprehension) | | 95.2
kt | Mi:dm 2.0 Base Instruct | | | Ko-Best (Reasoning) | | 73.0
kt | Mi:dm 2.0 Base Instruct | | | Ko-IFEval | | 82
kt | Mi:dm 2.0 Base Instruct | | | MMLU-pro | | 53.3
kt | Mi:dm 2.0 Mini Instruct | | | LogicKor | | 7.7
kt | Mi:dm 2.0 Mini Instruct | | | HRM8K | | 39.9
kt | Mi:dm 2.0 Mini Instruct | | | Ko-Sovereign (KT's own, Society & Culture) | | 36.7
sk-telecom | A.X 4.0 72B | | | CLIcK | | 83.5
sk-telecom | A.X 4.1 72B | | thinking | MATH500 | | 96.5
sk-telecom | A.X K1 | | thinking | KMMLU | | 80.2
sk-telecom | A.X K1 | | non-thinking | KMMLU | | 73.0
sk-telecom | A.X K1 | | thinking | IFBench | prompt-loose | 64.7
sk-telecom | A.X K1 | | thinking | HumanEval+ ko | | 90.2
sk-telecom | A.X K1 | | thinking | AIME25-ko | | 80.4
sk-telecom | A.X 3.1 Light 7B | | | KoBALT | | 27.43
kakao | Kanana-Flag-1.5-32.5B instruct | | | MT-Bench | | 8.13
kakao | Kanana-Flag-32.5B instruct | | | KoMT-Bench | | 8.03
kakao | Kanana-Essence-1.5-9.8B instruct | | | FunctionChatBench | | 51.43
kakao | Kanana-8B instruct | | | MBPP+ | | 43.92
kakao | Kanana-1.5-2.1B instruct | | | KMMLU (0-shot, CoT) | | 32.93
kakao | Kanana-1.5-15.7B-A3B instruct | | | IFEval | | 73.35
kakao | kanana-2-30b-a3b-instruct | 2601 | | MMLU | em | 81.61
kakao | kanana-2-30b-a3b-thinking | 2601 | thinking | AIME 2024 | pass@1 | 79.0
naver | HyperCLOVA X THINK | | | KoBALT-700 | | 48.9
naver | HyperCLOVAX-SEED-Text-Base-0.5B | | | HAE-RAE (5-shot) | acc | 0.6370
naver | HyperCLOVA X SEED 14B Think | | thinking | KMMLU | | 0.6649
naver | HyperCLOVA X SEED 14B Think | | non-thinking | CLIcK | | 0.7208
naver | HyperCLOVA X SEED 14B Think | | thinking | CLIcK | | 0.7280
naver | HyperCLOVA X SEED 14B Think | | non-thinking | MT Bench | | 8.2063
nc-ai | VAETKI-100B-A10B | 1.0.0 | | CLIcK | | 75.5
nc-ai | VAETKI-100B-A10B | 1.0.0 | | HRM8K | | 70.6
upstage | Solar Open 100B | | | KMMLU | | 73.0
upstage | Solar Open 100B | | | AIME 2024 | | 91.7
saltlux | luxia-21.4b-alignment | 1.0 | | HellaSwag (10-shot) | acc_norm | 91.88
"""

Row = dict[str, str]
KEY = ("model", "version", "mode", "benchmark", "metric")


def organisations() -> list[Row]:
    with (FOLDER / "applicants.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tables() -> list[Path]:
    return sorted(FOLDER.glob("evidence/*/performance/*.csv"))


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figures() -> list[tuple[str, Row]]:
    return [(path.parent.parent.name, row) for path in tables() for row in rows(path)]


def test_every_organisation_is_there_and_says_nothing_by_its_place() -> None:
    ids = [row["id"] for row in organisations()]
    assert ids == sorted({*OWN_MODELS, *NO_FIGURE})
    assert {path.name for path in (FOLDER / "evidence").iterdir()} == set(OWN_MODELS)
    assert {organisation for organisation, _ in figures()} == set(OWN_MODELS)


@pytest.mark.parametrize("path", tables(), ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_every_figure_has_a_scale_a_source_and_a_date(path: Path) -> None:
    for row in rows(path):
        assert (row["min"], row["max"]) in SCALES, row
        assert Fraction(row["min"]) <= Fraction(row["score"]) <= Fraction(row["max"]), row
        assert row["direction"] == "higher"
        quoted = "재인용/quoted: " if (path.stem in QUOTED) else ""
        assert re.fullmatch(rf"{quoted}https://\S+ \(.+\)", row["source"]), "address, then the table in brackets"
        assert datetime.date(2024, 1, 1) <= datetime.date.fromisoformat(row["date"]) <= SEARCHED
        assert row["mode"] in {"", "thinking", "non-thinking"}
        assert row["metric"]


def test_every_figure_is_of_an_own_model_and_says_who_measured_it() -> None:
    for organisation, row in figures():
        assert OWN_MODELS[organisation].match(row["model"]), row
        assert row["measured_by"] == ("third_party" if organisation in MEASURED_BY_OTHERS else "self"), row


def test_no_figure_stands_twice() -> None:
    keys = Counter((organisation, *(row[name] for name in KEY)) for organisation, row in figures())
    assert [key for key, count in keys.items() if count > 1] == []


def test_figures_agree_with_a_second_reading_of_the_sources() -> None:
    table = {(o, *(row[name] for name in KEY)): Fraction(row["score"]) for o, row in figures()}
    readings = [[cell.strip() for cell in line.split("|")] for line in SECOND_READING.strip().splitlines()]
    assert len(readings) >= 50
    for organisation, model, version, mode, benchmark, metric, score in readings:
        key = (organisation, model, version, mode, benchmark, metric or "–")
        assert table[key] == Fraction(score), key


def test_what_is_known_of_licences_has_a_source_and_nothing_is_called_absent() -> None:
    for organisation, own in OWN_MODELS.items():
        declarations = sorted((FOLDER / "evidence" / organisation / "openness").glob("*.yaml"))
        assert declarations, organisation
        for path in declarations:
            declared = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
            assert own.match(declared["model"])
            assert "claimed" not in declared
            for component in declared["components"]:
                assert component["state"] == "delivered"
                assert component["url"].startswith("https://")
                assert component["source"].startswith("https://")
                assert datetime.date(2024, 1, 1) <= component["date"] <= SEARCHED


def test_the_readme_counts_what_there_is() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    counts = Counter(organisation for organisation, _ in figures())
    for organisation in [row["id"] for row in organisations()]:
        told = re.search(rf"^\|[^|]*\(`{organisation}`\) \|[^|]*\| (\d+|–) \|", readme, re.MULTILINE)
        assert told, organisation
        assert told[1] == (str(counts[organisation]) if counts[organisation] else "–"), organisation


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(*load_round(FOLDER))


def printed(evaluation: Evaluation, lang: Language) -> str:
    """The words of the report, without its markup."""
    html = evidence_html(build_frame(evaluation, lang, "0" * 64))
    body = re.sub(r"<(style|script)[^>]*>.*?</\1>", " ", html.partition("<body")[2], flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("\u2060", "")


def test_every_figure_reaches_the_evaluation_and_nothing_is_derived_from_it(evaluation: Evaluation) -> None:
    evidence = evaluation.evidence
    assert evidence is not None
    read = Counter((o, *(getattr(m, name) for name in KEY), m.score) for o, m in evidence.measurements)
    written = Counter((o, *(row[name] for name in KEY), Fraction(row["score"])) for o, row in figures())
    assert read == written
    assert {organisation for organisation, _ in evidence.declared} == set(OWN_MODELS)
    assert not evidence.performance
    assert not evidence.openness
    assert not evidence.access
    assert not evaluation.ranking
    assert evaluation.cut_line is None


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_report_names_everybody_with_every_figure_and_source(evaluation: Evaluation, lang: Language) -> None:
    text = printed(evaluation, lang)
    for row in organisations():
        assert row["name"] in text
    for _, row in figures():
        assert row["source"].removeprefix("재인용/quoted: ").split()[0] in text
    for path in FOLDER.glob("evidence/*/openness/*.yaml"):
        declared = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        assert all(f"{declared['model']}" in text and c["url"] in text for c in declared["components"]), path
    missing = "공개된 수치를 찾지 못함" if lang == "ko" else "No published figure found"
    assert text.count(missing) == len(NO_FIGURE)


def test_only_what_is_known_is_counted_and_second_hand_figures_are_marked(evaluation: Evaluation) -> None:
    frame = build_frame(evaluation, "ko", "0" * 64)
    views = {o: organisation_view(frame, o) for o in OWN_MODELS}
    assert views["nc-ai"].finding.endswith("모델 1개의 이용허락을 확인하였습니다.")  # the code's, not the weights'
    assert views["sk-telecom"].finding.endswith("모델 2개의 이용허락을 확인하였습니다.")
    counts = {row.id: row.licences for row in count_rows(frame)}
    assert (counts["nc-ai"], counts["sk-telecom"], counts["nhn"]) == ("1", "2", "찾지 못함")
    marked = {o: {row.quoted for model in view.models for row in model.rows} for o, view in views.items()}
    assert {o: marks for o, marks in marked.items() if marks != {""}} == {
        "naver": {"", "재인용"},
        "upstage": {"재인용"},
    }
    assert views["upstage"].sources[0].name.startswith("재인용: https://labindex.ai/")
    assert {row.by for view in views.values() for model in view.models for row in model.rows} == {
        "자체 발표", "제3자 측정",
    }  # fmt: skip


def test_conditions_of_own_licences_are_printed(evaluation: Evaluation) -> None:
    frame = build_frame(evaluation, "ko", "0" * 64)
    (solar,) = organisation_view(frame, "upstage").licences
    assert solar.rows[0].terms == "상업적 이용 허용; 조건: 이름 표시"
    assert solar.remarks[0].startswith("Upstage Solar License: Apache-2.0에 4(e)조")
    terms = {row.terms for o in OWN_MODELS for table in organisation_view(frame, o).licences for row in table.rows}
    assert {"표준 이용허락", "–", "상업적 이용 금지; 조건: 이용 분야, 결과물 이용"} <= terms


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_report_ranks_adds_up_and_judges_nobody(evaluation: Evaluation, lang: Language) -> None:
    text = printed(evaluation, lang)
    never = {
        "ko": r"\d위|총점|미충족|탈락|최고점|최하위|앞섰|우수한|순위표|선정",
        "en": r"\b(winner|(?<!Ko-)best|worst|beats|ahead|behind|leading|total points|not met|selected)\b",
    }
    assert re.findall(never[lang], text, re.IGNORECASE) == []
    denied = {"ko": r"순위가 아닙니다|순위·합계·판정이 없으며", "en": r"no rank, no total and no verdict|not a ranking"}
    word = {"ko": r"순위|합계|판정", "en": r"\b(rank|ranking|verdict)\b"}
    assert re.findall(word[lang], re.sub(denied[lang], "", text, flags=re.IGNORECASE)) == []


@pytest.mark.parametrize("command", ["rank", "report", "run"])
def test_commands_that_compare_refuse_the_folder(
    command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(FOLDER), "-o", str(tmp_path / "out"), "--lang", "en"]) == 2
    assert "evaluator evidence" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_command_writes_the_table_and_its_report(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["evidence", str(FOLDER), "-o", str(out), "--lang", "ko"]) == 0
    assert {path.name for path in out.iterdir()} == {"evidence.csv", "evidence.json", "evidence.pdf"}
    with (out / "evidence.csv").open(encoding="utf-8-sig", newline="") as file:
        table = [row for row in csv.DictReader(file) if row["kind"] == "measurement"]
    assert Counter((row["applicant"], row["item"], row["source"]) for row in table) == Counter(
        (organisation, row["benchmark"], row["source"]) for organisation, row in figures()
    )
    assert all(row["date"] and row["measured_by"] and not row["criterion"] for row in table)
    assert capfd.readouterr().out.count("찾지 못함") >= len(NO_FIGURE)
