"""Who has other figures, another rank or another outcome."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evaluator.model.difference import ApplicantChange, CriterionChange, Scored, Sheet, SheetChange
from evaluator.model.evaluation import Evaluation
from evaluator.model.standings import CriterionColumns, SheetColumns
from evaluator.scoring.difference.causes import Compared, Stations, causes, step_of
from evaluator.scoring.difference.listing import Listing, Mask, Pairing, Rows, places_in


def applicant_changes(compared: Compared, pairing: Pairing) -> tuple[ApplicantChange, ...]:
    """Everybody who differs in anything that was computed, by id. ``pairing`` is that of the two evaluations.

    Figures are taken from the columns for those alone whom they concern.
    """
    one, other = (_given(e, side) for e, side in zip((compared.before, compared.after), _sides(pairing), strict=True))
    base = compared.base
    between = None if base is None or base is compared.before or base is compared.after else Listing(base)
    middle = between or (None if base is None else one if base is compared.before else other)
    step = None if middle is None or other is None else step_of(compared, middle, other)
    totals = step
    if step is None and compared.same_totals and one is not None and other is not None:
        totals = step_of(compared, one, other)
    criteria = _criteria(pairing)
    sheets = _sheets(pairing, pairing.figures_differ | pairing.among(compared.own))
    mask = pairing.differing() | pairing.among(sheets)
    listed = [pairing.ids[i] for i in np.flatnonzero(mask).tolist()]
    before, after = pairing.places(listed)
    given_before, given_after = (
        told if listing is side else places_in(listing, listed)
        for listing, side, told in zip((one, other), _sides(pairing), (before, after), strict=True)
    )
    stations = places_in(between, listed) if between else given_before if middle is one else given_after
    ahead, behind = pairing.crossings
    return tuple(
        ApplicantChange(
            applicant=applicant,
            before=before[i],
            between=stations[i] if between else None,
            after=after[i],
            criteria=tuple(criteria.get(applicant, ())),
            sheets=tuple(sheets.get(applicant, ())),
            causes=tuple(
                causes(
                    compared,
                    applicant,
                    Stations(
                        before=before[i],
                        given_before=given_before[i],
                        base=stations[i],
                        given_after=given_after[i],
                        after=after[i],
                    ),
                    step,
                    totals,
                )
            ),
            ahead=int(ahead[place]),
            behind=int(behind[place]),
        )
        for i, (applicant, place) in enumerate(zip(listed, np.flatnonzero(mask).tolist(), strict=True))
    )


def _sides(pairing: Pairing) -> tuple[Listing, Listing]:
    return pairing.one, pairing.other


def _given(evaluation: Evaluation | None, told: Listing) -> Listing | None:
    """The ranking that inputs give: the one that was told, where it is the same."""
    if evaluation is None or evaluation is told.evaluation:
        return None if evaluation is None else told
    return Listing(evaluation)


def _criteria(pairing: Pairing) -> dict[str, list[CriterionChange]]:
    """Criteria on which an applicant has other figures, by id."""
    found: dict[str, list[CriterionChange]] = {}
    for criterion in pairing.criteria:
        where = np.flatnonzero(pairing.criterion_differs(criterion))
        sides = [
            _scored(side.columns.computed.criteria.get(criterion) if side.columns.computed else None, rows[where])
            for side, rows in zip((pairing.one, pairing.other), pairing.rows, strict=True)
        ]
        for place, old, new in zip(where.tolist(), *sides, strict=True):
            if old != new:
                change = CriterionChange(criterion=criterion, before=old, after=new)
                found.setdefault(pairing.ids[place], []).append(change)
    return found


def _scored(columns: CriterionColumns | None, rows: Rows) -> list[Scored | None]:
    """What stands in some rows of a criterion's columns; None where the row is -1."""
    told: list[Scored | None] = [None] * len(rows)
    if columns is None:
        return told
    have = np.flatnonzero(rows >= 0)
    parts = [
        [None] * len(have) if column is None else column.take(rows[have]).fractions()
        for column in (columns.consensus, columns.raw, columns.points)
    ]
    for i, consensus, raw, points in zip(have.tolist(), *parts, strict=True):
        if raw is not None and points is not None:
            told[i] = Scored(consensus=consensus, raw=raw, points=points)
    return told


def _sheets(pairing: Pairing, asked: Mask) -> dict[str, list[SheetChange]]:
    """Score sheets with another total or weight of the applicants asked for, by panel and reviewer."""
    sides = [
        {s.panel: s for s in side.columns.computed.sheets} if side.columns.computed else {}
        for side in (pairing.one, pairing.other)
    ]
    found: dict[str, list[SheetChange]] = {}
    where = np.flatnonzero(asked)
    for panel in sorted(sides[0].keys() | sides[1].keys()):
        told = [_of_panel(side.get(panel), rows[where]) for side, rows in zip(sides, pairing.rows, strict=True)]
        for place, old, new in zip(where.tolist(), *told, strict=True):
            for reviewer in sorted(old.keys() | new.keys()):
                one, other = old.get(reviewer), new.get(reviewer)
                if one != other:
                    change = SheetChange(panel=panel, reviewer=reviewer, before=one, after=other)
                    found.setdefault(pairing.ids[place], []).append(change)
    return found


def _of_panel(sheets: SheetColumns | None, rows: Rows) -> Iterator[dict[str, Sheet]]:
    """The valid sheets in some rows, by reviewer; none where the row is -1. One applicant's at a time."""
    tallies = iter(()) if sheets is None else sheets.tallies(rows[rows >= 0])
    for row in rows.tolist():
        tally = next(tallies, None) if row >= 0 else None
        yield {s.reviewer: Sheet(total=s.total, kept=s.kept) for s in (tally.sheets if tally else ())}
