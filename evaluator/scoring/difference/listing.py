"""Two rankings side by side, as columns: who differs in what, without putting every standing together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from evaluator.model.difference import Effect, Place, ReasonTold
from evaluator.model.evaluation import Evaluation, Standing
from evaluator.model.exact import Column, times
from evaluator.model.standings import OUTCOME_CODE, OUTCOMES, Computed, CriterionColumns, Standings
from evaluator.scoring.difference.order import crossings

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


class Listing:
    """The ranking of one evaluation as columns, and where each applicant stands in it."""

    def __init__(self, evaluation: Evaluation) -> None:
        ranking = evaluation.ranking
        self.evaluation = evaluation
        self.columns = ranking if isinstance(ranking, Standings) else _columns(ranking)
        self.place = {applicant: i for i, applicant in enumerate(self.columns.applicants)}

    def extreme(self, criterion: str, *, least: bool) -> Fraction | None:
        """The least or greatest consensus on a criterion; None where nobody has any."""
        told = self.columns.computed
        column = told.criteria[criterion].consensus if told is not None and criterion in told.criteria else None
        values = column.fractions() if column is not None else []
        return min(values, default=None) if least else max(values, default=None)


class Pairing:
    """Two listings aligned by the sorted ids of both."""

    def __init__(self, one: Listing, other: Listing) -> None:
        self.one, self.other = one, other
        self.ids: tuple[str, ...] = tuple(sorted(one.place.keys() | other.place.keys()))
        self.at = tuple(np.array([side.place.get(a, -1) for a in self.ids], np.int64) for side in (one, other))
        self.both: Mask = (self.at[0] >= 0) & (self.at[1] >= 0)
        self.rows = tuple(_taken(side.columns.rows, at, -1) for side, at in zip((one, other), self.at, strict=True))
        self._computed: Mask = (self.rows[0] >= 0) & (self.rows[1] >= 0)

    @cached_property
    def ranks(self) -> tuple[Rows, Rows]:
        """The ranks on both sides, 0 where there is none."""
        one, other = (_taken(s.columns.ranks, at, 0) for s, at in zip((self.one, self.other), self.at, strict=True))
        return one, other

    @cached_property
    def outcomes(self) -> tuple[Rows, Rows]:
        """The outcomes on both sides, counted along ``OUTCOMES``, -1 where there is none."""
        one, other = (_taken(s.columns.outcomes, at, -1) for s, at in zip((self.one, self.other), self.at, strict=True))
        return one, other

    @cached_property
    def crossings(self) -> tuple[Rows, Rows]:
        """For each how many now stand before it and did not, and how many did and no longer do."""
        return crossings(*self.ranks)

    @cached_property
    def totals(self) -> Mask:
        """Who, of those on both sides, has another total (or one on one side only)."""
        one, other = self._have_totals
        return self.totals_lone | (one & other & self.figure(attrgetter("total")))

    @property
    def totals_lone(self) -> Mask:
        """Who has a total on one side only."""
        one, other = self._have_totals
        lone: Mask = one != other
        return lone

    @cached_property
    def _have_totals(self) -> tuple[Mask, Mask]:
        one, other = (_has_total(s, rows) for s, rows in zip((self.one, self.other), self.rows, strict=True))
        return one, other

    @property
    def effect(self) -> Effect:
        """How many of those on both sides have another total, rank or outcome."""
        ranks, outcomes = (pair[0] != pair[1] for pair in (self.ranks, self.outcomes))
        totals, ranked, told = (int((mask & self.both).sum()) for mask in (self.totals, ranks, outcomes))
        return Effect(totals=totals, ranks=ranked, outcomes=told)

    def figure(self, pick: Callable[[Computed], Column | None]) -> Mask:
        """Where a figure is another, or was computed on one side only."""
        found: Mask = (self.rows[0] >= 0) != (self.rows[1] >= 0)
        where = np.flatnonzero(self._computed)
        one, other = self.one.columns.computed, self.other.columns.computed
        if one is None or other is None or not len(where):
            return found
        columns = pick(one), pick(other)
        if columns[0] is None or columns[1] is None:
            found[where] = (columns[0] is None) != (columns[1] is None)
        else:
            a, b = (c.take(rows[where]) for c, rows in zip(columns, self.rows, strict=True) if c is not None)
            found[where] = times(a.num, b.den) != times(b.num, a.den)
        return found

    def on_criterion(self, criterion: str, name: str) -> Mask:
        """Where the consensus, the raw points or the points on a criterion are others."""

        def pick(computed: Computed) -> Column | None:
            columns = computed.criteria.get(criterion)
            column: Column | None = None if columns is None else getattr(columns, name)
            return column

        return self.figure(pick)

    @cached_property
    def figures_differ(self) -> Mask:
        """Who has other figures on some criterion, or is on one side only."""
        found = ~self.both
        for criterion in self.criteria:
            found |= self.criterion_differs(criterion)
        return found

    @property
    def criteria(self) -> list[str]:
        """The criteria anybody has figures on, by id."""
        sides = (side.columns.computed for side in (self.one, self.other))
        return sorted({criterion for side in sides if side is not None for criterion in side.criteria})

    def criterion_differs(self, criterion: str) -> Mask:
        """Who has other figures on a criterion, or figures on one side only."""
        consensus, raw, points = (self.on_criterion(criterion, name) for name in ("consensus", "raw", "points"))
        return consensus | raw | points

    def differing(self) -> Mask:
        """Who differs in anything that was computed, or is on one side only. Score sheets are not looked at."""
        found = self.figures_differ | self.totals
        for pair in (self.ranks, self.outcomes):
            found |= pair[0] != pair[1]
        for name in ("ranking_total", "raw_total", "bonus", "penalty"):
            found |= self.figure(attrgetter(name))
        texts = self.mapped(lambda s: s.reasons) | self.mapped(lambda s: s.conditions) | self.mapped(lambda s: s.votes)
        return found | self.among(texts)

    def mapped(self, pick: Callable[[Standings], Mapping[str, object]]) -> frozenset[str]:
        """Applicants with another entry in a mapping."""
        one, other = pick(self.one.columns), pick(self.other.columns)
        return frozenset(a for a in one.keys() | other.keys() if one.get(a) != other.get(a))

    def among(self, applicants: Iterable[str]) -> Mask:
        """A mask of some applicants."""
        wanted = set(applicants)
        return np.array([a in wanted for a in self.ids], np.bool_) if wanted else np.zeros(len(self.ids), np.bool_)

    def named(self, mask: Mask) -> frozenset[str]:
        """The applicants of a mask."""
        return frozenset(self.ids[i] for i in np.flatnonzero(mask).tolist())

    def places(self, applicants: Sequence[str]) -> tuple[list[Place | None], list[Place | None]]:
        """Where some applicants came out on both sides. Equal figures are one object."""
        known: dict[tuple[int, int], Fraction] = {}
        one, other = (_places(side, applicants, known) for side in (self.one, self.other))
        return one, other


def places_in(listing: Listing | None, applicants: Sequence[str]) -> list[Place | None]:
    """Where some applicants came out; nowhere where there is no listing."""
    return [None] * len(applicants) if listing is None else _places(listing, applicants, {})


def _taken(values: NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int8], at: Rows, missing: int) -> Rows:
    if not len(values):
        return np.full(len(at), missing, np.int64)
    return np.where(at >= 0, values[at], missing).astype(np.int64)


def _has_total(listing: Listing, rows: Rows) -> Mask:
    computed = listing.columns.computed
    has: Mask = rows >= 0
    if computed is not None and computed.has_total is not None:
        has[has] = computed.has_total[rows[has]]
    return has


def _places(listing: Listing, applicants: Sequence[str], known: dict[tuple[int, int], Fraction]) -> list[Place | None]:
    columns, computed = listing.columns, listing.columns.computed
    at = np.array([listing.place.get(a, -1) for a in applicants], np.int64)
    rows = _taken(columns.rows, at, -1)
    has = _has_total(listing, rows)
    have = np.flatnonzero(rows >= 0)
    figures: dict[str, list[Fraction | None]] = {}
    for name in ("total", "ranking_total", "raw_total", "bonus", "penalty"):
        figures[name] = [None] * len(applicants)
        if computed is not None:
            for i, value in zip(have.tolist(), getattr(computed, name).take(rows[have]).fractions(), strict=True):
                if has[i] or name in {"bonus", "penalty"}:
                    figures[name][i] = known.setdefault((value.numerator, value.denominator), value)
    ranks, outcomes = _taken(columns.ranks, at, 0), _taken(columns.outcomes, at, 0)
    nothing = known.setdefault((0, 1), Fraction(0))
    return [
        None
        if where < 0
        else Place(
            rank=rank or None,
            outcome=OUTCOMES[outcome],
            total=figures["total"][i],
            ranking_total=figures["ranking_total"][i],
            raw_total=figures["raw_total"][i],
            bonus=figures["bonus"][i] or nothing,
            penalty=figures["penalty"][i] or nothing,
            reasons=tuple(
                ReasonTold(kind=r.kind, subject=r.subject, found=r.found, needed=r.needed)
                for r in columns.reasons.get(applicant, ())
            ),
            conditions=columns.conditions.get(applicant, ()),
        )
        for i, (applicant, where, rank, outcome) in enumerate(
            zip(applicants, at.tolist(), ranks.tolist(), outcomes.tolist(), strict=True)
        )
    ]


def _columns(ranking: Sequence[Standing]) -> Standings:
    """Standings that are not columns yet, without their score sheets."""
    scored = [s for s in ranking if s.criteria]
    rows = dict(zip((s.applicant for s in scored), range(len(scored)), strict=True))

    def column(values: Iterable[Fraction | None]) -> Column:
        return Column.of(value or Fraction(0) for value in values)

    names = ("total", "ranking_total", "raw_total", "bonus", "penalty")
    criteria = {
        name: CriterionColumns(
            consensus=None
            if scored[0].criteria[name].consensus is None
            else column(s.criteria[name].consensus for s in scored),
            raw=column(s.criteria[name].raw for s in scored),
            points=column(s.criteria[name].points for s in scored),
        )
        for name in (scored[0].criteria if scored else ())
    }
    computed = Computed(
        **{name: column(getattr(s, name) for s in scored) for name in names},
        criteria=criteria,
        calculated={},
        sheets=(),
        has_total=np.array([s.total is not None for s in scored], np.bool_),
    )
    return Standings(
        applicants=tuple(s.applicant for s in ranking),
        ranks=np.array([s.rank or 0 for s in ranking], np.int32),
        outcomes=np.array([OUTCOME_CODE[s.outcome] for s in ranking], np.int8),
        rows=np.array([rows.get(s.applicant, -1) for s in ranking], np.int64),
        computed=computed if scored else None,
        reasons={s.applicant: s.reasons for s in ranking if s.reasons},
        conditions={s.applicant: s.conditions for s in ranking if s.conditions},
        votes={s.applicant: s.votes for s in ranking if s.votes is not None},
    )
