"""What the selected teams get under a support policy, and whether there is enough of it. Exact, in whole steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from evaluator.model.support import (
    BUDGET,
    KRW,
    OPTIONS,
    Over,
    ShareRow,
    SupportItem,
    SupportLine,
    SupportOption,
    SupportOutcome,
    SupportPolicy,
    SupportRequest,
    SupportTotal,
    TeamSupport,
)

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A selected team: its rank (equal ranks share), its size, and its open-source level (None where unknown)."""

    applicant: str
    rank: int
    size: str
    level: int | None


def derive_support(policy: SupportPolicy, requests: Sequence[SupportRequest], teams: Sequence[Team]) -> SupportOutcome:
    """The support of the selected teams, by rank and then id.

    For an item with government share g = 1 - own share, a cost c that is asked for gives the government part
    min(c*g, most), cut to whole steps; the private part follows from it at the same ratio, rounded up to whole won, so
    that it is never less than the table says. ``matched``: government part min(c/(1+m), most), own part m times that.
    ``full`` and ``units``: min(c, most). A part below ``least`` is nothing. ``joint`` items go to all teams together
    and are in the totals only.

    Where the government parts of an item exceed what is ``available``, its ``over`` rule reduces them:
    proportional (each the same fraction, cut to steps), equal_cap (the highest cap under which they fit) or
    rank_order (in full by rank as far as it goes; teams of equal rank share what is left in proportion). Under
    refuse nothing of the item is granted: its amounts are None, the status is over, and every option is worked out. So
    it is with all items counted in KRW where they exceed the ``budget``, whose options are not worked out, because
    they are a choice between items. A team that is excluded or asks for nothing gets 0 all the same.

    Nobody selected: not_computed. A team whose size and level have no row in the table raises ``ValueError``.
    """
    if not teams:
        return SupportOutcome(policy=policy.id, version=policy.version, status="not_computed", declared=policy)
    ordered = sorted(teams, key=lambda team: (team.rank, team.applicant))
    asked = {(r.applicant, r.item): r for r in requests}
    rows = {team.applicant: share_row(policy, team) for team in ordered}
    totals: list[SupportTotal] = []
    lines: dict[str, list[SupportLine]] = {team.applicant: [] for team in ordered}
    for item in policy.items:
        if item.kind == "joint":
            amount = item.available or _ZERO
            totals.append(
                SupportTotal(
                    item=item.id,
                    unit=item.unit,
                    wished=amount,
                    granted=amount,
                    government=amount,
                    own=_ZERO,
                    available=amount,
                )
            )
            continue
        found = [_line(item, team, rows[team.applicant], asked.get((team.applicant, item.id))) for team in ordered]
        found, total = _within(item, ordered, rows, found)
        totals.append(total)
        for team, line in zip(ordered, found, strict=True):
            lines[team.applicant].append(line)
    budget = _budget(policy, totals)
    if budget.over is not None:
        totals = [_undecided_total(total) if total.unit == KRW else total for total in totals]
        lines = {
            who: [_undecided(line) if line.unit == KRW else line for line in found] for who, found in lines.items()
        }
    totals.append(budget)
    return SupportOutcome(
        policy=policy.id,
        version=policy.version,
        status="over" if any(total.over is not None for total in totals) else "granted",
        teams=tuple(_team(team, rows[team.applicant], lines[team.applicant]) for team in ordered),
        totals=tuple(totals),
        declared=policy,
    )


def share_row(policy: SupportPolicy, team: Team) -> ShareRow | None:
    """The row of the share table for a team; None where the policy has no table."""
    if policy.shares is None:
        return None
    for row in policy.shares.rows:
        if row.size == team.size and team.level in row.levels:
            return row
    raise ValueError(f"{policy.id}: no share for size {team.size!r} at level {team.level}")


def _own_ratio(item: SupportItem, row: ShareRow | None) -> Fraction:
    """Own money for each part of government money."""
    if item.kind == "shared" and row is not None:
        share = row.own.of(Fraction(1))
        return share / (1 - share)
    if item.kind == "matched":
        return _ZERO if item.match is None else item.match.of(Fraction(1))
    return _ZERO


def _line(item: SupportItem, team: Team, row: ShareRow | None, request: SupportRequest | None) -> SupportLine:
    notes: list[str] = []
    asked = None if request is None else request.asked
    wish = _ZERO if asked is None else asked / (1 + _own_ratio(item, row))
    if team.applicant in item.not_for:
        notes.append("not_for")
        wish = _ZERO
    elif not wish:
        notes.append("nothing_asked")
    if item.most is not None and wish > item.most:
        notes.append("capped")
        wish = item.most
    line = SupportLine(
        item=item.id, unit=item.unit, asked=asked, wish=_ZERO, granted=_ZERO, government=_ZERO, own=_ZERO,
        rule=item.kind, notes=tuple(notes), note="" if request is None else request.note,
    )  # fmt: skip
    line = _granted(item, row, line, wish)
    return replace(line, wish=line.government or _ZERO)


def _granted(item: SupportItem, row: ShareRow | None, line: SupportLine, amount: Fraction) -> SupportLine:
    """A line whose government part is an amount cut to whole steps, with what follows from it.

    Parts of a won are cut without a word; whole steps, and parts of anything else such as half a GPU, are noted.
    """
    whole = amount // item.step * item.step
    government, notes = _cut(item, amount), list(line.notes)
    if whole != amount and (item.step > 1 or item.unit != KRW):
        notes.append("cut_to_step")
    if item.least is not None and amount and whole < item.least:
        notes.append("below_least")
    own = Fraction(math.ceil(government * _own_ratio(item, row)))
    cash = None
    if item.kind == "shared" and row is not None and row.cash is not None:
        cash = Fraction(math.ceil(row.cash.of(own)))
    return replace(line, granted=government + own, government=government, own=own, cash=cash, notes=tuple(notes))


