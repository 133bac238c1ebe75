"""`evaluator diff`: what it says, of records and round folders, in both languages, and how it ends.

``UPDATE_GOLDEN=1`` writes what is said into tests/cli/diff: read the difference before committing it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema
import pytest
from rich.cells import cell_len

from evaluator.files import load_round
from evaluator.files.record import record_files
from evaluator.files.schemas import schema_text
from evaluator.workflow import evaluate
from tests.cli.conftest import EXAMPLES, Call, change

GOLDEN = Path(__file__).parent / "diff"

Prepare = Callable[[Path], None]
DECISION_TEXTS = ("criterion", "before", "decider", "date", "reason")


def edited(*edits: tuple[str, str, str]) -> Prepare:
    """Texts in files of a round folder put in the place of others: file, old, new."""

    def prepare(after: Path) -> None:
        for name, old, new in edits:
            change(after / name, old, new)

    return prepare


CORRECTED_MARKS = edited(
    ("scores.csv", "r2,t03,goals,3.5,", "r2,t03,goals,4.5,"),
    ("scores.csv", "r1,t04,talent,4,", "r1,t04,talent,3,"),
)
MARK_AND_FIGURE = edited(
    ("scores.csv", "c,gap,technical,68", "c,gap,technical,71"),
    ("office.csv", "mu,price,17", "mu,price,18"),
)


def withdrawal(after: Path) -> None:
    """The selected bidder withdraws, another has a new name."""
    rows = (after / "applicants.csv").read_text("utf-8").splitlines()
    rows = [rows[0] + ",status", *(row + (",withdrawn" if row.startswith("jeong,") else ",") for row in rows[1:])]
    (after / "applicants.csv").write_text("\n".join(rows) + "\n", "utf-8")
    change(after / "applicants.csv", "eul,乙", "eul,乙 주식회사")


CASES: dict[str, tuple[str, Prepare]] = {
    # Two marks were mistyped: one on a sheet that is dropped, one that decides who is selected.
    "corrected-marks": ("k-ai-selection", CORRECTED_MARKS),
    # A gate is passed after all, a bonus is higher, the result is confirmed.
    "upheld-objections": (
        "k-ai-selection",
        edited(
            ("gates.csv", "t05,independence,fail", "t05,independence,pass"),
            ("adjustments.csv", "t08,bonus,1.0", "t08,bonus,2.5"),
            ("round.yaml", "status: proposed", "status: confirmed"),
        ),
    ),
    # A mark and a price were corrected; nobody passes anybody.
    "mark-and-figure": ("procurement", MARK_AND_FIGURE),
    # Another version of the rubric, and a corrected mark.
    "rules-and-mark": (
        "procurement",
        edited(
            ("rubric.yaml", 'version: "1"', 'version: "2"'),
            ("rubric.yaml", "threshold: 85%", "threshold: 80%"),
            ("rubric.yaml", "trim: {high: 1, low: 1, from: 3}", "trim: {high: 1, low: 0, from: 3}"),
            ("scores.csv", "c,gap,technical,68", "c,gap,technical,66"),
        ),
    ),
    "withdrawal": ("procurement", withdrawal),
    # A mark is struck out: nothing is ranked.
    "blank": ("procurement", edited(("scores.csv", "c,gap,technical,68", "c,gap,technical,"))),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, so that paths are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def prepared(here: Path, example: str, prepare: Prepare) -> None:
    """The example before and after, as round folders."""
    shutil.copytree(EXAMPLES / example, here / "before")
    shutil.copytree(EXAMPLES / example, here / "after")
    prepare(here / "after")


@cache
def record_of(example: str, prepare: Prepare | None) -> Mapping[str, bytes]:
    """The record of an example, changed or not. It is evaluated once for all tests."""
    with TemporaryDirectory() as folder:
        shutil.copytree(EXAMPLES / example, folder, dirs_exist_ok=True)
        if prepare is not None:
            prepare(Path(folder))
        return record_files(evaluate(*load_round(Path(folder))))


def recorded(here: Path, example: str, prepare: Prepare) -> None:
    """The example before and after, as records."""
    for side, change_it in (("before", None), ("after", prepare)):
        (here / side).mkdir()
        for name, content in record_of(example, change_it).items():
            (here / side / name).write_bytes(content)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", sorted(CASES))
def test_what_is_said(name: str, lang: str, here: Path, call: Call) -> None:
    recorded(here, *CASES[name])
    told = call("diff", "before", "after", "--lang", lang)
    assert (told.code, told.err) == (0, "")
    assert [line for line in told.out.splitlines() if cell_len(line) > 80] == []
    path = GOLDEN / f"{name}.{lang}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(told.out, "utf-8")
    assert told.out == path.read_text("utf-8")


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_json_has_its_shape(name: str, here: Path, call: Call) -> None:
    recorded(here, *CASES[name])
    told = call("diff", "before", "after", "--json")
    found = json.loads(told.out)
    jsonschema.Draft202012Validator(json.loads(schema_text("difference"))).validate(found)
    assert found["different"] is True
    assert told.out == call("diff", "before", "after", "--json").out


def test_a_record_and_its_round_folder_are_the_same(here: Path, call: Call) -> None:
    prepared(here, "procurement", MARK_AND_FIGURE)
    assert call("rank", "before", "-o", "out").code == 0
    for pair in (("out", "before"), ("before", "out/evaluation.json"), ("out", "out"), ("before", "before")):
        told = call("diff", *pair, "--check", "--lang", "en")
        assert (told.code, told.out.splitlines()[-1]) == (0, "No difference.")
    one, other = (json.loads(call("diff", source, "after", "--json").out) for source in ("before", "out"))
    assert one == other


def test_the_order_of_rows_is_no_difference_but_other_bytes_are_told(here: Path, call: Call) -> None:
    def shuffled(after: Path) -> None:
        heading, *rows = (after / "scores.csv").read_text("utf-8").splitlines()
        (after / "scores.csv").write_text("\n".join([heading, *sorted(rows)]) + "\n", "utf-8")

    prepared(here, "procurement", shuffled)
    told = call("diff", "before", "after", "--check", "--lang", "en")
    assert told.code == 0
    assert "Inputs, rules and results are the same." in told.out
    assert "scores.csv: " in told.out


def test_with_check_a_difference_ends_in_4(here: Path, call: Call) -> None:
    prepared(here, "procurement", MARK_AND_FIGURE)
    assert call("diff", "before", "after").code == 0
    assert call("diff", "before", "after", "--check").code == 4
    assert call("diff", "before", "after", "--check", "--json").code == 4


def test_problems_of_both_sides_are_shown_with_their_side(here: Path, call: Call) -> None:
    prepared(here, "procurement", MARK_AND_FIGURE)
    change(here / "before" / "scores.csv", "c,gap,technical,68", "c,gap,technical,81")
    change(here / "after" / "office.csv", "mu,price,18", "mu,price,x")
    told = call("diff", "before", "after", "--lang", "en")
    assert (told.code, told.out) == (1, "")
    assert "A: before/scores.csv:" in told.err
    assert "B: after/office.csv:" in told.err
    told = call("diff", "before", "after", "--json")
    assert (told.code, [p["file"] for p in json.loads(told.out)["problems"]]) == (
        1,
        ["A: before/scores.csv", "B: after/office.csv"],
    )


def test_a_record_that_was_changed_is_refused(here: Path, call: Call) -> None:
    prepared(here, "procurement", MARK_AND_FIGURE)
    call("rank", "before", "-o", "out")
    change(here / "out" / "evaluation.json", '"threshold": "85%"', '"threshold": "80%"')
    told = call("diff", "before", "out", "--lang", "en")
    assert told.code == 1
    assert "B: out/evaluation.json" in told.err
    (here / "out" / "evaluation.json").write_text("{}")
    assert "A: out/evaluation.json" in call("diff", "out/evaluation.json", "before", "--lang", "en").err


TAMPERED: dict[str, tuple[Callable[[dict[str, dict[str, Any]]], object], list[str]]] = {
    "ranks": (
        lambda told: [told[a].update(rank=rank) for a, rank in (("jeong", 2), ("byeong", 1))],
        [
            "After: the inputs of this record do not give what it says of 2 applicants:",
            "rank 1 → 2 – no input and no rule that differs explains it",
            "what the inputs of its record give, After: total 84, rank 1,",
        ],
    ),
    "outcomes": (
        lambda told: [told[a].update(outcome=o) for a, o in (("jeong", "not_selected"), ("gap", "selected"))],
        [
            "After: the inputs of this record do not give what it says of 2 applicants:",
            "– no input and no rule that differs explains it",
        ],
    ),
    "total": (
        lambda told: told["gap"].update(total="81.5", ranking_total="81.5", raw_total="81.5"),
        [
            "After: the inputs of this record do not give what it says of 1 applicant: gap.",
            "total 81 → 81.5 – no input",
        ],
    ),
}


@pytest.mark.parametrize("name", sorted(TAMPERED))
def test_a_result_that_was_changed_in_a_record_is_nobody_s_doing(name: str, here: Path, call: Call) -> None:
    recorded(here, "procurement", edited())
    tamper, sentences = TAMPERED[name]
    record = json.loads((here / "after" / "evaluation.json").read_text("utf-8"))
    tamper({item["applicant"]: item for item in record["ranking"]})
    (here / "after" / "evaluation.json").write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    told = " ".join(call("diff", "before", "after", "--lang", "en").out.split())
    for sentence in sentences:
        assert sentence in told
    for claim in ("others moved", "were passed", "now before it", "its rank differs", "Moved although nothing"):
        assert claim not in told
    korean = " ".join(call("diff", "before", "after", "--lang", "ko").out.split())
    assert "변경 후: 기록에 적힌 자료로 다시 계산하면" in korean and "다른 기관의 변동" not in korean


def test_inputs_of_a_record_that_do_not_fit_together_are_said_to_give_nothing(here: Path, call: Call) -> None:
    recorded(here, "procurement", edited())
    record = json.loads((here / "after" / "evaluation.json").read_text("utf-8"))
    record["decisions"].append({**dict.fromkeys(DECISION_TEXTS, ""), "kind": "tie", "applicant": "gap", "after": "1"})
    (here / "after" / "evaluation.json").write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    told = " ".join(call("diff", "before", "after", "--lang", "en").out.split())
    assert "After: the inputs of this record do not fit together" in told


def test_wrong_usage(here: Path, call: Call) -> None:
    (here / "empty").mkdir()
    for arguments in (("empty", "empty"), ("empty",), ("none", "empty")):
        told = call("diff", *arguments, "--lang", "en")
        assert (told.code, told.out) == (2, "")


def test_a_blind_round_shows_no_name(here: Path, call: Call) -> None:
    def blinded(after: Path) -> None:
        CORRECTED_MARKS(after)
        change(after / "round.yaml", "status: proposed", "status: proposed\nblind: true")
        change(after / "applicants.csv", "t04,대한민국 초거대", "t04,우리나라 초거대")

    recorded(here, "k-ai-selection", blinded)
    for pair in (("before", "after"), ("after", "before")):
        told = call("diff", *pair, "--lang", "ko").out
        assert "온새미텔레콤" not in told and "초거대 언어" not in told
        assert "t03 C" in told


def test_nothing_a_file_holds_is_obeyed_by_the_terminal(here: Path, call: Call) -> None:
    def spoiled(after: Path) -> None:
        change(after / "applicants.csv", "gap,甲", "gap,[red]\x1b[31m甲\u202e")
        MARK_AND_FIGURE(after)

    shutil.copytree(EXAMPLES / "procurement", here / "before")
    shutil.copytree(EXAMPLES / "procurement", here / "after")
    spoiled(here / "after")
    told = call("diff", "before", "after", "--lang", "en")
    assert "\x1b" not in told.out and "\u202e" not in told.out


def test_long_lists_are_cut_and_shown_on_request(here: Path, call: Call) -> None:
    def many(after: Path) -> None:
        text = (after / "scores.csv").read_text("utf-8")
        (after / "scores.csv").write_text(text.replace(",4,,", ",3.5,,"), "utf-8")

    recorded(here, "k-ai-selection", many)
    short, whole = (call("diff", "before", "after", "--lang", "en", *more).out for more in ((), ("--all",)))
    assert "more. See everything with --all" in short
    assert "See everything with --all" not in whole
    assert len(whole.splitlines()) > len(short.splitlines())


def test_rounds_without_a_common_applicant_are_said_to_be_others(here: Path, call: Call) -> None:
    told = call("diff", EXAMPLES / "procurement", EXAMPLES / "k-ai-stage1-2026", "--lang", "en")
    assert told.code == 0
    assert "These are different rounds: psat-2023-18 and " in told.out
    assert told.out.splitlines()[-1] == "They have no applicant in common and are not compared."


def test_who_is_undecided_is_not_called_excluded(here: Path, call: Call) -> None:
    def untied(after: Path) -> None:
        change(after / "rubric.yaml", "tie_break: [technical]", "tie_break: []")

    recorded(here, "procurement", untied)
    told = call("diff", "before", "after", "--lang", "en").out
    assert "Selected before, undecided now: jeong." in told
    assert "No longer selected" not in told


def test_with_check_what_enters_no_calculation_is_0(here: Path, call: Call) -> None:
    def reworded(after: Path) -> None:
        change(after / "rubric.yaml", "ko: 기술능력 평가점수", "ko: 기술 평가점수")
        change(after / "rubric.yaml", "selection: {places: 1}", "selection: {places: 1}\ncross_checks: [topsis, vikor]")
        change(after / "round.yaml", "status: confirmed", "status: proposed")

    recorded(here, "procurement", reworded)
    told = call("diff", "before", "after", "--check", "--lang", "en")
    assert told.code == 0
    assert "Nothing that enters the calculation differs." in told.out
    assert "other methods beside it: none → TOPSIS, VIKOR (v = 0.5)" in told.out
    assert "TOPSIS: only in the second evaluation, nothing to compare (τ " in told.out
    assert json.loads(call("diff", "before", "after", "--json").out)["different"] is False


def test_a_method_is_called_by_its_name(here: Path, call: Call) -> None:
    def compared(after: Path) -> None:
        method = 'method: {method: vikor, v: "0.6"}\nrounding: {total: 4}'
        change(after / "rubric.yaml", "selection: {places: 1}", f"selection: {{places: 1}}\n{method}")

    recorded(here, "procurement", compared)
    told = call("diff", "before", "after", "--lang", "en").out
    assert "method: Weighted sum → VIKOR (v = 0.6)" in told


def test_a_reviewer_who_is_new_is_counted_and_told_once_by_id(here: Path, call: Call) -> None:
    def added(after: Path) -> None:
        with (after / "reviewers.csv").open("a", encoding="utf-8") as file:
            file.write("f,F위원\n")

    prepared(here, "procurement", added)
    told = call("diff", "before", "after", "--lang", "ko").out
    assert "추가된 평가위원 1명" in told
    assert "추가된 평가위원: f" in told
    assert "평가위원, " not in told


def test_a_figure_changed_in_the_record_alone_is_shown(here: Path, call: Call) -> None:
    recorded(here, "procurement", lambda after: None)
    record = json.loads((here / "after" / "evaluation.json").read_text("utf-8"))
    standing = next(item for item in record["ranking"] if item["applicant"] == "gap")
    standing["criteria"]["technical"]["points"] = "70"
    (here / "after" / "evaluation.json").write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    told = call("diff", "before", "after", "--check", "--lang", "en")
    assert told.code == 4
    assert "Totals, ranks and outcomes are the same, but other computed figures differ." in told.out
    assert "points 68 → 70" in told.out
