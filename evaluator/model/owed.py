"""Which marks are owed: who is to score whom, on which criteria, as one numbered list.

Nothing here grows with applicants times reviewers: who scores whom is held as sorted numbers, one a pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.model.rubric import Rubric

_ABOVE_ALL = {np.dtype(kind): np.iinfo(kind).max for kind in (np.int32, np.int64)}


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """(applicant, reviewer) positions, numbered from 0 by applicant, then reviewer.

    ``keys`` are the numbers applicant * ``n_reviewers`` + reviewer in rising order, and behind them numbers above
    every key for ``find`` to run into; None where every reviewer is paired with every applicant. The pairs of
    applicant i are numbered from ``starts[i]`` to before ``starts[i + 1]``.
    """

    n_applicants: int
    n_reviewers: int
    starts: NDArray[np.int64]
    keys: NDArray[Any] | None = None
    steps: tuple[int, ...] = ()

    @classmethod
    def of(cls, assigned: NDArray[np.int32] | None, n_applicants: int, n_reviewers: int) -> Pairs:
        """The pairs of an array of assignments (one line an assignment, repeats count once), of all for None."""
        starts: NDArray[np.int64]
        if assigned is None:
            starts = np.arange(n_applicants + 1, dtype=np.int64) * n_reviewers
            return cls(n_applicants, n_reviewers, starts)
        small = n_applicants * n_reviewers < np.iinfo(np.int32).max
        keys: NDArray[Any] = assigned[:, 0].astype(np.int32 if small else np.int64)  # a copy
        keys *= keys.dtype.type(n_reviewers)
        keys += assigned[:, 1]
        if not (keys[1:] > keys[:-1]).all():
            keys = np.sort(keys)
            keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
        of_applicant = np.bincount(keys // max(n_reviewers, 1), minlength=n_applicants)
        starts = np.append(0, np.cumsum(of_applicant))
        steps: list[int] = []
        while sum(steps) < of_applicant.max(initial=1) - 1:
            steps.insert(0, 1 << len(steps))
        beyond = np.full(sum(steps) + 1, _ABOVE_ALL[keys.dtype], keys.dtype)
        return cls(n_applicants, n_reviewers, starts, np.concatenate([keys, beyond]), tuple(steps))

    def __len__(self) -> int:
        return int(self.starts[-1])

    def find(self, applicant: NDArray[Any], reviewer: NDArray[Any]) -> NDArray[np.int64]:
        """The number of each pair, -1 where it is none of them.

        A binary search among the pairs of the applicant, for all rows at once: as many steps as the longest list of
        reviewers has binary digits.
        """
        if self.keys is None:
            everybody: NDArray[np.int64] = applicant.astype(np.int64)
            everybody *= self.n_reviewers
            everybody += reviewer
            return everybody
        kind = self.keys.dtype.type
        key = applicant.astype(kind)
        key *= kind(self.n_reviewers)
        key += reviewer.astype(kind, copy=False)
        at: NDArray[np.int64] = self.starts.take(applicant)
        for step in self.steps:
            at += step
            at -= (self.keys.take(at) > key) * np.int64(step)
        at[self.keys.take(at) != key] = -1
        return at

    def columns(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The applicant and the reviewer of every pair."""
        applicant = np.repeat(np.arange(self.n_applicants, dtype=np.int32), np.diff(self.starts))
        if self.keys is None:
            return applicant, np.tile(np.arange(self.n_reviewers, dtype=np.int32), self.n_applicants)
        keys = self.keys[: len(self)]
        return applicant, (keys - applicant * keys.dtype.type(self.n_reviewers)).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Owed:
    """The marks owed by reviewers on applicants, numbered from 0 by applicant, reviewer and criterion.

    Criteria count along ``Rubric.panel_leaves()``. ``sheet`` says for each reviewer which line of ``within`` is that
    reviewer's (the last, of nothing, where the panel is unknown); ``within`` has one line a panel and one column a
    criterion: the criterion's place on the panel's sheet, -1 where it is not on it.
    """

    pairs: Pairs
    sheet: NDArray[np.int64]
    within: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        rubric: Rubric,
        assigned: NDArray[np.int32] | None,
        n_applicants: int,
        reviewer_panels: Sequence[str],
    ) -> Owed:
        """What ``rubric`` asks of reviewers, given the panel of each and who is to score whom."""
        position = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
        panels = {panel.id: i for i, panel in enumerate(rubric.all_panels)}
        within = np.full((len(panels) + 1, len(position)), -1, np.int64)
        for panel, line in zip(rubric.all_panels, within, strict=False):
            mine = sorted(position[leaf.id] for leaf in rubric.leaves_of(panel))
            line[mine] = np.arange(len(mine))
        sheet = np.array([panels.get(panel, len(panels)) for panel in reviewer_panels], np.int64)
        pairs = Pairs.of(assigned, n_applicants, len(reviewer_panels))
        return cls(pairs, sheet, within, (within >= 0).sum(axis=1, dtype=np.int64))

    @property
    def uniform(self) -> int:
        """How many marks are on every sheet, where all sheets are of one panel with every criterion; else 0."""
        alike = len(self.sizes) == 2 and not self.sheet.any()
        return self.within.shape[1] if alike and self.sizes[0] == self.within.shape[1] else 0

    def __len__(self) -> int:
        if self.uniform:
            return len(self.pairs) * self.uniform
        if self.pairs.keys is None:
            return self.pairs.n_applicants * int(self.sizes[self.sheet].sum())
        return int(self.first()[-1])

    def first(self) -> NDArray[np.int64]:
        """The number of the first mark of each pair, and behind them how many marks are owed in all."""
        if self.uniform:
            return np.arange(len(self.pairs) + 1, dtype=np.int64) * self.uniform
        return np.append(0, np.cumsum(self.sizes[self.sheet[self.pairs.columns()[1]]]))

    def find(
        self,
        applicant: NDArray[Any],
        reviewer: NDArray[Any],
        criterion: NDArray[Any],
        first: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64]:
        """The number of each mark, -1 where it is not owed. ``first()`` may be given by who asks often."""
        at = self.pairs.find(applicant, reviewer)
        if self.uniform:
            none = at < 0
            at *= self.uniform
            at += criterion
            at[none] = -1
            return at
        place = self.within[self.sheet[reviewer], criterion]
        begin = self.first() if first is None else first
        return np.where((at >= 0) & (place >= 0), begin[at] + place, -1)

    def are(self, applicant: NDArray[Any], reviewer: NDArray[Any], criterion: NDArray[Any]) -> bool:
        """Whether some marks are the marks owed, all of them and in order."""
        if len(applicant) != len(self):
            return False
        if not self.uniform:
            return all(map(np.array_equal, self.columns(), (applicant, reviewer, criterion)))
        leaves = np.arange(self.uniform, dtype=np.int32)
        of_pair = [column[:, np.newaxis] for column in self.pairs.columns()]
        given = (column.reshape(-1, self.uniform) for column in (applicant, reviewer, criterion))
        return all(bool((column == owed).all()) for column, owed in zip(given, (*of_pair, leaves), strict=True))

    def columns(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Applicant, reviewer and criterion of every mark owed, in order."""
        applicant, reviewer = self.pairs.columns()
        if self.uniform:
            leaves = np.arange(self.uniform, dtype=np.int32)
            return (
                np.repeat(applicant, self.uniform),
                np.repeat(reviewer, self.uniform),
                np.tile(leaves, len(self.pairs)),
            )
        sheet = self.sheet[reviewer]
        size = self.sizes[sheet]
        begin = np.cumsum(self.sizes) - self.sizes
        leaves = np.concatenate([np.flatnonzero(line >= 0) for line in self.within]).astype(np.int32)
        behind = np.repeat(begin[sheet] - (np.cumsum(size) - size), size)
        criterion = leaves[np.arange(len(behind)) + behind]
        return np.repeat(applicant, size), np.repeat(reviewer, size), criterion
