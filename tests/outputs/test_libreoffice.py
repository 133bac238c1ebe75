"""A spreadsheet program recomputes the formulas of ranking.xlsx and finds what the record says."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from evaluator.errors import InputProblems
from evaluator.files import load_round, recalculation
from evaluator.files.workbook import workbook_bytes
from evaluator.model.evaluation import Evaluation
from evaluator.workflow import evaluate
from tests.oracle.generate import random_case, write_case
from tests.outputs.rounds import small_evaluation, vote_evaluation

EXAMPLES = Path(__file__).parents[2] / "examples"
CALC = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.skipif(CALC is None, reason="LibreOffice Calc is not installed")

# "Recalculation on file load: always". Without it the values that the file carries are shown.
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""

Recalculate = Callable[[Sequence[Path]], list[Any]]


@pytest.fixture(scope="module")
def recalculate(tmp_path_factory: pytest.TempPathFactory) -> Recalculate:
    """Have workbooks recalculated; gives them back as opened, with the new values."""
    profile = tmp_path_factory.mktemp("profile")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")

    def run(paths: Sequence[Path]) -> list[Any]:
        out = tmp_path_factory.mktemp("recalculated")
        command = [str(CALC), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", "xlsx", "--outdir", str(out), *map(str, paths)]
        subprocess.run(command, check=True, capture_output=True, timeout=280)
        return [openpyxl.load_workbook(out / path.name, data_only=True) for path in paths]

    return run


def random_evaluations(folder: Path, seeds: range) -> Iterator[Evaluation]:
    for seed in seeds:
        try:
            evaluation = evaluate(*load_round(write_case(random_case(Random(seed)), folder / str(seed))))
        except InputProblems:
            continue
        if evaluation.rankable:
            yield evaluation


def test_recalculated_values_are_those_of_the_record(
    tmp_path: Path, recalculate: Recalculate, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [workbook_bytes(small_evaluation(warnings=())), workbook_bytes(vote_evaluation())]
    contents += [workbook_bytes(evaluate(*load_round(EXAMPLES / name))) for name in ("procurement", "k-ai-selection")]
    contents += [workbook_bytes(e) for e in random_evaluations(tmp_path, range(10))]
    contents += [workbook_bytes(e, max_rows=0) for e in random_evaluations(tmp_path, range(20, 23))]
    in_part = [workbook_bytes(e, detailed=3) for e in random_evaluations(tmp_path, range(30, 42)) if len(e.ranking) > 3]
    assert len(in_part) > 3
    contents += in_part
    noticed = set(range(len(contents) - len(in_part), len(contents)))
    monkeypatch.setattr(recalculation, "MATRIX_MARKS", 0)
    contents += [workbook_bytes(e) for e in random_evaluations(tmp_path, range(24, 28))]
    paths = [tmp_path / f"{i}.xlsx" for i in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    compared = 0
    for i, (path, book) in enumerate(zip(paths, recalculate(paths), strict=True)):
        check = "M5" if i in noticed else "M4"
        assert book[book.sheetnames[4]][check].value == 0, path.name
        texts, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
        for sheet in texts.sheetnames:
            for cell in (cell for row in texts[sheet].iter_rows() for cell in row if cell.data_type == "f"):
                place = (path.name, sheet, cell.coordinate, cell.value)
                carried, found = values[sheet][cell.coordinate].value, book[sheet][cell.coordinate].value
                assert isinstance(found, int | float), (*place, found)
                assert found == pytest.approx(carried, rel=1e-9, abs=1e-9), place
                compared += 1
    assert compared > 4_000


def test_the_formulas_are_alive(tmp_path: Path, recalculate: Recalculate) -> None:
    path = tmp_path / "changed.xlsx"
    path.write_bytes(workbook_bytes(small_evaluation(warnings=())))
    book = openpyxl.load_workbook(path)
    # r1's mark on the plan of a1: 31 points become 20.
    assert book["점수"]["E2"].value == 31
    book["점수"]["E2"] = 20
    book.save(path)
    changed = recalculate([path])[0]["검산"]
    assert changed["M4"].value > 0
    rows = {(r[0], r[1]): r for r in changed.iter_rows(values_only=True)}
    assert rows["a1", "요약: 총점"][15] < 0
    assert rows["a2", "요약: 총점"][15] == 0


def test_the_ratio_follows_from_the_scores(tmp_path: Path, recalculate: Recalculate) -> None:
    """A score in the sheet of evidence moves the corrected score, the ratio and the figure of the criterion."""
    path = tmp_path / "scores.xlsx"
    path.write_bytes(workbook_bytes(evaluate(*load_round(EXAMPLES / "k-ai-selection"))))
    book = openpyxl.load_workbook(path)
    heads = {str(cell.value): cell.column or 0 for cell in book["증빙"][1]}
    own, other, floor = (heads[name] for name in ("값", "비교 모델의 값", "바닥 점수"))
    assert book["증빙"].cell(3, floor).value == 0.2
    book["증빙"].cell(3, own).value = 0.6
    book.save(path)
    changed = recalculate([path])[0]["증빙"]
    corrected = (0.6 - 0.2) / (1 - 0.2)
    reference = (changed.cell(3, other).value - 0.2) / (1 - 0.2)
    assert changed.cell(3, heads["보정한 값"]).value == pytest.approx(corrected)
    assert changed.cell(3, heads["비율"]).value == pytest.approx(corrected / reference)
    assert changed.cell(2, heads["차이"]).value < 0


def test_a_mark_that_is_no_number_does_not_pass_for_no_difference(tmp_path: Path, recalculate: Recalculate) -> None:
    path = tmp_path / "text.xlsx"
    path.write_bytes(workbook_bytes(small_evaluation(warnings=())))
    book = openpyxl.load_workbook(path)
    book["점수"]["E2"] = "4,5"
    book.save(path)
    assert recalculate([path])[0]["검산"]["M4"].value > 0
