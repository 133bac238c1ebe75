"""Who came out where: ranks, outcomes with their reasons, ties and the cut line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import InputProblems
from evaluator.model.evaluation import CutLine, Outcome, Reason, Standing, Tie, Unresolved, VoteCount
from evaluator.model.exact import Column
from evaluator.model.round import Round
from evaluator.model.rubric import DECISION, Rubric, Selection
from evaluator.model.standings import OUTCOME_CODE, Standings
from evaluator.scoring.gates import Gates
from evaluator.scoring.ranking import Order, by_id, order_by, seat_outcomes, settle_ties, ties_found
from evaluator.scoring.scores import Scored
from evaluator.scoring.totals import shortfalls, sort_keys
from evaluator.scoring.votes import reaches

_NOT_SELECTED: tuple[Outcome, ...] = ("tied_at_cut", "tied_at_reserve", "reserve", "not_selected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Standings (ranked ones by rank then id, then the others by id), ties, the cut line, what is unsettled."""

    standings: Sequence[Standing]
    ties: Sequence[Tie] = ()
    cut_line: CutLine | None = None
    unresolved: tuple[Unresolved, ...] = ()


def conditions_of(round_: Round) -> dict[str, tuple[str, ...]]:
    """Texts of recorded decisions of kind condition, then of opinions of that kind, by applicant."""
    told = [(d.applicant, d.after) for d in round_.decisions if d.kind == "condition"]
    told += [(o.applicant, o.text) for o in round_.opinions if o.kind == "condition"]
    found: dict[str, tuple[str, ...]] = {}
    for applicant, text in told:
        found[applicant] = (*found.get(applicant, ()), text)
    return found


def not_ranked(
    round_: Round, out: Mapping[str, tuple[Reason, ...]], votes: Mapping[str, VoteCount]
) -> Sequence[Standing]:
    """Standings of a round in which something is unresolved: no ranks and no totals."""
    ids = tuple(sorted(a.id for a in round_.applicants))
    outcomes = np.full(len(ids), OUTCOME_CODE["not_rankable"], np.int8)
    for i in (i for i, a in enumerate(ids) if a in out) if out else ():
        outcomes[i] = OUTCOME_CODE[out[ids[i]][0].kind]
    return Standings(
        applicants=ids,
        ranks=np.zeros(len(ids), np.int32),
        outcomes=outcomes,
        rows=np.full(len(ids), -1, np.int64),
        computed=None,
        reasons=out,
        conditions=conditions_of(round_),
        votes={a: count for a, count in votes.items() if a not in out},
    )


def rank_by_points(
    rubric: Rubric, round_: Round, gates: Gates, out: Mapping[str, tuple[Reason, ...]], scored: Scored
) -> Result:
    """Competition ranks by ranking total and tie-break chain, then recorded decisions, then seats.

    Applicants below a threshold or the pass mark have totals and no rank. Raises ``InputProblems`` for tie
    decisions that do not fit the ties.
    """
    missed = shortfalls(rubric, scored.points)
    ranked = np.ones(len(scored.ids), np.bool_)
    ranked[list(missed)] = False
    keys = sort_keys(rubric, scored.points)
    by_points = order_by(scored.ids, keys, ranked)
    final, problems = settle_ties(by_points, round_.decisions)
    if problems:
        raise InputProblems(problems)
    listing = Standings(
        applicants=scored.ids,
        ranks=np.zeros(len(scored.ids), np.int32),
        outcomes=np.zeros(len(scored.ids), np.int8),
        rows=np.arange(len(scored.ids)),
        computed=scored.computed,
        reasons={**out, **{scored.ids[row]: reasons for row, reasons in missed.items()}},
        conditions=conditions_of(round_),
        votes={},
    )
    result = _seated(rubric.selection, gates, final, listing, tuple(out))
    chain = [link for link in rubric.tie_break if link != DECISION]
    return replace(result, ties=ties_found(by_points, keys, chain, final, scored.points.ranking_total))


def rank_by_votes(
    rubric: Rubric,
    round_: Round,
    gates: Gates,
    out: Mapping[str, tuple[Reason, ...]],
    votes: Mapping[str, VoteCount],
) -> Result:
    """Vote mode: ranks by yes votes among those that reached the majority, then recorded decisions, then seats."""
    rule = rubric.decision
    if rule is None:
        raise ValueError("the rubric has no vote")
    active = tuple(a.id for a in round_.applicants if a.id not in out)
    carried = np.array([reaches(rule.majority, votes[a].yes, votes[a].eligible) for a in active], np.bool_)
    yes = np.array([votes[a].yes for a in active], np.int64)
    order, problems = settle_ties(order_by(active, [yes], carried), round_.decisions)
    if problems:
        raise InputProblems(problems)
    below = (Reason(kind="below_majority"),)
    listing = Standings(
        applicants=active,
        ranks=np.zeros(len(active), np.int32),
        outcomes=np.zeros(len(active), np.int8),
        rows=np.full(len(active), -1, np.int64),
        computed=None,
        reasons={**out, **{a: below for a, passed in zip(active, carried.tolist(), strict=True) if not passed}},
        conditions=conditions_of(round_),
        votes={a: votes[a] for a in active},
    )
    result = _seated(Selection(places=rule.places, reserve=rule.reserve), gates, order, listing, tuple(out))
    if not carried.any() and not rule.allow_none:
        result = replace(result, unresolved=(Unresolved(kind="none_selected"),))
    return result


