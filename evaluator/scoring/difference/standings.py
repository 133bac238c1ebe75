"""Who has other figures, another rank or another outcome, and what of it is established."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from evaluator.model.cross_check import POOL_RELATIVE
from evaluator.model.difference import (
    WHATS,
    ApplicantChange,
    Cause,
    CauseKind,
    CriterionChange,
    Effect,
    Place,
    ReasonTold,
    Scored,
    Sheet,
    SheetChange,
    What,
)
from evaluator.model.evaluation import CriterionScore, Evaluation, Outcome, Standing
from evaluator.model.rubric import DECISION, Rubric, allowed_scale
from evaluator.scoring.difference.order import crossings

Standings = Mapping[str, Standing]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two evaluations with what is known about their inputs.

    ``base`` is the evaluation from which on only inputs differ: the first one where the rules are the same, the
    second one where the inputs are, and what was computed in between where neither is; None where that could not be
    computed. ``same_totals`` says that no rule differs by which a total is computed. ``own`` are the applicants some
    input of whose own differs, ``decided`` those whose recorded tie decision does, ``gated`` those some gate of whose.
    """

    before: Evaluation
    after: Evaluation
    base: Evaluation | None
    same_totals: bool
    own: frozenset[str]
    decided: frozenset[str]
    gated: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Step:
    """From ``base`` to ``after``, where only inputs differ: what is needed to say why."""

    base: Evaluation
    after: Evaluation
    one: Standings
    other: Standings
    best: frozenset[str]
    pool_method: bool
    moved: frozenset[str]
    crossed: frozenset[str]
    stirred: frozenset[str]
    seats: Mapping[int, Outcome]
    sharing: tuple[Counter[int], Counter[int]]


def applicant_changes(compared: Compared) -> tuple[ApplicantChange, ...]:
    """Everybody who differs in anything that was computed, by id."""
    sides = [_by_id(e) for e in (compared.before, compared.after)]
    ids = sorted(sides[0].keys() | sides[1].keys())
    ahead, behind = crossings(*(_ranks(side, ids) for side in sides))
    base = compared.base
    between = None if base is None or base in (compared.before, compared.after) else _by_id(base)
    middle = between or (sides[0] if base is compared.before else sides[1] if base is compared.after else None)
    step = None if base is None or middle is None else _step(compared, base, middle, sides[1], ids)
    totals = step
    if step is None and compared.same_totals:
        totals = _step(compared, compared.before, sides[0], sides[1], ids)
    found = []
    for i, applicant in enumerate(ids):
        one, other = (side.get(applicant) for side in sides)
        if one is not None and other is not None and one == other:
            continue
        causes = _causes(compared, one, middle.get(applicant) if middle else None, other, step, totals)
        found.append(
            ApplicantChange(
                applicant=applicant,
                before=_place(one),
                between=_place(between.get(applicant)) if between else None,
                after=_place(other),
                criteria=tuple(_criteria(one, other)),
                sheets=tuple(_sheets(one, other)),
                causes=tuple(causes),
                ahead=int(ahead[i]),
                behind=int(behind[i]),
            )
        )
    return tuple(found)


def effect(one: Standings, other: Standings) -> Effect:
    """How many of the applicants both have another total, rank or outcome."""
    pairs = [(one[a], other[a]) for a in one.keys() & other.keys()]
    return Effect(
        totals=sum(a.total != b.total for a, b in pairs),
        ranks=sum(a.rank != b.rank for a, b in pairs),
        outcomes=sum(a.outcome != b.outcome for a, b in pairs),
    )


def standings_of(evaluation: Evaluation) -> Standings:
    """The standings by applicant."""
    return _by_id(evaluation)


def _by_id(evaluation: Evaluation) -> Standings:
    return {s.applicant: s for s in evaluation.ranking}


