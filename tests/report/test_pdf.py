"""PDF files: readable text, accessible, the same bytes each time, nothing fetched, nothing missing, never half."""

from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import page as page_validation
import pypdf
import pytest

from evaluator.files import load_round
from evaluator.files.record import record_files
from evaluator.files.record_read import read_record
from evaluator.model.evaluation import Evaluation
from evaluator.model.round import Applicant
from evaluator.report import FetchDenied, MissingGlyphs, render_pdf, write_reports
from evaluator.report.write import file_names
from evaluator.resources import examples_dir
from evaluator.workflow import evaluate
from tests.report.rounds import SHA, made, rubric, tables

FEW = ("a1", "a2", "a7")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    few = {
        name: [row for row in rows if row.get("applicant", row.get("id", "")) in FEW or name == "reviewers"]
        for name, rows in tables().items()
    }
    return made(tmp_path_factory.mktemp("usual"), rubric(), few, status="draft")


@pytest.fixture(scope="module")
def written(usual: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    write_reports(usual, folder, record_sha256=SHA, jobs=1)
    return folder


def text(path: Path) -> str:
    return " ".join(" ".join(p.extract_text() for p in pypdf.PdfReader(path).pages).split())


def test_there_is_one_file_each_and_one_for_the_panel(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == ["a1.pdf", "a2.pdf", "a7.pdf", "panel.pdf"]


def test_the_decision_can_be_read_out_of_the_file(written: Path) -> None:
    said = text(written / "a1.pdf")
    assert "가람연구소(가상)은 총점 89.00점으로 순위를 부여한 2개 기관 중 1위이며, 선정(안)에 포함되었습니다." in said
    assert "\u2060" not in said


def test_title_language_bookmarks_and_words_on_every_page(written: Path) -> None:
    for name, title in (
        ("a1", "가람연구소(가상) 신청기관 평가 보고서"),
        ("panel", "시험 평가(가상) 평가위원회 종합 보고서"),
    ):
        reader = pypdf.PdfReader(written / f"{name}.pdf")
        assert reader.metadata is not None
        assert reader.metadata.title == title
        assert str(reader.root_object["/Lang"]) == "ko"
        labels = [str(entry.title) for entry in flat(reader.outline)]
        assert labels[0] in {"가람연구소(가상)", "시험 평가(가상)"}
        assert any("평가 방법" in label for label in labels)
        for number, sheet in enumerate(reader.pages, start=1):
            said = " ".join(sheet.extract_text().split())
            assert "시험 평가(가상)" in said
            assert f"round-1/{name}" in said
            assert "3f9ca41e3f9c" in said
            assert f"{number} / {len(reader.pages)}" in said


def flat(outline: Iterable[Any]) -> list[Any]:
    return [entry for item in outline for entry in (flat(item) if isinstance(item, list) else [item])]


@pytest.mark.parametrize("name", ["a1", "a7", "panel"])
def test_files_are_accessible(written: Path, name: str) -> None:
    profile = page_validation.ValidationProfile.PDF_UA_1
    report = page_validation.validate_pdf(written / f"{name}.pdf", profile=profile)
    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.is_compliant


def test_the_same_bytes_whatever_the_number_of_processes(usual: Evaluation, written: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    paths = write_reports(
        usual, tmp_path, record_sha256=SHA, jobs=2, progress=lambda done, total: seen.append((done, total))
    )
    assert [path.name for path in paths] == sorted(path.name for path in written.iterdir())
    assert seen == [(i, 4) for i in range(1, 5)]
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {p.name: p.read_bytes() for p in written.iterdir()}


def test_a_record_gives_the_same_bytes_as_its_round(usual: Evaluation, written: Path, tmp_path: Path) -> None:
    record = tmp_path / "evaluation.json"
    record.write_bytes(record_files(usual)["evaluation.json"])
    out = tmp_path / "out"
    write_reports(read_record(record), out, record_sha256=SHA)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == {p.name: p.read_bytes() for p in written.iterdir()}


def test_a_plain_script_needs_no_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, str(script), str(examples_dir() / "procurement"), str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(out.iterdir())) == 6


def test_one_applicant_in_the_other_language(usual: Evaluation, tmp_path: Path) -> None:
    assert write_reports(usual, tmp_path, record_sha256=SHA, lang="en", applicants=["a7"]) == [tmp_path / "a7.en.pdf"]
    assert "withdrew its application and was not evaluated." in text(tmp_path / "a7.en.pdf")
    with pytest.raises(KeyError, match="nobody"):
        write_reports(usual, tmp_path, record_sha256=SHA, applicants=["nobody"])


def test_ids_that_file_systems_confuse_get_names_of_their_own() -> None:
    ids = ("panel", "Panel", "a/b", "a_b", "..x")
    applicants = tuple(Applicant(id=id_, name=id_) for id_ in ids)
    evaluation = evaluate(*load_round(examples_dir() / "procurement"))
    named = Evaluation(**{n: getattr(evaluation, n) for n in evaluation.__slots__} | {"applicants": applicants})
    assert file_names(named, "ko") == {
        "panel": "panel_.pdf",
        "Panel": "Panel__.pdf",
        "a/b": "a_b.pdf",
        "a_b": "a_b_.pdf",
        "..x": "x.pdf",
    }


def test_a_character_without_a_glyph_is_an_error_and_no_file(tmp_path: Path) -> None:
    applicants = [
        dict(row, name="이집트 𓀀 연구소" if row["id"] == "a2" else row["name"]) for row in tables()["applicants"]
    ]
    evaluation = made(tmp_path / "in", rubric(), tables(applicants=applicants))
    out = tmp_path / "out"
    with pytest.raises(MissingGlyphs) as caught:
        write_reports(evaluation, out, record_sha256=SHA, applicants=["a2"])
    assert caught.value.report == "a2.pdf"
    assert [glyph.character for glyph in caught.value.glyphs] == ["𓀀"]
    assert "이집트 𓀀 연구소" in caught.value.glyphs[0].around
    assert "U+13000" in str(caught.value)
    assert list(out.iterdir()) == []
    as_from_another_process = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 -- our own bytes
    assert str(as_from_another_process) == str(caught.value)


HTML = '<!DOCTYPE html><html lang="ko"><head><title>t</title>{head}</head><body><p>가</p>{body}</body></html>'


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", '<img src="file:///etc/hostname" alt="x">'),
        ("", '<img src="https://example.org/x.png" alt="x">'),
        ("", '<img src="../pyproject.toml" alt="x">'),
        ("", '<img src="..%2Fpyproject.toml" alt="x">'),
        ("", '<img src="data:image/png;base64,AAAA" alt="x">'),
        ('<link rel="stylesheet" href="file:///etc/hostname">', ""),
        ('<link rel="attachment" href="file:///etc/hostname">', ""),
        ('<style>p { background: url("messages/report.ko.toml") }</style>', ""),
        ('<style>@import "https://example.org/x.css";</style>', ""),
    ],
)
def test_nothing_outside_the_assets_is_loaded(head: str, body: str) -> None:
    with pytest.raises(FetchDenied):
        render_pdf(HTML.format(head=head, body=body))


