"""evidence.csv: what is derived, row by row; in a blind round nothing in it tells whose it is."""

from __future__ import annotations

import csv
import io
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from evaluator.files import load_round
from evaluator.files.evidence_rows import evidence_csv
from evaluator.workflow import evaluate

EXAMPLE = Path(__file__).parents[2] / "examples" / "k-ai-selection"


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("blind") / "round"))
    text = (folder / "round.yaml").read_text(encoding="utf-8")
    (folder / "round.yaml").write_text(text.replace("language: ko\n", "language: ko\nblind: true\n"), encoding="utf-8")
    return folder


def rows(folder: Path) -> list[dict[str, str]]:
    text = evidence_csv(evaluate(*load_round(folder))).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_derived_figure_has_its_row_and_what_it_rests_on() -> None:
    found = rows(EXAMPLE)
    whole = {(r["applicant"], r["criterion"]): r for r in found if not r["item"]}
    assert len(whole) == 10 * 12
    assert whole["t05", "attainment"]["value"] == "0.962"
    assert whole["t05", "attainment"]["state"] == "undetermined"
    own = [r for r in found if r["applicant"] == "t05" and r["kind"] == "performance" and r["item"]]
    assert len(own) == 6
    weights = [sum(map(Fraction, r["weight"].split())) for r in own]
    assert sum(weights) == 1


def test_a_blind_round_tells_nobody_whose_a_row_is(blind: Path) -> None:
    named = rows(EXAMPLE)
    shown = rows(blind)
    assert [(r["applicant"], r["kind"], r["item"], r["value"] if r["kind"] != "openness" else "") for r in shown] == [
        (r["applicant"], r["kind"], r["item"], r["value"] if r["kind"] != "openness" else "") for r in named
    ]
    told = {cell for r in named for cell in (r["model"], r["source"]) if cell}
    assert told
    text = "\n".join(cell for r in shown for cell in r.values())
    assert [cell for cell in sorted(told) if cell in text] == []
    assert "onsaemi-1" not in text
    assert {r["name"] for r in shown} == set("ABCDEFGHIJ")
