"""Round folders that are valid, however they look, and what is made of them."""

from __future__ import annotations

import datetime
import hashlib
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evaluator.errors import InputProblems
from evaluator.files import load_round, owed_marks, round_language
from evaluator.model.round import ABSTAINED, BLANK, RECUSED, SCORED, Marks, Round
from evaluator.resources import examples_dir
from tests.files.cases import ACCEPT

FOLDERS = sorted(path.name for path in ACCEPT.iterdir())
EXAMPLES = sorted(path.parent.name for path in examples_dir().glob("*/round.yaml"))


def problems(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputProblems) as raised:
        load_round(folder)
    return [(problem.place, problem.code) for problem in raised.value.problems]


def copy(base: str, parent: Path) -> Path:
    return Path(shutil.copytree(ACCEPT / base, parent / "round"))


def mark_rows(round_: Round) -> list[tuple[int, ...]]:
    marks = round_.marks
    scaled = marks.score * 10 ** (6 - marks.decimals)
    columns = (marks.reviewer, marks.applicant, marks.criterion, marks.state, scaled)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("name", FOLDERS)
def test_valid_folders_are_read(name: str) -> None:
    rubric, round_ = load_round(ACCEPT / name)
    assert round_.applicants
    assert rubric.title


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_valid(name: str) -> None:
    _, round_ = load_round(examples_dir() / name)
    assert round_.applicants


def test_a_whole_round() -> None:
    rubric, round_ = load_round(ACCEPT / "small")
    assert (round_.info.id, round_.info.evaluation_date) == ("small-2026", datetime.date(2026, 1, 15))
    assert (round_.info.chair, round_.info.status, round_.info.blind) == ("r1", "draft", False)
    assert [(a.id, a.lead) for a in round_.applicants] == [("a1", "가온연구소"), ("a2", "나래"), ("a3", "")]
    assert [(r.id, r.panel) for r in round_.reviewers] == [("r1", "panel"), ("r2", "panel"), ("r3", "panel")]
    assert [leaf.id for leaf in rubric.panel_leaves()] == ["quality", "plan", "reach", "benefit"]
    marks = round_.marks
    assert (len(marks), marks.decimals, set(marks.state.tolist())) == (32, 2, {SCORED})
    assert [c.dtype for c in (marks.applicant, marks.state, marks.score)] == [np.int32, np.uint8, np.int64]
    assert (marks.score[1], marks.comments) == (950, ((1, "계획이 구체적임"),))
    assert [(f.applicant, f.score) for f in round_.office] == [("a1", 980), ("a2", Fraction(1741, 2)), ("a3", 1000)]
    assert [(a.kind, a.points) for a in round_.adjustments] == [("bonus", 2), ("penalty", Fraction(3, 2))]
    assert [(d.kind, d.line) for d in round_.decisions] == [("consensus", 2), ("condition", 3)]
    assert round_.decisions[0].after == "15.5"
    assert (round_.assigned, round_.warnings, round_.ballots) == (None, (), ())


def test_states_assignments_and_warnings() -> None:
    rubric, round_ = load_round(ACCEPT / "two-panels")
    assert [leaf.id for leaf in rubric.panel_leaves()] == ["design", "speed", "use"]
    assert round_.marks.state.tolist() == [SCORED, SCORED, ABSTAINED, BLANK, RECUSED, SCORED, SCORED]
    assert round_.marks.decimals == 3
    assert round_.assigned is not None
    assert round_.assigned.tolist() == [[0, 0], [0, 1], [0, 2], [0, 3], [1, 0]]
    assert [(a.alias, a.withdrawn) for a in round_.applicants] == [("Team 1", False), ("Team 2", True)]
    # An empty figure is a figure that is still missing.
    assert [(f.applicant, f.criterion, f.score) for f in round_.office] == [("north", "attainment", Fraction(91, 100))]
    assert [(w.code, dict(w.params)) for w in round_.warnings] == [
        ("recusal.not_registered", {"reviewer": "u1", "applicant": "north"}),
        ("mark.not_used", {"applicant": "south", "count": "1"}),
    ]


