"""Sentences: particles, singular and plural, and catalogues that say the same in both languages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from evaluator.evidence.doubts import OVERALL, WITHHELD
from evaluator.model.access import FLAGS, ITEM_FLAGS
from evaluator.model.access_kinds import EvidenceKind, Unit
from evaluator.model.basis import Status
from evaluator.model.cross_check import MethodName, PreferenceName, WhyNoRanks, WhyNoTau
from evaluator.model.evaluation import Outcome, ReasonKind, UnresolvedKind
from evaluator.model.openness import COMPONENTS, DIMENSIONS, Condition, Delivery, LicenceKind, State
from evaluator.model.performance import Formula, LineState, MeasuredBy, Policy, Verdict
from evaluator.model.round import DecisionKind, GateOutcome, RoundStatus, VoteValue
from evaluator.model.rubric import ConvertKind, GateTime
from evaluator.model.support import OPTIONS, ItemKind
from evaluator.report import words as words_module
from evaluator.report.evidence_pages import LIMITS
from evaluator.report.words import Words, fill
from evaluator.resources import message_catalogue, templates_dir


@pytest.mark.parametrize(
    ("name", "subject", "by"),
    [
        ("가람연구소", "가람연구소는", "가람연구소로"),
        ("한울", "한울은", "한울로"),
        ("미르다온AI 컨소시엄(가상)", "미르다온AI 컨소시엄(가상)은", "미르다온AI 컨소시엄(가상)으로"),
        ("甲", "甲은", "甲으로"),
        ("丁", "丁은", "丁으로"),
        ("丙 컨소시엄", "丙 컨소시엄은", "丙 컨소시엄으로"),
        ("팀 3", "팀 3은", "팀 3으로"),
        ("팀 2", "팀 2는", "팀 2로"),
        ("ETRI", "ETRI는", "ETRI로"),
        ("KAIST LLM", "KAIST LLM은", "KAIST LLM으로"),
        ("大韓", "大韓은(는)", "大韓으로(로)"),
    ],
)
def test_a_particle_fits_what_stands_before_it(name: str, subject: str, by: str) -> None:
    assert fill("{name}[은/는]", {"name": name}) == subject
    assert fill("{name}[으로/로]", {"name": name}) == by


def test_the_last_number_decides_between_singular_and_plural() -> None:
    sentence = "{n} [place is|places are] filled by {m} [team|teams]"
    assert fill(sentence, {"n": 1, "m": 2}) == "1 place is filled by 2 teams"
    assert fill(sentence, {"n": 3, "m": 1}) == "3 places are filled by 1 team"


def test_what_is_put_in_is_never_interpreted() -> None:
    assert fill("{name}: {text}", {"name": "[은/는]{x}", "text": "[a|b]"}) == "[은/는]{x}: [a|b]"


def test_a_missing_key_or_parameter_is_an_error() -> None:
    words = Words("ko")
    with pytest.raises(KeyError):
        words("decision.unheard_of")
    with pytest.raises(KeyError):
        words("decision.withdrawn")


def sentences(lang: str) -> dict[str, str]:
    catalogue = message_catalogue("report", lang)
    return {f"{section}.{name}": text for section, entries in catalogue.items() for name, text in entries.items()}


def test_both_catalogues_have_the_same_keys() -> None:
    assert sentences("ko").keys() == sentences("en").keys()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_sentence_is_empty_and_none_appears_twice_in_its_section(lang: str) -> None:
    assert all(text.strip() for text in sentences(lang).values())
    path = templates_dir() / "messages" / f"report.{lang}.toml"
    tomllib.loads(path.read_text(encoding="utf-8"))  # a key given twice does not load


def test_a_sentence_takes_the_same_parameters_in_both_languages() -> None:
    general = {"applicant", "Applicant"}
    for key, korean in sentences("ko").items():
        assert fields(korean) - general == fields(sentences("en")[key]) - general, key


def fields(sentence: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(sentence) if field}


FAMILIES = {
    "outcome": get_args(Outcome),
    "outcome_proposed": get_args(Outcome),
    "status": get_args(RoundStatus),
    "basis": get_args(Status),
    "gate": (*get_args(GateOutcome), *get_args(GateTime)),
    "vote": get_args(VoteValue),
    "work": (
        *(f"then_{what}" for what in ("alone", "office", "adjusted", "office_adjusted")),
        *(f"share_{what}" for what in ("panel", "office", "mixed")),
    ),
    "decisions": get_args(DecisionKind),
    "size": ("large", "mid", "small"),
    "disclosure": ("applicant", "panel", "public"),
    "verdict": ("met", "not_met"),
    "reason": get_args(ReasonKind),
    "unsettled": ("tie", "gate_after", "none_selected", "support"),
    "missing_kind": get_args(UnresolvedKind)[:6],
    "missing_count": get_args(UnresolvedKind)[:6],
    "missing": ("quorum", "vote_quorum"),
    "rounding": ("half_up", "half_even", "down", "consensus", "points", "total"),
    "selection": ("keep", "fill"),
    "rule": ("pass_rounded", "pass_raw"),
    "bar": ("threshold_met", "threshold_not_met"),
    "adjust": ("bonus", "penalty", "bonus_max", "bonus_free", "penalty_max", "penalty_free"),
    "convert": (
        *(kind for kind in get_args(ConvertKind) if kind != "linear"),
        *(f"linear{zero}_{direction}" for zero in ("", "_zero") for direction in ("higher", "lower")),
        *("best_higher", "best_lower"),
    ),
    "formula": ("best_higher", "best_lower", *get_args(Formula)),
    "panel": tuple(f"{order}_{what}" for order in ("convert_first", "consensus_first") for what in ("sheet", "mark")),
    "panel_sentence": ("selected", "selected_proposed"),
    "access": ("counts_promised", "counts_delivered"),
    "access_flag": (*FLAGS, *ITEM_FLAGS),
    "component": COMPONENTS,
    "component_state": get_args(State),
    "conformance": ("met", "partly", "not_met"),
    "delivery": (*get_args(Delivery), *(f"counts_{way}" for way in get_args(Delivery))),
    "dimension": DIMENSIONS,
    "evidence_kind": get_args(EvidenceKind),
    "evidence_status": get_args(RoundStatus),
    "found": ("both", "figures", "licences", "nothing"),
    "licence_condition": get_args(Condition),
    "licence_kind": get_args(LicenceKind),
    "licence_word": ("NONE", "NOASSERTION"),
    "limits": tuple(f"{part}_{name}" for part in ("title", "text") for name in LIMITS),
    "line_state": (*get_args(LineState), "zero"),
    "line_state_note": [state for state in get_args(LineState) if state != "measured"],
    "measured_by": get_args(MeasuredBy),
    "openness": tuple(f"claimed_{how}" for how in ("above", "below", "same")),
    "openness_flag": (
        *("claimed_higher", "claimed_lower", "rests_on_promises", "promise_overdue", "weights_gated", "base_limits"),
        *("base_licence_unknown", "paper_stands_in", "transparency_capped"),
    ),
    "openness_missing": ("licence", "commercial_use", "open_licence", "open_access", "base_licence", "lower_level"),
    "openness_note": (
        *("own_licence", "unlisted", "data_licence", "software_licence", "gated", "overdue", "paper_stands_in"),
    ),
    "performance": get_args(Verdict),
    "performance_flag": OVERALL,
    "performance_rule": (
        *get_args(Policy),
        "weights_categories",
        "weights_benchmarks",
        "missing_zero",
        "missing_not_assessable",
    ),
    "performance_verdict": get_args(Verdict),
    "performance_why": (
        *("nothing_compared", "missing_result", "coverage", "no_target", "target_unknown", "no_reference"),
        *("no_eligible_reference", "no_reference_result", "reference_at_floor"),
        *("no_results", "results_not_counted", "nothing_handed_in"),
    ),
    "performance_withheld": WITHHELD,
    "policy": get_args(Policy),
    "published_by": get_args(MeasuredBy),
    "support_note": ("capped", "cut_to_step", "below_least", "not_for", "reduced", "nothing_asked"),
    "support_option": OPTIONS,
    "support_rule": get_args(ItemKind),
    "support_unit": ("KRW",),
    "unit": get_args(Unit),
    "method_name": get_args(MethodName),
    "method_how": get_args(MethodName),
    "method_setting": ("v", "preference", "q", "p"),
    "method_why": get_args(WhyNoRanks),
    "preference": get_args(PreferenceName),
    "tau_why": get_args(WhyNoTau),
    "cross_checks": ("in", "out", "tie"),
    "record_count": ("ties", "exclusions", "adjustments", "decisions", "recusals", "abstentions", "warnings"),
}
DECISIONS = {
    *(set(get_args(Outcome)) - {"gate_failed", "open"}),
    *("gate_failed_before", "gate_failed_after", "open_gate", "open_other"),
}


def test_every_sentence_is_used_and_every_family_is_complete() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(words_module.__file__).parent.glob("*.py"))
    pages = "".join(path.read_text(encoding="utf-8") for path in templates_dir().glob("*.j2"))
    named = set(re.findall(r"""["']([a-z_]+\.[a-z_]+)["']""", code + pages))
    quoted = set(re.findall(r"""["']([a-z_]+)["']""", pages))
    listed = {f"{family}.{name}" for family, names in FAMILIES.items() for name in names}
    listed |= {f"{section}.{name}" for section in ("decision", "decision_proposed") for name in DECISIONS}
    listed |= {f"section.{name}" for name in (*quoted, *re.findall(r"^ +(\w+)=bool\(", code, re.MULTILINE))}
    listed |= {f"label.{name}" for name in quoted}
    assert sentences("ko").keys() - named - listed == set()
    assert {key for key in named | listed if key.partition(".")[0] in FAMILIES} - sentences("ko").keys() == set()


def test_thousands_in_counts_are_set_off_and_still_counted() -> None:
    assert fill("{n}개 중 {rank}위", {"n": 12000, "rank": 999}) == "12,000개 중 999위"
    assert fill("{one} of {n} [is|are]", {"one": 1, "n": 12000}) == "1 of 12,000 are"
    assert fill("{line}", {"line": "12000"}) == "12000"
