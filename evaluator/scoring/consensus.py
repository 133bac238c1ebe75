"""One score per applicant and criterion from the marks of several people: mean, trimmed mean, median, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluator.model.exact import Column, Ints, segment_starts, segment_sums, times, total_of
from evaluator.model.round import Marks
from evaluator.model.rubric import Panel
from evaluator.model.standings import SheetColumns
from evaluator.scoring.conversion import convert
from evaluator.scoring.marks import Block


@dataclass(frozen=True, slots=True, eq=False)
class Sheets:
    """The valid sheets of a panel at level reviewer_total, one value a sheet, sorted by applicant.

    ``applicant`` and ``reviewer`` are positions in the round; ``total`` is the unrounded sum of converted points,
    ``mean`` the weighted mean of the totals of each applicant, unrounded: sum(kept * total) / sum(kept).
    """

    panel: Panel
    applicant: NDArray[np.int64]
    reviewer: NDArray[np.int32]
    total: Column
    kept_num: NDArray[np.int64]
    kept_den: NDArray[np.int64]
    mean: Column

    def columns(self, reviewers: tuple[str, ...]) -> SheetColumns:
        """The sheets by applicant. ``reviewers`` are the ids."""
        return SheetColumns(
            panel=self.panel.id,
            reviewers=reviewers,
            starts=np.append(segment_starts(self.applicant), len(self.applicant)),
            reviewer=self.reviewer,
            total=self.total,
            kept_num=self.kept_num,
            kept_den=self.kept_den,
            mean=self.mean,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Consensus:
    """Consensus scores of panel-scored leaves, one value an applicant that has any (in order of position).

    ``scores`` maps leaf ids to columns: on the scale under consensus_first (not yet rounded), in points under
    convert_first. ``kept_num / kept_den`` is the weight of each mark, -1 where it takes no part. ``sheets`` has one
    entry a panel whose sheets have totals: at level reviewer_total, unless a criterion is converted only after
    consensus (relative_to_best).
    """

    scores: Mapping[str, Column]
    kept_num: NDArray[np.int64]
    kept_den: NDArray[np.int64]
    sheets: tuple[Sheets, ...]


def dropped(panel: Panel, counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many of the lowest and of the highest items are dropped where an applicant has ``counts`` items.

    A mean drops none, a trimmed mean its declared numbers from ``trim.from`` items on, a median all but the middle
    one or two.
    """
    none = np.zeros_like(counts)
    if panel.aggregate == "median":
        return (counts - 1) // 2, (counts - 1) // 2
    if panel.aggregate == "trimmed_mean" and panel.trim is not None:
        enough = counts >= panel.trim.least
        return np.where(enough, panel.trim.low, none), np.where(enough, panel.trim.high, none)
    return none, none


