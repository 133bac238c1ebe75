"""Outputs made of columns say what each standing says by itself; what is left out of large ones is said."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.errors import InputProblems
from evaluator.files.column_text import column_of, spread, written
from evaluator.files.ranking_csv import ranking_csv
from evaluator.files.ranking_parquet import ranking_parquet
from evaluator.files.record import canonical, record_files, record_sha256, record_text, write_record
from evaluator.files.record_json import NotJsonError, RepeatedKeyError, parse
from evaluator.files.record_read import read_record
from evaluator.files.workbook import workbook_bytes
from evaluator.files.workbook_extent import extent
from evaluator.model.cross_check import CrossCheck
from evaluator.model.evaluation import Evaluation
from evaluator.model.exact import Column
from evaluator.model.numbers import parse_exact, show
from tests.outputs.naive_record import naive_ranking
from tests.outputs.rounds import RUBRIC, SHEETS, random_evaluations, small_evaluation, vote_evaluation


def ranking_of(text: str) -> str:
    return text[text.index('"ranking": ') + len('"ranking": ') : text.index(',\n "cut_line"')]


# ---------------------------------------------------------------- the record


@pytest.mark.parametrize("settings", [{}, {"inline_marks": 0}])
def test_the_ranking_is_written_as_standing_by_standing(tmp_path: Path, settings: dict[str, int]) -> None:
    evaluations = [small_evaluation(), vote_evaluation(), *random_evaluations(tmp_path, range(200, 240))]
    assert len(evaluations) > 25
    for evaluation in evaluations:
        text = record_files(evaluation, **settings)["evaluation.json"].decode()
        naive = naive_ranking(
            canonical(evaluation), without_sheets="marks.parquet" in record_files(evaluation, **settings)
        )
        assert ranking_of(text) == naive


def test_standings_come_back_equal(tmp_path: Path) -> None:
    for i, evaluation in enumerate(random_evaluations(tmp_path, range(300, 315))):
        for name, settings in (("inline", {}), ("file", {"inline_marks": 0})):
            folder = tmp_path / f"{name}-{i}"
            folder.mkdir()
            digests = write_record(evaluation, folder, **settings)
            assert {path.name: path.read_bytes() for path in folder.iterdir()} == record_files(evaluation, **settings)
            assert digests == {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
            assert read_record(folder).ranking == canonical(evaluation).ranking
        assert record_sha256(evaluation) == hashlib.sha256(record_text(evaluation).encode()).hexdigest()


NO_TOTALS = {"total": None, "ranking_total": None, "raw_total": None}

PARTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "one criterion": lambda s: s["criteria"].pop("plan"),
    "criteria": lambda s: s.update(criteria={}),
    "score sheets": lambda s: s.pop("tallies"),
    "total": lambda s: s.update(total=None),
    "two totals": lambda s: s.update(total=None, ranking_total=None),
    "raw total": lambda s: s.update(raw_total=None),
    "all totals": lambda s: s.update(NO_TOTALS),
    "all figures": lambda s: s.update(
        NO_TOTALS, criteria={}, tallies=[], bonus="0", penalty="0", rank=s["rank"] or len(SHEETS)
    ),
}


@pytest.mark.parametrize("missing", PARTS)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_an_applicant_with_a_part_of_the_figures_is_refused(missing: str, position: int, tmp_path: Path) -> None:
    told = json.loads(record_text(small_evaluation()))
    PARTS[missing](told["ranking"][position])
    (tmp_path / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        read_record(tmp_path)
    assert {p.code for p in caught.value.problems} <= {"record.partial"}


def test_only_who_another_method_did_not_compare_has_points_and_no_total(tmp_path: Path) -> None:
    rubric = {key: value for key, value in RUBRIC.items() if key not in {"pass_mark", "adjustments"}}
    evaluation = small_evaluation(rubric={**rubric, "method": "topsis"}, adjustments=(), warnings=())
    told = json.loads(record_text(evaluation))
    assert [(s["rank"], s["total"] is None) for s in told["ranking"]] == [(1, False), (2, False), (None, True)]
    (tmp_path / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
    assert read_record(tmp_path).ranking == canonical(evaluation).ranking
    told["ranking"][1].update(NO_TOTALS)
    (tmp_path / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        read_record(tmp_path)
    assert [(p.code, p.path) for p in caught.value.problems] == [("record.partial", "ranking[1]")]


def test_a_rank_without_votes_is_refused_where_votes_decide(tmp_path: Path) -> None:
    told = json.loads(record_text(vote_evaluation()))
    assert told["ranking"][0]["rank"] == 1
    told["ranking"][0]["votes"] = None
    (tmp_path / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        read_record(tmp_path)
    assert [(p.code, p.path) for p in caught.value.problems] == [("record.partial", "ranking[0]")]


def test_a_bonus_without_a_total_is_refused(tmp_path: Path) -> None:
    blank = small_evaluation(sheets={**SHEETS, "a2": {**SHEETS["a2"], "r1": ("", "4")}})
    told = json.loads(record_text(blank))
    told["ranking"][0]["bonus"] = "1"
    (tmp_path / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputProblems, match="1 input problem"):
        read_record(tmp_path)


def test_blanks_in_a_file_of_marks_are_told_there_alone(tmp_path: Path) -> None:
    blank = small_evaluation(sheets={**SHEETS, "a2": {**SHEETS["a2"], "r1": ("", "4"), "r2": ("", "")}})
    inline = json.loads(record_text(blank))["unresolved"]
    write_record(blank, tmp_path, inline_marks=0)
    told = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert told["marks"]["blank"] == sum(u["kind"] == "blank" for u in inline) == 3
    assert told["unresolved"] == [u for u in inline if u["kind"] != "blank"]
    back = read_record(tmp_path)
    assert back.unresolved == canonical(blank).unresolved
    assert record_files(back, inline_marks=0) == record_files(blank, inline_marks=0)
    told["marks"]["blank"] = 2
    (tmp_path / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputProblems):
        read_record(tmp_path)


def test_a_record_laid_out_otherwise_is_the_same_record(tmp_path: Path) -> None:
    evaluation = small_evaluation()
    text = record_text(evaluation)
    for indent in (None, 3):
        (tmp_path / "evaluation.json").write_text(json.dumps(json.loads(text), indent=indent), encoding="utf-8")
        assert record_text(read_record(tmp_path)) == text


@pytest.mark.parametrize("length", [0, 1, 499, 500, 501, 1_203])
def test_the_long_list_passes_by_in_parts(length: int) -> None:
    taken: list[tuple[int, int]] = []

    def take(first: int, items: list[Any]) -> None:
        taken.append((first, len(items)))
        assert items == list(range(first, first + len(items)))

    told = {"before": [1], "ranking": list(range(length)), "after": {"ranking": [1, 2]}}
    assert parse(json.dumps(told, indent=1), take) == {"before": [1], "ranking": [], "after": {"ranking": [1, 2]}}
    assert sum(n for _, n in taken) == length
    assert max(n for _, n in taken) <= 500


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_parsing_is_that_of_the_json_module(value: Any) -> None:
    def never(first: int, items: list[Any]) -> None:
        raise AssertionError(first, items)

    for data in (value, {"a": value}, [value]):
        text = json.dumps(data)
        if '"ranking"' not in text:
            assert parse(text, never) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", (1, 1)),
        ("{", (1, 2)),
        ('{"a" 1}', (1, 6)),
        ('{"ranking": [1 2]}', (1, 16)),
        ('{"a": 1} x', (1, 10)),
        ("{1: 2}", (1, 2)),
    ],
)
def test_what_is_no_json_has_a_place(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(NotJsonError) as caught:
        parse(text, lambda first, items: None)
    assert caught.value.place == place


def test_repeated_keys_are_found_at_every_depth() -> None:
    text = '{"a": 1, "a": {"b": 1, "b": 2, "c": 3}, "ranking": [{"d": 1, "d": 1}]}'
    with pytest.raises(RepeatedKeyError) as caught:
        parse(text, lambda first, items: None)
    assert sorted(caught.value.keys) == ["a", "b", "d"]


# ---------------------------------------------------------------- other methods in the record


def checked() -> Evaluation:
    checks = (
        CrossCheck(
            method="vikor",
            settings=(("v", "0.5"),),
            scores=np.array([-0.0, -1 / 3]),
            ranks=np.array([1, 2], np.int32),
            left_out=("team",),
            tau=Fraction(1, 3),
        ),
        CrossCheck(
            method="topsis",
            scores=np.zeros(0),
            ranks=np.zeros(0, np.int32),
            why="identical_applicants",
            tau_why="no_ranks",
        ),
    )
    return dataclasses.replace(small_evaluation(), cross_checks=checks)


def test_other_methods_stand_in_the_record_as_columns(tmp_path: Path) -> None:
    told = json.loads(record_text(checked()))["cross_checks"]
    assert told[0] == {
        "method": "vikor",
        "parameters": {"v": "0.5"},
        "pool_relative": True,
        "why": "",
        "left_out": ["team"],
        "tau": "1/3",
        "tau_why": "",
        "ranks": [1, 2],
        "scores": ["0.000000000", "-0.333333333"],
    }
    assert (told[1]["why"], told[1]["ranks"], told[1]["tau"]) == ("identical_applicants", [], None)
    write_record(checked(), tmp_path)
    assert record_files(read_record(tmp_path)) == record_files(checked())
    assert "cross_checks" not in json.loads(record_text(small_evaluation()))


MISFITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a rank too few": lambda c: c["ranks"].pop(),
    "a score too many": lambda c: c["scores"].append("1.0"),
    "a reason and ranks": lambda c: c.update(why="no_weight"),
    "neither tau nor why": lambda c: c.update(tau=None),
    "tau and why": lambda c: c.update(tau_why="no_ranks"),
    "unknown criterion": lambda c: c.update(left_out=["nothing"]),
    "no number": lambda c: c["scores"].__setitem__(0, "nan"),
    "rank 0": lambda c: c["ranks"].__setitem__(0, 0),
    "unknown method": lambda c: c.update(method="best"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_other_methods_that_do_not_fit_are_refused(name: str, tmp_path: Path) -> None:
    told = json.loads(record_text(checked()))
    MISFITS[name](told["cross_checks"][0])
    (tmp_path / "evaluation.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(InputProblems):
        read_record(tmp_path)


# ---------------------------------------------------------------- tables


def tables(evaluation: Evaluation) -> tuple[list[dict[str, str]], Any]:
    rows = list(csv.DictReader(io.StringIO(ranking_csv(evaluation).decode("utf-8-sig"), newline="")))
    return rows, pq.read_table(pa.BufferReader(ranking_parquet(evaluation)))


def exact(cell: str | Decimal | None) -> Fraction | None:
    """A number of either table, or of the record."""
    if cell is None or cell == "":
        return None
    whole, _, part = str(cell).partition(" ")
    if not part:
        return parse_exact(whole)
    return Fraction(whole) + (-1 if whole.startswith("-") else 1) * Fraction(part)


def test_both_tables_say_what_the_record_says(tmp_path: Path) -> None:
    evaluations = [small_evaluation(), *random_evaluations(tmp_path, range(400, 425))]
    for evaluation in evaluations:
        record = json.loads(record_text(evaluation))["ranking"]
        rows, table = tables(evaluation)
        assert list(rows[0]) == table.column_names
        for told, row, typed in zip(record, rows, table.to_pylist(), strict=True):
            assert told["applicant"] == row["applicant"].removeprefix("'") == typed["applicant"]
            assert told["outcome"] == row["outcome"] == typed["outcome"]
            assert told["rank"] == typed["rank"] == (int(row["rank"]) if row["rank"] else None)
            figures = {name: told[name] for name in ("total", "ranking_total")}
            if "criteria" in told:
                figures |= {name: score["points"] for name, score in told["criteria"].items()}
                figures |= {name: told[name] if told["criteria"] else None for name in ("bonus", "penalty")}
            for name, figure in figures.items():
                assert exact(figure) == exact(row[name]) == exact(typed[name]), name


def test_types_of_the_parquet_table() -> None:
    _, table = tables(small_evaluation())
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds["rank"] == "int32"
    assert (kinds["total"], kinds["plan"], kinds["bonus"]) == (
        "decimal128(18, 4)",
        "decimal128(18, 2)",
        "decimal128(18, 1)",
    )
    assert {kinds[name] for name in ("applicant", "name", "outcome", "reasons", "conditions")} == {"string"}
    assert table.column("conditions").to_pylist() == [None, "+협약 전 보완", None]
    assert table.column("name").to_pylist()[1] == "=가람 컨소시엄"
    _, votes = tables(vote_evaluation())
    assert votes.column("yes").to_pylist() == [3, 1]


def test_a_column_with_a_third_is_text() -> None:
    unrounded = {**RUBRIC, "rounding": {"points": None, "total": None}}
    _, table = tables(small_evaluation(rubric=unrounded))
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds["team"] == "string"
    assert "56/3" in table.column("team").to_pylist()
    assert kinds["price"] == "decimal128(18, 1)"


def test_a_criterion_named_as_another_column_stands_beside_it() -> None:
    criteria = [{**RUBRIC["criteria"][0]}, {**RUBRIC["criteria"][1], "id": "total"}]
    rows, table = tables(small_evaluation(rubric={**RUBRIC, "criteria": criteria}, office=()))
    assert list(rows[0]) == table.column_names
    assert len(set(table.column_names)) == len(table.column_names)
    assert "total_points" in table.column_names


def test_the_same_ranking_gives_the_same_bytes() -> None:
    assert ranking_parquet(small_evaluation()) == ranking_parquet(small_evaluation())


FRACTIONS = st.fractions(max_denominator=10**20) | st.fractions(max_denominator=12) | st.integers().map(Fraction)


@given(st.lists(FRACTIONS, max_size=12), st.randoms(use_true_random=False))
def test_columns_are_put_into_words_value_by_value(values: list[Fraction], random: Random) -> None:
    rows = np.array([random.randrange(len(values)) for _ in range(20)] if values else [], np.intp)
    column = column_of(values, rows)
    wanted = [values[i] for i in rows]
    assert column.fractions() == wanted
    assert written(column, show) == [show(value) for value in wanted]
    assert [column.at(i) for i in range(len(wanted))] == wanted
    single = (
        Column(column.num, np.full(len(column), column.den, dtype=object)) if isinstance(column.den, int) else column
    )
    assert written(single, show) == [show(value) for value in wanted]


def test_a_list_with_gaps() -> None:
    assert spread(["a", "b"], np.array([2, 0]), 4, "") == ["b", "", "a", ""]


# ---------------------------------------------------------------- the workbook


def many(count: int, *, prices: Mapping[str, str] = MappingProxyType({}), **changes: Any) -> Evaluation:
    """Applicants a00, a01, ... each with a little less than the one before."""
    reviewers = ("r1", "r2", "r3", "r4")
    sheets = {f"a{i:02d}": {r: (str(40 - i), "5") for r in reviewers} for i in range(count)}
    rubric = {**RUBRIC, "selection": {"places": 6}, "pass_mark": None, "gates": []} | changes
    return small_evaluation(
        rubric=rubric,
        sheets=sheets,
        figures={**dict.fromkeys(sheets, "30"), **prices},
        warnings=(),
        gates=(),
        adjustments=(),
        decisions=(),
        opinions=(),
    )


def book(evaluation: Evaluation, **settings: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(evaluation, **settings)), data_only=True)


def texts(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


@pytest.mark.parametrize(
    ("lang", "sheets", "nearest", "left"),
    [
        (
            "en",
            ("ranking", "criteria", "marks", "recalculation"),
            "the 4 of 12 applicants nearest the cut line (number 5 to 8",
            "left out",
        ),
        (
            "ko",
            ("순위", "항목별", "점수", "검산"),
            "전체 신청기관 12곳 가운데 선정 경계에 가까운 4곳(순위표의 5~8번째)",
            "생략",
        ),
    ],
)
def test_details_are_of_those_nearest_the_cut_line(lang: Any, sheets: tuple[str, ...], nearest: str, left: str) -> None:
    opened = book(many(12), lang=lang, detailed=4)
    ranking, criteria, marks, recalculation = (texts(opened[name]) for name in sheets)
    shown = {f"a{i:02d}" for i in range(4, 8)}
    assert [row[1] for row in ranking if row[0] in range(1, 13)] == [f"a{i:02d}" for i in range(12)]
    assert {row[0] for row in criteria[2:]} == {row[0] for row in marks[2:]} == shown
    assert (len(criteria), len(marks)) == (2 + 4 * 4, 2 + 4 * 8)
    for notice, count in ((criteria[0][0], "32"), (marks[0][0], "64"), (recalculation[0][0], "8")):
        assert nearest in notice
        assert f"{count} " in notice or f"{count}행" in notice or f"{count}곳" in notice
        assert left in notice
    # The first sheet says it of each sheet, and the tables go on below.
    assert [row[0].partition(": ")[0] for row in ranking[:3]] == [sheets[1], sheets[2], sheets[3]]
    assert recalculation[4][12] == 0


def test_nothing_is_said_where_nothing_is_left_out() -> None:
    assert texts(book(many(12), lang="en", detailed=12)["ranking"])[0][0] == "rank"
    whole = extent(canonical(many(12)), detailed=12, mark_rows=1_000, listed=100)
    assert whole.complete
    assert whole.notices(str) == {}


def test_a_ranking_longer_than_a_sheet_says_where_the_rest_is() -> None:
    rows = texts(book(many(12), lang="en", listed=5)["ranking"])
    assert rows[0][0] == (
        "ranking: Shows 5 of 12 applicants; 7 rows are left out. All of them are in ranking.csv and ranking.parquet."
    )
    assert len(rows) == 2 + 5


def test_the_window_lies_within_the_ranking() -> None:
    for places, expected in ((1, (0, 4)), (6, (4, 8)), (11, (8, 12))):
        part = extent(canonical(many(12, selection={"places": places})), detailed=4, mark_rows=10**6, listed=100)
        assert (part.first, part.last) == expected
    unselected = extent(canonical(many(12, selection=None)), detailed=4, mark_rows=10**6, listed=100)
    assert (unselected.first, unselected.last) == (0, 4)


def test_fewer_are_shown_where_their_marks_do_not_fit() -> None:
    part = extent(canonical(many(12)), detailed=8, mark_rows=40, listed=100)
    assert part.last - part.first == 4
    assert part.marks_fit


def test_the_best_of_all_is_recorded_where_it_may_not_be_shown() -> None:
    price = {**RUBRIC["criteria"][1], "convert": {"kind": "relative_to_best"}}
    evaluation = many(12, criteria=[RUBRIC["criteria"][0], price], prices={"a00": "37"})
    rows = texts(book(evaluation, lang="en", detailed=4)["recalculation"])
    best = [row for row in rows if row[1] and "best" in str(row[1])]
    assert [row[10] for row in best] == [37]
    assert rows[4][12] == 0