def _undecided(line: SupportLine) -> SupportLine:
    return replace(line, granted=None, government=None, own=None, cash=None) if line.wish else line


def _undecided_total(total: SupportTotal) -> SupportTotal:
    return replace(total, granted=None, government=None, own=None)


def _within(
    item: SupportItem, teams: Sequence[Team], rows: Mapping[str, ShareRow | None], lines: list[SupportLine]
) -> tuple[list[SupportLine], SupportTotal]:
    """The lines of an item reduced to what there is where its rule says how, and its total."""
    wishes = [line.wish for line in lines]
    wished = sum(wishes, _ZERO)
    over = None if item.available is None or wished <= item.available else wished - item.available
    options: tuple[SupportOption, ...] = ()
    if over is not None and item.over == "refuse":
        options = tuple(_option(kind, item, teams, wishes) for kind in OPTIONS)
        lines = [_undecided(line) for line in lines]
    elif over is not None:
        reduced = _REDUCE[item.over](item, teams, wishes)
        lines = [
            line if amount == line.wish else _reduced(item, rows[team.applicant], line, amount)
            for line, team, amount in zip(lines, teams, reduced, strict=True)
        ]
        over = None
    total = SupportTotal(
        item=item.id,
        unit=item.unit,
        wished=wished,
        granted=sum((line.granted or _ZERO for line in lines), _ZERO),
        government=sum((line.government or _ZERO for line in lines), _ZERO),
        own=sum((line.own or _ZERO for line in lines), _ZERO),
        available=item.available,
        over=over,
        options=options,
    )
    return lines, total if over is None else _undecided_total(total)


def _reduced(item: SupportItem, row: ShareRow | None, line: SupportLine, amount: Fraction) -> SupportLine:
    """A line reduced to an amount: what was cut off the wish before no longer matters, what is cut now does."""
    notes = (*(note for note in line.notes if note != "cut_to_step"), "reduced")
    return _granted(item, row, replace(line, notes=notes), amount)


def _option(kind: Over, item: SupportItem, teams: Sequence[Team], wishes: Sequence[Fraction]) -> SupportOption:
    amounts = _REDUCE[kind](item, teams, wishes)
    told = tuple((team.applicant, _cut(item, amount)) for team, amount in zip(teams, amounts, strict=True))
    return SupportOption(kind=kind, amounts=told)


def _cut(item: SupportItem, amount: Fraction) -> Fraction:
    """An amount in whole steps; nothing where that is less than the least."""
    whole = amount // item.step * item.step
    return _ZERO if item.least is not None and whole < item.least else whole


# Each of these gives the reduced amounts in the order of the teams, not yet cut to steps.


def _proportional(item: SupportItem, _: Sequence[Team], wishes: Sequence[Fraction]) -> list[Fraction]:
    factor = (item.available or _ZERO) / sum(wishes, _ZERO)
    return [wish * factor for wish in wishes]


def _equal_cap(item: SupportItem, _: Sequence[Team], wishes: Sequence[Fraction]) -> list[Fraction]:
    """Filled up from below: whoever asks for no more than an equal part of what is left gets it."""
    left, open_, cap = item.available or _ZERO, sorted(wishes), _ZERO
    for i, wish in enumerate(open_):
        cap = left / (len(open_) - i)
        if wish > cap:
            break
        left -= wish
    return [min(wish, cap) for wish in wishes]


def _rank_order(item: SupportItem, teams: Sequence[Team], wishes: Sequence[Fraction]) -> list[Fraction]:
    left = item.available or _ZERO
    amounts = dict[str, Fraction]()
    for rank in sorted({team.rank for team in teams}):
        group = [(team, wish) for team, wish in zip(teams, wishes, strict=True) if team.rank == rank]
        needed = sum((wish for _, wish in group), _ZERO)
        factor = Fraction(1) if needed <= left else left / needed
        for team, wish in group:
            amounts[team.applicant] = wish * factor
        left -= sum((_cut(item, wish * factor) for _, wish in group), _ZERO)
    return [amounts[team.applicant] for team in teams]


_REDUCE: Mapping[Over, Callable[[SupportItem, Sequence[Team], Sequence[Fraction]], list[Fraction]]] = {
    "proportional": _proportional,
    "equal_cap": _equal_cap,
    "rank_order": _rank_order,
}


def _budget(policy: SupportPolicy, totals: Sequence[SupportTotal]) -> SupportTotal:
    money = [total for total in totals if total.unit == KRW]
    wished = sum((total.wished if total.government is None else total.government for total in money), _ZERO)
    over = None if policy.budget is None or wished <= policy.budget else wished - policy.budget
    total = SupportTotal(
        item=BUDGET,
        unit=KRW,
        wished=wished,
        granted=sum((total.granted or _ZERO for total in money), _ZERO),
        government=sum((total.government or _ZERO for total in money), _ZERO),
        own=sum((total.own or _ZERO for total in money), _ZERO),
        available=policy.budget,
        over=over,
    )
    return total if over is None else _undecided_total(total)


def _team(team: Team, row: ShareRow | None, lines: Sequence[SupportLine]) -> TeamSupport:
    money = [line for line in lines if line.unit == KRW]
    return TeamSupport(
        applicant=team.applicant,
        size=team.size,
        level=team.level,
        own_share=None if row is None else row.own.of(Fraction(1)),
        lines=tuple(lines),
        government=sum((line.government or _ZERO for line in money), _ZERO),
        own=sum((line.own or _ZERO for line in money), _ZERO),
    )
