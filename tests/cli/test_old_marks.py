"""A marks.parquet of the record that is replaced goes with it; one that may be anybody's stays, and both are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluator.files import load_round
from evaluator.files.record import write_record
from evaluator.files.record_read import read_record
from evaluator.workflow import evaluate
from tests.cli.conftest import Call, write_round

COMMANDS = (("rank",), ("rank", "--json"), ("run", "--panel-only"))


@pytest.fixture
def out(folder: Path, tmp_path: Path) -> Path:
    """The results of a round whose marks lie in a file, as those of very many do."""
    path = tmp_path / "out"
    path.mkdir()
    write_record(evaluate(*load_round(folder)), path, inline_marks=0)
    assert sorted(p.name for p in path.iterdir()) == ["evaluation.json", "marks.parquet"]
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_marks_of_the_record_before_go_with_it(command: tuple[str, ...], call: Call, folder: Path, out: Path) -> None:
    told = call(*command, folder, "-o", out)
    assert told.code == 0
    assert not (out / "marks.parquet").exists()
    assert f"Removed {out / 'marks.parquet'}: it held the marks of the record that was replaced." in told.err
    assert "file" not in json.loads((out / "evaluation.json").read_text(encoding="utf-8"))["marks"]
    assert read_record(out).ranking
    assert "marks.parquet" not in call(*command, folder, "-o", out).err


def test_it_is_said_in_korean(call: Call, folder: Path, out: Path) -> None:
    assert f"{out / 'marks.parquet'}를 지웠습니다." in call("rank", folder, "-o", out, "--lang", "ko").err
    (out / "marks.parquet").write_bytes(b"")
    assert (
        f"주의: {out / 'marks.parquet'}는 이 기록의 파일이 아닙니다."
        in call("rank", folder, "-o", out, "--lang", "ko").err
    )


def other_content(out: Path) -> None:
    (out / "marks.parquet").write_bytes(b"mine")


def no_record(out: Path) -> None:
    (out / "evaluation.json").unlink()


def damaged_record(out: Path) -> None:
    text = (out / "evaluation.json").read_text(encoding="utf-8")
    (out / "evaluation.json").write_text(text[:-20], encoding="utf-8")


def hash_elsewhere(out: Path) -> None:
    """The record has the hash, but as that of a file it was made from."""
    told = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    told["provenance"]["inputs"]["marks.parquet"] = told["marks"].pop("sha256")
    (out / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")


def list_for_record(out: Path) -> None:
    (out / "evaluation.json").write_text("[]", encoding="utf-8")


@pytest.mark.parametrize("changed", [other_content, no_record, damaged_record, hash_elsewhere, list_for_record])
@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[2]])
def test_a_file_the_record_before_does_not_name_stays(
    command: tuple[str, ...], changed: object, call: Call, folder: Path, out: Path
) -> None:
    assert callable(changed)
    changed(out)
    before = (out / "marks.parquet").read_bytes()
    told = call(*command, folder, "-o", out)
    assert told.code == 0
    assert (out / "marks.parquet").read_bytes() == before
    assert f"Note: {out / 'marks.parquet'} does not belong to this record" in told.err
    assert "Removed" not in told.err


def test_a_folder_of_that_name_stays(call: Call, folder: Path, out: Path) -> None:
    (out / "marks.parquet").unlink()
    (out / "marks.parquet" / "mine").mkdir(parents=True)
    told = call("rank", folder, "-o", out)
    assert told.code == 0
    assert (out / "marks.parquet" / "mine").is_dir()
    assert "does not belong to this record" in told.err


def test_reports_from_a_record_leave_its_marks_alone(call: Call, out: Path) -> None:
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    told = call("report", out, "--panel-only")
    assert told.code == 0
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()} == before
    assert "marks.parquet" not in told.err


def test_input_that_is_refused_changes_nothing(call: Call, folder: Path, out: Path) -> None:
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    (folder / "scores.csv").write_text("reviewer,applicant,criterion,score\nr9,a1,plan,1\n", encoding="utf-8")
    assert call("rank", folder, "-o", out).code == 1
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    write_round(folder)
    assert call("rank", folder, "-o", out).code == 0
    assert not (out / "marks.parquet").exists()
