"""Every fault of a result file, with the exact message a person reads.

``UPDATE_GOLDEN=1`` writes the messages into ``refused/``; look at the difference before it goes in.
"""

from __future__ import annotations

import io
import json
import os
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluator.files.results import folder as folders
from evaluator.resources import message_catalogue
from tests.files.cases import told
from tests.files.results.reading import DATA, codes, good, put, read

GOLDEN = Path(__file__).resolve().parent / "refused"
# Told where a small folder cannot show them: below, one by one.
ELSEWHERE = {"results.too_many_files", "results.too_complex", "results.archive_too_many", "results.archive_too_large"}

LM_EVAL = (DATA / "lm_eval/groups_and_filters.json").read_text(encoding="utf-8")
FAILED = (DATA / "inspect/failed.json").read_text(encoding="utf-8")
LOG = (DATA / "inspect/limited.json").read_text(encoding="utf-8")
EVAL = (DATA / "inspect/epochs.eval").read_bytes()
EVER = (DATA / "every_eval_ever/run.json").read_text(encoding="utf-8")
CARD = (DATA / "hugging_face/README.md").read_text(encoding="utf-8")
HELM = {path.name: path.read_text(encoding="utf-8") for path in (DATA / "helm/ko_reading").iterdir()}


def swap(text: str, old: str, new: str, times: int = 1) -> str:
    assert text.count(old) >= times
    return text.replace(old, new, times)


def changed(text: str, change: Callable[[Any], object]) -> str:
    """A JSON text after its value was changed."""
    value = json.loads(text)
    change(value)
    return json.dumps(value, indent=1)


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of a name written twice, which is what is wanted
        with zipfile.ZipFile(out, "w", compression) as file:
            for name, data in members.items():
                file.writestr(name.rstrip("*"), data)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """An archive whose first member says that it is encrypted."""
    at = data.index(b"PK\x01\x02") + 8
    return data[:6] + bytes([data[6] | 1]) + data[7:at] + bytes([data[at] | 1]) + data[at + 1 :]


def row(text: str) -> str:
    return f"benchmark,metric,score,min,max,n,items,stderr\n{text}\n"


