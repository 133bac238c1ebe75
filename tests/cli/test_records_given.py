"""A record where a round folder could stand: what works from it, what is said where not, and in what language."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evaluator.files import load_round
from evaluator.files.record import write_record
from evaluator.files.spoken import source_language
from evaluator.workflow import evaluate
from tests.cli.conftest import Call, change

NEITHER = "neither a round folder", "평가 폴더(round.yaml)도 기록(evaluation.json)도 아닙니다"


@pytest.fixture
def korean(folder: Path) -> Path:
    change(folder / "round.yaml", "language: en", "language: ko")
    return folder


@pytest.fixture
def results(korean: Path, tmp_path: Path, call: Call) -> Path:
    out = tmp_path / "out"
    assert call("rank", korean, "-o", out).code == 0
    return out


@pytest.mark.parametrize("inline", [0, 1000])
def test_explain_says_the_same_from_a_record(call: Call, korean: Path, tmp_path: Path, inline: int) -> None:
    out = tmp_path / "out"
    out.mkdir()
    write_record(evaluate(*load_round(korean)), out, inline_marks=inline)
    of_round = call("explain", korean, "a1")
    assert (of_round.code, of_round.err) == (0, "")
    assert call("explain", out, "a1") == of_round
    assert call("explain", out / "evaluation.json", "a1") == of_round
    if not inline:
        (out / "marks.parquet").unlink()
        told = call("explain", out, "a1")
        assert told.code == 1
        assert "marks.parquet을 evaluation.json 옆으로 복사하십시오" in told.err


@pytest.mark.parametrize("command", ["check", "rank", "evidence", "run"])
def test_what_needs_the_round_folder_says_so_in_one_line(call: Call, results: Path, command: str) -> None:
    told = call(command, results)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"evaluator: {results}: 평가 폴더가 아니라 평가 기록입니다")
    assert len(told.err.splitlines()) == 2
    assert "not a round folder" in call(command, results, "--lang", "en").err


def test_another_file_of_the_results_is_no_record(call: Call, results: Path) -> None:
    for command in (["report"], ["diff", results], ["explain"]):
        told = call(*command, results / "ranking.xlsx", *(["a1"] if command == ["explain"] else []), "--lang", "en")
        assert told.code == 1
        assert "This is no record but a file of the format xlsx." in told.err


def test_a_folder_that_is_neither(call: Call, results: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert NEITHER[0] in call("explain", tmp_path / "empty", "a1").err
    assert NEITHER[1] in call("diff", results, tmp_path / "empty").err
    assert NEITHER[1] in call("diff", tmp_path / "empty", results).err


def test_wrong_usage_is_told_in_the_language_of_the_round(call: Call, korean: Path, results: Path) -> None:
    assert "선택 사항은 없습니다" in call("check", korean, "--bogus").err
    assert "빠졌습니다" in call("explain", results).err
    assert "is missing" in call("explain", results, "--lang", "en").err
    assert "없습니다" in call("explain", results, "nobody").err


def test_an_interrupt_is_told_in_the_language_of_the_round(korean: Path) -> None:
    code = (
        "import os, signal, sys, evaluator.workflow as w\n"
        f"w.evaluate = lambda *_, **__: os.kill(os.getpid(), {int(signal.SIGINT)})\n"
        "from evaluator.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    env = {k: v for k, v in os.environ.items() if k != "EVALUATOR_LANG"} | {"LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-c", code, "check", str(korean)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False, env=env)
    assert (done.returncode, done.stderr.decode().strip()) == (130, "중단되었습니다. 전에 있던 결과는 그대로입니다.")


def test_help_has_its_headings_in_the_language_of_the_rest(call: Call) -> None:
    told = call("--lang", "ko", "rubric", "--help").out
    assert told.startswith("사용법: evaluator rubric [OPTIONS]")
    assert "선택 사항:" in told
    assert "Options:" in call("rubric", "--help").out


def test_a_language_is_told_of_nothing_but_rounds_and_records(results: Path, korean: Path, tmp_path: Path) -> None:
    assert source_language(korean) == source_language(results) == source_language(results / "evaluation.json") == "ko"
    (tmp_path / "x.json").write_text(r'{"title": "\"language\": \"ko\""}', encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    for other in ("x.json", "pipe", "nowhere", "x" * 5000, "a\0b", "."):
        assert source_language(tmp_path / other) is None


def test_ids_are_listed_where_they_are_few(call: Call, folder: Path) -> None:
    rows = "".join(f"b{i:03},Team {i:03} Seoul\n" for i in range(40))
    with (folder / "applicants.csv").open("a", encoding="utf-8") as file:
        file.write(rows)
    told = call("explain", folder, "b999").err
    assert "42 applicants are in applicants.csv" in told
    assert "b001" not in told
    assert "Did you mean b007?" in call("explain", folder, "007 Seoul").err


def test_what_is_wrong_with_two_records_is_told_in_their_language(call: Call, results: Path) -> None:
    change(results / "evaluation.json", '"rank": 1,', '"rank": "x",')
    told = call("diff", results, results)
    assert told.code == 1
    assert "문제 2건" in told.err
