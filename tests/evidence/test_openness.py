"""The ladder of openness: well-known releases, what each level needs, and the laws it keeps."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from evaluator.evidence.openness import CLASSES, OSAID, derive_openness
from evaluator.files import load_rubric
from evaluator.files.openness import read_openness
from evaluator.files.problems import Problems
from evaluator.files.sources import Source
from evaluator.model.openness import (
    COMPONENTS,
    DIMENSIONS,
    PARTS,
    Answer,
    BaseModelRecord,
    Component,
    ComponentRecord,
    Delivery,
    LicenceRecord,
    OpennessDeclaration,
    OpennessDerivation,
    OpennessRule,
    TransparencyRecord,
)
from evaluator.model.rubric import Criterion
from evaluator.model.text import Text

DATA = Path(__file__).parent.parent / "data" / "openness"
LEAF = load_rubric("open-source-level").leaves()[0]
OWN = (
    LicenceRecord(
        id="conditions",
        title=Text(en="With conditions"),
        url="https://example.org/c",
        public=True,
        commercial_use=True,
        modification=True,
        redistribution=True,
        conditions=("users",),
    ),
    LicenceRecord(
        id="research",
        title=Text(en="Research only"),
        url="https://example.org/r",
        public=True,
        commercial_use=False,
        modification=True,
        redistribution=True,
        conditions=(),
    ),
    LicenceRecord(
        id="contract",
        title=Text(en="By contract"),
        url="https://example.org/k",
        public=False,
        commercial_use=True,
        modification=True,
        redistribution=False,
        conditions=(),
    ),
)


def leaf(counts: Delivery) -> Criterion:
    return LEAF.model_copy(update={"openness": OpennessRule(counts=counts)})


def released(component: Component, licence: str = "Apache-2.0", **more: Any) -> ComponentRecord:
    return ComponentRecord(
        component=component, state="delivered", licence=licence, url="https://example.org/it", **more
    )


def promised(component: Component, licence: str = "Apache-2.0", by: str = "2026-12-31") -> ComponentRecord:
    return ComponentRecord(
        component=component,
        state="promised",
        licence=licence,
        by=datetime.date.fromisoformat(by),
        commitment=Text(en="The agreement, section 4"),
    )


def declared(*components: ComponentRecord, **more: Any) -> OpennessDeclaration:
    return OpennessDeclaration.model_validate(
        {
            "schema": 1,
            "model": "Sample-7B",
            "relation": "from_scratch",
            "licences": OWN,
            "components": components,
            **more,
        }
    )


def derive(declaration: OpennessDeclaration, counts: Delivery = "delivered") -> OpennessDerivation:
    return derive_openness(leaf(counts), "a1", declaration)


def up_to(level: int) -> list[ComponentRecord]:
    """Everything the classes up to a level name, open."""
    return [released(name) for at, names in CLASSES.items() if at <= level for name in names]


def well_known(name: str) -> OpennessDeclaration:
    found = Problems()
    path = DATA / f"{name}.yaml"
    declaration = read_openness(Source(path.name, path.read_bytes(), ""), found)
    found.raise_if_any()
    assert declaration is not None
    return declaration


# Sources stand in the files, per component.
WELL_KNOWN = {
    "olmo-7b": (6, "I"),
    "polyglot-ko-12.8b": (5, "II"),
    "gpt-neox-20b": (4, "III"),
    "deepseek-r1": (3, ""),
    "bloom": (2, ""),
    "llama-3.1-8b": (2, ""),
    "exaone-3.5-7.8b": (1, ""),
}


@pytest.mark.parametrize(("name", "expected"), WELL_KNOWN.items())
def test_the_level_of_well_known_releases(name: str, expected: tuple[int, str]) -> None:
    derived = derive(well_known(name))
    assert (derived.level, derived.mof_class) == expected
    assert derived.delivered_level == derived.promised_level == derived.level


def test_every_declaration_of_a_release_is_tested_and_names_its_sources() -> None:
    assert {path.stem for path in DATA.glob("*.yaml")} == set(WELL_KNOWN)


def test_what_keeps_releases_from_the_next_class() -> None:
    assert derive(well_known("gpt-neox-20b")).next_missing == ("evaluation_data",)
    assert set(derive(well_known("polyglot-ko-12.8b")).next_missing) == set(CLASSES[6])
    assert derive(well_known("olmo-7b")).next_missing == ()


def test_the_licence_of_a_base_model_binds_all_but_its_owner() -> None:
    release = well_known("deepseek-r1")
    by_others = [base.model_copy(update={"own": False}) for base in release.base_models]
    derived = derive(release.model_copy(update={"base_models": tuple(by_others)}))
    assert (derived.level, derived.base_limit) == (2, 2)
    assert "base_limits" in derived.flags
    assert derive(release).flags == ("base_own",)


@pytest.mark.parametrize(
    ("licence", "level", "missing"),
    [
        (None, 0, ("final_weights",)),
        ("NONE", 0, ("licence",)),
        ("NOASSERTION", 0, ("licence",)),
        ("contract", 0, ("licence",)),
        ("research", 1, ("commercial_use",)),
        ("CC-BY-NC-4.0", 1, ("commercial_use",)),
        ("conditions", 2, ("open_licence",)),
        ("CC-BY-ND-4.0", 2, ("open_licence",)),
        ("MIT", 3, ()),
        ("OpenMDW-1.0", 3, ()),
        ("MIT OR CC-BY-NC-4.0", 3, ()),
        ("MIT AND CC-BY-NC-4.0", 1, ("commercial_use",)),
    ],
)
def test_weights_alone(licence: str | None, level: int, missing: tuple[str, ...]) -> None:
    derived = derive(declared(*([released("final_weights", licence)] if licence else [])))
    assert derived.level == level
    assert derived.steps[level + 1].missing[: len(missing)] == missing
    assert derived.next_missing == (*missing, *(name for name in CLASSES[4] if name != "final_weights"))
    assert derived.mof_class == ""


@pytest.mark.parametrize("level", [4, 5, 6])
def test_a_class_needs_every_one_of_its_components(level: int) -> None:
    whole = up_to(level)
    assert derive(declared(*whole)).level == level
    for left_out in CLASSES[level]:
        kept = [it for it in whole if it.component != left_out]
        derived = derive(declared(*kept))
        # A paper stands for the report.
        stands_in = left_out == "technical_report" and level == 6
        assert derived.level == (level if stands_in else 0 if left_out == "final_weights" else level - 1)
        for licence in ("NONE", "conditions", "CC-BY-NC-4.0"):
            assert derive(declared(*kept, released(left_out, licence))).level < level or stands_in


def test_a_research_paper_stands_for_the_technical_report() -> None:
    components = [it for it in up_to(4) if it.component != "technical_report"]
    assert derive(declared(*components)).level == 3
    derived = derive(declared(*components, released("research_paper", "CC-BY-4.0")))
    assert derived.level == 4
    assert derived.flags == ("paper_stands_in",)
    report = next(line for line in derived.components if line.component == "technical_report")
    assert (report.state, report.counts, report.notes) == ("absent", False, ("paper_stands_in",))
    assert derive(declared(*components, released("research_paper", "NONE"))).level == 3


def test_what_must_be_asked_for_is_conditional_whatever_its_licence() -> None:
    derived = derive(declared(released("final_weights", gated=True)))
    assert derived.level == 2
    assert derived.steps[3].missing == ("open_access",)
    assert derived.flags == ("weights_gated",)
    gated_data = [it if it.component != "datasets" else released("datasets", gated=True) for it in up_to(6)]
    assert derive(declared(*gated_data)).level == 5


def test_promises_count_where_the_rule_says_so() -> None:
    components = [*up_to(4), *(promised(name) for name in CLASSES[5])]
    delivered, bound = derive(declared(*components)), derive(declared(*components), "promised")
    assert (delivered.level, delivered.delivered_level, delivered.promised_level) == (4, 4, 5)
    assert (bound.level, bound.delivered_level, bound.promised_level) == (5, 4, 5)
    assert bound.flags == ("rests_on_promises",)
    assert [line.counts for line in delivered.components if line.state == "promised"] == [False] * 4
    assert [line.counts for line in bound.components if line.state == "promised"] == [True] * 4


def test_a_promise_is_void_after_its_day() -> None:
    declaration = declared(*up_to(4), *(promised(name, by="2026-06-30") for name in CLASSES[5]))
    on_the_day = derive_openness(leaf("promised"), "a1", declaration, datetime.date(2026, 6, 30))
    assert on_the_day.level == 5
    later = derive_openness(leaf("promised"), "a1", declaration, datetime.date(2026, 7, 1))
    assert (later.level, later.promised_level) == (4, 4)
    assert later.flags == ("promise_overdue",)
    assert all("overdue" in line.notes for line in later.components if line.state == "promised")


@pytest.mark.parametrize(
    ("licence", "limit"),
    [("MIT", 6), ("conditions", 2), ("research", 1), ("contract", 0), ("NONE", 0), ("NOASSERTION", 0)],
)
def test_a_derived_model_is_no_more_open_than_its_base(licence: str, limit: int) -> None:
    base = BaseModelRecord(name="Base-7B", licence=licence, url="https://example.org/base")
    derived = derive(declared(*up_to(6), relation="fine_tuned", base_models=(base,)))
    assert derived.level == derived.base_limit == limit
    assert ("base_licence" in derived.next_missing) == (limit < 6)
    assert ("base_licence" in derived.osaid_missing) == (limit < 6) == (not derived.osaid)
    assert ("base_limits" in derived.flags) == (limit < 6)
    assert ("base_licence_unknown" in derived.flags) == (licence in {"NONE", "NOASSERTION"})


def test_the_strictest_of_several_base_models_counts() -> None:
    bases = tuple(
        BaseModelRecord(name=name, licence=licence, url="https://example.org/base")
        for name, licence in (("One", "MIT"), ("Two", "conditions"), ("Three", "Apache-2.0"))
    )
    derived = derive(declared(*up_to(6), relation="merged", base_models=bases))
    assert (derived.level, derived.base_limit) == (2, 2)
    assert derived.base_model == "One, Two, Three"


@pytest.mark.parametrize(("claimed", "flag"), [(6, "claimed_higher"), (4, ""), (3, "claimed_lower"), (None, "")])
def test_the_claimed_level_beside_the_derived_one(claimed: int | None, flag: str) -> None:
    derived = derive(declared(*up_to(4), claimed=claimed))
    assert (derived.level, derived.claimed) == (4, claimed)
    assert derived.flags == ((flag,) if flag else ())


def test_a_candidate_for_the_open_source_ai_definition() -> None:
    whole = [released(name) for name in OSAID]
    assert derive(declared(*whole)).osaid
    for left_out in OSAID:
        derived = derive(declared(*(it for it in whole if it.component != left_out)))
        assert derived.osaid_missing == (left_out,)


def test_every_component_has_its_line() -> None:
    derived = derive(declared(released("datasets", "MIT", gated=True), released("architecture", "CC-BY-4.0")))
    assert [line.component for line in derived.components] == list(COMPONENTS)
    assert {line.component: line.part for line in derived.components} == dict(PARTS)
    lines = {line.component: line for line in derived.components}
    assert lines["datasets"].notes == ("software_licence", "gated")
    assert lines["datasets"].licence_kind == "open" and not lines["datasets"].counts
    assert lines["architecture"].notes == ("data_licence",) and lines["architecture"].counts
    assert lines["model_card"].state == "absent" and lines["model_card"].gated is None


# The 14 dimensions


def answers(**values: Answer) -> tuple[TransparencyRecord, ...]:
    return tuple(
        TransparencyRecord.model_validate({"dimension": name, "answer": answer, "url": "https://example.org/x"})
        for name, answer in values.items()
    )


def test_the_components_answer_some_dimensions() -> None:
    derived = derive(declared(*(released(name) for name in COMPONENTS)))
    assert [name for name, _ in derived.dimensions] == list(DIMENSIONS)
    assert {name for name, value in derived.dimensions if value == 0} == {
        "code_documentation",
        "hardware_architecture",
        "paper",
        "package",
        "api_and_meta_prompts",
    }
    assert derived.transparency == 9


def test_answers_fill_in_what_components_do_not_tell() -> None:
    told = answers(
        code_documentation="open",
        hardware_architecture="partial",
        paper="open",
        package="open",
        api_and_meta_prompts="open",
    )
    derived = derive(declared(*(released(name) for name in COMPONENTS), transparency=told))
    assert derived.transparency == Fraction(27, 2)
    assert "transparency_capped" not in derived.flags


def test_an_answer_can_be_lower_but_not_higher_than_the_components() -> None:
    components = (released("final_weights", "conditions"), released("training_code"))
    derived = derive(
        declared(*components, transparency=answers(end_user_model_weights="open", training_code="partial"))
    )
    values = dict(derived.dimensions)
    assert values["end_user_model_weights"] == Fraction(1, 2)
    assert values["training_code"] == Fraction(1, 2)
    assert derived.flags == ("transparency_capped",)


@pytest.mark.parametrize(
    ("licence", "weights"), [("MIT", 1), ("conditions", "1/2"), ("research", "1/2"), ("contract", 0), ("NONE", 0)]
)
def test_the_base_model_of_a_derived_model_is_another_ones(licence: str, weights: int | str) -> None:
    base = BaseModelRecord(name="Base-7B", licence=licence, url="https://example.org/base", own=True)
    components = (released("datasets"), released("final_weights"))
    derived = derive(declared(*components, relation="fine_tuned", base_models=(base,)))
    values = dict(derived.dimensions)
    assert (values["base_model_data"], values["end_user_model_data"]) == (0, 1)
    assert (values["base_model_weights"], values["end_user_model_weights"]) == (Fraction(weights), 1)


def test_promises_are_not_transparent_yet() -> None:
    assert derive(declared(*(promised(name) for name in COMPONENTS)), "promised").transparency == 0


# Laws

LICENCES = st.sampled_from(
    ["Apache-2.0", "CC-BY-4.0", "OpenMDW-1.0", "conditions", "research", "NONE", "CC-BY-NC-4.0", "MIT OR research"]
)
STATES = st.sampled_from(["delivered", "promised", "absent"])


@st.composite
def declarations(draw: st.DrawFn) -> OpennessDeclaration:
    """Mostly open components, so that the high levels are met as well."""
    chosen = draw(st.lists(st.sampled_from(COMPONENTS), unique=True, min_size=9))
    mostly = st.one_of(st.just("Apache-2.0"), st.just("CC-BY-4.0"), LICENCES)
    components: list[ComponentRecord] = []
    for name in draw(st.permutations(chosen)):
        state = draw(st.one_of(st.just("delivered"), STATES))
        if state == "delivered":
            components.append(released(name, draw(mostly), gated=draw(st.integers(0, 9)) == 0))
        elif state == "promised":
            components.append(promised(name, draw(mostly)))
        else:
            components.append(ComponentRecord(component=name, state="absent"))
    names = draw(st.lists(LICENCES, max_size=2))
    bases = tuple(
        BaseModelRecord(name=f"Base {i}", licence=licence, url="https://example.org/b", own=draw(st.booleans()))
        for i, licence in enumerate(names)
    )
    return declared(*components, relation="merged" if bases else "from_scratch", base_models=bases)


COUNTS = st.sampled_from(["delivered", "promised"])


@given(declarations(), COUNTS)
def test_levels_keep_their_order(declaration: OpennessDeclaration, counts: Delivery) -> None:
    derived = derive(declaration, counts)
    assert 0 <= derived.delivered_level <= derived.promised_level <= 6
    assert derived.level == (derived.promised_level if counts == "promised" else derived.delivered_level)
    assert derived.base_limit is None or derived.promised_level <= derived.base_limit
    assert 0 <= derived.transparency <= 14
    met = [step.met for step in derived.steps]
    assert met == sorted(met, reverse=True) and sum(met) == derived.level + 1
    assert all(step.met != bool(step.missing) for step in derived.steps)
    assert bool(derived.next_missing) == (derived.level < 6)


@given(declarations(), COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_the_components_is_irrelevant(
    declaration: OpennessDeclaration, counts: Delivery, shuffle: Any
) -> None:
    components = list(declaration.components)
    shuffle.shuffle(components)
    other = declaration.model_copy(update={"components": tuple(components)})
    assert derive(other, counts) == derive(declaration, counts)


@given(declarations(), COUNTS, st.sampled_from(COMPONENTS))
def test_opening_a_component_never_lowers_and_removing_one_never_raises(
    declaration: OpennessDeclaration, counts: Delivery, name: Component
) -> None:
    others = [it for it in declaration.components if it.component != name]
    less = derive(declaration.model_copy(update={"components": tuple(others)}), counts)
    as_it_is = derive(declaration, counts)
    more = derive(declaration.model_copy(update={"components": (*others, released(name))}), counts)
    assert less.level <= as_it_is.level <= more.level
    assert less.delivered_level <= as_it_is.delivered_level <= more.delivered_level
    assert less.osaid <= as_it_is.osaid <= more.osaid


@given(declarations(), COUNTS)
def test_filling_in_what_is_missing_reaches_the_next_class(declaration: OpennessDeclaration, counts: Delivery) -> None:
    derived = derive(declaration, counts)
    if derived.level == 6 or "base_licence" in derived.next_missing:
        return
    named = {code for code in derived.next_missing if code in COMPONENTS} | {"final_weights"}
    others = [it for it in declaration.components if it.component not in named]
    filled = (*others, *(released(name) for name in COMPONENTS if name in named))
    assert derive(declaration.model_copy(update={"components": filled}), counts).level >= max(4, derived.level + 1)


@given(declarations(), COUNTS)
def test_a_derivation_survives_writing_and_reading(declaration: OpennessDeclaration, counts: Delivery) -> None:
    derived = derive(declaration, counts)
    adapter = TypeAdapter(OpennessDerivation)
    assert adapter.validate_json(adapter.dump_json(derived)) == derived
