"""A round of more applicants than a terminal or a folder of reports is for."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from evaluator.cli.reports import REPORTED_APPLICANTS
from evaluator.cli.unresolved import chosen_rows
from tests.cli.conftest import Call, change, write_round

COUNT = 130


def scores(applicants: int, *, without: tuple[str, ...] = ()) -> str:
    rows = [
        f"{reviewer},a{i:03d},{criterion},{score}\n"
        for i in range(applicants)
        for reviewer in ("r1", "r2", "r3")
        for criterion, score in (("plan", 60 - i // 3 % 60), ("team", 4))
        if reviewer not in without
    ]
    return "reviewer,applicant,criterion,score\n" + "".join(rows)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.mkdir()
    write_round(path)
    applicants = "id,name\n" + "".join(f"a{i:03d},Team {i}\n" for i in range(COUNT))
    (path / "applicants.csv").write_text(applicants, encoding="utf-8")
    (path / "scores.csv").write_text(scores(COUNT), encoding="utf-8")
    change(path / "rubric.yaml", "pass_mark: 60%", "pass_mark: null")
    change(path / "rubric.yaml", "places: 1", "places: 50")
    return path


def ranks(out: str) -> list[str]:
    return [line.split()[1] for line in out.splitlines() if line.strip()[:1].isdigit() and " a" in line]


def test_a_terminal_shows_the_first_those_at_the_cut_and_the_last(call: Call, large: Path, tmp_path: Path) -> None:
    told = call("rank", large, "-o", tmp_path / "out")
    shown = ranks(told.out)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "ranking.csv").read_text("utf-8-sig"))))
    everybody = [row["applicant"] for row in rows]
    cut = max(i for i, row in enumerate(rows) if row["outcome"] in {"selected", "tied_at_cut"}) + 1
    assert shown == everybody[:10] + everybody[cut - 10 : cut + 10] + everybody[-1:]
    gaps = [int(line.split()[1]) for line in told.out.splitlines() if "not shown" in line]
    assert sum(gaps) + len(shown) == COUNT
    assert f"Shows {len(shown)} of {COUNT} applicants" in told.out
    everything = call("rank", large, "-o", tmp_path / "out", "--all")
    assert ranks(everything.out) == everybody
    assert "not shown" not in everything.out
    ties = everything.out.split("\nTies\n")[1]
    assert sum(line.endswith("not separated") for line in ties.splitlines()) == COUNT // 3
    assert "of tied applicants" not in ties


def group(first: int) -> str:
    """The line about three applicants with the same total."""
    return f"a{first:03d}, a{first + 1:03d}, a{first + 2:03d}: {60 - first // 3 + 32}.00, not separated"


AWAY = "away from the cut line"
OFF_LINES = f"{AWAY} and from the end of the reserve list"


@pytest.mark.parametrize(
    ("selection", "shown", "rest"),
    [
        # The line runs through a group, whose next neighbours it does not touch.
        ("{places: 50}", [48], f"… 42 groups of tied applicants {AWAY}, listed"),
        ("{places: 48}", [45, 48], f"… 41 groups of tied applicants {AWAY}, listed"),
        ("{places: 48, reserve: 6}", [45, 48, 51, 54], f"… 39 groups of tied applicants {OFF_LINES}, listed"),
        ("{places: 48, reserve: 7}", [45, 48, 54], f"… 40 groups of tied applicants {OFF_LINES}, listed"),
        ("{places: 200}", [], f"… 43 groups of tied applicants {AWAY}, listed"),
        ("null", [], "… 43 groups of tied applicants, listed"),
    ],
)
def test_of_the_ties_those_where_places_are_decided(
    selection: str, shown: list[int], rest: str, call: Call, large: Path, tmp_path: Path
) -> None:
    change(large / "rubric.yaml", "{places: 50}", selection)
    out = call("rank", large, "-o", tmp_path / "out").out
    lines = out.split("\nTies\n")[1].split("\n\n")[0]
    told = " ".join(line.strip() for line in lines.splitlines())
    wanted = "".join(f"{group(first)} " for first in shown)
    assert told == f"{wanted}{rest} in evaluation.json; --all shows them here"


def test_a_single_tie_elsewhere_and_in_korean(call: Call, large: Path, tmp_path: Path) -> None:
    rows = [
        f"{reviewer},a{i:03d},{criterion},{score}\n"
        for i in range(COUNT)
        for reviewer in ("r1", "r2", "r3")
        for criterion, score in (("plan", f"{60 - max(i, 1) / 4:g}"), ("team", 4))
    ]
    (large / "scores.csv").write_text("reviewer,applicant,criterion,score\n" + "".join(rows), encoding="utf-8")
    assert f"… 1 group of tied applicants {AWAY}, listed" in call("rank", large, "-o", tmp_path / "out").out
    out = call("rank", large, "-o", tmp_path / "out", "--lang", "ko").out
    assert "… 선정 경계에 걸리지 않는 동점 1건은 evaluation.json에 있고" in out


def test_json_on_standard_output_is_the_record_alone(call: Call, large: Path, tmp_path: Path) -> None:
    told = call("rank", large, "-o", tmp_path / "out", "--json")
    assert told.out.encode() == (tmp_path / "out" / "evaluation.json").read_bytes()
    assert len(json.loads(told.out)["ranking"]) == COUNT


@pytest.mark.parametrize(
    ("length", "ranked", "cut", "expected"),
    [
        (30, 30, 4, [*range(15), None, 29]),
        (30, 30, 14, [*range(25), None, 29]),
        (30, 30, 29, [*range(10), None, *range(20, 30)]),
        (40, 20, None, [*range(10), None, 19, None]),
        (40, 0, None, [*range(10), None]),
        (5, 5, 2, [*range(5)]),
    ],
)
def test_rows_that_are_shown(length: int, ranked: int, cut: int | None, expected: list[int | None]) -> None:
    assert chosen_rows(length, ranked, cut, whole=False) == expected
    assert chosen_rows(length, ranked, cut, whole=True) == list(range(length))


def test_who_owes_what_is_cut_and_counted(call: Call, large: Path) -> None:
    (large / "scores.csv").write_text(scores(COUNT - 40, without=("r2",)), encoding="utf-8")
    told = call("check", large)
    assert told.code == 0
    assert re.search(r"and\s+\d+ more", told.out)
    assert "a129" not in told.out
    assert "a129" in call("check", large, "--all").out


def test_reports_of_some_applicants_or_of_the_panel(call: Call, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("run", folder, "-o", out, "--panel-only").code == 0
    assert sorted(p.name for p in (out / "reports").glob("*.pdf")) == ["panel.pdf"]
    assert call("report", out, "--applicant", "a2").code == 0
    assert sorted(p.name for p in (out / "reports").glob("*.pdf")) == ["a2.pdf", "panel.pdf"]
    told = call("report", out, "--applicant", "a2", "--panel-only")
    assert (told.code, "exclude each other" in told.err) == (2, True)
    told = call("report", folder, "-o", out, "--applicant", "a9")
    assert (told.code, "a9" in told.err) == (2, True)


def test_very_many_get_the_panels_report_and_are_told(call: Call, large: Path, tmp_path: Path) -> None:
    count = REPORTED_APPLICANTS + 1
    applicants = "id,name\n" + "".join(f"a{i:03d},Team {i}\n" for i in range(count))
    (large / "applicants.csv").write_text(applicants, encoding="utf-8")
    (large / "scores.csv").write_text(scores(count), encoding="utf-8")
    out = tmp_path / "out"
    told = call("run", large, "-o", out)
    assert [p.name for p in (out / "reports").glob("*.pdf")] == ["panel.pdf"]
    assert f"there are {count} applicants, more than {REPORTED_APPLICANTS}" in told.err