def test_every_file_that_was_read_is_named_with_its_hash() -> None:
    folder = ACCEPT / "two-panels"
    _, round_ = load_round(folder)
    names = [name for name, _ in round_.inputs]
    assert names == sorted(names)
    own = {path.relative_to(folder).as_posix() for path in folder.glob("*.*")} | {"earlier/evaluation.json"}
    assert set(names) == own | {"rubric:global-performance"}
    for name, sha256 in round_.inputs:
        if not name.startswith("rubric:"):
            assert sha256 == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_marks_of_applicants_that_failed_before_scoring_are_not_used(tmp_path: Path) -> None:
    folder = copy("small", tmp_path)
    gates = (folder / "gates.csv").read_text(encoding="utf-8")
    (folder / "gates.csv").write_text(gates.replace("a2,eligibility,pass", "a2,eligibility,fail"), encoding="utf-8")
    _, round_ = load_round(folder)
    assert [(w.code, dict(w.params)) for w in round_.warnings] == [
        ("mark.not_used", {"applicant": "a2", "count": "12"})
    ]


def test_odd_looking_folders_keep_every_character() -> None:
    rubric, round_ = load_round(ACCEPT / "odd")
    assert rubric.criteria[0].title.in_("ko") == "여러 줄\n제목\n"
    assert [(a.id, a.name, a.members) for a in round_.applicants] == [("가나 팀", '가나, "다라"', "한 줄\n두 줄")]
    assert round_.marks.comments == ((0, "=SUM(A1:A9) +1\n@둘째 줄"),)
    assert (round_.marks.score.tolist(), round_.marks.decimals) == ([-25], 1)


@pytest.mark.parametrize("name", FOLDERS)
def test_windows_line_ends_change_nothing(name: str, tmp_path: Path) -> None:
    folder = copy(name, tmp_path)
    for path in [*folder.glob("**/*.csv"), *folder.glob("**/*.y*ml")]:
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    rubric, round_ = load_round(ACCEPT / name)
    rubric_too, round_too = load_round(folder)
    assert rubric == rubric_too
    assert (round_.info, round_.applicants, round_.reviewers) == (
        round_too.info,
        round_too.applicants,
        round_too.reviewers,
    )
    assert mark_rows(round_) == mark_rows(round_too)
    assert (round_.decisions, round_.opinions) == (round_too.decisions, round_too.opinions)


def test_a_rubric_may_lie_outside_the_folder(tmp_path: Path) -> None:
    folder = copy("small", tmp_path)
    (folder / "rubric.yaml").rename(tmp_path / "shared.yaml")
    round_yaml = (folder / "round.yaml").read_text(encoding="utf-8")
    (folder / "round.yaml").write_text(round_yaml.replace("rubric.yaml", "../shared.yaml"), encoding="utf-8")
    _, round_ = load_round(folder)
    assert "../shared.yaml" in dict(round_.inputs)


@pytest.mark.parametrize("name", ["ranking.csv", "ranking.parquet", "marks.parquet"])
def test_tables_the_product_writes_itself_are_no_problem(name: str, tmp_path: Path) -> None:
    folder = copy("small", tmp_path)
    (folder / name).write_bytes(b"")
    _, round_ = load_round(folder)
    assert round_.inputs == load_round(ACCEPT / "small")[1].inputs


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert problems(tmp_path / "none") == [(str(tmp_path / "none"), "folder.missing")]
    assert round_language(tmp_path / "none") is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("language: en\n", "en"),
        ("language: ko\nunknown: 1\n", "ko"),
        ("language: kr\n", None),
        ("language: [ko]\n", None),
        ("title: x\n", None),
        ("language: [\n", None),
        ("", None),
    ],
)
def test_the_language_is_found_early_and_tolerantly(text: str, language: str | None, tmp_path: Path) -> None:
    (tmp_path / "round.yaml").write_text(text)
    assert round_language(tmp_path) == language


