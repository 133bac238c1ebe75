from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.files import tables
from evaluator.files.problems import Problems
from evaluator.files.sources import Source
from evaluator.files.tables import Column, Table, duplicate_rows, read_table

COLUMNS = (Column("a", needed=True), Column("b", free=True, limit=4000), Column("c", free=True, limit=4000))


def read(data: bytes | str, columns: tuple[Column, ...] = COLUMNS) -> tuple[Table | None, Problems]:
    found = Problems()
    raw = data.encode() if isinstance(data, str) else data
    return read_table(Source("t.csv", raw, ""), columns, found), found


def rows(table: Table | None) -> list[tuple[str | None, ...]]:
    assert table is not None
    return [tuple(table.get(row, column.name) for column in COLUMNS) for row in range(table.rows)]


VISIBLE = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")) | st.sampled_from(' ,"\n'), max_size=12)


@given(
    st.lists(st.tuples(st.from_regex(r"[a-z가-힣]{1,5}", fullmatch=True), VISIBLE, VISIBLE), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_csv_module_writes_is_read_as_it_was(told: list[tuple[str, str, str]], ending: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator=ending)
    writer.writerow(["a", "b", "c"])
    writer.writerows(told)
    table, found = read(file.getvalue())
    assert rows(table) == told
    assert not found


def test_where_cells_stand() -> None:
    table, _ = read('\ufeffa,b,c\n\n가나,"x, ""y""\nz",3\nq,,r\n')
    assert table is not None
    assert [table.place(row, name) for row in range(2) for name in "abc"] == [
        (3, 1),
        (3, 4),
        (4, 4),
        (5, 1),
        (5, 3),
        (5, 4),
    ]
    assert table.place(1) == (5, 1)
    assert table.place(1, "none") == (5, 1)


def test_columns_may_come_in_any_order_and_optional_ones_may_be_absent() -> None:
    table, found = read("c,a\n1,x\n")
    assert table is not None
    assert (rows(table), len(found)) == ([("x", "", "1")], 0)
    assert not table.has("b")


def test_a_cell_with_a_problem_is_not_given_out() -> None:
    table, found = read("a,b\n x,1\ny,2\n")
    assert [(p.place, p.code) for p in found.listed()] == [("t.csv:2:1", "cell.blanks")]
    assert rows(table) == [(None, "1", ""), ("y", "2", "")]


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("a,b\nx,1\ny,1\nx,1\nx,2\nx,1\n", [(2, 0), (4, 0)]),
        ("a,b\nx,1\nx,2\n", []),
        ("a,b\n", []),
        ("a,b\n x,1\n x,1\n", []),
    ],
)
def test_rows_that_repeat_an_earlier_one(text: str, repeats: list[tuple[int, int]]) -> None:
    table, _ = read(text)
    assert table is not None
    assert duplicate_rows(table, ("a", "b")) == repeats


def large_text(rows_: int) -> str:
    return "a,b,c\n" + "".join(f"id{i % 997},{i},{i % 7}\n" for i in range(rows_))


@pytest.mark.parametrize(
    "text",
    [
        large_text(400),
        large_text(400).replace("\n", "\r\n"),
        large_text(400).removesuffix("\n"),
        large_text(400).replace("id30,", " id30,"),
        large_text(400).replace("id30,30,", "id30,"),
        large_text(400).replace("id30,30,", "id30,30,30,"),
        large_text(400).replace("a,b,c", "a,b,d"),
        large_text(400).replace("a,b,c", "a,b,b"),
        large_text(400) + ",,\n",
        large_text(400) + "\n\n",
        large_text(400) + 'x,"q",\n',
        large_text(400) + "x,\x07,\n",
        "\n" + large_text(400),
        "\ufeff" + large_text(400),
        large_text(400) + 'x,"q ""r""\n\ns",\ny,1,2\n',
        large_text(400) + 'x,"q""",1',
        large_text(400) + 'x,"q',
        large_text(400) + 'x,5" q,6" r\n',
        large_text(400) + '"x" ,1,2\n',
        large_text(400).replace("a,b,c", '"a","b","c"'),
        large_text(400).replace("\nid", '\n"",,\nid', 1),
        large_text(400).replace("\nid", "\n ,,\nid", 1),
    ],
)
def test_large_tables_are_read_alike(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, told = read(text)
    monkeypatch.setattr(tables, "LARGE", 100)
    quick, told_too = read(text)
    assert told.listed() == told_too.listed()
    assert slow is not None
    assert quick is not None
    assert rows(slow) == rows(quick)
    assert [slow.place(row, "c") for row in range(slow.rows)] == [quick.place(row, "c") for row in range(quick.rows)]
