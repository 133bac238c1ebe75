"""What performance.yaml says about a file, beside what the file says itself."""

from __future__ import annotations

import datetime
import shutil
import unicodedata
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from evaluator.files.results.figures import same_model, says_no_model
from tests.files.results.reading import DATA, codes, good, put, read

HEAD = "benchmark,metric,score,model,version,mode,measured_by\n"


def table(*rows: str) -> str:
    return HEAD + "".join(f"{row}\n" for row in rows)


def keys(folder: Path, **told: Any) -> list[tuple[str, str, str, str]]:
    return [(m.model, m.version, m.mode, m.measured_by) for m in good(folder, **told)]


def test_the_head_says_what_nobody_else_does(tmp_path: Path) -> None:
    put(tmp_path, {"a.csv": table("x,acc,1,,,,")})
    assert keys(tmp_path, version="2", mode="fast", measured_by="third_party") == [
        ("K-Alpha", "2", "fast", "third_party")
    ]


def test_the_file_goes_before_the_head_and_the_entry_before_the_file(tmp_path: Path) -> None:
    put(tmp_path, {"a.csv": table("x,acc,1,K-Alpha,3,slow,agency"), "b.csv": table("y,acc,1,,,,")})
    files = [{"file": "b.csv", "version": "4", "mode": "none", "measured_by": "third_party"}]
    assert keys(tmp_path, version="2", mode="fast", files=files) == [
        ("K-Alpha", "3", "slow", "agency"),
        ("K-Alpha", "4", "none", "third_party"),
    ]


def test_version_and_mode_of_the_head_are_those_of_its_model(tmp_path: Path) -> None:
    put(tmp_path, {"a.csv": table("x,acc,1,K-Beta,,,", "x,acc,1,fictional/k_alpha,,,")})
    assert keys(tmp_path, version="2", mode="fast") == [("K-Alpha", "2", "fast", "self"), ("K-Beta", "", "", "self")]


@pytest.mark.parametrize("column", ["version", "mode"])
def test_an_entry_does_not_overrule_a_cell(column: str, tmp_path: Path) -> None:
    put(tmp_path, {"a.csv": table("x,acc,1,,one,one,")})
    assert codes(tmp_path, files=[{"file": "a.csv", column: "two"}]) == ["results.contradicts"]
    assert codes(tmp_path, files=[{"file": "a.csv", column: "One"}]) == []


def test_a_note_in_free_words_may_be_put_in_others(tmp_path: Path) -> None:
    shutil.copytree(DATA / "hugging_face", tmp_path, dirs_exist_ok=True)
    first = good(tmp_path, files=[{"file": ".eval_results", "mode": "standard"}])
    told = [(m.mode, m.source) for m in first if m.metric == "score"]
    assert told == [
        ("standard", "notes=no-tools; source=https://example.org/logs"),
        ("standard", "dataset=fictional/ko-gpqa; revision=55034d"),
    ]


def test_a_file_that_names_no_model_takes_the_declared_one(tmp_path: Path) -> None:
    shutil.copy(DATA / "lm_eval/groups_and_filters.json", tmp_path / "a.json")
    told = {
        (m.model, m.source.partition(";")[0]) for m in good(tmp_path, files=[{"file": "a.json", "model": "K-Gamma"}])
    }
    assert told == {("K-Gamma", "model=taouawwc")}


def test_another_name_has_to_be_owned_to(tmp_path: Path) -> None:
    shutil.copy(DATA / "opencompass/summary.csv", tmp_path / "s.csv")
    entry = {"file": "s.csv", "model": "K-Alpha", "date": datetime.date(2026, 5, 3), "source": "Report 7"}
    assert "results.other_model" in codes(tmp_path, files=[entry])
    owned = good(tmp_path, version="1", files=[{**entry, "model_in_file": "k-alpha-hf"}])
    assert {(m.model, m.version, m.date, m.source.split("; ")[0]) for m in owned} == {
        ("K-Alpha", "1", "2026-05-03", "Report 7"),
        ("k-beta-hf", "", "", "prompt=0c332f"),
        ("k-beta-hf", "", "", "prompt=ab12cd"),
    }


