"""Support of selected teams: exact amounts, both parts in the ratio of the table, and never more than there is."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from evaluator.evidence.support import Team, derive_support
from evaluator.model.support import OPTIONS, SupportOutcome, SupportPolicy, SupportRequest

F = Fraction
EOK = 100_000_000
LEVELS = tuple(range(7))


def policy(*items: dict[str, Any], **keys: Any) -> SupportPolicy:
    """The shares of the sister call of 2025: 10, 6 and 5 % for commercially usable releases, 50 % for others."""
    shares = {
        "criterion": "release",
        "rows": tuple(
            {"size": size, "levels": levels, "own": own}
            for size, open_ in (("large", "10%"), ("mid", "6%"), ("small", "5%"))
            for levels, own in (((2, 3, 4, 5, 6), open_), ((0, 1), "50%"))
        ),
    }
    told = {
        "schema": 1, "id": "policy", "version": "1", "title": "Support", "shares": shares,
        "items": tuple({"title": item["id"], **item} for item in items),
    }  # fmt: skip
    return SupportPolicy.model_validate(told | keys)


def team(applicant: str, rank: int = 1, size: str = "small", level: int | None = 3) -> Team:
    return Team(applicant=applicant, rank=rank, size=size, level=level)


def ask(item: str, **amounts: int) -> list[SupportRequest]:
    return [SupportRequest(applicant=who, item=item, asked=F(amount)) for who, amount in amounts.items()]


def paid(outcome: SupportOutcome, item: str) -> dict[str, tuple[Fraction, Fraction]]:
    """Both parts of what is decided."""
    return {
        t.applicant: (line.government, line.own)
        for t in outcome.teams
        for line in t.lines
        if line.item == item and line.government is not None and line.own is not None
    }


@pytest.mark.parametrize(
    ("size", "level", "government", "own"),
    [
        ("large", 3, 27 * EOK, 3 * EOK),
        ("mid", 6, F(282, 10) * EOK, F(18, 10) * EOK),
        ("small", 2, F(285, 10) * EOK, F(15, 10) * EOK),
        ("large", 1, 15 * EOK, 15 * EOK),
        ("small", 0, 15 * EOK, 15 * EOK),
    ],
)
def test_shares_follow_size_and_level(size: str, level: int, government: Fraction, own: Fraction) -> None:
    outcome = derive_support(
        policy({"id": "data", "kind": "shared"}), ask("data", a=30 * EOK), [team("a", 1, size, level)]
    )
    assert paid(outcome, "data") == {"a": (government, own)}
    assert outcome.teams[0].government == government
    assert outcome.totals[-1].item == "budget"
    assert outcome.totals[-1].government == government


def test_the_most_limits_the_government_part_and_the_private_part_follows() -> None:
    item = {"id": "data", "kind": "shared", "most": 18 * EOK}
    outcome = derive_support(policy(item), ask("data", a=100 * EOK), [team("a", 1, "large", 4)])
    line = outcome.teams[0].lines[0]
    assert (line.government, line.own, line.granted) == (18 * EOK, 2 * EOK, 20 * EOK)
    assert line.notes == ("capped",)


def test_the_private_part_is_rounded_up_to_whole_won() -> None:
    outcome = derive_support(policy({"id": "data", "kind": "shared"}), ask("data", a=101), [team("a", 1, "mid")])
    # 101 * 94 % = 94.94, cut to 94; 94 * 6/94 = 6.
    assert paid(outcome, "data") == {"a": (94, 6)}
    outcome = derive_support(policy({"id": "data", "kind": "shared"}), ask("data", a=100), [team("a", 1, "large")])
    assert paid(outcome, "data") == {"a": (90, 10)}
    outcome = derive_support(policy({"id": "data", "kind": "shared"}), ask("data", a=99), [team("a", 1, "large")])
    # 89.1 is cut to 89; 89/9 is 9.88..., rounded up to 10.
    assert paid(outcome, "data") == {"a": (89, 10)}


def test_matched_money_and_cash() -> None:
    matched = {"id": "talent", "kind": "matched", "match": "100%", "most": 20 * EOK}
    outcome = derive_support(policy(matched), ask("talent", a=30 * EOK, b=60 * EOK), [team("a"), team("b", 2)])
    assert paid(outcome, "talent") == {"a": (15 * EOK, 15 * EOK), "b": (20 * EOK, 20 * EOK)}
    cash = policy({"id": "data", "kind": "shared"}).model_dump(by_alias=True)
    for row in cash["shares"]["rows"]:
        row["cash"] = "20%"
    outcome = derive_support(SupportPolicy.model_validate(cash), ask("data", a=30 * EOK), [team("a", 1, "large")])
    assert outcome.teams[0].lines[0].cash == F(6, 10) * EOK


def test_units_come_in_steps_and_lessors_get_none() -> None:
    gpus = {"id": "gpu", "kind": "units", "unit": "B200", "most": 512, "least": 64, "step": 8, "available": 1536,
            "not_for": ("lessor",)}  # fmt: skip
    asked = ask("gpu", a=515, b=100, c=60, lessor=512)
    teams = [team("a"), team("b", 2), team("c", 3), team("lessor", 4), team("d", 5)]
    outcome = derive_support(policy(gpus), asked, teams)
    assert {who: g for who, (g, _) in paid(outcome, "gpu").items()} == {"a": 512, "b": 96, "c": 0, "lessor": 0, "d": 0}
    notes = {t.applicant: t.lines[0].notes for t in outcome.teams}
    assert notes == {
        "a": ("capped",), "b": ("cut_to_step",), "c": ("cut_to_step", "below_least"), "lessor": ("not_for",),
        "d": ("nothing_asked",),
    }  # fmt: skip
    assert outcome.totals[0].available == 1536
    assert outcome.teams[0].government == 0, "GPUs are no money"


def test_over_allocation_grants_nothing_and_shows_the_options() -> None:
    gpus = {"id": "gpu", "kind": "units", "unit": "B200", "step": 8, "available": 1024}
    outcome = derive_support(policy(gpus), ask("gpu", a=512, b=512, c=200), [team("a"), team("b", 2), team("c", 3)])
    assert outcome.status == "over"
    total = outcome.totals[0]
    assert (total.wished, total.over) == (1224, 200)
    assert {option.kind: dict(option.amounts) for option in total.options} == {
        "proportional": {"a": 424, "b": 424, "c": 160},
        "equal_cap": {"a": 408, "b": 408, "c": 200},
        "rank_order": {"a": 512, "b": 512, "c": 0},
    }


def test_what_is_undecided_is_not_granted_in_the_outcome() -> None:
    items = (
        {"id": "data", "kind": "shared", "available": 50 * EOK},
        {"id": "talent", "kind": "full"},
        {"id": "gpu", "kind": "units", "unit": "B200", "available": 500, "not_for": ("b",)},
    )
    asked = [*ask("data", a=30 * EOK, b=30 * EOK), *ask("talent", a=EOK), *ask("gpu", a=512, b=8)]
    outcome = derive_support(policy(*items), asked, [team("a", 1, "large"), team("b", 2, "large")])
    first, second = outcome.teams
    for line in (first.lines[0], second.lines[0], first.lines[2]):
        assert (line.granted, line.government, line.own, line.cash) == (None, None, None, None)
    assert [line.wish for line in first.lines] == [27 * EOK, EOK, 512]
    assert (second.lines[2].granted, second.lines[2].notes) == (0, ("not_for",)), "excluded, whatever is decided"
    assert (first.government, second.government) == (EOK, 0)
    data, talent, gpu, budget = outcome.totals
    assert (data.granted, data.wished, data.over) == (None, 54 * EOK, 4 * EOK)
    assert (talent.granted, talent.over) == (EOK, None)
    assert (gpu.granted, gpu.wished, gpu.over) == (None, 512, 12)
    assert (budget.granted, budget.wished, budget.over) == (EOK, 55 * EOK, None)
    adapter = TypeAdapter(SupportOutcome)
    assert adapter.validate_python(adapter.dump_python(outcome, mode="json", by_alias=True)) == outcome


def test_where_the_budget_is_exceeded_all_money_is_undecided_and_nothing_else() -> None:
    items = (
        {"id": "data", "kind": "shared"},
        {"id": "joint", "kind": "joint", "available": 100 * EOK},
        {"id": "gpu", "kind": "units", "unit": "B200", "available": 1024},
    )
    asked = [*ask("data", a=30 * EOK), *ask("gpu", a=512)]
    outcome = derive_support(policy(*items, budget=120 * EOK), asked, [team("a", 1, "large")])
    assert [line.granted for line in outcome.teams[0].lines] == [None, 512]
    assert (outcome.teams[0].government, outcome.teams[0].own) == (0, 0)
    assert [(t.granted, t.wished, t.over) for t in outcome.totals] == [
        (None, 27 * EOK, None), (None, 100 * EOK, None), (512, 512, None), (None, 127 * EOK, 7 * EOK),
    ]  # fmt: skip


def test_the_budget_counts_what_a_rule_has_reduced() -> None:
    item = {"id": "data", "kind": "full", "available": 50 * EOK, "over": "proportional"}
    outcome = derive_support(policy(item, budget=50 * EOK), ask("data", a=60 * EOK, b=40 * EOK), [team("a"), team("b")])
    assert outcome.status == "granted"
    assert (outcome.totals[0].wished, outcome.totals[0].granted) == (100 * EOK, 50 * EOK)
    assert (outcome.totals[1].wished, outcome.totals[1].granted) == (50 * EOK, 50 * EOK)


def test_no_cut_without_a_note() -> None:
    gpus = {"id": "gpu", "kind": "units", "unit": "B200"}
    half = [SupportRequest(applicant="a", item="gpu", asked=F("10.5"))]
    line = derive_support(policy(gpus), half, [team("a")]).teams[0].lines[0]
    assert (line.granted, line.notes) == (10, ("cut_to_step",))
    few = derive_support(policy(gpus | {"step": 8, "least": 8}), ask("gpu", a=5), [team("a")]).teams[0].lines[0]
    assert (few.granted, few.notes) == (0, ("cut_to_step", "below_least"))
    money = {"id": "data", "kind": "shared", "step": 1_000_000}
    line = derive_support(policy(money), ask("data", a=10_000_000), [team("a")]).teams[0].lines[0]
    assert (line.government, line.notes) == (9_000_000, ("cut_to_step",))
    parts_of_a_won = derive_support(policy(money | {"step": 1}), ask("data", a=101), [team("a")])
    assert parts_of_a_won.teams[0].lines[0].notes == ()


def test_reductions_say_what_they_cut_and_whom_they_push_below_the_least() -> None:
    gpus = {"id": "gpu", "kind": "units", "unit": "B200", "step": 8, "least": 128, "available": 400,
            "over": "proportional"}  # fmt: skip
    outcome = derive_support(policy(gpus), ask("gpu", a=515, b=130), [team("a"), team("b", 2)])
    # 512 and 128 are wished; 400/640 of them are 320 and 80.
    assert [(t.lines[0].wish, t.lines[0].granted, t.lines[0].notes) for t in outcome.teams] == [
        (512, 320, ("reduced",)), (128, 0, ("reduced", "below_least")),
    ]  # fmt: skip
    outcome = derive_support(policy(gpus | {"available": 396}), ask("gpu", a=512, b=128), [team("a"), team("b", 2)])
    assert outcome.teams[0].lines[0].notes == ("reduced", "cut_to_step")


def test_the_note_beside_a_request_stays_with_it() -> None:
    request = SupportRequest(applicant="a", item="data", asked=F(100), note="자체 데이터 구축")
    line = derive_support(policy({"id": "data", "kind": "shared"}), [request], [team("a")]).teams[0].lines[0]
    assert line.note == "자체 데이터 구축"


def test_two_won_for_one() -> None:
    item = {"id": "talent", "kind": "matched", "match": "200%"}
    assert paid(derive_support(policy(item), ask("talent", a=300), [team("a")]), "talent") == {"a": (100, 200)}


def test_equal_ranks_share_what_is_left() -> None:
    gpus = {"id": "gpu", "kind": "units", "unit": "B200", "available": 700, "over": "rank_order"}
    outcome = derive_support(policy(gpus), ask("gpu", a=500, b=300, c=300), [team("a"), team("b", 2), team("c", 2)])
    assert {who: g for who, (g, _) in paid(outcome, "gpu").items()} == {"a": 500, "b": 100, "c": 100}
    assert outcome.status == "granted"
    assert [t.lines[0].notes for t in outcome.teams] == [(), ("reduced",), ("reduced",)]


def test_the_budget_counts_money_and_what_is_bought_jointly() -> None:
    items = ({"id": "data", "kind": "shared"}, {"id": "joint", "kind": "joint", "available": 100 * EOK})
    outcome = derive_support(policy(*items, budget=120 * EOK), ask("data", a=30 * EOK), [team("a", 1, "large")])
    assert outcome.status == "over"
    assert outcome.totals[-1].wished == 127 * EOK
    assert outcome.totals[-1].over == 7 * EOK


def test_nobody_selected_and_no_share() -> None:
    assert derive_support(policy({"id": "data", "kind": "shared"}), [], []).status == "not_computed"
    with pytest.raises(ValueError, match="no share"):
        derive_support(policy({"id": "data", "kind": "shared"}), [], [team("a", 1, "huge")])


amounts = st.lists(st.integers(0, 2000), min_size=1, max_size=6)


@given(amounts, st.integers(0, 3000), st.sampled_from([1, 8]), st.sampled_from(OPTIONS))
def test_reduced_amounts_fit_and_nobody_gets_more_than_asked(
    asked: list[int], available: int, step: int, over: str
) -> None:
    item = {"id": "gpu", "kind": "units", "unit": "GPU", "step": step, "available": available, "over": over}
    teams = [team(f"t{i}", i + 1) for i in range(len(asked))]
    requests = [
        SupportRequest(applicant=t.applicant, item="gpu", asked=F(a)) for t, a in zip(teams, asked, strict=True)
    ]
    outcome = derive_support(policy(item), requests, teams)
    given_out = {who: government for who, (government, _) in paid(outcome, "gpu").items()}
    assert sum(given_out.values()) <= available or sum(asked) <= available
    for t, a in zip(teams, asked, strict=True):
        assert 0 <= given_out[t.applicant] <= a
        assert given_out[t.applicant] % step == 0
    wasted = available - sum(given_out.values())
    if sum(asked) > available:
        assert wasted < step * len(asked), "what is left over is less than a step for each team"


@given(amounts, st.permutations(range(6)))
def test_names_and_order_decide_nothing(asked: list[int], order: list[int]) -> None:
    item = {"id": "gpu", "kind": "units", "unit": "GPU", "available": 1000, "over": "rank_order"}
    teams = [team(f"t{i}", 1 + i // 2) for i in range(len(asked))]
    names = {f"t{i}": f"x{order[i]}" for i in range(len(asked))}

    def granted(rename: dict[str, str], reverse: bool) -> dict[str, Fraction]:
        listed = [team(rename[t.applicant], t.rank) for t in teams]
        requests = [
            SupportRequest(applicant=rename[t.applicant], item="gpu", asked=F(a))
            for t, a in zip(teams, asked, strict=True)
        ]
        outcome = derive_support(
            policy(item), requests[::-1] if reverse else requests, listed[::-1] if reverse else listed
        )
        back = {new: old for old, new in rename.items()}
        return {back[who]: government for who, (government, _) in paid(outcome, "gpu").items()}

    assert granted(names, reverse=True) == granted({t.applicant: t.applicant for t in teams}, reverse=False)


@given(st.integers(0, 10**12), st.sampled_from(["large", "mid", "small"]), st.sampled_from(LEVELS))
def test_both_parts_keep_the_ratio_to_the_won(cost: int, size: str, level: int) -> None:
    outcome = derive_support(policy({"id": "data", "kind": "shared"}), ask("data", a=cost), [team("a", 1, size, level)])
    line, share = outcome.teams[0].lines[0], outcome.teams[0].own_share
    assert share is not None
    assert line.own is not None
    assert line.government is not None
    assert line.granted is not None
    assert line.own.denominator == line.government.denominator == 1
    assert line.own >= share * line.granted, "never less than the private share"
    assert line.own - share * line.granted < 1
    assert cost - line.granted < 2
