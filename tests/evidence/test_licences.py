"""How open a licence is: the lists, the operators, and records of licences that are on no list."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.evidence.licences import ORDER, judge, judge_id, least_open, most_open, rank
from evaluator.model.licences import (
    CONDITIONAL,
    NON_COMMERCIAL,
    OPEN_CODE,
    OPEN_DATA,
    OPEN_MODEL,
    listed,
    parse_expression,
)
from evaluator.model.openness import Condition, LicenceKind, LicenceRecord
from evaluator.model.text import Text


def record(
    id_: str = "own", *, public: bool = True, commercial: bool = True, conditions: tuple[Condition, ...] = ()
) -> LicenceRecord:
    return LicenceRecord(
        id=id_,
        title=Text(en=id_),
        url="https://example.org/licence",
        public=public,
        commercial_use=commercial,
        modification=True,
        redistribution=True,
        conditions=conditions,
    )


OWN = {
    "with-conditions": record("with-conditions", conditions=("field_of_use", "naming")),
    "research": record("research", commercial=False),
    "by-contract": record("by-contract", public=False),
    "says-it-is-free": record("says-it-is-free"),
}

# What the definition of "open" names, and what it does not; kinds as read in the licences themselves.
KINDS: dict[str, LicenceKind] = {
    "Apache-2.0": "open",
    "MIT": "open",
    "AGPL-3.0-or-later": "open",
    "NASA-1.3": "open",  # approved by OSI, not free in the list of the FSF
    "BSD-4-Clause": "open",  # free in the list of the FSF, not approved by OSI
    "OFL-1.1": "open",
    "CC0-1.0": "open",
    "CC-BY-4.0": "open",
    "CC-BY-3.0-IGO": "open",
    "CC-BY-SA-3.0": "open",
    "CDLA-Permissive-2.0": "open",
    "CDLA-Sharing-1.0": "open",
    "ODC-By-1.0": "open",
    "ODbL-1.0": "open",
    "PDDL-1.0": "open",
    "GFDL-1.3-or-later": "open",
    "OGL-UK-3.0": "open",
    "OpenMDW-1.0": "open",
    "CC-BY-NC-4.0": "non_commercial",
    "CC-BY-NC-SA-4.0": "non_commercial",
    "CC-BY-NC-ND-4.0": "non_commercial",
    "PolyForm-Noncommercial-1.0.0": "non_commercial",
    "BUSL-1.1": "non_commercial",
    "CC-BY-ND-4.0": "conditional",
    "Elastic-2.0": "conditional",
    "SSPL-1.0": "conditional",
    "Hippocratic-2.1": "conditional",
    "JSON": "conditional",
    "MulanPSL-1.0": "conditional",  # like an open one, but on no list
    "CPOL-1.02": "unknown",
    "NONE": "none",
    "NOASSERTION": "unknown",
    "no-such-licence": "unknown",
    "MIT OR": "unknown",
    "with-conditions": "conditional",
    "research": "non_commercial",
    "by-contract": "closed",
    "says-it-is-free": "conditional",
    "MIT AND CC-BY-NC-4.0": "non_commercial",
    "MIT OR CC-BY-NC-4.0": "open",
    "MIT AND (with-conditions OR research)": "conditional",
    "GPL-2.0-only WITH Classpath-exception-2.0": "open",
    "Apache-2.0+": "open",
    "MPL-2.0-no-copyleft-exception": "open",
    "MIT AND no-such-licence": "unknown",
}


@pytest.mark.parametrize(("expression", "kind"), KINDS.items())
def test_the_kind_of_a_licence(expression: str, kind: LicenceKind) -> None:
    assert judge(expression, OWN).kind == kind


def test_no_licence_at_all_is_none() -> None:
    assert judge(None, {}).kind == "none"


def test_the_tables_hold_ids_the_parser_knows_and_no_deprecated_ones() -> None:
    tables = OPEN_CODE | OPEN_DATA | OPEN_MODEL
    assert len(OPEN_CODE) + len(OPEN_DATA) + len(OPEN_MODEL) == len(tables)
    # Newer than the list inside the parsing library; all others it has to know.
    newer = {"ALGLIB-Documentation", "BSD-ask-to-endorse", "OSC-1.0", "OpenMDW-1.0", "WordNet"}
    from license_expression import get_license_index

    known = {entry.get("spdx_license_key") for entry in get_license_index()}
    assert tables - newer <= known
    assert not [id_ for id_ in tables if listed()[id_].deprecated or listed()[id_].exception]


def test_every_prefix_names_some_licence_and_none_that_is_open() -> None:
    for prefix in (*NON_COMMERCIAL, *CONDITIONAL):
        assert any(id_.startswith(prefix) for id_ in listed()), prefix
    assert not [id_ for id_ in OPEN_CODE | OPEN_DATA if id_.startswith((*NON_COMMERCIAL, *CONDITIONAL))]


def test_open_data_families_are_complete() -> None:
    families = ("CC-BY-", "CDLA-", "ODC-By-", "ODbL-", "PDDL-", "GFDL-", "OGL-", "CC0-")
    closed = ("CC-BY-NC", "CC-BY-ND")
    named = {
        id_
        for id_, entry in listed().items()
        if id_.startswith(families) and not id_.startswith(closed)
        if not entry.deprecated
    }
    assert named == OPEN_DATA


@pytest.mark.parametrize(
    "conditions",
    [
        ("field_of_use",),
        ("users",),
        ("revenue",),
        ("naming",),
        ("redistribution",),
        ("outputs",),
        ("access",),
        ("revocable",),
    ],
)
def test_every_condition_makes_a_licence_conditional(conditions: tuple[Condition, ...]) -> None:
    assert judge_id("own", {"own": record(conditions=conditions)}).kind == "conditional"


def test_a_recorded_licence_is_never_open_whatever_its_record_says() -> None:
    for public, commercial in itertools.product((True, False), repeat=2):
        kind = judge_id("own", {"own": record(public=public, commercial=commercial)}).kind
        assert kind == ("closed" if not public else "conditional" if commercial else "non_commercial")


def test_a_licence_made_for_another_kind_of_thing_counts_and_is_noted() -> None:
    assert judge("CC-BY-4.0", {}, "code").notes == ("data_licence",)
    assert judge("MIT", {}, "data").notes == ("software_licence",)
    assert judge("MIT", {}, "documentation").notes == ("software_licence",)
    assert judge("MIT", {}, "model").notes == ()
    assert judge("CC-BY-4.0", {}, "model").notes == ()
    assert judge("MIT OR CC-BY-4.0", {}, "data").notes == ()
    assert judge("OpenMDW-1.0", {}, "data").notes == ()
    assert judge("MulanPSL-1.0", {}, "code").notes == ("unlisted",)
    assert judge("research", OWN, "code").notes == ("own_licence",)


IDS = st.sampled_from(["MIT", "CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "by-contract", "nobody-knows", "CPOL-1.02"])
EXPRESSIONS = st.recursive(
    IDS, lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR"]), inner), max_leaves=8
)


@given(EXPRESSIONS, EXPRESSIONS)
def test_joining_by_and_never_opens_and_by_or_never_closes(one: str, other: str) -> None:
    kinds = [judge(one, OWN).kind, judge(other, OWN).kind]
    assert judge(f"{one} AND {other}", OWN).kind == least_open(kinds)
    assert judge(f"{one} OR {other}", OWN).kind == most_open(kinds)
    assert judge(f"{other} OR {one}", OWN).kind == judge(f"{one} OR {other}", OWN).kind


@given(st.text(max_size=60))
def test_any_text_has_a_kind(text: str) -> None:
    assert judge(text, OWN).kind in ORDER
    if parse_expression(text) is None and text not in {"NONE", "NOASSERTION"}:
        assert judge(text, OWN).kind == "unknown"


def test_the_order_of_kinds() -> None:
    assert [rank(kind) for kind in ORDER] == list(range(6))
    assert most_open(ORDER) == "open"
    assert least_open(ORDER) == "none"