def test_a_scale_is_declared_where_the_file_has_none(tmp_path: Path) -> None:
    shutil.copy(DATA / "hugging_face/README.md", tmp_path / "README.md")
    declared = good(tmp_path, files=[{"file": "README.md", "scale": {"min": 0, "max": 100}}])
    assert {(m.low, m.high) for m in declared} == {(Fraction(0), Fraction(100))}
    assert {(m.low, m.high) for m in good(tmp_path)} == {(None, None)}
    assert set(codes(tmp_path, files=[{"file": "README.md", "scale": {"min": 0, "max": 1}}])) == {"results.off_scale"}


def test_an_agency_is_a_third_party_to_the_file(tmp_path: Path) -> None:
    shutil.copy(DATA / "every_eval_ever/board.json", tmp_path / "b.json")
    assert {k[3] for k in keys(tmp_path, files=[{"file": "b.json", "measured_by": "agency"}])} == {"agency"}
    assert codes(tmp_path, files=[{"file": "b.json", "measured_by": "self"}]) == ["results.contradicts"]


def test_the_innermost_entry_speaks_for_a_file(tmp_path: Path) -> None:
    put(tmp_path, {"a/b/c.csv": table("x,acc,1,,,,"), "a/d.csv": table("y,acc,1,,,,")})
    files = [{"file": "a", "version": "outer"}, {"file": "./performance/a/b/", "version": "inner"}]
    assert [m.version for m in good(tmp_path, files=files)] == ["inner", "outer"]


@pytest.mark.parametrize("way", ["ko_reading", "ko_reading/stats.json"])
def test_a_run_folder_is_named_by_itself_or_by_its_statistics(way: str, tmp_path: Path) -> None:
    shutil.copytree(DATA / "helm", tmp_path, dirs_exist_ok=True)
    assert {m.version for m in good(tmp_path, files=[{"file": way, "version": "7"}])} == {"7"}


def test_a_name_in_taken_apart_letters_is_the_same_name(tmp_path: Path) -> None:
    put(tmp_path, {unicodedata.normalize("NFD", "결과.csv"): table("x,acc,1,,,,")})
    assert [m.version for m in good(tmp_path, files=[{"file": "결과.csv", "version": "7"}])] == ["7"]


def test_figures_of_different_measurers_stand_side_by_side(tmp_path: Path) -> None:
    put(tmp_path, {"a.csv": table("x,acc,1,,,,", "x,acc,2,,,,third_party", "x,acc,3,,,,agency")})
    told = [(m.measured_by, m.score) for m in good(tmp_path)]
    assert told == [("agency", 3), ("self", 1), ("third_party", 2)]


def test_of_two_that_say_the_same_the_fuller_one_is_kept(tmp_path: Path) -> None:
    put(tmp_path, {"a.csv": table("x,acc,0.5,,,,"), "b.csv": "benchmark,metric,score,min,max,n\nx,acc,0.50,0,1,10\n"})
    (kept,) = good(tmp_path)
    assert (kept.n, kept.file.rpartition("/")[2]) == (10, "b.csv")
    put(tmp_path, {"c.csv": "benchmark,metric,score,n\nx,acc,0.5,20\n"})
    assert [problem.code for problem in read(tmp_path)[1]] == ["results.disagree"]


@pytest.mark.parametrize(
    "name", ["", "dummy", "mockllm/model", "/data/ckpt", "./ckpt", "~/m", "C:\\m", "w.gguf", "None"]
)
def test_names_that_name_no_model(name: str) -> None:
    assert says_no_model(name)


@pytest.mark.parametrize(
    "name", ["gpt2", "K-Alpha", "fictional/K-Alpha", "모델", "openai/azure/gpt-4o", "ollama/qwen2.5:0.5b"]
)
def test_names_that_name_a_model(name: str) -> None:
    assert not says_no_model(name)


def test_names_are_compared_without_what_is_only_spelling() -> None:
    assert same_model("fictional/K_Alpha 7B", "k-alpha-7b")
    assert not same_model("K-Alpha-7B", "K-Alpha-70B")
