"""The shipped rubrics and examples: complete in both languages, honest about their sources, and right."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from evaluator import resources
from evaluator.files import load_round
from evaluator.files.rubrics import load_rubric
from evaluator.model.evaluation import Evaluation
from evaluator.model.numbers import Limit, show
from evaluator.model.rubric import Criterion, allowed_scale
from evaluator.workflow import evaluate

# id, full total, leaves marked by a panel, figures from the office or from evidence
SHIPPED = [
    ("global-performance", 100, 0, 1),
    ("horizon-europe-ria", 15, 3, 0),
    ("k-ai-selection", 100, 9, 12),
    ("k-ai-stage1", 100, 4, 3),
    ("open-source-level", 100, 0, 1),
    ("procurement-80-20", 100, 5, 1),
    ("public-ai-access", 100, 0, 10),
]
IDS = [row[0] for row in SHIPPED]
TEXT_KEYS = {"title", "description", "descriptor", "note"}
HANGUL = re.compile(r"[가-힣]")


def written(rubric_id: str) -> Any:
    """The rubric as its file has it, nothing filled in."""
    path = resources.rubric_path(rubric_id)
    assert path is not None
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def texts(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every text field below a node, with where it stands; a criterion's `source` is a keyword, a basis' is text."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            yield from texts(item, f"{path}[{i}]")
    elif isinstance(node, dict):
        for key, value in node.items():
            here = f"{path}.{key}"
            if key in TEXT_KEYS or (key == "source" and "status" in node) or path.endswith(".terms"):
                yield here, value
            else:
                yield from texts(value, here)


def test_every_shipped_rubric_is_accounted_for() -> None:
    assert list(resources.rubric_ids()) == IDS


@pytest.mark.parametrize(("rubric_id", "full_total", "panel_leaves", "figures"), SHIPPED)
def test_a_shipped_rubric_loads(rubric_id: str, full_total: int, panel_leaves: int, figures: int) -> None:
    rubric = load_rubric(rubric_id)
    assert rubric.id == rubric_id
    assert rubric.full_total == full_total
    assert len(rubric.panel_leaves()) == panel_leaves
    assert len(rubric.leaves()) - panel_leaves == figures


@pytest.mark.parametrize("rubric_id", IDS)
def test_editors_find_the_schema_in_the_first_line(rubric_id: str) -> None:
    path = resources.rubric_path(rubric_id)
    assert path is not None
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=schema/rubric.schema.json"


@pytest.mark.parametrize("rubric_id", IDS)
def test_every_text_is_in_korean_and_in_english(rubric_id: str) -> None:
    found = list(texts(written(rubric_id)))
    assert len(found) > 5
    for where, text in found:
        assert isinstance(text, dict) and set(text) == {"ko", "en"}, where
        assert text["en"].strip() and not HANGUL.search(text["en"]), where
        assert HANGUL.search(text["ko"]), where


@pytest.mark.parametrize("rubric_id", IDS)
def test_every_criterion_and_gate_says_where_it_comes_from(rubric_id: str) -> None:
    rubric = load_rubric(rubric_id)
    bases = {item.id: item.basis for item in rubric.nodes()} | {gate.id: gate.basis for gate in rubric.gates}
    assert bases
    for name, basis in bases.items():
        assert basis is not None and basis.source is not None, name


@pytest.mark.parametrize("rubric_id", IDS)
def test_every_rule_in_use_says_where_it_comes_from(rubric_id: str) -> None:
    raw = written(rubric_id)
    rules = {"rounding", "adjustments", "pass_mark", "gates", "tie_break", "selection"} & set(raw)
    if "panel" in raw or "panels" in raw:
        rules.add("panels")
    said = set(raw.get("rule_basis", {}))
    own = {"gates"} if all("basis" in gate for gate in raw.get("gates", [])) else set()
    assert rules - own <= said


@pytest.mark.parametrize("rubric_id", IDS)
def test_every_level_of_a_panel_criterion_is_described(rubric_id: str) -> None:
    for leaf in load_rubric(rubric_id).panel_leaves():
        values = sorted(level.value for level in leaf.levels)
        lowest, highest = values[0], values[-1]
        if leaf.scale is not None:
            assert (lowest, highest) == (leaf.scale.min, leaf.scale.max), leaf.id
        assert values == [lowest + i for i in range(int(highest - lowest) + 1)], leaf.id
        for level in leaf.levels:
            assert level.descriptor is not None, (leaf.id, level.value)
            assert level.descriptor.ko and level.descriptor.en, (leaf.id, level.value)


def test_the_selection_keeps_the_published_points_and_marks_the_rest_as_assumed() -> None:
    rubric = load_rubric("k-ai-selection")
    published = {n.id: n.points for n in rubric.nodes() if n.basis is not None and n.basis.status == "published"}
    assert published == {"technology": 40, "strategy": 30, "impact": 30}
    points = {leaf.id: leaf.points for leaf in rubric.leaves()}
    assert (points["attainment"], points["release"], points["free-use"]) == (15, 6, 1)
    assert rubric.selection is not None and (rubric.selection.places, rubric.selection.vacancy) == (5, "fill")


def test_the_first_stage_keeps_its_published_points() -> None:
    rubric = load_rubric("k-ai-stage1")
    published = {n.id: n.points for n in rubric.nodes() if n.basis is not None and n.basis.status == "published"}
    assert published == {
        "benchmark": 40,
        "nia": 10,
        "global-common": 20,
        "global-individual": 10,
        "expert": 35,
        "user": 25,
    }
    assert rubric.selection is not None and (rubric.selection.places, rubric.selection.vacancy) == (4, "keep")


def test_procurement_needs_85_percent_of_the_technical_points() -> None:
    rubric = load_rubric("procurement-80-20")
    technical, price = rubric.criteria
    assert (technical.points, price.points) == (80, 20)
    assert technical.threshold == Limit(value=Fraction(85), percent=True)
    assert rubric.tie_break == ("technical", "functions", "decision")
    assert max(technical.children, key=lambda item: item.points).id == "functions"


def test_horizon_europe_weighs_the_ranking_and_not_the_thresholds() -> None:
    rubric = load_rubric("horizon-europe-ria")
    assert {leaf.id: leaf.ranking_weight or 1 for leaf in rubric.leaves()} == {
        "excellence": 1,
        "impact": Fraction("1.5"),
        "implementation": 1,
    }
    assert {leaf.threshold for leaf in rubric.leaves()} == {Limit(value=Fraction(3), percent=False)}
    assert rubric.pass_mark == Limit(value=Fraction(10), percent=False)


def best(leaf: Criterion) -> Fraction:
    """The mark or figure that earns all points of a leaf where more is better."""
    if leaf.convert is not None and leaf.convert.at is not None:
        return leaf.convert.at
    highest = allowed_scale(leaf).max
    assert highest is not None
    return highest


@pytest.mark.parametrize("rubric_id", IDS)
def test_the_best_marks_earn_every_point_exactly(rubric_id: str, tmp_path: Path) -> None:
    rubric = load_rubric(rubric_id)
    lines = {
        "applicants": ["id,name", "a,A"],
        "reviewers": ["id,name,panel"],
        "scores": ["reviewer,applicant,criterion,score"],
        "office": ["applicant,criterion,score"],
        "gates": ["applicant,gate,outcome", *(f"a,{gate.id},pass" for gate in rubric.gates)],
    }
    for panel in rubric.all_panels:
        for i in range(panel.quorum):
            lines["reviewers"].append(f"{panel.id}{i},Reviewer {i},{panel.id}")
            lines["scores"] += [f"{panel.id}{i},a,{leaf.id},{show(best(leaf))}" for leaf in rubric.leaves_of(panel)]
    lines["office"] += [f"a,{leaf.id},{show(best(leaf))}" for leaf in rubric.leaves() if leaf.source != "panel"]
    for name, rows in lines.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "round.yaml").write_text(f"{{schema: 1, id: best, title: Best, rubric: {rubric_id}}}", encoding="utf-8")

    (standing,) = evaluate(*load_round(tmp_path)).ranking
    assert standing.total == rubric.full_total
    assert {node.id: standing.criteria[node.id].points for node in rubric.nodes()} == {
        node.id: node.points for node in rubric.nodes()
    }


def evaluated(name: str) -> Evaluation:
    return evaluate(*load_round(resources.examples_dir() / name))


def outcome_table(evaluation: Evaluation) -> list[tuple[str, int | None, Fraction | None, str]]:
    return [(s.applicant, s.rank, s.total, s.outcome) for s in evaluation.ranking]


def test_the_selection_example_is_fed_by_evidence_alone() -> None:
    """What the README says of each team is what follows from its evidence."""
    _, round_ = load_round(resources.examples_dir() / "k-ai-selection")
    evaluation = evaluated("k-ai-selection")
    assert round_.office == () and evaluation.evidence is not None
    ratios = {d.applicant: d for d in evaluation.evidence.performance}
    levels = {d.applicant: d for d in evaluation.evidence.openness}
    readme = (resources.examples_dir() / "k-ai-selection" / "README.md").read_text(encoding="utf-8")
    rows = re.finditer(r"^\| `(t\d+)` \| ([\d.]+) \| (\d) \|", readme, re.MULTILINE)
    told = {row[1]: (Fraction(row[2]), int(row[3])) for row in rows}
    assert told == {id_: (d.ratio, levels[id_].level) for id_, d in ratios.items()}
    verdicts = {id_: d.verdict for id_, d in ratios.items()}
    assert verdicts == dict.fromkeys(ratios, "not_met") | {"t03": "point_only", "t05": "undetermined"}
    assert ratios["t03"].withheld == ("mode_differs",)
    assert [(line.benchmark, line.state) for line in ratios["t08"].lines if line.state != "measured"] == [
        ("code", "excused")
    ]
    assert {id_ for id_, d in levels.items() if "rests_on_promises" in d.flags} == {"t02", "t04", "t06", "t07", "t08"}
    assert levels["t05"].base_limit == 2
    reduced = [(d.applicant, d.criterion) for d in evaluation.evidence.access if "claim_reduced" in d.flags]
    assert reduced == [("t10", "reach"), ("t06", "accessibility"), ("t10", "accessibility")]
    shared = {d.applicant for d in evaluation.evidence.access for e in d.evidence if "used_by_others" in e.flags}
    assert shared == {"t04", "t08"}


def test_procurement_example() -> None:
    evaluation = evaluated("procurement")
    assert outcome_table(evaluation) == [
        ("jeong", 1, Fraction(84), "selected"),
        ("byeong", 2, Fraction(84), "not_selected"),
        ("gap", 3, Fraction(81), "not_selected"),
        ("eul", None, Fraction(85), "below_threshold"),
        ("mu", None, Fraction(82), "below_threshold"),
    ]
    technical = {s.applicant: s.criteria["technical"].points for s in evaluation.ranking}
    assert technical == {"gap": 68, "eul": 65, "byeong": 69, "jeong": 70, "mu": 65}


def test_selection_example() -> None:
    evaluation = evaluated("k-ai-selection")
    assert outcome_table(evaluation) == [
        ("t02", 1, Fraction("86.56"), "selected"),
        ("t07", 2, Fraction("84.43"), "selected"),
        ("t05", 3, Fraction("82.80"), "gate_failed"),
        ("t01", 4, Fraction("80.48"), "selected"),
        ("t09", 5, Fraction("80.48"), "selected"),
        ("t04", 6, Fraction("78.60"), "selected"),
        ("t03", 7, Fraction("78.53"), "reserve"),
        ("t08", 8, Fraction("74.72"), "reserve"),
        ("t06", 9, Fraction("65.51"), "not_selected"),
        ("t10", None, Fraction("51.21"), "below_pass_mark"),
    ]
    technology = {s.applicant: s.criteria["technology"].points for s in evaluation.ranking}
    assert (technology["t01"], technology["t09"]) == (Fraction("35.16"), Fraction("34.02"))
    assert [(tie.applicants, tie.settled_by) for tie in evaluation.ties] == [(("t01", "t09"), "technology")]
    assert evaluation.cut_line is not None
    assert (evaluation.cut_line.filled, evaluation.cut_line.margin) == (5, Fraction("0.07"))


def test_the_selection_example_drops_the_right_sheets() -> None:
    """r4 is recused from t03 and r2 abstained on one criterion of t07, so six sheets are left of each."""
    sheets = {
        s.applicant: {sheet.reviewer: sheet.kept for sheet in s.tallies[0].sheets}
        for s in evaluated("k-ai-selection").ranking
    }
    assert sheets["t03"] == {"r2": 0, "r5": 1, "r1": 1, "r6": 1, "r7": 1, "r3": 0}
    assert sheets["t07"] == {"r5": 0, "r6": 1, "r1": 1, "r4": 1, "r7": 1, "r3": 0}
    assert {len(kept) for applicant, kept in sheets.items() if applicant not in {"t03", "t07"}} == {7}


def test_every_example_round_says_that_it_is_fictional_or_where_it_is_published() -> None:
    for name in resources.example_ids():
        readme = (resources.examples_dir() / name / "README.md").read_text(encoding="utf-8")
        assert re.search(r"^# .*\((가상|공개).*(fictional|published)\)$", readme.splitlines()[0]), name


def test_the_fictional_example_says_so_wherever_it_is_named() -> None:
    _, round_ = load_round(resources.examples_dir() / "k-ai-selection")
    assert round_.info.project is not None
    for text in (round_.info.title, round_.info.project):
        assert "가상" in text.in_("ko") and "fictional" in text.in_("en")
    assert all(applicant.name.endswith("(가상)") for applicant in round_.applicants)


def test_the_first_stage_example_lists_what_was_never_published() -> None:
    evaluation = evaluated("k-ai-stage1-2026")
    kinds = [item.kind for item in evaluation.unresolved]
    assert kinds.count("blank") == 5 * (10 * 3 + 49)
    assert kinds.count("figure") == 5 * 3 - 5
    assert {s.outcome for s in evaluation.ranking} == {"not_rankable"}
    assert {s.total for s in evaluation.ranking} == {None}


def test_every_published_figure_of_the_first_stage_has_its_source() -> None:
    _, round_ = load_round(resources.examples_dir() / "k-ai-stage1-2026")
    figures = {(f.applicant, f.criterion): f.score for f in round_.office}
    assert figures == {
        ("team-1", "nia"): Fraction("9.2"),
        ("team-1", "global-common"): Fraction("14.4"),
        ("team-1", "global-individual"): Fraction("10"),
        ("team-2", "nia"): Fraction("9.2"),
        ("team-3", "global-individual"): Fraction("10"),
    }
    assert all(f.source for f in round_.office)


def run(*arguments: str | Path) -> int:
    command = [sys.executable, "-m", "evaluator", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_the_first_stage_example_is_valid_and_not_rankable(tmp_path: Path) -> None:
    example = resources.examples_dir() / "k-ai-stage1-2026"
    assert run("check", example) == 0
    assert run("rank", example, "-o", tmp_path / "out") == 3
