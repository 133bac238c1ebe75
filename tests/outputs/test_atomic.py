"""What is written appears whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evaluator.files.atomic import staged, write_atomic


def content(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_new_folder_appears_with_everything_in_one_move(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    with staged(target) as stage:
        (stage / "a").write_text("1")
        (stage / "sub").mkdir()
        (stage / "sub" / "b").write_text("2")
        assert not target.exists()
    assert content(target) == {"a": "1", "sub/b": "2"}
    assert [p.name for p in target.parent.iterdir()] == ["out"]


def test_files_and_folders_of_the_same_name_are_replaced_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "old.pdf").write_text("old")
    (tmp_path / "a").write_text("old")
    (tmp_path / "mine").write_text("mine")
    with staged(tmp_path) as stage:
        (stage / "a").write_text("new")
        (stage / "reports").mkdir()
        (stage / "reports" / "new.pdf").write_text("new")
    assert content(tmp_path) == {"a": "new", "mine": "mine", "reports/new.pdf": "new"}


def test_where_writing_fails_everything_is_as_before(tmp_path: Path) -> None:
    before = {"a": "old", "b": "old"}
    for name, text in before.items():
        (tmp_path / name).write_text(text)

    def interrupted(target: Path) -> None:
        with staged(target, gone=("b",)) as stage:
            (stage / "a").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path)
    assert content(tmp_path) == before
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / "none")
    assert content(tmp_path) == before


def test_what_goes_goes_after_everything_has_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("evaluation.json", "marks.parquet", "mine"):
        (tmp_path / name).write_text("old")
    steps: list[str] = []
    replace, unlink = Path.replace, Path.unlink

    def note_move(self: Path, target: Path) -> Path:
        steps.append(f"new {self.name}")
        return replace(self, target)

    def note_removal(self: Path, *, missing_ok: bool = False) -> None:
        steps.append(f"gone {self.name}")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "replace", note_move)
    monkeypatch.setattr(Path, "unlink", note_removal)
    with staged(tmp_path, gone=("marks.parquet", "never")) as stage:
        (stage / "evaluation.json").write_text("new")
        (stage / "ranking.csv").write_text("new")
        assert (tmp_path / "marks.parquet").exists()
    assert steps == ["new ranking.csv", "new evaluation.json", "gone marks.parquet", "gone never"]
    assert content(tmp_path) == {"evaluation.json": "new", "mine": "old", "ranking.csv": "new"}


def test_a_new_file_of_the_name_stays(tmp_path: Path) -> None:
    (tmp_path / "marks.parquet").write_text("old")
    with staged(tmp_path, gone=("marks.parquet",)) as stage:
        (stage / "marks.parquet").write_text("new")
    assert content(tmp_path) == {"marks.parquet": "new"}


def test_permissions_are_the_usual_ones(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    with staged(tmp_path / "out") as stage:
        (stage / "a").write_text("1")
    assert (tmp_path / "out").stat().st_mode == plain.stat().st_mode


def test_what_a_killed_command_left_is_cleared_after_an_hour(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".evaluator-old", tmp_path / ".evaluator-fresh"
    old.mkdir()
    fresh.mkdir()
    now = fresh.stat().st_mtime
    os.utime(old, (now - 7_000, now - 7_000))
    write_atomic(tmp_path / "a", b"1")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".evaluator-fresh", "a"]


def test_the_record_is_put_in_place_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    replace = Path.replace

    def note(self: Path, target: Path) -> Path:
        moved.append(self.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", note)
    with staged(tmp_path) as stage:
        for name in ("evaluation.json", "marks.parquet", "ranking.csv", "ranking.xlsx"):
            (stage / name).write_text("new")
    assert moved[-1] == "evaluation.json"
    assert len(moved) == 4