def test_of_many_problems_the_first_thousand_are_listed(tmp_path: Path) -> None:
    folder = copy("small", tmp_path)
    with (folder / "scores.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"r1,x{i},quality,1,,\n" for i in range(2500))
    found = problems(folder)
    assert found[0] == ("scores.csv:34:4", "id.unknown_applicant")
    assert len(found) == 1001
    assert found[-1] == ("scores.csv:1033:5", "file.more_problems")


@pytest.mark.parametrize(
    ("base", "delete", "most", "expected"),
    [
        ("small", "none", 35, "assignments.missing_many"),
        ("small", "none", 36, ""),
        ("two-panels", "none", 7, "assignments.too_many"),
        ("two-panels", "none", 8, ""),
        ("two-panels", "assignments.csv", 11, "assignments.missing_many"),
        ("two-panels", "assignments.csv", 12, ""),
        ("vote", "none", 5, "assignments.missing_many"),
        ("vote", "none", 6, ""),
    ],
)
def test_so_many_marks_may_be_owed_and_no_more(
    base: str, delete: str, most: int, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owed_marks, "MOST_OWED", most)
    folder = copy(base, tmp_path)
    (folder / delete).unlink(missing_ok=True)
    if expected:
        assert problems(folder) == [("assignments.csv", expected)]
    else:
        load_round(folder)


# Marks as parquet


def with_parquet(folder: Path, **columns: pa.Array) -> Path:
    (folder / "scores.csv").unlink(missing_ok=True)
    pq.write_table(pa.table(columns), folder / "scores.parquet")
    return folder


def columns_of(folder: Path) -> dict[str, list[str | None]]:
    lines = [line.split(",") for line in (folder / "scores.csv").read_text(encoding="utf-8").splitlines()]
    return {name: [row[i] or None for row in lines[1:]] for i, name in enumerate(lines[0])}


@pytest.mark.parametrize(
    "score_type",
    [pa.string(), pa.large_string(), pa.decimal128(12, 6), pa.float64(), pa.dictionary(pa.int8(), pa.string())],
)
def test_parquet_holds_the_same_marks(score_type: pa.DataType, tmp_path: Path) -> None:
    folder = copy("small", tmp_path)
    columns = {name: pa.array(values, pa.string()) for name, values in columns_of(folder).items()}
    columns["score"] = (
        columns["score"].cast(score_type)
        if not pa.types.is_dictionary(score_type)
        else columns["score"].dictionary_encode()
    )
    _, from_csv = load_round(ACCEPT / "small")
    _, round_ = load_round(with_parquet(folder, **columns))
    assert mark_rows(round_) == mark_rows(from_csv)
    assert round_.marks.comments == from_csv.marks.comments
    assert round_.scores_file == "scores.parquet"
    assert "scores.parquet" in dict(round_.inputs)


def one_column(values: list[object], kind: pa.DataType, folder: Path) -> Path:
    n = len(values)
    ids = {"reviewer": ["평가위원-1"] * n, "applicant": ["가나 팀"] * n, "criterion": ["only"] * n}
    return with_parquet(folder, **{k: pa.array(v) for k, v in ids.items()}, score=pa.array(values, kind))


def marks_of(folder: Path) -> Marks:
    return load_round(folder)[1].marks


@pytest.mark.parametrize(
    ("value", "kind", "score", "decimals", "state"),
    [
        (2, pa.int64(), 2, 0, SCORED),
        (-1, pa.int8(), -1, 0, SCORED),
        (0.1, pa.float64(), 1, 1, SCORED),
        (-0.000001, pa.float64(), -1, 6, SCORED),
        (None, pa.float64(), 0, 0, BLANK),
        (None, pa.null(), 0, 0, BLANK),
        ("", pa.string(), 0, 0, BLANK),
        ("1.50", pa.string(), 15, 1, SCORED),
    ],
)
def test_numbers_in_parquet_are_read_by_their_shortest_decimal_form(
    value: object, kind: pa.DataType, score: int, decimals: int, state: int, tmp_path: Path
) -> None:
    marks = marks_of(one_column([value], kind, copy("odd", tmp_path)))
    assert (marks.score.tolist(), marks.decimals, marks.state.tolist()) == ([score], decimals, [state])


@pytest.mark.parametrize(
    ("value", "kind", "code"),
    [
        (0.1 + 0.2, pa.float64(), "number.too_precise"),
        (float("nan"), pa.float64(), "number.not_finite"),
        (float("inf"), pa.float64(), "number.not_finite"),
        (1e300, pa.float64(), "cell.too_long"),
        (3, pa.int64(), "score.off_scale"),
        ("1,5", pa.string(), "number.comma"),
        (0.1, pa.float32(), "parquet.column_type"),
        (True, pa.bool_(), "parquet.column_type"),
        (datetime.date(2026, 1, 1), pa.date32(), "parquet.column_type"),
        ([1], pa.list_(pa.int64()), "parquet.column_type"),
    ],
)
def test_faults_in_parquet_name_the_row(value: object, kind: pa.DataType, code: str, tmp_path: Path) -> None:
    found = problems(one_column([value], kind, copy("odd", tmp_path)))
    line = "" if code == "parquet.column_type" else ":1"
    assert found == [(f"scores.parquet{line}", code)]


def test_columns_of_parquet_are_those_of_csv(tmp_path: Path) -> None:
    folder = with_parquet(copy("odd", tmp_path), reviewer=pa.array(["a"]), Score=pa.array(["1"]), memo=pa.array(["x"]))
    assert sorted(code for _, code in problems(folder)) == [
        "id.unknown_reviewer",
        "table.column_missing",
        "table.column_missing",
        "table.column_missing",
        "table.column_unknown",
        "table.column_unknown_near",
    ]
