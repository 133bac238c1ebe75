"""Ranks, ties and seats: from ordered totals to who is selected. Columns throughout; no loop over applicants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import Problem
from evaluator.model.evaluation import Outcome
from evaluator.model.exact import Column
from evaluator.model.round import Decision
from evaluator.model.rubric import DECISION
from evaluator.model.standings import OUTCOME_CODE, Ties


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """Applicants in groups of equal rank, best group first; by id inside a group.

    ``members`` are positions along ``applicants`` (the ids), ``starts`` is where in ``members`` each group begins.
    """

    applicants: tuple[str, ...]
    members: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def ends(self) -> NDArray[np.int64]:
        """Where in ``members`` each group ends."""
        return np.append(self.starts[1:], len(self.members)).astype(np.int64)

    def ranks(self) -> NDArray[np.int32]:
        """Competition ranks (1, 1, 3) along ``members``: one more than the number of applicants in better groups."""
        return np.repeat(self.starts + 1, self.ends - self.starts).astype(np.int32)


def by_id(ids: Sequence[str]) -> NDArray[np.int64]:
    """The place of each id among the sorted ids."""
    places = np.empty(len(ids), np.int64)
    places[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return places


def order_by(applicants: tuple[str, ...], keys: Sequence[NDArray[np.int64]], among: NDArray[np.bool_]) -> Order:
    """Order the applicants ``among`` by some keys, each of which says more than the next, greatest first.

    Names only order the listing inside a group of equal keys.
    """
    chosen = np.flatnonzero(among)
    down = [-key[chosen] for key in keys]
    order = np.lexsort((by_id(applicants)[chosen], *reversed(down)))
    new = _new_runs([key[order] for key in down], len(order))
    return Order(applicants, chosen[order], np.flatnonzero(new))


def _new_runs(keys: Sequence[NDArray[np.int64]], length: int) -> NDArray[np.bool_]:
    """Where a row differs from the row before in any of some sorted columns; the first row does."""
    new = np.zeros(length, np.bool_)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return new


def settle_ties(order: Order, decisions: Sequence[Decision]) -> tuple[Order, tuple[Problem, ...]]:
    """Split tied groups by recorded decisions of kind tie (``after`` = 1, 2, ... inside a group).

    A decision on an applicant that is not tied, or decisions that do not order exactly the tied group, are problems.
    """
    by_applicant = {d.applicant: d for d in decisions if d.kind == "tie"}
    if not by_applicant:
        return order, ()
    places = {order.applicants[p]: i for i, p in enumerate(order.members.tolist())}
    group_of = np.repeat(np.arange(len(order.starts)), order.ends - order.starts)
    sizes = order.ends - order.starts
    problems, decided = [], set[int]()
    for decision in (d for d in decisions if d.kind == "tie"):
        group = int(group_of[places[decision.applicant]]) if decision.applicant in places else -1
        if group < 0 or sizes[group] == 1:
            problems.append(_problem("decision.tie_not_tied", decision, applicant=decision.applicant))
        else:
            decided.add(group)
    members, starts = order.members.copy(), set(order.starts.tolist())
    for group in sorted(decided):
        first, last = int(order.starts[group]), int(order.ends[group])
        tied = {order.applicants[p]: p for p in order.members[first:last].tolist()}
        after = {a: int(by_applicant[a].after) for a in tied if a in by_applicant}
        if sorted(after.values()) == list(range(1, len(tied) + 1)):
            members[first:last] = [tied[a] for a in sorted(after, key=after.__getitem__)]
            starts.update(range(first, last))
        else:
            told = {"applicants": ", ".join(tied), "count": str(len(tied))}
            problems.append(_problem("decision.tie_incomplete", by_applicant[next(iter(after))], **told))
    return replace(order, members=members, starts=np.array(sorted(starts), np.int64)), tuple(problems)


def _problem(code: str, decision: Decision, **params: str) -> Problem:
    return Problem(code=code, file="decisions.csv", line=decision.line, path="applicant", params=params)


def ties_found(
    order: Order, keys: Sequence[NDArray[np.int64]], links: Sequence[str], final: Order, totals: Column
) -> Ties:
    """Every group of equal ranking totals (first key) and what separated its members.

    ``order`` is by all ``keys``, ``links`` names the keys after the first, ``final`` is the order with recorded
    decisions, ``totals`` has one value an applicant. ``settled_by`` is the last link that was needed, ``decision``
    where recorded decisions did the rest, and empty where some members still share a rank in ``final``.
    """
    length = len(order.members)
    sorted_keys = [key[order.members] for key in keys]
    starts = np.flatnonzero(_new_runs(sorted_keys[:1], length))
    ends = np.append(starts[1:], length).astype(np.int64)
    tied = ends - starts > 1
    undecided = len(links) + 1
    settled = np.full(len(starts), undecided, np.int64)
    if length:
        shared = np.repeat(final.ends - final.starts, final.ends - final.starts) > 1
        still = np.add.reduceat(shared.astype(np.int64), starts) > 0
        settled[still] = undecided + 1
        for depth in range(len(keys), 1, -1):
            apart = np.add.reduceat(_new_runs(sorted_keys[:depth], length).astype(np.int64), starts)
            settled[apart == ends - starts] = depth - 1
    return Ties(
        applicants=order.applicants,
        members=order.members,
        starts=starts[tied],
        ends=ends[tied],
        totals=totals.take(order.members[starts[tied]]),
        settled_by=settled[tied] - 1,
        links=(*links, DECISION, ""),
    )


_OPEN, _FAILED = OUTCOME_CODE["open"], OUTCOME_CODE["gate_failed"]


def seat_outcomes(
    order: Order,
    *,
    places: int,
    reserve: int,
    fill: bool,
    failed: NDArray[np.bool_],
    undecided: NDArray[np.bool_],
) -> NDArray[np.int8]:
    """Walk down the groups, giving out places and then the reserve: outcomes (codes) along ``order.members``.

    In a group those that ``failed`` an after_ranking gate come last; they use up a seat unless ``fill``. The
    ``undecided`` (open gate) may still pass or fail: they are open, and so is everybody whose outcome depends on
    them. Seats used so far lie between ``least`` and ``most``; every whole number between can occur, and each
    outcome holds on an interval of seats, so looking at the four corners decides. Both masks run along ``members``.
    """
    if not len(order.members):
        return np.zeros(0, np.int8)
    size = order.ends - order.starts
    open_ = np.add.reduceat(undecided.astype(np.int64), order.starts)
    bad = np.add.reduceat(failed.astype(np.int64), order.starts)
    good = size - open_ - bad
    least_each = good if fill else size
    most_each = good + open_ if fill else size
    least, most = np.cumsum(least_each) - least_each, np.cumsum(most_each) - most_each
    corners = [
        _seated(used, used + good + passing, places, reserve) for used in (least, most) for passing in (0, open_)
    ]
    agreed = (corners[0] == corners[1]) & (corners[1] == corners[2]) & (corners[2] == corners[3])
    outcome = np.repeat(np.where(agreed, corners[0], _OPEN), size)
    outcome[undecided] = _OPEN
    outcome[failed] = _FAILED
    return outcome.astype(np.int8)


def _seated(used: NDArray[np.int64], last: NDArray[np.int64], places: int, reserve: int) -> NDArray[np.int64]:
    """The outcomes (codes) of equals that will take the seats ``used + 1`` to ``last`` in an unknown order."""
    told: list[Outcome] = ["selected", "tied_at_cut", "reserve", "tied_at_reserve"]
    cases = [last <= places, used < places, last <= places + reserve, used < places + reserve]
    return np.select(cases, [OUTCOME_CODE[outcome] for outcome in told], OUTCOME_CODE["not_selected"])