def kept_weights(
    values: NDArray[np.int64], starts: NDArray[np.int64], low: NDArray[np.int64], high: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The weight with which each item counts, as numerators and denominators along ``values``.

    ``values`` are order codes of items lying group by group (``starts``), ``low`` and ``high`` the numbers to drop
    in each group. Of k equal items at sorted positions [s, s+k) of n, those between ``low`` and ``n - high`` are
    kept, shared evenly, so that which of them a name belongs to never matters: (k-d)/k where only d of k equal
    extremes are dropped.
    """
    total = len(values)
    sizes = np.diff(np.append(starts, total))
    if len(sizes) and sizes[0] <= _FEW and (sizes == sizes[0]).all():
        return _kept_of_few(values.reshape(len(sizes), -1), low[:, np.newaxis], high[:, np.newaxis])
    group = np.repeat(np.arange(len(starts)), sizes)
    order = np.lexsort((values, group))
    ordered, ordered_group = values[order], group[order]
    new_run = np.append(True, (ordered[1:] != ordered[:-1]) | (ordered_group[1:] != ordered_group[:-1]))[:total]
    run_starts = np.flatnonzero(new_run)
    length = np.diff(np.append(run_starts, total))
    owner = ordered_group[run_starts]
    first = run_starts - starts[owner]
    kept = np.minimum(first + length, sizes[owner] - high[owner]) - np.maximum(first, low[owner])
    kept = np.maximum(kept, 0)
    num, den = np.empty(total, np.int64), np.empty(total, np.int64)
    num[order], den[order] = np.repeat(kept, length), np.repeat(length, length)
    return num, den


_FEW = 16
"""Items of a group that are compared each with each: quicker than sorting them."""


def _kept_of_few(
    values: NDArray[np.int64], low: NDArray[np.int64], high: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """As :func:`kept_weights` where every group, a line of ``values``, has the same few items."""
    first, length = np.zeros(values.shape, np.int8), np.zeros(values.shape, np.int8)
    for j in range(values.shape[1]):
        other = values[:, j : j + 1]
        first += other < values
        length += other == values
    kept = np.minimum(first + length, values.shape[1] - high) - np.maximum(first, low)
    return np.maximum(kept, 0).reshape(-1), length.astype(np.int64).reshape(-1)


def consensus(all_blocks: tuple[Block, ...], marks: Marks) -> Consensus:
    """Consensus scores under each panel's rule.

    Needs at least one valid item for every applicant that is to have a score (``marks.missed_quorums`` says who
    lacks it). At level reviewer_total sheets are ordered by the unrounded sum of their converted points and their
    weights hold for every criterion; at level criterion marks (consensus_first) or points (convert_first) are.
    """
    scores: dict[str, Column] = {}
    sheets = []
    kept_num, kept_den = np.full(len(marks), -1, np.int64), np.ones(len(marks), np.int64)
    for block in all_blocks:
        raw = [Column(block.of(marks.score, j), 10**marks.decimals) for j in range(len(block.leaves))]
        panel, n_items = block.panel, len(block)
        starts = segment_starts(block.applicant)
        counts = np.diff(np.append(starts, n_items))
        low, high = dropped(panel, counts)
        convert_first, whole_sheets = panel.order == "convert_first", panel.level == "reviewer_total"
        has_points = convert_first or (
            whole_sheets and not any(leaf.convert and leaf.convert.kind == "relative_to_best" for leaf in block.leaves)
        )
        points = [convert(leaf, column) for leaf, column in zip(block.leaves, raw, strict=True)] if has_points else []
        items = total_of(points, n_items) if has_points else raw[0]
        if panel.aggregate == "mean":
            num, den = np.ones(n_items, np.int64), np.ones(n_items, np.int64)
        else:
            num, den = kept_weights(items.keys(), starts, low, high)
        shares = _shares(num, den, starts, counts - low - high)
        if whole_sheets and has_points:
            mean = _weighted_mean(items, shares, starts)
            sheets.append(Sheets(panel, block.applicant, block.of(marks.reviewer, 0), items, num, den, mean))
        block.put(kept_num, num)
        block.put(kept_den, den)
        for leaf, values in zip(block.leaves, points if convert_first else raw, strict=True):
            scores[leaf.id] = _weighted_mean(values, shares, starts)
    return Consensus(scores, kept_num, kept_den, tuple(sheets))


@dataclass(frozen=True, slots=True, eq=False)
class _Shares:
    """Weights as whole numbers: item i counts ``weight[i]`` times, and the sum of a group is divided by ``divisor``."""

    weight: Ints
    divisor: Ints


def _shares(
    num: NDArray[np.int64], den: NDArray[np.int64], starts: NDArray[np.int64], remaining: NDArray[np.int64]
) -> _Shares:
    """The weights ``num / den`` over one denominator in each group, which keeps ``remaining`` items in all."""
    if len(starts) == 0:
        return _Shares(num, remaining)
    shared = np.where((num > 0) & (num < den), den, 1)
    common: Ints = np.lcm.reduceat(shared, starts)
    spread = np.repeat(common, np.diff(np.append(starts, len(num))))
    return _Shares(spread * num // den, common * remaining)


def _weighted_mean(values: Column, shares: _Shares, starts: NDArray[np.int64]) -> Column:
    """Sum of weight times value over each group, divided by how many items the group keeps."""
    if len(starts) == 0:
        return Column.zeros(0)
    if not isinstance(values.den, int):
        raise TypeError("marks of one criterion share one denominator")
    sums = segment_sums(times(values.num, shares.weight), starts)
    return Column(sums, times(shares.divisor, values.den)).uniform()
