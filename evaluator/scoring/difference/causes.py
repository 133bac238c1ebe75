"""Why a total, a rank or an outcome differs: only what can be shown from the two results and their inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from evaluator.model.cross_check import POOL_RELATIVE
from evaluator.model.difference import WHATS, Cause, CauseKind, Place, What
from evaluator.model.evaluation import Evaluation, Outcome
from evaluator.model.rubric import DECISION, Rubric, allowed_scale
from evaluator.model.standings import OUTCOMES
from evaluator.scoring.difference.listing import Listing, Mask, Pairing
from evaluator.scoring.difference.order import crossings

_TIED = frozenset({"tied_at_cut", "tied_at_reserve"})
_SEATED = _TIED | {"selected", "reserve", "not_selected", "ranked"}


@dataclass(frozen=True, slots=True)
class Compared:
    """What two evaluations' own inputs give, with what is known about those inputs.

    ``before`` and ``after`` are as their inputs give them, whatever a record says of them; None where inputs give
    nothing. ``base`` is the evaluation from which on only inputs differ: the first one where the rules are the same,
    the second one where the inputs are, and what was computed in between where neither is; None where that could not
    be computed. ``same_totals`` says that no rule differs by which a total is computed. ``own`` are the applicants some
    input of whose own differs, ``decided`` those whose recorded tie decision does, ``gated`` those some gate of whose.
    """

    before: Evaluation | None
    after: Evaluation | None
    base: Evaluation | None
    same_totals: bool
    own: frozenset[str]
    decided: frozenset[str]
    gated: frozenset[str]

    @property
    def unranked(self) -> bool:
        """Whether one of them ranks nobody while the other does."""
        return self.before is not None and self.after is not None and self.before.rankable != self.after.rankable


@dataclass(frozen=True, slots=True, kw_only=True)
class Stations:
    """One applicant's places: as told before, as its inputs give them, in ``base``, as given after, as told after."""

    before: Place | None
    given_before: Place | None
    base: Place | None
    given_after: Place | None
    after: Place | None


@dataclass(frozen=True, slots=True)
class Step:
    """From ``base`` to the second evaluation, where only inputs differ: the facts that causes rest on.

    ``moved`` are those whose own place in the order may have changed: another ranking total, other points in the
    tie-break chain, other votes, another tie decision, a rank on one side only. Whoever is not among them can have
    another rank only because of those who are. ``crossed`` are those among ``moved`` that passed, or were passed by,
    another of them. ``stirred`` may also use up or free a seat without passing anybody, at a gate. ``raw`` has, for
    each criterion scored in relation to a best value that differs, those whose points on it differ. ``seats`` is what
    ``base`` made of each rank, of those no gate kept out; ``sharing`` how many share each rank before and after.
    ``agreed`` are those with another consensus, figure, bonus or penalty, which no other applicant has a part in;
    ``compared`` those that bring other points to an official method that compares everybody with everybody.
    """

    base: Evaluation
    moved: frozenset[str]
    crossed: frozenset[str]
    stirred: frozenset[str]
    by_total: frozenset[str]
    by_votes: frozenset[str]
    by_chain: frozenset[str]
    raw: Mapping[str, frozenset[str]]
    agreed: frozenset[str]
    compared: frozenset[str]
    seats: Mapping[int, Outcome]
    sharing: tuple[Counter[int], Counter[int]]


def step_of(compared: Compared, base: Listing, other: Listing) -> Step:
    """What changed from ``base`` to the second evaluation, whose rules are the same as far as they are asked for."""
    pairing = Pairing(base, other)
    rubric = base.evaluation.rubric
    one, two = pairing.ranks
    by_total = pairing.figure(lambda computed: computed.ranking_total)
    by_chain = np.zeros(len(pairing.ids), np.bool_)
    for link in rubric.tie_break:
        if link != DECISION:
            by_chain |= pairing.on_criterion(link, "points")
    votes, decided = pairing.mapped(lambda standings: standings.votes), pairing.among(compared.decided)
    ranked = (one > 0) | (two > 0)
    keys = by_total | by_chain | pairing.among(votes) | ((one > 0) != (two > 0))
    moved = (keys & ranked) | decided
    ahead, behind = crossings(one[moved], two[moved])
    listed = np.flatnonzero(moved)
    named = pairing.named(moved)
    return Step(
        base=base.evaluation,
        moved=named,
        crossed=frozenset(pairing.ids[i] for i in listed[(ahead + behind) > 0].tolist()),
        stirred=named | compared.own,
        by_total=pairing.named(by_total),
        by_votes=votes,
        by_chain=pairing.named(by_chain),
        raw={c: pairing.named(pairing.on_criterion(c, "raw")) for c in _other_best(pairing, rubric)},
        agreed=pairing.named(_agreed(pairing, rubric)),
        compared=_compared(pairing, rubric),
        seats=_seats(base),
        sharing=(_sharing(base), _sharing(other)),
    )


def _agreed(pairing: Pairing, rubric: Rubric) -> Mask:
    found = pairing.figure(lambda computed: computed.bonus) | pairing.figure(lambda computed: computed.penalty)
    for leaf in rubric.leaves():
        found |= pairing.on_criterion(leaf.id, "consensus")
    return found


def _compared(pairing: Pairing, rubric: Rubric) -> frozenset[str]:
    if rubric.method.method not in POOL_RELATIVE:
        return frozenset()
    found = pairing.totals_lone
    for leaf in rubric.leaves():
        found |= pairing.on_criterion(leaf.id, "points")
    return pairing.named(found)