def _ranks(side: Standings, ids: Iterable[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([(side[a].rank or 0) if a in side else 0 for a in ids], np.int64)


# Causes


def _causes(
    compared: Compared,
    one: Standing | None,
    middle: Standing | None,
    other: Standing | None,
    step: _Step | None,
    totals: _Step | None,
) -> Iterator[Cause]:
    if one is None or other is None:
        kind: CauseKind = "entered" if one is None else "left"
        yield from (Cause(what=what, kind=kind) for what in WHATS)
        return
    for what in WHATS:
        old, new = getattr(one, what), getattr(other, what)
        if old == new:
            continue
        if compared.before.rankable != compared.after.rankable and "not_rankable" in {one.outcome, other.outcome}:
            yield Cause(what=what, kind="unresolved")
            continue
        known = totals if what == "total" else step
        if known is None:
            yield Cause(what=what, kind="not_separated")
            continue
        start = one if known.base is compared.before else middle or one
        if old != getattr(start, what):
            yield Cause(what=what, kind="rules")
        if getattr(start, what) != new:
            yield from _by_inputs(compared, known, what, start, other)


def _by_inputs(compared: Compared, step: _Step, what: What, one: Standing, other: Standing) -> Iterator[Cause]:
    """Why a value differs under the same rules."""
    applicant = one.applicant
    own = applicant in compared.own
    kinds: list[CauseKind] = []
    if what == "total":
        kinds += ["own_inputs"] if own else []
        relative = [
            c
            for c in other.criteria
            if c in step.best and c in one.criteria and one.criteria[c].raw != other.criteria[c].raw
        ]
        yield from (Cause(what=what, kind=kind) for kind in kinds)
        yield from (Cause(what=what, kind="pool_relative", criterion=c) for c in relative)
        if step.pool_method:
            yield Cause(what=what, kind="pool_method")
        if not (kinds or relative or step.pool_method):
            yield Cause(what=what, kind="unexplained")
        return
    if what == "rank":
        kinds = list(_rank_kinds(compared, step, one, other))
    else:
        kinds = list(_outcome_kinds(compared, step, one, other))
    yield from (Cause(what=what, kind=kind) for kind in kinds or ["unexplained"])


def _rank_kinds(compared: Compared, step: _Step, one: Standing, other: Standing) -> Iterator[CauseKind]:
    if (one.rank is None) != (other.rank is None):
        yield "reasons" if one.reasons != other.reasons else "unexplained"
        return
    if one.ranking_total != other.ranking_total:
        yield "own_total"
    elif one.votes != other.votes:
        yield "own_votes"
    elif _chain(one, step.base.rubric) != _chain(other, step.after.rubric):
        yield "own_tie_break"
    if one.applicant in compared.decided:
        yield "tie_decision"
    if one.applicant in step.crossed or one.applicant not in step.moved:
        yield "others"


def _outcome_kinds(compared: Compared, step: _Step, one: Standing, other: Standing) -> Iterator[CauseKind]:
    """Its own reasons and gates, its own rank, a tie on it, or else others.

    A rank is no cause where it had another definite outcome before: then others use the seats differently. Where
    either was a tie at a line, what became of the rank follows from how many share it.
    """
    own = list[CauseKind]()
    if one.reasons != other.reasons:
        own.append("reasons")
    elif one.applicant in compared.gated:
        own.append("own_inputs")
    if one.rank is not None and other.rank is not None:
        seat = step.seats.get(other.rank)
        if one.rank != other.rank and (seat in {other.outcome, None, *_TIED} or other.outcome in _TIED):
            own.append("rank")
        elif not own and step.sharing[0][one.rank] != step.sharing[1][other.rank]:
            own.append("tie")
    yield from own
    if not own and step.stirred - {one.applicant}:
        yield "others"


def _seats(evaluation: Evaluation) -> dict[int, Outcome]:
    """What became of each rank, of those that no gate kept out or left open."""
    return {s.rank: s.outcome for s in evaluation.ranking if s.rank is not None and s.outcome in _SEATED}


def _sharing(side: Standings) -> Counter[int]:
    """How many share each rank."""
    return Counter(s.rank for s in side.values() if s.rank is not None)


_TIED = frozenset({"tied_at_cut", "tied_at_reserve"})
_SEATED = _TIED | {"selected", "reserve", "not_selected", "ranked"}


def _step(compared: Compared, base: Evaluation, one: Standings, other: Standings, ids: list[str]) -> _Step:
    """What changed from ``base`` to the second evaluation, whose rules are the same as far as they are asked for.

    ``moved`` are those whose own place in the order may have changed: another ranking total, other points in the
    tie-break chain, other votes, another tie decision, with or without a rank, on one side only. Whoever is not among
    them can have another rank only because of those who are. ``crossed`` are those among ``moved`` that passed, or
    were passed by, another of them. ``stirred`` may also use up or free a seat without passing anybody, at a gate.
    """
    after = compared.after
    moved = frozenset(a for a in ids if a in compared.decided or _key(one.get(a), base) != _key(other.get(a), after))
    listed = sorted(moved)
    ahead, behind = crossings(_ranks(one, listed), _ranks(other, listed))
    return _Step(
        base=base,
        after=after,
        one=one,
        other=other,
        best=frozenset(_other_best(base.rubric, after.rubric, one, other)),
        pool_method=after.rubric.method.method in POOL_RELATIVE,
        moved=moved,
        crossed=frozenset(a for a, n in zip(listed, (ahead + behind).tolist(), strict=True) if n),
        stirred=moved | compared.own,
        seats=_seats(base),
        sharing=(_sharing(one), _sharing(other)),
    )


def _key(standing: Standing | None, evaluation: Evaluation) -> tuple[object, ...] | None:
    if standing is None or standing.rank is None:
        return None
    return standing.ranking_total, _chain(standing, evaluation.rubric), standing.votes and standing.votes.yes


def _chain(standing: Standing, rubric: Rubric) -> tuple[Fraction, ...]:
    links = [link for link in rubric.tie_break if link != DECISION]
    return tuple(standing.criteria[link].points for link in links if link in standing.criteria)


def _other_best(old: Rubric, new: Rubric, one: Standings, other: Standings) -> Iterator[str]:
    """Criteria scored in relation to the best value whose best value is another."""
    relative = {leaf.id for leaf in old.leaves() if leaf.convert and leaf.convert.kind == "relative_to_best"}
    for leaf in new.leaves():
        if leaf.id in relative and leaf.convert is not None and leaf.convert.kind == "relative_to_best":
            take = min if allowed_scale(leaf).direction == "lower" else max
            best = []
            for side in (one, other):
                values = [s.criteria[leaf.id].consensus or Fraction(0) for s in side.values() if leaf.id in s.criteria]
                best.append(take(values, default=None))
            if best[0] != best[1]:
                yield leaf.id


# Figures


def _place(standing: Standing | None) -> Place | None:
    if standing is None:
        return None
    return Place(
        rank=standing.rank,
        outcome=standing.outcome,
        total=standing.total,
        ranking_total=standing.ranking_total,
        raw_total=standing.raw_total,
        bonus=standing.bonus,
        penalty=standing.penalty,
        reasons=tuple(
            ReasonTold(kind=r.kind, subject=r.subject, found=r.found, needed=r.needed) for r in standing.reasons
        ),
        conditions=standing.conditions,
    )


def _criteria(one: Standing | None, other: Standing | None) -> Iterator[CriterionChange]:
    """Criteria on which the applicant has other figures, by id."""
    old, new = ({} if side is None else side.criteria for side in (one, other))
    for criterion in sorted(old.keys() | new.keys()):
        told = [_scored(side.get(criterion)) for side in (old, new)]
        if told[0] != told[1]:
            yield CriterionChange(criterion=criterion, before=told[0], after=told[1])


def _scored(score: CriterionScore | None) -> Scored | None:
    return None if score is None else Scored(consensus=score.consensus, raw=score.raw, points=score.points)


def _sheets(one: Standing | None, other: Standing | None) -> Iterator[SheetChange]:
    """Score sheets with another total or weight, by panel and reviewer."""
    sides = [
        {(t.panel, s.reviewer): Sheet(total=s.total, kept=s.kept) for t in tallies for s in t.sheets}
        for tallies in (() if side is None else side.tallies for side in (one, other))
    ]
    for panel, reviewer in sorted(sides[0].keys() | sides[1].keys()):
        old, new = (side.get((panel, reviewer)) for side in sides)
        if old != new:
            yield SheetChange(panel=panel, reviewer=reviewer, before=old, after=new)
