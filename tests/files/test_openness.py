"""Reading openness.yaml: what is said becomes the declaration, licence expressions are understood, nothing crashes."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.errors import render
from evaluator.files import load_round
from evaluator.files.licences import licence_faults, listed_as
from evaluator.files.openness import read_openness
from evaluator.files.problems import Problems
from evaluator.files.sources import Source
from evaluator.model.licences import OPEN_CODE, OPEN_DATA, OPEN_MODEL, Joined, Single, listed, parse_expression, singles
from evaluator.model.openness import OpennessDeclaration
from evaluator.model.text import LANGUAGES
from evaluator.resources import message_catalogue

ACCEPT = Path(__file__).parent.parent / "accept" / "openness"
NOTHING: frozenset[str] = frozenset()


def read(text: str) -> tuple[OpennessDeclaration | None, Problems]:
    found = Problems()
    return read_openness(Source("openness.yaml", text.encode(), ""), found, evaluation_date=DAY), found


def codes(expression: str, own: frozenset[str] = NOTHING) -> list[str]:
    return [code.partition(".")[2] for code, _ in licence_faults(expression, own)]


DAY = datetime.date(2026, 1, 15)


def hint(expression: str) -> str:
    return str(next(iter(licence_faults(expression, NOTHING)))[1]["near"])


def test_what_is_said_becomes_the_declaration() -> None:
    declared = dict(load_round(ACCEPT)[1].evidence.openness)
    assert list(declared) == ["a1", "a2", "a3"]
    garam, narae, dasom = declared.values()
    assert (garam.model, garam.version, garam.claimed, garam.relation) == ("Garam-32B", "1.0", 6, "from_scratch")
    by_name = {it.component: it for it in garam.components}
    assert by_name["architecture"].date == datetime.date(2025, 12, 1)
    assert by_name["inference_code"].licence == "MIT OR Apache-2.0"
    assert by_name["datasets"].by == datetime.date(2026, 9, 30)
    assert by_name["datasets"].commitment is not None and by_name["datasets"].commitment.ko == "협약서 제12조"
    assert narae.licences[0].conditions == ("users", "naming")
    assert narae.base_models[0].licence == narae.licences[0].id
    assert not narae.base_models[0].own
    assert [it.gated for it in narae.components] == [True, None]
    assert dasom.components == () and dasom.claimed is None


@pytest.mark.parametrize(
    "expression",
    [
        "NONE",
        "NOASSERTION",
        "Apache-2.0",
        "Apache-2.0+",
        "(MIT AND CC-BY-4.0) OR Apache-2.0",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "GPL-3.0-or-later",
        "MPL-2.0-no-copyleft-exception",
        "OpenMDW-1.0",
        "our-licence OR MIT",
    ],
)
def test_licences_that_are_well_written(expression: str) -> None:
    assert codes(expression, frozenset({"our-licence"})) == []


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("", "expression"),
        ("()", "expression"),
        ("MIT OR", "expression"),
        ("AND MIT", "expression"),
        ("MIT, Apache-2.0", "expression"),
        ("MIT/Apache-2.0", "expression"),
        ("MIT Apache-2.0", "expression"),
        ("A WITH B WITH C", "expression"),
        ("our-licence", "licence_unknown"),
        ("LicenseRef-ours", "licence_unknown"),
        ("BSD", "licence_unknown"),
        ("mit", "licence_unknown_near"),
        ("GPL-2.0", "licence_deprecated"),
        ("GPL-2.0+", "licence_deprecated"),
        ("eCos-2.0", "licence_deprecated"),
        ("NONE AND MIT", "none_joined"),
        ("MIT WITH Apache-2.0", "not_an_exception"),
        ("LLVM-exception", "only_an_exception"),
    ],
)
def test_licences_that_are_not(expression: str, code: str) -> None:
    assert codes(expression) == [code]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("apache-2.0", "Apache-2.0"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("The MIT License", "MIT"),
        ("cc-by-nc-4.0", "CC-BY-NC-4.0"),
        ("CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("odc-by", ""),
        ("ODC-By-1", "ODC-By-1.0"),
        ("Apche-2.0", "Apache-2.0"),
        ("llama3.1", ""),
    ],
)
def test_what_was_probably_meant(written: str, meant: str) -> None:
    assert hint(written) == meant


def test_every_fault_of_an_expression_is_named() -> None:
    assert codes("mit AND (nobody OR GPL-2.0)") == ["licence_unknown_near", "licence_unknown", "licence_deprecated"]


def test_every_open_licence_and_every_successor_may_be_written() -> None:
    for id_ in OPEN_CODE | OPEN_DATA | OPEN_MODEL:
        assert codes(id_) == [], id_
    for id_, entry in listed().items():
        if entry.deprecated and " " not in id_ and not id_.endswith("-exception-1.1"):
            told = dict(next(iter(licence_faults(id_, NOTHING)))[1])
            for successor in str(told["instead"]).split(", "):
                assert codes(successor) == [], id_


def test_an_own_licence_may_not_take_a_listed_name() -> None:
    assert (listed_as("mit"), listed_as("apache-2.0"), listed_as("our-licence")) == ("MIT", "Apache-2.0", "")


def test_expressions_as_trees() -> None:
    tree = parse_expression("MIT AND (A-1+ OR GPL-2.0-only WITH X)")
    assert tree == Joined("AND", (Single("MIT"), Joined("OR", (Single("A-1", plus=True), Single("GPL-2.0-only", "X")))))
    assert [single.id for single in singles(tree)] == ["MIT", "A-1", "GPL-2.0-only"]
    deep = "(" * 199 + "MIT" + ")" * 199
    assert parse_expression(deep) == Single("MIT")
    assert parse_expression(deep[1:]) is None


@given(st.text(alphabet="MITAND OR()WH+-.:/\\,\"'0가\t\n", max_size=40))
def test_any_text_is_either_an_expression_or_told_to_be_none(text: str) -> None:
    faults = codes(text)
    assert bool(faults) or parse_expression(text) is not None or text in {"NONE", "NOASSERTION"}


WHOLE = (ACCEPT / "evidence" / "a1" / "openness.yaml").read_text(encoding="utf-8")
OTHER = (ACCEPT / "evidence" / "a2" / "openness.yaml").read_text(encoding="utf-8")


@settings(max_examples=150)
@given(
    st.sampled_from([WHOLE, OTHER]),
    st.lists(
        st.tuples(
            st.integers(0, 3000), st.integers(0, 12), st.sampled_from(["", "x", "0", ": ", "[", "\n", "true", "가"])
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_mutated_files_give_a_declaration_or_problems_with_places(
    text: str, changes: list[tuple[int, int, str]]
) -> None:
    for at, length, new in changes:
        start = at % len(text)
        text = text[:start] + new + text[start + length :]
    declared, found = read(text)
    assert (declared is None) == bool(found)
    assert all(problem.line > 0 or problem.code.startswith("file.") for problem in found.listed())


def test_a_promise_whose_day_has_passed_is_told_where_it_stands(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ACCEPT, tmp_path / "round"))
    file = folder / "evidence/a1/openness.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    first, second = (i for i, line in enumerate(lines) if line.strip() == "by: 2026-09-30")
    lines[first], lines[second] = "    by: 2026-01-14", "    by: 2026-01-15"  # evaluated on 2026-01-15
    file.write_text("\n".join(lines), encoding="utf-8")
    _, round_ = load_round(folder)
    assert [(w.code, w.line, w.params["component"]) for w in round_.warnings] == [
        ("openness.promise_overdue", first + 1, "datasets")
    ]
    for language in LANGUAGES:
        assert "2026-01-14" in render(round_.warnings[0], message_catalogue("problems", language))[0]


def test_the_year_of_a_promise_must_exist() -> None:
    broken = WHOLE.replace("2026-09-30", "2026-09-31", 1)
    declared, found = read(broken)
    assert declared is None
    assert [(problem.code, problem.path) for problem in found.listed()] == [("value.not_a_date", "components[10].by")]
