"""Levels of public AI access: claims fall to their evidence, and no evidence is used twice unnoticed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from evaluator.evidence.access import derive_access, same_address
from evaluator.model.access import FLAGS, ITEM_FLAGS, AccessDeclaration, AccessDerivation, AccessRule
from evaluator.model.openness import Delivery
from evaluator.model.rubric import Criterion, Level
from evaluator.model.text import Text

DAY = datetime.date(2026, 1, 15)
NEEDS: dict[int, tuple[str, ...]] = {
    0: (),
    1: ("terms_of_service",),
    2: ("price_list",),
    3: ("price_comparison", "price_list"),
    4: ("reduced_price_list", "user_test"),
    5: ("price_commitment",),
}
KINDS = ("terms_of_service", "price_list", "price_comparison", "reduced_price_list", "user_test", "price_commitment")


def leaf(
    counts: Delivery = "delivered", id_: str = "price", needs: dict[int, tuple[str, ...]] | None = None
) -> Criterion:
    title = Text(ko="가", en="a")
    return Criterion(
        id=id_,
        title=title,
        points=Fraction(10),
        source="access",
        access=AccessRule(counts=counts),
        levels=tuple(
            Level(value=Fraction(value), title=title, evidence=kinds) for value, kinds in (needs or NEEDS).items()
        ),
    )


def piece(id_: str, kind: str, delivery: str = "delivered", **more: Any) -> dict[str, Any]:
    own = {"url": f"https://{id_}.example.org/"} if not {"url", "file"} & more.keys() else {}
    return {
        "id": id_, "kind": kind, "delivery": delivery, "title": id_, "date": datetime.date(2026, 1, 2), **own, **more,
    }  # fmt: skip


def indicator(
    *pieces: dict[str, Any], promised: int | None = None, delivered: int | None = None, id_: str = "price"
) -> dict[str, Any]:
    by = datetime.date(2027, 1, 1)
    return {
        "id": id_,
        "promised": None if promised is None else {"level": promised, "by": by},
        "delivered": None if delivered is None else {"level": delivered},
        "evidence": pieces,
    }


def declared(*indicators: dict[str, Any]) -> AccessDeclaration:
    return AccessDeclaration.model_validate({"schema": 1, "service": "가상", "indicators": indicators})


def derive(
    *indicators: dict[str, Any], counts: Delivery = "delivered", day: datetime.date | None = DAY
) -> AccessDerivation:
    (found,) = derive_access([leaf(counts)], {"a": declared(*indicators)}, day)
    assert set(found.flags) <= set(FLAGS)
    assert all(set(item.flags) <= set(ITEM_FLAGS) for item in found.evidence)
    return found


def item_flags(found: AccessDerivation) -> dict[str, tuple[str, ...]]:
    return {item.id: item.flags for item in found.evidence}


# Known answers


@pytest.mark.parametrize(
    ("kinds", "claimed", "level", "missing"),
    [
        ((), 5, 0, ("terms_of_service", "price_list", "price_comparison", "reduced_price_list", "user_test",
                    "price_commitment")),
        (("terms_of_service",), 1, 1, ()),
        (("terms_of_service",), 0, 0, ()),
        (("terms_of_service", "price_list"), 1, 1, ()),
        (("terms_of_service", "price_list"), 3, 2, ("price_comparison",)),
        (("price_list",), 2, 0, ("terms_of_service",)),
        (("terms_of_service", "price_comparison"), 3, 1, ("price_list",)),
        (("terms_of_service", "price_list", "price_comparison", "user_test"), 4, 3, ("reduced_price_list",)),
        (KINDS, 5, 5, ()),
        ((*KINDS, "service_notice"), 5, 5, ()),
    ],
)  # fmt: skip
def test_a_claim_falls_to_the_highest_level_whose_evidence_is_all_there(
    kinds: tuple[str, ...], claimed: int, level: int, missing: tuple[str, ...]
) -> None:
    found = derive(indicator(*(piece(f"e{i}", kind) for i, kind in enumerate(kinds)), delivered=claimed))
    assert (found.level, found.delivered, found.claimed_delivered) == (level, level, claimed)
    assert found.missing == missing
    assert ("claim_reduced" in found.flags) == (level < claimed)
    assert ("no_claim" in found.flags) == (claimed == 0)


def test_a_level_that_names_no_evidence_is_never_reached_by_a_bare_claim() -> None:
    bare = leaf(needs={0: (), 1: (), 2: ("price_list",)})
    (found,) = derive_access([bare], {"a": declared(indicator(piece("e", "price_list"), delivered=2))}, DAY)
    assert found.level == 0


def test_what_exists_backs_a_plan_and_a_plan_never_shows_what_exists() -> None:
    pieces = (piece("t", "terms_of_service"), piece("p", "price_list", "promised"))
    found = derive(indicator(*pieces, promised=2, delivered=2), counts="promised")
    assert (found.level, found.promised, found.delivered) == (2, 2, 1)
    assert derive(indicator(*pieces, promised=2, delivered=2)).level == 1
    assert [(step.level, step.promised_missing, step.delivered_missing) for step in found.steps][:3] == [
        (1, (), ()),
        (2, (), ("price_list",)),
        (3, ("price_comparison",), ("price_comparison", "price_list")),
    ]


def test_only_what_is_claimed_of_what_counts_counts() -> None:
    found = derive(indicator(piece("t", "terms_of_service"), delivered=1), counts="promised")
    assert (found.level, found.promised, found.delivered) == (0, 0, 1)
    assert "no_claim" in found.flags


def test_an_indicator_that_is_not_declared_is_level_0() -> None:
    found = derive(indicator(piece("t", "terms_of_service"), delivered=1, id_="reach"))
    assert (found.level, found.indicator, found.evidence, found.flags) == (0, "price", (), ("no_claim",))


def test_the_rule_may_name_another_indicator() -> None:
    named = leaf().model_copy(update={"access": AccessRule(indicator="reach")})
    declaration = declared(indicator(piece("t", "terms_of_service"), delivered=1, id_="reach"))
    (found,) = derive_access([named], {"a": declaration}, DAY)
    assert (found.criterion, found.indicator, found.level) == ("price", "reach", 1)


def test_every_leaf_with_a_rule_and_every_applicant_in_order() -> None:
    panel = leaf().model_copy(update={"id": "other", "access": None})
    everybody = {"b": declared(indicator(delivered=1)), "a": declared()}
    found = derive_access([leaf(id_="reach"), panel, leaf(id_="price")], everybody, DAY)
    assert [(d.criterion, d.applicant) for d in found] == [
        ("reach", "a"), ("reach", "b"), ("price", "a"), ("price", "b"),
    ]  # fmt: skip
    assert derive_access([leaf()], {}, DAY) == []


# What is flagged


@pytest.mark.parametrize(
    ("until", "day", "flags", "counts"),
    [
        (datetime.date(2026, 1, 14), DAY, ("expired",), False),
        (DAY, DAY, (), True),
        (datetime.date(2026, 1, 14), None, ("validity_not_checked",), True),
        (None, None, (), True),
    ],
)
def test_what_ran_out_before_the_evaluation_does_not_count(
    until: datetime.date | None, day: datetime.date | None, flags: tuple[str, ...], counts: bool
) -> None:
    terms = piece("t", "terms_of_service", valid_until=until)
    found = derive(indicator(terms, delivered=1), day=day)
    assert (item_flags(found), found.evidence[0].counts, found.level) == ({"t": flags}, counts, int(counts))


def test_a_report_that_does_not_confirm_conformance_does_not_count() -> None:
    kinds = {0: (), 1: ("accessibility_self_check",), 2: ("accessibility_third_party_report",)}

    def level(*said: tuple[str, str]) -> tuple[int, tuple[str, ...]]:
        conforms = tuple({"standard": standard, "result": result} for standard, result in said)
        self_check = piece("s", "accessibility_self_check", conforms=({"standard": "KWCAG 2.2", "result": "not_met"},))
        report = piece("r", "accessibility_third_party_report", conforms=conforms)
        declaration = declared(indicator(self_check, report, delivered=2))
        (found,) = derive_access([leaf(needs=kinds)], {"a": declaration}, DAY)
        return found.level, item_flags(found)["r"]

    assert level(("KWCAG 2.2", "met"), ("WCAG 2.2 AA", "met")) == (2, ())
    assert level(("KWCAG 2.2", "met"), ("WCAG 2.2 AAA", "met")) == (2, ())
    assert level(("KWCAG 2.2", "met"), ("WCAG 2.2 A", "met")) == (1, ("not_conforming",))
    assert level(("KWCAG 2.2", "partly"), ("WCAG 2.2 AA", "met")) == (1, ("not_conforming",))


def test_evidence_that_is_odd_but_counts() -> None:
    found = derive(
        indicator(
            piece("p", "price_list"),
            piece("c", "certification"),
            piece("u", "uptime_record", figure={"value": 99, "unit": "percent"}),
            piece("v", "uptime_record", "promised", figure={"value": 99, "unit": "percent"}),
            delivered=1,
        )
    )
    assert item_flags(found) == {
        "p": ("no_figure",),
        "c": ("no_end_date", "not_asked"),
        "u": ("no_period", "not_asked"),
        "v": ("not_asked",),
    }
    assert all(item.counts for item in found.evidence)


def test_plans_behind_and_below_what_exists() -> None:
    terms, prices = piece("t", "terms_of_service"), piece("p", "price_list", "promised", figure=None)
    assert "delivered_below_promised" in derive(indicator(terms, prices, promised=2, delivered=1)).flags
    assert "delivered_below_promised" not in derive(indicator(terms, prices, promised=2)).flags
    assert "promised_below_delivered" in derive(indicator(terms, promised=0, delivered=1)).flags


def test_a_promise_whose_day_is_past_is_backed_only_by_what_was_delivered() -> None:
    pieces = (piece("t", "terms_of_service"), piece("p", "price_list", "promised"))
    late = indicator(*pieces, promised=2, delivered=1)
    late["promised"]["by"] = datetime.date(2026, 1, 14)
    found = derive(late, counts="promised")
    assert (found.level, found.missing, found.by) == (1, ("price_list",), "2026-01-14")
    assert {"promise_overdue", "claim_reduced"} <= set(found.flags)
    assert derive(late, counts="promised", day=None).level == 2
    late["promised"]["by"] = DAY
    assert derive(late, counts="promised").level == 2
    assert "promise_overdue" not in derive(late).flags
    kept = indicator(pieces[0], promised=1, delivered=1)
    kept["promised"]["by"] = datetime.date(2026, 1, 14)
    assert "promise_overdue" not in derive(kept).flags


def test_a_plan_that_binds_nobody_is_flagged() -> None:
    terms, bound = piece("t", "terms_of_service"), piece("b", "price_commitment", "promised")
    assert "not_binding" in derive(indicator(terms, promised=1)).flags
    assert "not_binding" not in derive(indicator(terms, bound, promised=1)).flags
    assert "not_binding" not in derive(indicator(terms, promised=1, delivered=1)).flags


# The same evidence twice


def test_the_same_evidence_counts_and_is_flagged_wherever_it_is_used() -> None:
    one = piece("t", "terms_of_service", url="https://www.example.org/terms#price")
    again = piece("p", "price_list", url="http://example.org/terms/", pages="p. 2")
    other = piece("x", "user_guide", url="https://EXAMPLE.org:443/terms")
    theirs = piece("t", "terms_of_service", url="https://example.org/terms")
    everybody = {
        "a": declared(indicator(one, again, delivered=2), indicator(other, id_="reach")),
        "b": declared(indicator(theirs, delivered=1)),
    }
    a, b = derive_access([leaf()], everybody, DAY)
    assert (a.level, b.level) == (2, 1)
    assert item_flags(a) == {
        "t": ("cited_again", "used_twice", "used_by_others"),
        "p": ("cited_again", "used_twice", "used_by_others", "no_figure"),
    }
    assert {item.id: item.alike for item in a.evidence} == {
        "t": ("price/p", "reach/x", "b:price/t"),
        "p": ("price/t", "reach/x", "b:price/t"),
    }
    assert item_flags(b) == {"t": ("used_by_others",)}
    assert b.evidence[0].alike == ("a:price/p", "a:price/t", "a:reach/x")


def test_what_everybody_cites_names_twenty_others_and_does_not_take_long() -> None:
    terms = piece("t", "terms_of_service", url="https://law.example/access")
    everybody = {f"a{i:03}": declared(indicator(terms, delivered=1)) for i in range(300)}
    found = derive_access([leaf()], everybody, DAY)
    first, *_, last = (one.evidence[0].alike for one in found)
    assert first == tuple(f"a{i:03}:price/t" for i in range(1, 21))
    assert last == tuple(f"a{i:03}:price/t" for i in range(20))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"sha256": "0" * 64, "file": "a.pdf"}, {"sha256": "0" * 64, "file": "b.pdf"}, True),
        ({"sha256": "0" * 64, "file": "a.pdf"}, {"sha256": "1" * 64, "file": "a.pdf"}, False),
        ({"issuer": "가 기관", "title": "협약서"}, {"issuer": "가  기관 ", "title": "협약서"}, True),
        ({"issuer": "가 기관", "title": "협약서"}, {"issuer": "나 기관", "title": "협약서"}, False),
        ({"title": "요금표"}, {"title": "요금표"}, False),
        ({"issuer": "가", "date": DAY, "title": "요금표"}, {"issuer": "가", "title": "요금표"}, False),
    ],
)
def test_what_makes_evidence_the_same(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    everybody = {
        "a": declared(indicator(piece("e1", "price_list", **one))),
        "b": declared(indicator(piece("e2", "price_list", **other))),
    }
    a, b = derive_access([leaf()], everybody, DAY)
    assert ("used_by_others" in item_flags(a)["e1"]) == same
    assert ("used_by_others" in item_flags(b)["e2"]) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://example.org", "HTTP://WWW.Example.ORG:80/#top", True),
        ("https://example.org/a", "https://example.org/A", False),
        ("https://example.org/a?v=1", "https://example.org/a?v=2", False),
        ("https://example.org/a", "https://example.com/a", False),
        ("https://example.org:8443/a", "https://example.org/a", False),
    ],
)
def test_addresses_are_compared_by_what_they_lead_to(one: str, other: str, same: bool) -> None:
    assert (same_address(one) == same_address(other)) == same


# Laws

PIECES = st.lists(
    st.builds(
        lambda kind, way, expired, where: {
            "kind": kind,
            "delivery": way,
            "valid_until": datetime.date(2026, 1, 3) if expired else None,
            "url": f"https://example.org/{where}",
        },
        st.sampled_from((*KINDS, "service_notice")),
        st.sampled_from(("promised", "delivered")),
        st.sampled_from((False, False, False, True)),
        st.integers(0, 4),
    ),
    max_size=9,
)
CLAIMS = st.tuples(st.integers(0, 5), st.integers(0, 5))
COUNTS: st.SearchStrategy[Delivery] = st.sampled_from(("promised", "delivered"))


def of(pieces: Sequence[dict[str, Any]], claims: tuple[int, int]) -> dict[str, Any]:
    numbered = (piece(f"e{i}", **one) for i, one in enumerate(pieces))
    return indicator(*numbered, promised=claims[0], delivered=claims[1])


def plainly(pieces: Sequence[dict[str, Any]], claim: int, way: str) -> int:
    """The rule in other words: the greatest claimed level whose whole ladder is covered."""
    there = {p["kind"] for p in pieces if p["valid_until"] is None and way in {"promised", p["delivery"]}}
    ladders = {level: {k for below in range(1, level + 1) for k in NEEDS[below]} for level in range(6)}
    return max(level for level, ladder in ladders.items() if ladder <= there and level <= claim)


@given(PIECES, CLAIMS, COUNTS)
def test_the_level_is_what_the_rule_says(
    pieces: list[dict[str, Any]], claims: tuple[int, int], counts: Delivery
) -> None:
    found = derive(of(pieces, claims), counts=counts)
    assert found.promised == plainly(pieces, claims[0], "promised") <= claims[0]
    assert found.delivered == plainly(pieces, claims[1], "delivered") <= claims[1]
    assert found.level == (found.promised if counts == "promised" else found.delivered)
    assert (found.missing == ()) == ("claim_reduced" not in found.flags)


@given(PIECES, CLAIMS, COUNTS)
def test_more_evidence_never_lowers_a_level_and_less_never_raises_one(
    pieces: list[dict[str, Any]], claims: tuple[int, int], counts: Delivery
) -> None:
    levels = [derive(of(pieces[:n], claims), counts=counts).level for n in range(len(pieces) + 1)]
    assert all(fewer <= more for fewer, more in pairwise(levels))


@given(PIECES, CLAIMS, COUNTS)
def test_a_higher_claim_never_lowers_a_level(
    pieces: list[dict[str, Any]], claims: tuple[int, int], counts: Delivery
) -> None:
    levels = [derive(of(pieces, (claim, claim)), counts=counts).level for claim in range(6)]
    assert all(lower <= higher for lower, higher in pairwise(levels))


@given(PIECES, PIECES, CLAIMS, st.randoms(use_true_random=False))
def test_order_and_names_decide_nothing(
    one: list[dict[str, Any]], other: list[dict[str, Any]], claims: tuple[int, int], chance: Any
) -> None:
    mine, theirs = of(one, claims), of(other, claims)
    before = derive_access([leaf()], {"a": declared(mine), "b": declared(theirs)}, DAY)
    shuffled = [list(each["evidence"]) for each in (mine, theirs)]
    for pieces in shuffled:
        chance.shuffle(pieces)
    mine["evidence"], theirs["evidence"] = map(tuple, shuffled)
    after = derive_access([leaf()], {"z": declared(mine), "b": declared(theirs)}, DAY)

    def bare(found: AccessDerivation) -> Any:
        kept = [(item.id, item.flags, item.counts, len(item.alike)) for item in found.evidence]
        return (found.level, found.promised, found.delivered, found.missing, found.steps, found.flags, kept)

    assert bare(before[0]) == bare(after[1])
    assert bare(before[1]) == bare(after[0])


@given(PIECES, CLAIMS, COUNTS)
def test_a_derivation_survives_the_record(
    pieces: list[dict[str, Any]], claims: tuple[int, int], counts: Delivery
) -> None:
    kept = TypeAdapter(AccessDerivation)
    found = derive(of(pieces, claims), counts=counts)
    assert kept.validate_json(kept.dump_json(found)) == found
