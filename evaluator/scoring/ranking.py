"""Ranks, ties and seats: from ordered totals to who is selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from evaluator.errors import Problem
from evaluator.model.evaluation import Outcome
from evaluator.model.round import Decision
from evaluator.model.rubric import DECISION

Groups = tuple[tuple[str, ...], ...]
"""Applicants of equal rank, best group first; ids in alphabetical order inside a group."""


@dataclass(frozen=True, slots=True)
class TieFound:
    """Applicants with equal first sort key and the chain link that separated all of them ('' where none did)."""

    applicants: tuple[str, ...]
    settled_by: str


def equal_groups(keys: Mapping[str, Sequence[int]]) -> Groups:
    """Group applicants by equal keys, greatest key first. Names only order the listing inside a group."""
    ordered = sorted(keys, key=lambda a: (tuple(-k for k in keys[a]), a))
    return tuple(tuple(group) for _, group in groupby(ordered, key=lambda a: tuple(keys[a])))


def settle_ties(groups: Groups, decisions: Sequence[Decision]) -> tuple[Groups, tuple[Problem, ...]]:
    """Split tied groups by recorded decisions of kind tie (``after`` = 1, 2, ... inside a group).

    A decision on an applicant that is not tied, or decisions that do not order exactly the tied group, are problems.
    """
    ties = [d for d in decisions if d.kind == "tie"]
    by_applicant = {d.applicant: d for d in ties}
    tied = {a for group in groups if len(group) > 1 for a in group}
    problems = [_problem("decision.tie_not_tied", d, applicant=d.applicant) for d in ties if d.applicant not in tied]
    settled: list[tuple[str, ...]] = []
    for group in groups:
        decided = [a for a in group if a in by_applicant]
        if len(group) == 1 or not decided:
            settled.append(group)
            continue
        order = {a: int(by_applicant[a].after) for a in decided}
        if sorted(order.values()) != list(range(1, len(group) + 1)):
            problems.append(
                _problem(
                    "decision.tie_incomplete",
                    by_applicant[decided[0]],
                    applicants=", ".join(group),
                    count=str(len(group)),
                )
            )
            settled.append(group)
            continue
        settled.extend((a,) for a in sorted(group, key=order.__getitem__))
    return tuple(settled), tuple(problems)


def _problem(code: str, decision: Decision, **params: str) -> Problem:
    return Problem(code=code, file="decisions.csv", line=decision.line, path="applicant", params=params)


def competition_ranks(groups: Groups) -> dict[str, int]:
    """1, 1, 3: a rank is one more than the number of applicants in better groups."""
    ranks: dict[str, int] = {}
    for group in groups:
        rank = len(ranks) + 1
        ranks.update(dict.fromkeys(group, rank))
    return ranks


def ties_found(keys: Mapping[str, Sequence[int]], chain: Sequence[str], final: Groups) -> tuple[TieFound, ...]:
    """Every group of equal ranking totals (first key) and what separated its members.

    ``chain`` names the keys after the first. ``settled_by`` is the last link that was needed, ``decision`` where
    recorded decisions did the rest, and empty where some members still share a rank in ``final``.
    """
    sizes = {a: len(group) for group in final for a in group}
    found = []
    for group in equal_groups({a: k[:1] for a, k in keys.items()}):
        if len(group) == 1:
            continue
        settled = ""
        for depth, link in enumerate(chain, start=2):
            if len({tuple(keys[a][:depth]) for a in group}) == len(group):
                settled = link
                break
        if not settled and all(sizes[a] == 1 for a in group):
            settled = DECISION
        found.append(TieFound(group, settled))
    return tuple(found)


def seat_outcomes(
    groups: Groups, *, places: int, reserve: int, fill: bool, failed: set[str], undecided: set[str]
) -> dict[str, Outcome]:
    """Walk down the groups, giving out places and then the reserve.

    In a group those that ``failed`` an after_ranking gate come last; they use up a seat unless ``fill``. The
    ``undecided`` (open gate) may still pass or fail: they are open, and so is everybody whose outcome depends on
    them. Seats used so far lie between ``least`` and ``most``; every whole number between can occur, and each
    outcome holds on an interval of seats, so looking at the four corners decides.
    """
    outcomes: dict[str, Outcome] = {}
    least = most = 0
    for group in groups:
        open_ = [a for a in group if a in undecided]
        bad = [a for a in group if a in failed]
        good = [a for a in group if a not in failed and a not in undecided]
        outcomes.update(dict.fromkeys(open_, "open"))
        outcomes.update(dict.fromkeys(bad, "gate_failed"))
        possible = {
            _seated(used, used + len(good) + passing, places, reserve)
            for used in (least, most)
            for passing in (0, len(open_))
        }
        outcome: Outcome = possible.pop() if len(possible) == 1 else "open"
        outcomes.update(dict.fromkeys(good, outcome))
        least += len(good) + (0 if fill else len(open_) + len(bad))
        most += len(good) + len(open_) + (0 if fill else len(bad))
    return outcomes


def _seated(used: int, last: int, places: int, reserve: int) -> Outcome:
    """The outcome of equals that will take the seats ``used + 1`` to ``last`` in an unknown order."""
    if last <= places:
        return "selected"
    if used < places:
        return "tied_at_cut"
    if last <= places + reserve:
        return "reserve"
    if used < places + reserve:
        return "tied_at_reserve"
    return "not_selected"