def _other_best(pairing: Pairing, rubric: Rubric) -> Iterator[str]:
    """Criteria scored in relation to the best value whose best value is another."""
    for leaf in rubric.leaves():
        if leaf.convert is not None and leaf.convert.kind == "relative_to_best":
            least = allowed_scale(leaf).direction == "lower"
            if pairing.one.extreme(leaf.id, least=least) != pairing.other.extreme(leaf.id, least=least):
                yield leaf.id


def _seats(listing: Listing) -> dict[int, Outcome]:
    columns = listing.columns
    told = zip(columns.ranks.tolist(), (OUTCOMES[code] for code in columns.outcomes.tolist()), strict=True)
    return {rank: outcome for rank, outcome in told if rank and outcome in _SEATED}


def _sharing(listing: Listing) -> Counter[int]:
    return Counter(rank for rank in listing.columns.ranks.tolist() if rank)


def causes(
    compared: Compared, applicant: str, stations: Stations, step: Step | None, totals: Step | None
) -> Iterator[Cause]:
    """Why one applicant differs. ``totals`` is the step that explains totals, where that of ranks is not known.

    Causes are looked for between what the inputs of both sides give. Where a side says otherwise, that is unexplained.
    """
    one, other = stations.before, stations.after
    if one is None or other is None:
        kind: CauseKind = "entered" if one is None else "left"
        yield from (Cause(what=what, kind=kind) for what in WHATS)
        return
    given = stations.given_before, stations.given_after
    for what in WHATS:
        if getattr(one, what) == getattr(other, what):
            continue
        if given[0] is None or given[1] is None:
            yield Cause(what=what, kind="unexplained")
            continue
        if getattr(given[0], what) != getattr(given[1], what):
            yield from _given(compared, applicant, what, stations, totals if what == "total" else step)
        if any(getattr(told, what) != getattr(g, what) for told, g in zip((one, other), given, strict=True)):
            yield Cause(what=what, kind="unexplained")


def _given(compared: Compared, applicant: str, what: What, stations: Stations, step: Step | None) -> Iterator[Cause]:
    """Why the inputs of the two sides give different values."""
    one, other = stations.given_before, stations.given_after
    if one is None or other is None:
        raise ValueError("there is nothing to compare")
    if compared.unranked and "not_rankable" in {one.outcome, other.outcome}:
        yield Cause(what=what, kind="unresolved")
        return
    if step is None:
        yield Cause(what=what, kind="not_separated")
        return
    start = one if step.base is compared.before else stations.base or one
    old, middle, new = (getattr(place, what) for place in (one, start, other))
    if old != middle:
        yield Cause(what=what, kind="rules")
    if middle != new:
        yield from _by_inputs(compared, step, what, applicant, start, other)


def _by_inputs(compared: Compared, step: Step, what: What, applicant: str, one: Place, other: Place) -> Iterator[Cause]:
    """Why a value differs under the same rules."""
    if what == "total":
        found = list(_total(compared, step, applicant))
    else:
        told = _rank(compared, step, applicant, one, other) if what == "rank" else None
        kinds = told if told is not None else _outcome(compared, step, applicant, one, other)
        found = [Cause(what=what, kind=kind) for kind in kinds]
    yield from found or [Cause(what=what, kind="unexplained")]


def _total(compared: Compared, step: Step, applicant: str) -> Iterator[Cause]:
    if applicant in compared.own and applicant in step.agreed:
        yield Cause(what="total", kind="own_inputs")
    for criterion, applicants in step.raw.items():
        if applicant in applicants:
            yield Cause(what="total", kind="pool_relative", criterion=criterion)
    if len(step.compared) > (applicant in step.compared):
        yield Cause(what="total", kind="pool_method")


def _rank(compared: Compared, step: Step, applicant: str, one: Place, other: Place) -> Iterator[CauseKind]:
    if (one.rank is None) != (other.rank is None):
        if one.reasons != other.reasons:
            yield "reasons"
        return
    if applicant in step.by_total:
        yield "own_total"
    elif applicant in step.by_votes:
        yield "own_votes"
    elif applicant in step.by_chain:
        yield "own_tie_break"
    if applicant in compared.decided:
        yield "tie_decision"
    # Both ranks are what inputs give: with nothing of its own in the order, only those that moved can have passed it.
    if applicant in step.crossed or applicant not in step.moved:
        yield "others"


def _outcome(compared: Compared, step: Step, applicant: str, one: Place, other: Place) -> Iterator[CauseKind]:
    """Its own reasons and gates, its own rank, a tie on it, or else others.

    A rank is no cause where it had another definite outcome before: then others use the seats differently. Where
    either was a tie at a line, what became of the rank follows from how many share it. Both places are what inputs
    give under the same rules: where nothing of its own accounts for it, what others did is all that is left.
    """
    own = list[CauseKind]()
    if one.reasons != other.reasons:
        own.append("reasons")
    elif applicant in compared.gated:
        own.append("own_inputs")
    if one.rank is not None and other.rank is not None:
        seat = step.seats.get(other.rank)
        if one.rank != other.rank and (seat in {other.outcome, None, *_TIED} or other.outcome in _TIED):
            own.append("rank")
        elif not own and step.sharing[0][one.rank] != step.sharing[1][other.rank]:
            own.append("tie")
    yield from own
    if not own and len(step.stirred) > (applicant in step.stirred):
        yield "others"