# name: the files of a folder and what performance.yaml declares
CASES: dict[str, tuple[dict[str, bytes | str], dict[str, Any]]] = {
    "unknown": ({"x.json": '{"a": 1}', "y.yaml": "a: 1\n", "z": b"\x89PNG\r\n\x1a\n", "w": "some words"}, {}),
    "document": ({"paper.pdf": b"%PDF-1.7", "notes.md": "# Notes", "card.md": "---\nlicense: mit\n---\n# Card"}, {}),
    "empty": ({"x.json": " \n"}, {}),
    "encoding": (
        {
            "a.json": LM_EVAL.encode("utf-16"),
            "b.csv": row("국어,acc,1,0,2,,,").encode("cp949"),
            "c.json": LM_EVAL.encode()[:400] + b"\xff" + LM_EVAL.encode()[400:],
        },
        {},
    ),
    "json-syntax": (
        {"cut.json": LM_EVAL[: len(LM_EVAL) // 2], "comma.json": swap(LM_EVAL, '"alias": "ko_a",', '"alias": "ko_a"')},
        {},
    ),
    "json-lines": ({"samples.jsonl": '{"doc_id": 0}\n{"doc_id": 1}\n'}, {}),
    "json-deep": ({"deep.json": "[" * 100_000 + "]" * 100_000}, {}),
    "json-repeated-key": (
        {"x.json": swap(LM_EVAL, '"acc,none": 0.5,', '"acc,none": 0.9,\n      "acc,none": 0.5,')},
        {},
    ),
    "json-not-finite": (
        {
            "x.json": swap(LM_EVAL, '"acc,none": 0.5,', '"acc,none": NaN,'),
            "y.json": swap(LM_EVAL, '"word_perplexity,none": 1.379599724571902', '"word_perplexity,none": Infinity'),
        },
        {},
    ),
    "json-huge-number": (
        {
            "x.json": swap(LM_EVAL, '"acc,none": 0.5,', '"acc,none": 1e999999999,'),
            "y.json": swap(LM_EVAL, '"acc,none": 0.5,', f'"acc,none": 0.{"1" * 5000},'),
        },
        {},
    ),
    "json-types": (
        {
            "x.json": changed(LM_EVAL, lambda v: v["results"]["ko_a"].update({"acc,none": True})),
            "y.json": changed(LM_EVAL, lambda v: v["results"].update({"ko_a": [1]})),
            "z.json": changed(LM_EVAL, lambda v: v.update({"group_subtasks": {"ko_all": "ko_a"}})),
            "v.json": changed(LM_EVAL, lambda v: v["higher_is_better"]["ko_a"].update({"acc": 1})),
            "w.json": changed(LM_EVAL, lambda v: v.update({"model_name": 7})),
        },
        {},
    ),
    "json-hidden-words": (
        {"x.json": changed(LM_EVAL, lambda v: v.update({"model_name": "a\u202eb", "model_source": "hf"}))},
        {},
    ),
    "json-long-words": (
        {
            "x.json": changed(LM_EVAL, lambda v: v.update({"model_name": "a" * 301})),
            "y.json": changed(LM_EVAL, lambda v: v["results"].update({"t" * 301: {"acc,none": 0.5}})),
            "z.json": changed(LM_EVAL, lambda v: v["results"].update({" ": {"acc,none": 0.5}})),
        },
        {},
    ),
    "lm-eval-counts": (
        {
            "a.json": changed(LM_EVAL, lambda v: v["n-samples"]["ko_a"].update({"effective": -3})),
            "b.json": changed(LM_EVAL, lambda v: v["n-samples"]["ko_a"].update({"effective": 11.5})),
            "c.json": changed(LM_EVAL, lambda v: v["n-samples"]["ko_a"].update({"effective": 13})),
            "d.json": changed(LM_EVAL, lambda v: v["n-samples"]["ko_a"].update({"original": 5, "effective": 12})),
        },
        {},
    ),
    "lm-eval-scores": (
        {
            "a.json": swap(LM_EVAL, '"acc,none": 0.5,', '"acc,none": 50.0,'),
            "b.json": swap(LM_EVAL, '"acc_stderr,none": 0.15', '"acc_stderr,none": -0.15'),
            "c.json": swap(LM_EVAL, '"acc_stderr,none": 0.15', '"acc_stderr,none": 0.55'),
            "d.json": swap(LM_EVAL, '"acc,none": 0.5,', '"acc,none": "50 %",'),
        },
        {},
    ),
    "lm-eval-group": (
        {
            "a.json": changed(LM_EVAL, lambda v: v["groups"]["ko_all"].update({"acc,none": 0.6})),
            "b.json": changed(LM_EVAL, lambda v: v["group_subtasks"]["ko_inner"].append("ko_inner")),
        },
        {},
    ),
    "lm-eval-date": ({"a.json": changed(LM_EVAL, lambda v: v.update({"date": 12}))}, {}),
    "lm-eval-nothing": ({"a.json": changed(LM_EVAL, lambda v: v.update({"results": {}, "groups": {}}))}, {}),
    "inspect-failed": ({"failed.json": FAILED}, {}),
    "inspect-status": (
        {
            "a.json": swap(LOG, '"status": "success"', '"status": "started"'),
            "b.json": changed(LOG, lambda v: (v.update(status="cancelled"), v.pop("results"))),
            "c.json": changed(LOG, lambda v: v.update(invalidated=True)),
            "d.json": changed(LOG, lambda v: v.pop("results")),
        },
        {},
    ),
    "inspect-counts": (
        {
            "a.json": changed(LOG, lambda v: v["results"].update(completed_samples=3)),
            "b.json": changed(LOG, lambda v: v["results"]["scores"][0].update(scored_samples=5)),
            "c.json": changed(LOG, lambda v: v["results"]["scores"][0]["metrics"]["accuracy"].pop("value")),
            "d.json": changed(LOG, lambda v: v["stats"].update(completed_at="yesterday")),
        },
        {},
    ),
    "helm-counts": (
        {
            f"{run}/{name}": text
            for run, change in (
                ("sum", lambda v: v[1].update(sum=1.0)),
                ("instances", lambda v: v[6].update(sum=10.0, mean=5.0)),
                ("names", lambda v: v[1].pop("name")),
                ("nothing", list.clear),
            )
            for name, text in {**HELM, "stats.json": changed(HELM["stats.json"], change)}.items()
        },
        {},
    ),
    "helm-shape": (
        {
            "a/run_spec.json": HELM["run_spec.json"],
            "a/stats.json": "{}",
            "b/run_spec.json": "[]",
            "b/stats.json": HELM["stats.json"],
            "c/run_spec.json": HELM["run_spec.json"],
            "c/stats.json": HELM["stats.json"],
            "c/per_instance_stats.json": '[{"instance_id": "id1", "stats": 7}]',
        },
        {},
    ),
    "ever": (
        {
            "a.json": changed(EVER, lambda v: v["source_metadata"].update(evaluator_relationship="friend")),
            "b.json": changed(EVER, lambda v: v["evaluation_results"][0]["score_details"].update(score=0.9)),
            "c.json": changed(
                EVER, lambda v: v["evaluation_results"][0]["metric_config"].update(min_score=1, max_score=1)
            ),
            "d.json": changed(EVER, lambda v: v["evaluation_results"][0]["metric_config"].pop("lower_is_better")),
            "e.json": changed(
                EVER,
                lambda v: (
                    v["evaluation_results"][0]["metric_config"].update(has_unknown_level=True),
                    v["evaluation_results"][0].update(score_details={"score": -1}),
                ),
            ),
        },
        {},
    ),
    "hub": (
        {
            "a.md": swap(CARD, "71.5", "20.0 ± 1.2"),
            "b.md": swap(CARD, "verified: true", "verified: yes"),
            "c.yaml": "- dataset: {id: x}\n  value: 7\n  date: soon\n- dataset: 7\n  value: [1]\n",
        },
        {},
    ),
    "own-table": (
        {
            "a.csv": row("x,acc,1.5,0,1,,,\nx,acc2,0.5,0,,,,\nx,acc3,20.0 ± 1.2,,,,,\nx,acc4,1e3,,,,,"),
            "b.csv": row("y,acc,0.5,0,1,0,,\ny,acc1,0.5,0,1,7.5,,\ny,acc2,0.5,0,1,9,8,\ny,acc3,0.5,0,1,,,-0.1"),
            "c.csv": row(f"z,acc,0.{'1' * 41},,,,,\nz,acc1,,,,,,\nz,acc2,0.5,1,0,,,"),
            "d.csv": "benchmark,metrik,score\na,b,1\n",
            "e.csv": "benchmark,metric,score,measured_by,direction,date\nw,b,1,me,up,2026-02-30\n",
            "f.csv": "benchmark,metric,score\n",
        },
        {},
    ),
    "opencompass": (
        {
            "a.csv": "dataset,version,metric,mode,m\nrace,-,accuracy,gen,seven\nrace2,-,accuracy,gen,101\n",
            "b.csv": "dataset,version,metric,mode,m\nrace,-,-,-,-\n",
        },
        {},
    ),
    "disagree": (
        {"a.csv": row("x,acc,0.5,0,1,,,"), "b.csv": row("x,acc,0.6,0,1,,,\ny,acc,0.5,0,1,10,,\ny,acc,0.5,0,1,20,,")},
        {},
    ),
    "declared-missing": (
        {"own.csv": row("x,acc,0.5,0,1,,,")},
        {"files": [{"file": "owm.csv"}, {"file": "results_2026.json"}]},
    ),
    "declared-twice": ({"own.csv": row("x,acc,0.5,0,1,,,")}, {"files": [{"file": "own.csv"}, {"file": "./own.csv"}]}),
    "declared-otherwise": (
        {"run.json": EVER},
        {
            "files": [
                {
                    "file": "run.json",
                    "model": "K-Gamma",
                    "measured_by": "agency",
                    "date": "2026-01-01",
                    "harness": "HELM",
                    "harness_version": "1",
                    "scale": {"min": 0, "max": 100},
                }
            ]
        },
    ),
    "declared-alias": (
        {"run.json": EVER},
        {"files": [{"file": "run.json", "model": "K-Alpha", "model_in_file": "alpha"}]},
    ),
    "declared-scale": ({"a.md": CARD}, {"files": [{"file": "a.md", "scale": {"min": 100, "max": 0}}]}),
    "folder-deep": ({"/".join("abcdefghijklmnopqrstu") + "/x.json": LM_EVAL}, {}),
    "file-name": ({"a\u202eb.json": LM_EVAL}, {}),
    "archive-broken": (
        {"a.eval": EVAL[:700], "b.eval": EVAL[:-30], "c.eval": EVAL[:900] + b"\0" * 60 + EVAL[960:]},
        {},
    ),
    "archive-other": ({"a.zip": archive({"results.json": LM_EVAL.encode(), "inner.eval": EVAL})}, {}),
    "office": (
        {
            "a.xlsx": archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
            "b.xls": b"\xd0\xcf\x11\xe0",
            "c.docx": archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
        },
        {},
    ),
    "archive-unfinished": ({"a.eval": archive({"_journal/start.json": b"{}", "samples/1_epoch_1.json": b"{}"})}, {}),
    "archive-encrypted": ({"a.eval": encrypted(archive({"header.json": LOG.encode()}))}, {}),
    "archive-names": (
        {"a.eval": archive({"header.json": LOG.encode(), "../../x": b"", "/etc/x": b"", "C:\\x": b""})},
        {},
    ),
    "archive-repeated": ({"a.eval": archive({"header.json": LOG.encode(), "header.json*": LOG.encode()})}, {}),
    "archive-bomb": (
        {
            "a.eval": archive({"header.json": b" " * 20_000_000}),
            "b.eval": archive({"header.json": LOG.encode(), "samples/1.json": b"0" * 20_000_000}),
        },
        {},
    ),
}


def problems_of(case: str, folder: Path) -> Any:
    files, declared = CASES[case]
    measurements, problems, _ = read(put(folder, files), **declared)
    assert problems
    return measurements, problems


@pytest.mark.parametrize("case", CASES)
def test_the_message_a_person_reads(case: str, tmp_path: Path) -> None:
    text = told(tuple(problems_of(case, tmp_path)[1]))
    golden = GOLDEN / f"{case}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_golden_text_without_its_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)


def test_every_message_has_a_case(tmp_path: Path) -> None:
    seen = {problem.code for i, case in enumerate(CASES) for problem in problems_of(case, tmp_path / str(i))[1]}
    ours = {code for code in message_catalogue("problems", "ko") if code.startswith("results.")}
    assert ours - seen - ELSEWHERE - {"results.link"} == set()


def test_one_bad_file_hides_nothing_of_the_others(tmp_path: Path) -> None:
    put(
        tmp_path,
        {"a.json": LM_EVAL[:100], "b.json": swap(LM_EVAL, '"acc,none": 0.5,', '"acc,none": 2,'), "c.json": LOG},
    )
    measurements, problems, inputs = read(tmp_path)
    assert [problem.code for problem in problems] == ["results.json_syntax", "results.off_scale"]
    assert "ko_click" in {m.benchmark for m in measurements}
    assert [name.rpartition("/")[2] for name in inputs] == ["a.json", "b.json", "c.json"]


def test_links_are_refused_wherever_they_lead(tmp_path: Path) -> None:
    put(tmp_path / "outside", {"x.json": LM_EVAL})
    put(tmp_path / "inside", {"y.json": LM_EVAL})
    (tmp_path / "inside" / "x.json").symlink_to(tmp_path / "outside" / "x.json")
    (tmp_path / "inside" / "folder").symlink_to(tmp_path / "outside")
    (tmp_path / "inside" / "self").symlink_to(tmp_path / "inside")
    assert codes(tmp_path / "inside") == ["results.link"] * 3
    (tmp_path / "linked").symlink_to(tmp_path / "inside")
    assert codes(tmp_path / "linked") == ["results.link"]


def test_special_files_are_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    assert codes(tmp_path) == ["file.not_a_file"]


def test_what_is_hidden_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, {".gitkeep": "", ".DS_Store": b"\0\1", ".cache/x.json": "{", "a.json": LM_EVAL})
    assert len(good(tmp_path)) == 10


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "performance") == ([], [], {})


def test_a_flood_of_files_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_FILES", 2)
    put(tmp_path, {f"{i}.csv": row(f"x{i},acc,0.5,0,1,,,") for i in range(4)})
    measurements, problems, _ = read(tmp_path)
    assert [problem.code for problem in problems] == ["results.too_many_files"]
    assert len(measurements) == 2


def test_a_flood_of_values_costs_no_memory(tmp_path: Path) -> None:
    put(tmp_path, {"x.json": "[" + "[]," * 2_000_001 + "[]]"})
    assert codes(tmp_path) == ["results.too_complex"]


def test_a_flood_of_members_is_not_listed(tmp_path: Path) -> None:
    put(tmp_path, {"x.eval": b"PK\x03\x04" + b"PK\x01\x02" * 200_001})
    assert codes(tmp_path) == ["results.archive_too_many"]


def test_a_member_that_lies_about_its_size_is_counted_while_it_is_unpacked(tmp_path: Path) -> None:
    data = bytearray(archive({"header.json": b" " * 20_000_000}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (1000).to_bytes(4, "little")
    data[22:26] = (1000).to_bytes(4, "little")
    put(tmp_path, {"x.eval": bytes(data)})
    assert codes(tmp_path)[0].startswith("results.archive_")
