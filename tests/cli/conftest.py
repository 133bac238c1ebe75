"""Round folders, and the command line called in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluator.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Told:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Told]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command line in English (unless told otherwise) on a pipe of 80 columns."""
    for name in ("EVALUATOR_LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("EVALUATOR_PROGRESS", "off")

    def run(*arguments: str | Path) -> Told:
        capfd.readouterr()
        code = main([str(a) for a in arguments])
        told = capfd.readouterr()
        return Told(code, told.out, told.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small valid round in English: two applicants, three reviewers."""
    path = tmp_path / "round"
    path.mkdir()
    write_round(path)
    return path


def write_round(path: Path) -> None:
    files = {
        "round.yaml": "schema: 1\nid: small\ntitle: Small round\nrubric: rubric.yaml\nlanguage: en\nstatus: proposed\n",
        "rubric.yaml": (
            "schema: 1\nid: small\nversion: '1'\ntitle: Small rubric\n"
            "criteria:\n  - {id: plan, title: Plan, points: 60, scale: {min: 0, max: 60}}\n"
            "  - {id: team, title: Team, points: 40, scale: {min: 0, max: 5, step: 0.5}}\n"
            "panel: {aggregate: trimmed_mean, trim: {high: 1, low: 1, from: 3}, quorum: 2}\n"
            "rounding: {points: 2, total: 2}\npass_mark: 60%\ntie_break: [plan, decision]\nselection: {places: 1}\n"
        ),
        "applicants.csv": "id,name\na1,First [red]team[/red]\na2,나래 연구소\n",
        "reviewers.csv": "id,name\nr1,Kim\nr2,Lee\nr3,Park\n",
        "scores.csv": "reviewer,applicant,criterion,score\n"
        + "".join(
            f"{r},{a},{c},{score}\n"
            for a, sheets in {"a1": ((50, 4), (48, 4.5), (52, 3)), "a2": ((51, 3), (40, 4), (45, 4.5))}.items()
            for r, sheet in zip(("r1", "r2", "r3"), sheets, strict=True)
            for c, score in zip(("plan", "team"), sheet, strict=True)
        ),
    }
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")


def change(path: Path, old: str, new: str) -> None:
    """Replace text in a file; it must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
