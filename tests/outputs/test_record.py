"""evaluation.json holds everything, always the same way, and says plainly when it is damaged."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evaluator.errors import InputProblems, render
from evaluator.files import load_round
from evaluator.files.record import canonical, record_files, record_text
from evaluator.files.record_read import read_record
from evaluator.files.schemas import schema_text
from evaluator.model.evaluation import Evaluation
from evaluator.model.numbers import parse_exact, show
from evaluator.model.round import Marks
from evaluator.resources import message_catalogue
from evaluator.workflow import evaluate, rubric_sha256
from tests.outputs.rounds import SHEETS, random_evaluations, small_evaluation, small_round, vote_evaluation

EXAMPLES = Path(__file__).parents[2] / "examples"


def written(evaluation: Evaluation, folder: Path, **settings: int) -> Path:
    for name, content in record_files(evaluation, **settings).items():
        (folder / name).write_bytes(content)
    return folder


def some_evaluations() -> Iterator[Evaluation]:
    yield small_evaluation()
    yield vote_evaluation()
    yield small_evaluation(sheets={**SHEETS, "a2": {**SHEETS["a2"], "r1": ("", "4")}})
    yield small_evaluation(sheets={"a1": SHEETS["a1"], "a2": SHEETS["a1"]}, figures={"a1": "30", "a2": "31.5"})


def test_shape_of_the_contract() -> None:
    told = json.loads(record_text(small_evaluation()))
    assert told["schema"] == 1
    assert {"id", "status", "rubric"} <= set(told["round"])
    assert set(told["round"]["rubric"]) >= {"id", "version", "sha256"}
    first = told["ranking"][0]
    assert (first["applicant"], first["rank"], first["outcome"]) == ("a2", 1, "selected")
    assert (first["total"], first["ranking_total"]) == ("82.5000", "82.5000")
    assert first["criteria"]["plan"]["points"] == "33.00"
    assert told["ranking"][1]["criteria"]["team"] == {"consensus": "56/3", "points": "18.67", "raw": "56/3"}
    assert told["cut_line"] == {
        "places": 1,
        "filled": 1,
        "last_selected": "82.5000",
        "first_not_selected": "81.6700",
        "margin": "0.8300",
    }
    assert told["ranking"][2]["rank"] is None
    assert told["ranking"][2]["reasons"][0] == {
        "kind": "below_threshold",
        "subject": "technical",
        "found": "21.00",
        "needed": "30",
    }
    assert told["provenance"]["inputs"]["scores.csv"] == "0" * 64
    assert set(told["provenance"]["software"]) >= {"evaluator", "python"}


def test_votes_stand_instead_of_criteria() -> None:
    first = json.loads(record_text(vote_evaluation()))["ranking"][0]
    assert "criteria" not in first
    assert first["votes"] == {"yes": 3, "no": 0, "abstain": 0, "eligible": 3}


def test_marks_are_there_with_state_and_weight() -> None:
    marks = json.loads(record_text(small_evaluation()))["marks"]
    rows = list(zip(*(marks[c] for c in ("applicant", "reviewer", "criterion", "state", "score", "kept")), strict=True))
    assert marks["rows"] == len(rows) == 30
    assert ("a1", "r2", "plan", "scored", "33.5", "0.5") in rows
    assert ("a2", "r5", "team", "recused", None, None) in rows
    assert ("a3", "r4", "team", "abstained", None, None) in rows
    assert ("a3", "r4", "plan", "scored", "13", None) in rows


def test_reading_gives_back_what_was_written(tmp_path: Path) -> None:
    for i, evaluation in enumerate(some_evaluations()):
        folder = tmp_path / str(i)
        folder.mkdir()
        text = (written(evaluation, folder) / "evaluation.json").read_text(encoding="utf-8")
        assert record_text(read_record(folder)) == text
        assert record_text(read_record(folder / "evaluation.json")) == text
        assert text.endswith("}\n")


def test_random_rounds_come_back_whole_inline_and_with_parquet(tmp_path: Path) -> None:
    for i, evaluation in enumerate(random_evaluations(tmp_path, range(16))):
        for name, settings in (("inline", {}), ("parquet", {"inline_marks": 0})):
            folder = tmp_path / f"{name}-{i}"
            folder.mkdir()
            files = record_files(evaluation, **settings)
            back = read_record(written(evaluation, folder, **settings))
            assert record_files(back, **settings) == files
            assert record_files(back) == record_files(evaluation)
            assert rubric_sha256(back.rubric) == back.rubric_sha256


def test_marks_beyond_the_limit_lie_in_parquet_named_with_its_hash() -> None:
    files = record_files(small_evaluation(), inline_marks=29)
    marks = json.loads(files["evaluation.json"])["marks"]
    assert marks == {
        "rows": 30,
        "file": "marks.parquet",
        "sha256": hashlib.sha256(files["marks.parquet"]).hexdigest(),
    }
    table = pq.read_table(pa.BufferReader(files["marks.parquet"])).to_pylist()
    assert len(table) == 30
    assert str(table[0]["score"]) == "31.00"
    assert table[2] | {"score": None} == {
        "applicant": "a1",
        "reviewer": "r2",
        "criterion": "plan",
        "state": "scored",
        "score": None,
        "kept_num": 1,
        "kept_den": 2,
        "sheet_total": "53.5",
        "comment": None,
    }
    assert "marks.parquet" not in record_files(small_evaluation(), inline_marks=30)


def test_same_input_same_bytes_whatever_the_order_of_the_rows() -> None:
    rubric, round_ = small_round()
    text = record_text(evaluate(rubric, round_))
    rng = np.random.default_rng(7)
    for _ in range(5):
        people = list(round_.reviewers)
        teams = list(round_.applicants)
        rng.shuffle(people)
        rng.shuffle(teams)
        old = round_.marks
        order = rng.permutation(len(old))
        place = {a.id: i for i, a in enumerate(teams)}
        seat = {r.id: i for i, r in enumerate(people)}
        moved = dataclasses.replace(
            round_,
            applicants=tuple(teams),
            reviewers=tuple(people),
            marks=Marks(
                applicant=np.array([place[round_.applicants[i].id] for i in old.applicant[order]], np.int32),
                reviewer=np.array([seat[round_.reviewers[i].id] for i in old.reviewer[order]], np.int32),
                criterion=old.criterion[order],
                state=old.state[order],
                score=old.score[order],
                decimals=old.decimals,
                comments=tuple((int(np.flatnonzero(order == row)[0]), text) for row, text in old.comments),
            ),
            office=tuple(reversed(round_.office)),
            gates=tuple(reversed(round_.gates)),
        )
        assert record_text(evaluate(rubric, moved)) == text


def test_putting_in_order_twice_changes_nothing() -> None:
    once = canonical(small_evaluation())
    assert record_text(canonical(once)) == record_text(once)


def test_people_appear_by_code_only() -> None:
    text = record_text(small_evaluation())
    assert '"r1"' in text
    assert "이름-r1" not in text
    assert "소속-r1" not in text


def test_records_fit_the_published_schema(tmp_path: Path) -> None:
    schema = json.loads(schema_text("evaluation"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    evaluations = [*some_evaluations(), *random_evaluations(tmp_path, range(100, 106))]
    for evaluation in evaluations:
        for settings in ({}, {"inline_marks": 0}):
            validator.validate(json.loads(record_files(evaluation, **settings)["evaluation.json"]))
    told = json.loads(record_text(evaluations[0]))
    told["ranking"][0]["total"] = 82.5
    assert not validator.is_valid(told)


def codes(folder: Path) -> set[str]:
    with pytest.raises(InputProblems) as caught:
        read_record(folder)
    for problem in caught.value.problems:
        for lang in ("ko", "en"):
            assert render(problem, message_catalogue("problems", lang))[0]
    return {p.code for p in caught.value.problems}


DAMAGE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "key missing": (lambda r: r.pop("ranking"), "record.key_missing"),
    "key too many": (lambda r: r.update(extra=1), "record.key_unknown"),
    "number instead of text": (lambda r: r["ranking"][0].update(total=82.5), "record.value"),
    "no number": (lambda r: r["ranking"][0].update(total="many"), "record.value"),
    "division by zero": (lambda r: r["ranking"][0].update(total="1/0"), "record.value"),
    "unknown outcome": (lambda r: r["ranking"][0].update(outcome="best"), "record.value"),
    "rank 0": (lambda r: r["ranking"][0].update(rank=0), "record.value"),
    "unknown applicant": (lambda r: r["ranking"][0].update(applicant="zz"), "record.unknown_id"),
    "applicant twice": (lambda r: r["applicants"].append(r["applicants"][0]), "record.id_repeated"),
    "applicant without place": (lambda r: r["ranking"].pop(), "record.ranking_incomplete"),
    "unknown criterion": (lambda r: r["office"][0].update(criterion="zz"), "record.unknown_id"),
    "unknown gate": (lambda r: r["gates"][0].update(gate="zz"), "record.unknown_id"),
    "unknown reviewer in marks": (lambda r: r["marks"]["reviewer"].__setitem__(0, "zz"), "record.unknown_id"),
    "column too short": (lambda r: r["marks"]["kept"].pop(), "record.length"),
    "score on an abstention": (lambda r: r["marks"]["score"].__setitem__(27, "3"), "record.value"),
    "weight above 1": (lambda r: r["marks"]["kept"].__setitem__(0, "2"), "record.value"),
    "comment on no mark": (lambda r: r["marks"]["comments"][0].update(row=99), "record.value"),
    "score without finite decimals": (lambda r: r["marks"]["score"].__setitem__(0, "1/3"), "record.value"),
    "another schema": (lambda r: r.update(schema=2), "record.value"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named(name: str, tmp_path: Path) -> None:
    change, code = DAMAGE[name]
    told = json.loads(record_text(small_evaluation()))
    change(told)
    (tmp_path / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
    assert code in codes(tmp_path)


def test_what_is_no_json_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.json"
    text = record_text(small_evaluation())
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    assert codes(tmp_path) == {"record.not_json"}
    path.write_text(text.replace('"schema": 1,', '"schema": 1, "schema": 1,'), encoding="utf-8")
    assert codes(tmp_path) == {"record.key_duplicate"}
    path.write_text("[" * 100_000, encoding="utf-8")
    assert codes(tmp_path) == {"record.not_json"}
    path.write_text("[]", encoding="utf-8")
    assert codes(tmp_path) == {"record.value"}
    path.write_bytes(b"\xff\xfe\x00")
    assert codes(tmp_path)
    for other in (b"PK\x03\x04\xaf", b"PAR1\x00", b"%PDF-1.7"):
        path.write_bytes(other)
        assert codes(tmp_path) == {"record.other_format"}
    path.unlink()
    assert codes(tmp_path) == {"file.missing"}


def test_marks_that_do_not_belong_to_the_record_are_refused(tmp_path: Path) -> None:
    written(small_evaluation(), tmp_path, inline_marks=0)
    marks = tmp_path / "marks.parquet"
    content = marks.read_bytes()
    marks.write_bytes(content[:-1] + b"X")
    assert codes(tmp_path) == {"record.marks_changed"}
    marks.unlink()
    assert codes(tmp_path) == {"record.marks_missing"}
    marks.write_bytes(b"no parquet")
    record = tmp_path / "evaluation.json"
    old, new = hashlib.sha256(content).hexdigest(), hashlib.sha256(b"no parquet").hexdigest()
    record.write_text(record.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert codes(tmp_path) == {"record.marks_damaged"}


@pytest.mark.parametrize(("row", "score"), [(0, None), (27, "3")])
def test_marks_whose_state_and_score_are_at_odds_are_refused(row: int, score: str | None, tmp_path: Path) -> None:
    written(small_evaluation(), tmp_path, inline_marks=0)
    path, record = tmp_path / "marks.parquet", tmp_path / "evaluation.json"
    before, table = path.read_bytes(), pq.read_table(path)
    scores = table.column("score").to_pylist()
    assert (scores[row] is None) != (score is None)
    scores[row] = None if score is None else Decimal(score)
    kind = table.schema.field("score")
    pq.write_table(table.set_column(4, kind, pa.array(scores, kind.type)), path)
    old, new = (hashlib.sha256(content).hexdigest() for content in (before, path.read_bytes()))
    record.write_text(record.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert codes(tmp_path) == {"record.marks_damaged"}


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if at:
        yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in items:
        yield from places(inside, (*at, key))


def test_no_damage_whatever_ends_in_a_traceback(tmp_path: Path) -> None:
    original = json.loads(record_text(small_evaluation()))
    rng, refused = Random(3), 0
    everywhere = list(places(original))
    values = [None, 1.5, -1, "x", "", [], {}, True, "1/3", "9" * 80, [None], {"a": 1}, 10**30]
    for _ in range(150):
        told = copy.deepcopy(original)
        *above, last = rng.choice(everywhere)
        parent = told
        for key in above:
            parent = parent[key]
        if rng.random() < 0.2:
            del parent[last]
        else:
            parent[last] = rng.choice(values)
        (tmp_path / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
        try:
            back = read_record(tmp_path)
        except InputProblems:
            refused += 1
            continue
        assert record_text(back)
    assert refused > 70


def test_exact_numbers_survive(tmp_path: Path) -> None:
    evaluation = small_evaluation()
    back = read_record(written(evaluation, tmp_path))
    assert back.ranking[1].criteria["team"].raw == Fraction(56, 3)
    assert back.ranking[1].tallies[0].mean == Fraction(301, 6)
    assert back.marks.kept_num.tolist() == canonical(evaluation).marks.kept_num.tolist()


RANKED = sorted(p.parent.name for p in EXAMPLES.glob("*/round.yaml") if p.parent.name != "korean-models")
"""The examples that rank somebody: the other one only collects evidence and has no record of an outcome."""


@pytest.mark.parametrize("example", RANKED)
def test_examples_come_back_whole(example: str, tmp_path: Path) -> None:
    evaluation = evaluate(*load_round(EXAMPLES / example))
    assert record_files(read_record(written(evaluation, tmp_path))) == record_files(evaluation)


def test_what_is_left_unrounded_comes_back_exactly(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES.parent / "tests/accept/performance", tmp_path / "round"))
    rubric = (folder / "rubric.yaml").read_text(encoding="utf-8")
    (folder / "rubric.yaml").write_text(rubric.replace("round: 4", "round: null"), encoding="utf-8")
    evaluation = evaluate(*load_round(folder))
    assert evaluation.evidence is not None
    ratio = {d.applicant: d.ratio for d in evaluation.evidence.performance}["alpha"]
    assert ratio is not None
    assert ratio.denominator > 10**4, "a ratio that four decimals do not show"
    back = read_record(written(evaluation, tmp_path))
    assert back.evidence == evaluation.evidence
    assert record_files(back) == record_files(evaluation)


def test_the_longest_numbers_come_back() -> None:
    for value in (Fraction(1, 2**200), Fraction(10**70 + 1, 2), Fraction(2**3000 + 1, 3**2000)):
        assert parse_exact(show(value)) == value