def test_a_drawing_outside_the_assets_is_not_loaded(tmp_path: Path) -> None:
    drawing = tmp_path / "drawing.svg"
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', encoding="utf-8")
    with pytest.raises(FetchDenied, match=r"drawing\.svg"):
        render_pdf(HTML.format(head="", body=f'<img src="{drawing.as_uri()}" alt="x">'))


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_behind(usual: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "a7.pdf").mkdir()
    with pytest.raises(OSError, match=r"a7\.pdf"):
        write_reports(usual, tmp_path, record_sha256=SHA, applicants=["a7"])
    assert [path.name for path in tmp_path.iterdir()] == ["a7.pdf"]


def test_an_asset_is_loaded() -> None:
    style = '<style>@page { background: url("watermark-draft.svg") no-repeat }</style>'
    plain = pypdf.PdfReader(io.BytesIO(render_pdf(HTML.format(head="", body=""))))
    marked = pypdf.PdfReader(io.BytesIO(render_pdf(HTML.format(head=style, body=""))))
    assert "DRAFT" in marked.pages[0].extract_text()
    assert "DRAFT" not in plain.pages[0].extract_text()


SCRIPT = """
import sys
from pathlib import Path
from evaluator.files import load_round
from evaluator.report import write_reports
from evaluator.workflow import evaluate

if __name__ == "__main__":
    evaluation = evaluate(*load_round(Path(sys.argv[1])))
    print("ready", flush=True)
    shown = lambda done, total: print(done, flush=True)
    write_reports(evaluation, Path(sys.argv[2]), record_sha256="0" * 64, jobs=2, progress=shown)
"""


UNGUARDED = """
import sys
from pathlib import Path
from evaluator.files import load_round
from evaluator.report import write_reports
from evaluator.workflow import evaluate

evaluation = evaluate(*load_round(Path(sys.argv[1])))
write_reports(evaluation, Path(sys.argv[2]), record_sha256="0" * 64)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_leaves_whole_files_and_no_processes(tmp_path: Path) -> None:
    script, out = tmp_path / "script.py", tmp_path / "out"
    script.write_text(SCRIPT, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script), str(examples_dir() / "procurement"), str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert next(lines) == "ready\n"
    assert next(lines) == "1\n"
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert errors.count("Traceback") == errors.count("KeyboardInterrupt") == 1
    files = list(out.iterdir())
    assert 1 <= len(files) < 6
    assert all(path.suffix == ".pdf" and path.read_bytes().rstrip().endswith(b"%%EOF") for path in files)
    deadline = time.monotonic() + 10
    while alive(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(process.pid)


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_small_ranking_stands_on_one_page_with_its_cut_line(tmp_path: Path) -> None:
    """Five applicants, three of them below the line, and a table of reviewers after it."""
    applicants = [f"x{i}" for i in range(1, 6)]
    marks = [
        {"reviewer": r, "applicant": a, "criterion": c, "score": str(score - i)}
        for r in ("rv01", "rv02", "rv03")
        for i, a in enumerate(applicants)
        for c, score in (("plan", 45), ("team", 25))
    ]
    told = {
        "applicants": [{"id": a, "name": f"{a}(가상)"} for a in applicants],
        "reviewers": [{"id": r, "name": r} for r in ("rv01", "rv02", "rv03")],
        "scores": marks,
        "office": [{"applicant": a, "criterion": "price", "score": "15"} for a in applicants],
    }
    small = made(tmp_path / "round", rubric(gates=[], adjustments=None), told)
    write_reports(small, tmp_path / "out", record_sha256=SHA, applicants=(), panel=True)
    first = pypdf.PdfReader(tmp_path / "out" / "panel.pdf").pages[0].extract_text()
    assert "선정 경계: 선정 예정" in first
    assert all(f"{a}(가상)" in first for a in applicants)
