"""Every command on the way it is meant to be used, and its exit code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from evaluator import __version__
from evaluator.files.record import record_text
from evaluator.files.record_read import read_record
from tests.cli.conftest import EXAMPLES, Call, change


def test_version(call: Call) -> None:
    assert call("--version").out == f"evaluator {__version__}\n"


def test_check_of_a_valid_round(call: Call, folder: Path) -> None:
    told = call("check", folder)
    assert (told.code, told.err) == (0, "")
    assert told.out == f"{folder}: no problems.\n"


def test_check_writes_nothing(call: Call, folder: Path) -> None:
    before = sorted(p.name for p in folder.iterdir())
    call("check", folder)
    assert sorted(p.name for p in folder.iterdir()) == before


def test_check_as_json(call: Call, folder: Path) -> None:
    assert json.loads(call("check", folder, "--json").out) == {"problems": [], "warnings": [], "unresolved": 0}
    change(folder / "scores.csv", "r1,a1,plan,50", "r1,a1,plan,61")
    told = call("check", folder, "--json")
    assert (told.code, told.err) == (1, "")
    (problem,) = json.loads(told.out)["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == ("scores.csv", 2, 12)
    assert problem["found"] and problem["allowed"] and problem["fix"]
    assert problem["code"] in {"score.off_scale", problem["code"]}
    assert isinstance(problem["params"], dict)


def test_check_finds_what_only_arithmetic_can(call: Call, folder: Path) -> None:
    text = "kind,applicant,criterion,before,after,decider,date,reason\ntie,a1,,,1,chair,2026-01-01,why\n"
    (folder / "decisions.csv").write_text(text)
    told = call("check", folder)
    assert told.code == 1
    assert told.out.startswith("decisions.csv:2")
    assert "1 problem" in told.out
    assert told.err == ""


def test_rank_writes_four_files_that_agree(call: Call, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = call("rank", folder, "-o", out)
    assert told.code == 0
    assert sorted(p.name for p in out.iterdir()) == [
        "evaluation.json",
        "ranking.csv",
        "ranking.parquet",
        "ranking.xlsx",
    ]
    assert [line.split(maxsplit=1)[0] for line in told.err.splitlines()] == ["Wrote"] * 4
    record = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    ranked = [(s["applicant"], s["rank"], s["total"], s["outcome"]) for s in record["ranking"]]
    assert ranked == [("a1", 1, "82.00", "selected"), ("a2", 2, "75.00", "not_selected")]
    rows = list(csv.DictReader(io.StringIO((out / "ranking.csv").read_bytes().decode("utf-8-sig"))))
    assert [(r["applicant"], int(r["rank"]), r["total"], r["outcome"]) for r in rows] == ranked
    assert "82.00" in told.out
    assert "75.00" in told.out


def test_rank_as_json_prints_the_record(call: Call, folder: Path, tmp_path: Path) -> None:
    told = call("rank", folder, "-o", tmp_path / "out", "--json")
    assert told.out == (tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8")
    change(folder / "scores.csv", "r1,a1,plan,50", "r1,a1,plan,x")
    told = call("rank", folder, "-o", tmp_path / "none", "--json")
    assert told.code == 1
    assert json.loads(told.out)["problems"]
    assert not (tmp_path / "none").exists()


def test_rank_without_out_goes_below_the_current_folder(
    call: Call, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("rank", folder).code == 0
    assert (tmp_path / "out" / "small" / "evaluation.json").is_file()


def test_blanks_end_in_3_with_who_owes_what_and_a_record_without_ranks(
    call: Call, folder: Path, tmp_path: Path
) -> None:
    change(folder / "scores.csv", "r2,a1,plan,48\n", "")
    change(folder / "scores.csv", "r2,a1,team,4.5\n", "r2,a1,team,\n")
    told = call("rank", folder, "-o", tmp_path / "out")
    assert told.code == 3
    assert "Nothing is ranked while this is missing:" in told.out
    assert "r2: 2 marks missing" in told.out
    assert "a1 – Plan, Team" in told.out
    record = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    assert {(s["rank"], s["total"], s["outcome"]) for s in record["ranking"]} == {(None, None, "not_rankable")}
    assert [u["kind"] for u in record["unresolved"]] == ["blank", "blank"]
    assert call("check", folder).code == 0


def test_a_tie_at_the_cut_line_ends_in_3_with_the_ranking_written(call: Call, folder: Path, tmp_path: Path) -> None:
    text = (folder / "scores.csv").read_text()
    own = [line for line in text.splitlines() if ",a1," in line]
    (folder / "scores.csv").write_text(
        "\n".join(["reviewer,applicant,criterion,score", *own, *(line.replace(",a1,", ",a2,") for line in own)]) + "\n"
    )
    told = call("rank", folder, "-o", tmp_path / "out")
    assert told.code == 3
    assert "tied: a decision is needed" in told.out or "tied, a decision is needed" in told.out
    assert "a1, a2: tied at the cut line" in told.out
    record = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    assert [s["rank"] for s in record["ranking"]] == [1, 1]
    decisions = "kind,applicant,criterion,before,after,decider,date,reason\n"
    decisions += "tie,a2,,,1,chair,2026-01-01,lot\ntie,a1,,,2,chair,2026-01-01,lot\n"
    (folder / "decisions.csv").write_text(decisions)
    told = call("rank", folder, "-o", tmp_path / "out")
    assert told.code == 0
    record = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    assert [(s["applicant"], s["rank"]) for s in record["ranking"]] == [("a2", 1), ("a1", 2)]


def test_problems_end_in_1_and_leave_the_old_result(call: Call, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    call("rank", folder, "-o", out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    change(folder / "scores.csv", "r1,a1,plan,50", "r1,a1,plan,61")
    for command in ("rank", "run", "report"):
        told = call(command, folder, "-o", out)
        assert (told.code, told.out) == (1, "")
        assert "scores.csv:2:12" in told.err
    assert call("explain", folder, "a1").code == 1
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


def test_run_writes_everything_and_report_redraws_it_from_the_record_alone(
    call: Call, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    told = call("run", folder, "-o", out, "--jobs", "1")
    assert told.code == 0
    names = sorted(str(p.relative_to(out)) for p in out.rglob("[!.]*") if p.is_file())
    reports = ["reports/a1.pdf", "reports/a2.pdf", "reports/panel.pdf"]
    assert names == ["evaluation.json", "ranking.csv", "ranking.parquet", "ranking.xlsx", *reports]
    drawn = {name: (out / name).read_bytes() for name in reports}
    elsewhere = tmp_path / "elsewhere"
    assert call("report", out, "-o", elsewhere).code == 0
    assert {name: (elsewhere / name).read_bytes() for name in reports} == drawn
    one = call("report", out, "-o", elsewhere, "--applicant", "a2")
    assert one.err.splitlines()[-1] == f"Wrote {elsewhere / 'reports' / 'a2.pdf'}"
    # In the other language they stand beside the first ones, and so does what somebody put there.
    (out / "reports" / "signed.pdf").write_bytes(b"a scan of the signed report")
    assert call("report", out / "evaluation.json", "--lang", "ko").code == 0
    assert call("report", folder, "-o", out).code == 0
    ours = {p.name for p in (out / "reports").glob("[!.]*")}
    assert ours == {"a1.pdf", "a2.pdf", "panel.pdf", "a1.ko.pdf", "a2.ko.pdf", "panel.ko.pdf", "signed.pdf"}
    assert {name: (out / name).read_bytes() for name in reports} == drawn


def test_reports_of_another_record_are_told_and_not_kept(call: Call, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("run", folder, "-o", out, "--jobs", "1").code == 0
    assert call("report", folder, "-o", out, "--lang", "ko", "--jobs", "1").code == 0
    assert "another record" not in call("rank", folder, "-o", out).err
    change(folder / "scores.csv", "r1,a1,plan,50", "r1,a1,plan,20")
    assert "another record" in call("rank", folder, "-o", out).err
    (out / "reports" / "signed.pdf").write_bytes(b"a scan of the signed report")
    told = call("report", folder, "-o", out, "--jobs", "1")
    assert "a1.ko.pdf" in told.err
    assert sorted(p.name for p in (out / "reports").glob("[!.]*")) == ["a1.pdf", "a2.pdf", "panel.pdf", "signed.pdf"]
    assert "another record" not in call("rank", folder, "-o", out).err


def test_results_are_not_written_into_the_round(call: Call, folder: Path) -> None:
    before = sorted(p.name for p in folder.iterdir())
    for command in ("rank", "run", "report"):
        assert call(command, folder, "-o", folder).code == 2
    assert sorted(p.name for p in folder.iterdir()) == before


def test_an_applicant_may_be_named(call: Call, folder: Path) -> None:
    assert call("explain", EXAMPLES / "procurement", "丁").out == call("explain", EXAMPLES / "procurement", "jeong").out


def test_usage_is_told_in_the_language_asked_for(call: Call, folder: Path) -> None:
    assert "그런 파일이나 폴더가 없습니다" in call("check", "nowhere", "--lang", "ko").err
    assert "폴더가 아닙니다" in call("check", folder / "round.yaml", "--lang=ko").err
    assert "chek라는 명령은 없습니다. 혹시 check?" in call("chek", "--lang", "ko").err


def test_a_damaged_record_is_an_input_problem(call: Call, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    call("rank", folder, "-o", out)
    record = out / "evaluation.json"
    text = record.read_text(encoding="utf-8")
    record.write_text(text[:500], encoding="utf-8")
    told = call("report", out)
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("evaluation.json:")
    record.write_text(text.replace('"60%"', '"50%"'), encoding="utf-8")
    told = call("report", out)
    assert told.code == 1
    assert "sha256" in told.err or "hash" in told.err


def test_the_record_is_the_same_wherever_it_is_computed(call: Call, folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        call("rank", folder, "-o", tmp_path / name)
    for file in ("evaluation.json", "ranking.csv", "ranking.xlsx"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    text = (tmp_path / "one" / "evaluation.json").read_text(encoding="utf-8")
    assert record_text(read_record(tmp_path / "one")) == text


def test_reading_one_s_own_output_folder_is_no_problem(call: Call, folder: Path) -> None:
    call("rank", folder, "-o", folder / "out")
    assert call("check", folder).code == 0


def test_explain(call: Call, folder: Path) -> None:
    told = call("explain", folder, "a1")
    assert (told.code, told.err) == (0, "")
    assert "Mean of the 1 of 3 valid sheets that are kept (2 dropped): 82" in told.out
    assert "(50) ÷ 1 = 50" in told.out


def test_explain_of_an_unknown_applicant_suggests_one(call: Call, folder: Path) -> None:
    told = call("explain", folder, "a11")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(
        "evaluator: there is no applicant a11 in this round. Did you mean a1? Applicants: a1, a2.\n"
    )
    told = call("explain", folder, "나래연구소", "--lang", "ko")
    assert "혹시 a2?" in told.err


def test_rubric_commands(call: Call, folder: Path, tmp_path: Path) -> None:
    told = call("rubric", "list")
    assert told.code == 0
    assert "k-ai-selection" in told.out
    told = call("rubric", "show", "procurement-80-20")
    assert told.code == 0
    assert "80" in told.out
    assert call("rubric", "show", folder / "rubric.yaml").out.startswith("Small rubric\nsmall 1 · 100 points in full\n")
    assert call("rubric", "check", folder / "rubric.yaml").code == 0
    change(folder / "rubric.yaml", "points: 60", "points: sixty")
    told = call("rubric", "check", folder / "rubric.yaml")
    assert told.code == 1
    assert "rubric.yaml:6:" in told.out
    assert call("rubric", "show", "nothing").code == 1
    assert json.loads(call("rubric", "schema", "rubric").out)["title"]
    assert call("rubric", "schema", "--output", tmp_path / "schemas").code == 0
    shipped = EXAMPLES.parent / "rubrics" / "schema"
    for path in (tmp_path / "schemas").iterdir():
        assert path.read_bytes() == (shipped / path.name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "ROUND is missing"),
        (["check", "nowhere"], "nowhere: there is no such file or folder"),
        (["chek"], "chek"),
        (["check", "--jsn", "."], "there is no option --jsn. Did you mean --json"),
        (["report", ".", "--lang", "fr"], "--lang is one of: ko, en"),
        (["report", ".", "--jobs", "0"], "--jobs is a whole number from 1 to 256"),
        (["rubric", "schema", "nothing"], "there is no schema nothing"),
        (["new", "x", "--rubric", "nothing"], "no rubric nothing comes with Evaluator"),
        (["new", "x", "--example", "nothing"], "there is no example nothing"),
        (["new", "x", "--example", "a", "--rubric", "b"], "exclude each other"),
        ([], "Usage:"),
    ],
)
def test_wrong_usage_is_one_line_and_2(call: Call, arguments: list[str], said: str) -> None:
    told = call(*arguments)
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    if arguments:
        assert told.err.startswith("evaluator: ")
        assert len(told.err.splitlines()) == 2


def test_report_of_what_is_neither_round_nor_record(call: Call, tmp_path: Path) -> None:
    told = call("report", tmp_path)
    assert told.code == 2
    assert "neither a round folder" in told.err


def test_a_place_that_cannot_be_written_to_is_named(call: Call, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = call("rank", folder, "-o", tmp_path / "file" / "out")
    assert told.code == 2
    assert "cannot write to" in told.err


def test_doctor(call: Call) -> None:
    told = call("doctor", "--json")
    findings = json.loads(told.out)
    assert {f["name"] for f in findings} >= {"python", "pango", "harfbuzz", "fonts", "hanja", "write", "encoding"}
    assert told.code == (0 if all(f["ok"] for f in findings) else 1)
    assert all(f["fix"] for f in findings if not f["ok"])
    assert all(not f["fix"] for f in findings if f["ok"])
    for lang in ("ko", "en"):
        assert len(call("doctor", "--lang", lang).out.splitlines()) >= len(findings)


def test_doctor_names_what_is_lacking(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from evaluator.cli import doctor

    monkeypatch.setattr(
        doctor, "_pango", lambda: doctor.Finding("pango", False, "cannot load library", "apt-get install x")
    )
    told = call("doctor")
    assert told.code == 1
    assert "mended by: apt-get install x" in told.out
    assert "lacking. The commands above mend that." in told.out


@pytest.mark.parametrize("example", sorted(p.parent.name for p in EXAMPLES.glob("*/round.yaml")))
def test_examples_end_as_they_should(call: Call, example: str, tmp_path: Path) -> None:
    told = call("rank", EXAMPLES / example, "-o", tmp_path / "out")
    if example == "korean-models":
        assert told.code == 2
        assert "evaluator evidence" in told.err
        assert not (tmp_path / "out").exists()
        return
    assert told.code == (3 if example == "k-ai-stage1-2026" else 0)
    assert max(map(_columns, told.out.splitlines())) <= 80
    applicants = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))["applicants"]
    told = call("explain", EXAMPLES / example, applicants[0]["id"])
    assert told.code == 0
    assert max(map(_columns, told.out.splitlines())) <= 80


def _columns(line: str) -> int:
    from rich.cells import cell_len

    return cell_len(line)
