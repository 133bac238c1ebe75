"""A new round folder explains itself, and check says only what is still to be filled in."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from evaluator.cli.new import round_id
from evaluator.files import load_round
from evaluator.resources import example_ids, rubric_ids
from tests.cli.conftest import EXAMPLES, Call


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("rubric", [None, *rubric_ids()])
def test_only_the_applicants_are_missing(call: Call, tmp_path: Path, rubric: str | None, lang: str) -> None:
    folder = tmp_path / "새 평가 2026"
    told = call("new", folder, "--lang", lang, *(["--rubric", rubric] if rubric else []))
    assert (told.code, told.out) == (0, "")
    assert f"evaluator check '{folder}'" in told.err
    told = call("check", folder)
    assert told.code == 1
    assert told.err == ""
    places = [line for line in told.out.splitlines() if line and not line.startswith(" ")]
    assert [place.partition(":")[0] for place in places[:-1]] == ["applicants.csv"]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.iterdir():
        assert path.name == "README.md" or path.name == "rubric.yaml" or f"`{path.name}`" in readme


def test_a_filled_in_folder_can_be_ranked(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    call("new", folder, "--lang", "ko")
    for name, rows in {
        "applicants.csv": ["a1,가람,,,,,", "a2,나래,,,,,"],
        "reviewers.csv": [f"r{i},위원 {i},소속,위원" for i in range(3)],
        "office.csv": ["a1,price,18,개찰조서", "a2,price,20,개찰조서"],
        "scores.csv": [
            f"r{i},{a},{c},{score},,"
            for i in range(3)
            for a in ("a1", "a2")
            for c, score in (("capability", 30 + i), ("plan", 4))
        ],
    }.items():
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("".join(f"{row}\n" for row in rows))
    told = call("rank", folder, "-o", tmp_path / "out")
    assert told.code == 0, told.err
    rows_written = list(csv.DictReader(io.StringIO((tmp_path / "out/ranking.csv").read_bytes().decode("utf-8-sig"))))
    assert [(r["applicant"], r["total"]) for r in rows_written] == [("a2", "87.00"), ("a1", "85.00")]


@pytest.mark.parametrize("example", example_ids())
def test_an_example_is_copied_whole(call: Call, tmp_path: Path, example: str) -> None:
    folder = tmp_path / "copy"
    assert call("new", folder, "--example", example).code == 0
    original = {p.name: p.read_bytes() for p in (EXAMPLES / example).iterdir() if p.is_file()}
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == original
    assert load_round(folder)[1].applicants


def test_a_folder_that_holds_something_is_left_alone(call: Call, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    told = call("new", tmp_path)
    assert told.code == 2
    assert "not empty" in told.err
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert call("new", empty).code == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("my-round", "my-round"),
        ("2026 Call!", "round-2026-call"),
        ("평가", "round"),
        ("A_b", "a_b"),
        ("x" * 80, "x" * 64),
    ],
)
def test_the_id_comes_from_the_folder_s_name(name: str, expected: str) -> None:
    assert round_id(Path("/somewhere") / name) == expected


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_evidence_that_is_explained_is_valid(call: Call, tmp_path: Path, lang: str) -> None:
    folder = tmp_path / "mine"
    call("new", folder, "--lang", lang, "--rubric", "k-ai-selection")
    text = (folder / "evidence/README.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"```yaml (\w+)\n(.*?)```", text, re.DOTALL))
    assert sorted(shown) == ["access", "openness", "performance"]
    (folder / "evidence/a1/performance").mkdir(parents=True)
    for name, content in shown.items():
        (folder / f"evidence/a1/{name}.yaml").write_text(content, encoding="utf-8")
    with (folder / "applicants.csv").open("a", encoding="utf-8") as file:
        file.write("a1,가람,,,,,\n")
    with (folder / "round.yaml").open("a", encoding="utf-8") as file:
        file.write("\nevaluation_date: 2026-01-15\n")
    evidence = load_round(folder)[1].evidence
    assert [a for a, _ in evidence.openness] == [a for a, _ in evidence.access] == ["a1"]
    assert [e.model for e in evidence.performance] == ["모델 이름" if lang == "ko" else "Name of the model"]
