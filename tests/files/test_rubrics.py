"""Rubrics as they are read: includes filled and scaled exactly, defaults written, problems placed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from evaluator import resources
from evaluator.errors import InputProblems
from evaluator.files import load_rubric, load_rubric_file
from evaluator.files.problems import Problems
from evaluator.files.sources import Source
from evaluator.files.validation import validate
from evaluator.files.yaml_source import read_yaml
from evaluator.model.numbers import Limit
from evaluator.model.rubric import Convert, Rubric, Scale
from tests.files.cases import ACCEPT


def resolved(text: str, folder: Path) -> Rubric:
    (folder / "r.yaml").write_text(text, encoding="utf-8")
    return load_rubric("r.yaml", folder)


def codes(raised: pytest.ExceptionInfo[InputProblems]) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in raised.value.problems]


@pytest.mark.parametrize("rubric_id", resources.rubric_ids())
def test_every_shipped_rubric_is_read_by_its_id_and_by_its_path(rubric_id: str) -> None:
    path = resources.rubric_path(rubric_id)
    assert path is not None
    rubric = load_rubric(rubric_id)
    assert rubric.id == rubric_id
    assert rubric == load_rubric_file(path) == load_rubric(path.name, path.parent)


def test_includes_are_filled_and_scaled_exactly() -> None:
    rubric = load_rubric("rubric.yaml", ACCEPT / "two-panels")
    nodes = {node.id: node for node in rubric.nodes()}
    assert list(nodes) == ["expert", "design", "speed", "use", "performance", "attainment"]
    assert {id_: node.points for id_, node in nodes.items()} == {
        "expert": 60,
        "design": 42,
        "speed": 18,
        "use": 30,
        "performance": 10,
        "attainment": 10,
    }
    assert nodes["design"].threshold == Limit(Fraction(21))
    assert nodes["design"].scale == Scale(min=Fraction(0), max=Fraction(10), step=Fraction(1, 4))
    assert all(node.include is None for node in nodes.values())
    assert rubric.full_total == 100


def test_scaling_is_exact_where_no_decimal_is(tmp_path: Path) -> None:
    inner = "schema: 1\nid: i\nversion: '1'\ntitle: I\ncriteria:\n"
    inner += "  - {id: g, title: G, points: 2, of: 7, children: [{id: a, title: A, points: 7, threshold: 3}]}\n"
    inner += "  - {id: b, title: B, points: 1, threshold: 50%}\npanel: {}\n"
    (tmp_path / "i.yaml").write_text(inner)
    outer = "schema: 1\nid: o\nversion: '1'\ntitle: O\npanel: {}\ncriteria:\n"
    outer += "  - {id: x, title: X, points: 10, include: i.yaml}\n"
    nodes = {node.id: node for node in resolved(outer, tmp_path).nodes()}
    assert (nodes["g"].points, nodes["g"].of) == (Fraction(20, 3), Fraction(70, 3))
    assert (nodes["a"].points, nodes["a"].threshold) == (Fraction(70, 3), Limit(Fraction(10)))
    assert (nodes["b"].points, nodes["b"].threshold) == (Fraction(10, 3), Limit(Fraction(50), percent=True))
    # The default scale is that of the leaf's own file, before scaling.
    assert nodes["a"].scale == Scale(min=Fraction(0), max=Fraction(7))


def test_defaults_are_written_out(tmp_path: Path) -> None:
    text = (
        "schema: 1\nid: d\nversion: '1'\ntitle: D\npanel: {}\ncriteria:\n"
        "  - {id: plain, title: P, points: 12.5}\n"
        "  - {id: levels, title: L, points: 5, levels: [{value: 0, title: a}, {value: 3, title: b}]}\n"
        "  - {id: ratio, title: R, points: 5, source: office, convert: {kind: target, at: 0.9}}\n"
        "  - {id: best, title: B, points: 5, source: access, convert: {kind: relative_to_best}}\n"
        "  - {id: marked, title: M, points: 5, convert: {kind: target, at: 4}}\n"
    )
    leaves = {leaf.id: leaf for leaf in resolved(text, tmp_path).leaves()}
    assert {id_: leaf.source for id_, leaf in leaves.items()} == {
        "plain": "panel",
        "levels": "panel",
        "ratio": "office",
        "best": "access",
        "marked": "panel",
    }
    assert leaves["plain"].convert == leaves["levels"].convert == Convert(kind="linear")
    assert leaves["plain"].scale == Scale(min=Fraction(0), max=Fraction(25, 2))
    assert leaves["levels"].scale is None
    assert leaves["ratio"].scale == leaves["best"].scale == Scale(min=Fraction(0), max=None)
    assert leaves["marked"].scale == Scale(min=Fraction(0), max=Fraction(5))


def test_numbers_are_exact(tmp_path: Path) -> None:
    text = "schema: 1\nid: n\nversion: '1'\ntitle: N\npanel: {}\n"
    text += "criteria: [{id: a, title: A, points: 0.1}, {id: b, title: B, points: '0.2'}]\n"
    assert resolved(text, tmp_path).full_total == Fraction(3, 10)


def test_shares_of_a_vote_may_be_decimals(tmp_path: Path) -> None:
    text = (
        "schema: 1\nid: v\nversion: '1'\ntitle: V\ndecision: {kind: vote, quorum: 0.5, majority: '>=2/3', places: 1}\n"
    )
    rubric = resolved(text, tmp_path)
    assert rubric.decision is not None
    assert (rubric.decision.quorum, rubric.decision.majority) == ("0.5", ">=2/3")


def test_a_file_is_called_by_the_path_given(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("schema: 1\n")
    with pytest.raises(InputProblems) as raised:
        load_rubric_file(tmp_path / "x.yaml")
    assert {problem.file for problem in raised.value.problems} == {str(tmp_path / "x.yaml")}
    with pytest.raises(InputProblems) as raised:
        load_rubric_file(tmp_path / "y.yaml")
    assert codes(raised) == [(str(tmp_path / "y.yaml"), "file.missing")]


def test_a_wrong_reference_is_a_problem() -> None:
    with pytest.raises(InputProblems) as raised:
        load_rubric("k-ai-selction")
    assert [(p.code, p.params["near"]) for p in raised.value.problems] == [("rubric.unknown_near", "k-ai-selection")]


def test_a_rubric_included_twice_is_told_about_once(tmp_path: Path) -> None:
    (tmp_path / "i.yaml").write_text(
        "schema: 1\nid: i\nversion: '1'\ntitle: I\npanel: {}\ncolour: red\ncriteria: [{id: a, title: A, points: 1}]\n"
    )
    outer = "schema: 1\nid: o\nversion: '1'\ntitle: O\npanel: {}\ncriteria:\n"
    outer += "  - {id: x, title: X, points: 1, include: i.yaml}\n  - {id: y, title: Y, points: 1, include: i.yaml}\n"
    with pytest.raises(InputProblems) as raised:
        resolved(outer, tmp_path)
    assert codes(raised) == [("i.yaml:6:1", "yaml.key_unknown"), ("i.yaml:7:17", "id.duplicate")]


def test_a_fault_pydantic_has_a_new_name_for_is_still_a_problem() -> None:
    class Odd(BaseModel):
        model_config = ConfigDict(frozen=True)
        share: complex

    found = Problems()
    document = read_yaml(Source("x.yaml", b"share: far\n", ""), found)
    assert document is not None
    assert validate(Odd, document, found).model is None
    assert [(p.place, p.code) for p in found.listed()] == [("x.yaml:1:8", "value.wrong")]