def _seated(
    selection: Selection | None, gates: Gates, order: Order, listing: Standings, out: tuple[str, ...]
) -> Result:
    """Fill in ranks, outcomes, reasons of failed after_ranking gates, the cut line and what is unsettled.

    ``listing`` has those that were scored, in the order that ``order.members`` counts along; ``out`` are the others.
    """
    ids, members = listing.applicants, order.members
    failed, undecided, failures, openings = _after_ranking(gates, ids, members)
    if selection is None:
        outcomes = np.full(len(members), OUTCOME_CODE["ranked"], np.int8)
        outcomes[undecided], outcomes[failed] = OUTCOME_CODE["open"], OUTCOME_CODE["gate_failed"]
    else:
        outcomes = seat_outcomes(
            order,
            places=selection.places,
            reserve=selection.reserve,
            fill=selection.vacancy == "fill",
            failed=failed,
            undecided=undecided,
        )
    reasons = {**listing.reasons, **failures}
    others = np.ones(len(ids), np.bool_)
    others[members] = False
    last = [*(ids[i] for i in np.flatnonzero(others).tolist()), *out]
    rows_of_others = np.append(listing.rows[others], np.full(len(out), -1, np.int64))
    by_name = np.argsort(by_id(last))
    codes = np.array([OUTCOME_CODE[reasons[a][0].kind] for a in last], np.int8)
    standings = replace(
        listing,
        applicants=(*(ids[i] for i in members.tolist()), *(last[i] for i in by_name.tolist())),
        ranks=np.append(order.ranks(), np.zeros(len(last), np.int32)),
        outcomes=np.append(outcomes, codes[by_name]),
        rows=np.append(listing.rows[members], rows_of_others[by_name]),
        reasons=reasons,
    )
    tied = np.flatnonzero(outcomes == OUTCOME_CODE["tied_at_cut"]).tolist()
    unresolved = [Unresolved(kind="tie", applicant=standings.applicants[i]) for i in tied]
    unresolved += [Unresolved(kind="gate_after", applicant=a, gate=g) for a, names in openings.items() for g in names]
    return Result(
        standings=standings,
        cut_line=_cut_line(selection, standings, outcomes) if selection else None,
        unresolved=tuple(unresolved),
    )


def _after_ranking(
    gates: Gates, ids: tuple[str, ...], members: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], dict[str, tuple[Reason, ...]], dict[str, list[str]]]:
    """Of the ranked applicants who failed an after_ranking gate and who has an open one, with reasons and gates."""
    failed, undecided = np.zeros(len(members), np.bool_), np.zeros(len(members), np.bool_)
    failures: dict[str, tuple[Reason, ...]] = {}
    openings: dict[str, list[str]] = {}
    if gates.rubric.gates_when("after_ranking"):
        for i, row in enumerate(members.tolist()):
            a = ids[row]
            if missed := gates.having(a, "after_ranking", "fail"):
                failed[i] = True
                failures[a] = tuple(Reason(kind="gate_failed", subject=g) for g in missed)
            elif waiting := gates.having(a, "after_ranking", "open"):
                undecided[i] = True
                openings[a] = waiting
    return failed, undecided, failures, openings


def _cut_line(selection: Selection, standings: Standings, outcomes: NDArray[np.int8]) -> CutLine:
    """The margin is None at a tie, where a place stays unfilled, and where nobody is left to compare with.

    ``outcomes`` are those of the ranked applicants, the first in ``standings``.
    """
    selected = np.flatnonzero(outcomes == OUTCOME_CODE["selected"])
    others = np.flatnonzero(np.isin(outcomes, [OUTCOME_CODE[outcome] for outcome in _NOT_SELECTED]))
    computed = standings.computed
    last = first = None
    if computed is not None:
        totals: Column = computed.ranking_total
        last = next(iter(totals.take(standings.rows[selected[-1:]]).fractions()), None)
        first = next(iter(totals.take(standings.rows[others[:1]]).fractions()), None)
    settled = len(selected) == selection.places and not (outcomes == OUTCOME_CODE["tied_at_cut"]).any()
    return CutLine(
        places=selection.places,
        filled=len(selected),
        last_selected=last,
        first_not_selected=first,
        margin=last - first if settled and last is not None and first is not None else None,
    )
