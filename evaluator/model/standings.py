"""Where everybody came out, as columns: what one applicant has is put together when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, get_args, overload

import numpy as np
from numpy.typing import NDArray

from evaluator.model.evaluation import (
    CriterionScore,
    Outcome,
    Reason,
    SheetTotal,
    Standing,
    Tally,
    Tie,
    VoteCount,
)
from evaluator.model.exact import Column
from evaluator.model.rows import Rows

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
OUTCOME_CODE: Mapping[Outcome, int] = {outcome: code for code, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CriterionColumns:
    """What the applicants have on one criterion: see ``CriterionScore``. ``consensus`` is None for a group."""

    consensus: Column | None
    raw: Column
    points: Column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetColumns:
    """The valid score sheets of one panel at level reviewer_total, one value a sheet.

    The sheets of row i lie from ``starts[i]`` up to ``starts[i + 1]``, in no order that says anything; ``reviewer``
    counts along ``reviewers``, the ids. ``mean`` has one value a row.
    """

    panel: str
    reviewers: tuple[str, ...]
    starts: NDArray[np.int64]
    reviewer: NDArray[np.int32]
    total: Column
    kept_num: NDArray[np.int64]
    kept_den: NDArray[np.int64]
    mean: Column

    def tallies(self, rows: NDArray[np.int64]) -> Iterator[Tally]:
        """The sheets of some rows, each with its sheets by total, then reviewer."""
        for row, mean in zip(rows.tolist(), self.mean.take(rows).fractions(), strict=True):
            part = slice(int(self.starts[row]), int(self.starts[row + 1]))
            figures = zip(
                self.reviewer[part].tolist(),
                self.total.take(part).fractions(),
                self.kept_num[part].tolist(),
                self.kept_den[part].tolist(),
                strict=True,
            )
            sheets = [
                SheetTotal(reviewer=self.reviewers[reviewer], total=total, kept=Fraction(num, den))
                for reviewer, total, num, den in figures
            ]
            sheets.sort(key=lambda sheet: (sheet.total, sheet.reviewer))
            yield Tally(panel=self.panel, sheets=tuple(sheets), mean=mean)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Computed:
    """Everything computed about the applicants that were scored, one value an applicant in each column.

    ``criteria`` has leaves and groups in the rubric's order. ``calculated`` holds the consensus scores that a
    recorded decision replaced, by row and criterion. ``has_total`` is False for those that have points and no total,
    which an official method other than the weighted sum compares with nobody; None where all have one. See
    ``Standing`` for the others.
    """

    total: Column
    ranking_total: Column
    raw_total: Column
    bonus: Column
    penalty: Column
    criteria: Mapping[str, CriterionColumns]
    calculated: Mapping[tuple[int, str], Fraction]
    sheets: tuple[SheetColumns, ...]
    has_total: NDArray[np.bool_] | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Standings(Rows[Standing]):
    """The standings of all applicants: ranked ones by rank then id, then the others by id.

    ``ranks`` is 0 where an applicant has no rank, ``outcomes`` counts along ``OUTCOMES``, ``rows`` is the row of an
    applicant in ``computed``, -1 where nothing was computed about it. The mappings are by applicant and hold only
    those that have something.
    """

    applicants: tuple[str, ...]
    ranks: NDArray[np.int32]
    outcomes: NDArray[np.int8]
    rows: NDArray[np.int64]
    computed: Computed | None
    reasons: Mapping[str, tuple[Reason, ...]]
    conditions: Mapping[str, tuple[str, ...]]
    votes: Mapping[str, VoteCount]

    def __len__(self) -> int:
        return len(self.applicants)

    def _make(self, start: int, stop: int) -> list[Standing]:
        rows = self.rows[start:stop]
        figures = iter(self._figures(rows[rows >= 0]))
        columns = zip(
            self.applicants[start:stop],
            self.ranks[start:stop].tolist(),
            self.outcomes[start:stop].tolist(),
            (rows >= 0).tolist(),
            strict=True,
        )
        return [
            Standing(
                applicant=applicant,
                rank=rank or None,
                outcome=OUTCOMES[outcome],
                reasons=self.reasons.get(applicant, ()),
                conditions=self.conditions.get(applicant, ()),
                votes=self.votes.get(applicant),
                **(next(figures) if computed else {"criteria": {}}),
            )
            for applicant, rank, outcome, computed in columns
        ]

    def _figures(self, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
        """Of some rows everything a standing says that was computed, by the names of its fields."""
        told = self.computed
        if told is None:
            return []
        names = ("total", "ranking_total", "raw_total", "bonus", "penalty")
        totals: list[list[Fraction | None]] = [getattr(told, name).take(rows).fractions() for name in names]
        if told.has_total is not None:
            has = told.has_total[rows].tolist()
            totals[:3] = [[t if known else None for t, known in zip(c, has, strict=True)] for c in totals[:3]]
        return [
            {
                **dict(zip(names, figures, strict=True)),
                "criteria": _Criteria(told, row),
                "tallies": _Tallies(told, row) if told.sheets else (),
            }
            for row, *figures in zip(rows.tolist(), *totals, strict=True)
        ]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Criteria(Mapping[str, CriterionScore]):
    """What one row has on each criterion, put together when it is asked for."""

    told: Computed
    row: int

    def __getitem__(self, name: str) -> CriterionScore:
        columns = self.told.criteria[name]
        return CriterionScore(
            consensus=None if columns.consensus is None else columns.consensus.at(self.row),
            raw=columns.raw.at(self.row),
            points=columns.points.at(self.row),
            calculated=self.told.calculated.get((self.row, name)),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.told.criteria)

    def __len__(self) -> int:
        return len(self.told.criteria)

    def __repr__(self) -> str:
        return repr(dict(self))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Tallies(Sequence[Tally]):
    """The score sheets of one row, panel by panel, put together when they are asked for."""

    told: Computed
    row: int

    @overload
    def __getitem__(self, index: int) -> Tally: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Tally, ...]: ...
    def __getitem__(self, index: int | slice) -> Tally | tuple[Tally, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        return next(self.told.sheets[index].tallies(np.array([self.row])))

    def __len__(self) -> int:
        return len(self.told.sheets)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equal to tuples, which hash by their items

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Ties(Rows[Tie]):
    """Groups of ranked applicants with equal ranking totals, best first.

    ``members`` are positions along ``applicants``; group i has those from ``starts[i]`` up to ``ends[i]``. ``totals``
    has one value a group, and ``settled_by`` counts along ``links``.
    """

    applicants: tuple[str, ...]
    members: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    totals: Column
    settled_by: NDArray[np.int64]
    links: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.starts)

    def _make(self, start: int, stop: int) -> list[Tie]:
        part = slice(start, stop)
        columns = zip(
            self.starts[part].tolist(),
            self.ends[part].tolist(),
            self.totals.take(part).fractions(),
            self.settled_by[part].tolist(),
            strict=True,
        )
        return [
            Tie(
                total=total,
                applicants=tuple(sorted(self.applicants[i] for i in self.members[first:last].tolist())),
                settled_by=self.links[link],
            )
            for first, last, total, link in columns
        ]
