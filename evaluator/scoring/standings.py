"""Who came out where: ranks, outcomes with their reasons, ties and the cut line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evaluator.errors import InputProblems
from evaluator.model.evaluation import CutLine, Outcome, Reason, Standing, Tie, Unresolved, VoteCount
from evaluator.model.round import Round
from evaluator.model.rubric import DECISION, Rubric, Selection
from evaluator.scoring.gates import Gates
from evaluator.scoring.ranking import Groups, competition_ranks, equal_groups, seat_outcomes, settle_ties, ties_found
from evaluator.scoring.scores import Scored
from evaluator.scoring.totals import shortfalls, sort_keys
from evaluator.scoring.votes import reaches

_TIED = frozenset({"tied_at_cut", "tied_at_reserve"})
_NOT_SELECTED = _TIED | {"reserve", "not_selected"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Standings (ranked ones by rank then id, then the others by id), ties, the cut line, what is unsettled."""

    standings: tuple[Standing, ...]
    ties: tuple[Tie, ...] = ()
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
) -> tuple[Standing, ...]:
    """Standings of a round in which something is unresolved: no ranks and no totals."""
    conditions = conditions_of(round_)
    return tuple(
        Standing(
            applicant=a.id,
            rank=None,
            outcome=out[a.id][0].kind if out[a.id] else "not_rankable",
            reasons=out[a.id],
            conditions=conditions.get(a.id, ()),
            criteria={},
            votes=None if out[a.id] else votes.get(a.id),
        )
        for a in sorted(round_.applicants, key=lambda a: a.id)
    )


def rank_by_points(
    rubric: Rubric, round_: Round, gates: Gates, out: Mapping[str, tuple[Reason, ...]], scored: Scored
) -> Result:
    """Competition ranks by ranking total and tie-break chain, then recorded decisions, then seats.

    Applicants below a threshold or the pass mark have totals and no rank. Raises ``InputProblems`` for tie
    decisions that do not fit the ties.
    """
    missed = dict(zip(scored.ids, shortfalls(rubric, scored.points), strict=True))
    keys = {a: key for a, key in zip(scored.ids, sort_keys(rubric, scored.points), strict=True) if not missed[a]}
    groups, problems = settle_ties(equal_groups(keys), round_.decisions)
    if problems:
        raise InputProblems(problems)
    points, conditions = scored.points, conditions_of(round_)
    figures = zip(
        scored.ids,
        points.total.fractions(),
        points.ranking_total.fractions(),
        points.raw_total.fractions(),
        scored.bonus,
        scored.penalty,
        scored.criteria(rubric),
        strict=True,
    )
    bare = {a: Standing(applicant=a, rank=None, outcome="not_rankable", criteria={}) for a in out}
    for a, total, ranking_total, raw_total, bonus, penalty, criteria in figures:
        bare[a] = replace(
            bare[a],
            total=total,
            ranking_total=ranking_total,
            raw_total=raw_total,
            bonus=bonus,
            penalty=penalty,
            criteria=criteria,
            tallies=scored.tallies[a],
        )
    standings = {a: replace(s, conditions=conditions.get(a, ()), reasons=out[a] or missed[a]) for a, s in bare.items()}
    result = _seated(rubric.selection, gates, groups, standings)
    chain = [link for link in rubric.tie_break if link != DECISION]
    ties = tuple(
        Tie(total=total, applicants=tie.applicants, settled_by=tie.settled_by)
        for tie in ties_found(keys, chain, groups)
        if (total := standings[tie.applicants[0]].ranking_total) is not None
    )
    return replace(result, ties=ties)


def rank_by_votes(
    rubric: Rubric,
    round_: Round,
    gates: Gates,
    out: Mapping[str, tuple[Reason, ...]],
    votes: Mapping[str, VoteCount],
) -> Result:
    """Vote mode: ranks by yes votes among those that reached the majority, then recorded decisions, then seats."""
    rule, conditions = rubric.decision, conditions_of(round_)
    if rule is None:
        raise ValueError("the rubric has no vote")
    carried = {a: reaches(rule.majority, votes[a].yes, votes[a].eligible) for a in out if not out[a]}
    groups, problems = settle_ties(
        equal_groups({a: (votes[a].yes,) for a, yes in carried.items() if yes}), round_.decisions
    )
    if problems:
        raise InputProblems(problems)
    below = (Reason(kind="below_majority"),)
    standings = {
        a: Standing(
            applicant=a,
            rank=None,
            outcome="not_rankable",
            reasons=out[a] or (() if carried[a] else below),
            conditions=conditions.get(a, ()),
            criteria={},
            votes=None if out[a] else votes[a],
        )
        for a in out
    }
    seats = Selection(places=rule.places, reserve=rule.reserve)
    result = _seated(seats, gates, groups, standings)
    if not groups and not rule.allow_none:
        result = replace(result, unresolved=(Unresolved(kind="none_selected"),))
    return result


def _seated(selection: Selection | None, gates: Gates, groups: Groups, standings: Mapping[str, Standing]) -> Result:
    """Fill in ranks, outcomes, reasons of failed after_ranking gates, the cut line and what is unsettled."""
    ranks = competition_ranks(groups)
    failed = {a: gates.having(a, "after_ranking", "fail") for a in ranks}
    undecided = {a: gates.having(a, "after_ranking", "open") for a in ranks if not failed[a]}
    bad, open_ = {a for a, g in failed.items() if g}, {a for a, g in undecided.items() if g}
    outcomes: dict[str, Outcome]
    if selection is None:
        outcomes = {a: "gate_failed" if a in bad else "open" if a in open_ else "ranked" for a in ranks}
    else:
        outcomes = seat_outcomes(
            groups,
            places=selection.places,
            reserve=selection.reserve,
            fill=selection.vacancy == "fill",
            failed=bad,
            undecided=open_,
        )
    final = []
    for a, standing in standings.items():
        if a not in ranks:
            final.append(replace(standing, outcome=standing.reasons[0].kind))
            continue
        reasons = tuple(Reason(kind="gate_failed", subject=g) for g in failed[a])
        final.append(replace(standing, rank=ranks[a], outcome=outcomes[a], reasons=reasons))
    final.sort(key=lambda s: (s.rank is None, s.rank or 0, s.applicant))
    unresolved = [Unresolved(kind="tie", applicant=s.applicant) for s in final if s.outcome == "tied_at_cut"]
    unresolved += [
        Unresolved(kind="gate_after", applicant=s.applicant, gate=g)
        for s in final
        if s.applicant in open_
        for g in undecided[s.applicant]
    ]
    return Result(
        standings=tuple(final),
        cut_line=_cut_line(selection, final) if selection else None,
        unresolved=tuple(unresolved),
    )


def _cut_line(selection: Selection, listed: list[Standing]) -> CutLine:
    """The margin is None at a tie, where a place stays unfilled, and where nobody is left to compare with."""
    selected = [s.ranking_total for s in listed if s.outcome == "selected"]
    others = [s.ranking_total for s in listed if s.outcome in _NOT_SELECTED]
    last, first = (selected[-1] if selected else None), (others[0] if others else None)
    settled = len(selected) == selection.places and not any(s.outcome == "tied_at_cut" for s in listed)
    return CutLine(
        places=selection.places,
        filled=len(selected),
        last_selected=last,
        first_not_selected=first,
        margin=last - first if settled and last is not None and first is not None else None,
    )
