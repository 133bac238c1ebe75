"""The ranking of a record, read into columns: the applicants pass by a few hundred at a time."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import Loc, show_loc
from evaluator.files.column_text import column_of
from evaluator.files.marks_parquet import SheetRows
from evaluator.files.problems import Problems, shorten
from evaluator.files.record_shape import CriterionShape, StandingShape, TallyShape
from evaluator.model.evaluation import Reason, VoteCount
from evaluator.model.exact import Column
from evaluator.model.numbers import parse_exact
from evaluator.model.rubric import Rubric
from evaluator.model.standings import OUTCOME_CODE, Computed, CriterionColumns, SheetColumns, Standings

_SUBJECTS = {"gate_failed": "rubric.gates", "below_threshold": "rubric.criteria"}
_TOTALS = ("total", "ranking_total", "raw_total")
_MOVED = ("bonus", "penalty")


class _Figures:
    """A column of figures while it is read: each different text is read once. None stands where there is none."""

    def __init__(self) -> None:
        self._codes: dict[str | None, int] = {None: -1}
        self._values: list[Fraction] = []
        self.rows = array("i")

    def add(self, text: str | None) -> bool:
        """Append what a text stands for; False where it is no number after all (``1/0``)."""
        code = self._codes.get(text)
        if code is None and text is not None:
            value = parse_exact(text)
            if value is None:
                self.rows.append(-1)
                return False
            code = self._codes[text] = len(self._values)
            self._values.append(value)
        self.rows.append(-1 if code is None else code)
        return True

    def missing(self) -> NDArray[np.int64]:
        """The rows without a figure."""
        return np.flatnonzero(np.frombuffer(self.rows, np.int32) < 0)

    def values(self) -> list[Fraction]:
        """The figures row by row, of a column without gaps."""
        return [self._values[code] for code in self.rows]

    def column(self) -> Column:
        """The column; it has no gaps."""
        return column_of(self._values, np.frombuffer(self.rows, np.int32).astype(np.intp))


@dataclass(slots=True, eq=False)
class _Criterion:
    consensus: _Figures = field(default_factory=_Figures)
    raw: _Figures = field(default_factory=_Figures)
    points: _Figures = field(default_factory=_Figures)


@dataclass(slots=True, eq=False)
class _Sheets:
    """The score sheets of one panel: how many each applicant has, who wrote them, and the figures."""

    mean: _Figures = field(default_factory=_Figures)
    counts: array[int] = field(default_factory=lambda: array("i"))
    reviewers: list[str] = field(default_factory=list)
    total: _Figures = field(default_factory=_Figures)
    kept: _Figures = field(default_factory=_Figures)


class RankingReader:
    """Takes the standings of a record in turn and makes one :class:`Standings` of them.

    Problems go to ``found``. Where there are any, what :meth:`standings` gives is of no use.
    """

    def __init__(self, file: str, found: Problems) -> None:
        self._file, self._found = file, found
        self._applicants: list[str] = []
        self._ranks, self._outcomes, self._rows = array("i"), array("b"), array("q")
        self._has_total: list[bool] = []
        self._at: list[int] = []  # the position in the ranking of each computed row
        self._figures = {name: _Figures() for name in (*_TOTALS, *_MOVED)}
        self._criteria: dict[str, _Criterion] = {}
        self._sheets: dict[str, _Sheets] = {}
        self._calculated: dict[tuple[int, str], Fraction] = {}
        self._reasons: dict[str, tuple[Reason, ...]] = {}
        self._conditions: dict[str, tuple[str, ...]] = {}
        self._votes: dict[str, VoteCount] = {}

    def __len__(self) -> int:
        return len(self._applicants)

    @property
    def ranked(self) -> int:
        """How many applicants have a rank."""
        return sum(map(bool, self._ranks))

    def add(self, standings: Sequence[StandingShape]) -> None:
        """Take the next standings."""
        for told in standings:
            self._add(told)

    def _add(self, told: StandingShape) -> None:
        at, applicant = len(self._applicants), told.applicant
        self._applicants.append(applicant)
        self._ranks.append(told.rank or 0)
        self._outcomes.append(OUTCOME_CODE[told.outcome])
        if told.reasons:
            self._reasons[applicant] = tuple(
                Reason(
                    kind=r.kind,
                    subject=r.subject,
                    found=self._number(r.found, at, "reasons", i, "found"),
                    needed=self._number(r.needed, at, "reasons", i, "needed"),
                )
                for i, r in enumerate(told.reasons)
            )
        if told.conditions:
            self._conditions[applicant] = told.conditions
        if told.votes is not None:
            self._votes[applicant] = VoteCount(**dict(told.votes))
        totals = {getattr(told, name) is None for name in _TOTALS}
        nothing = totals == {True} and not told.tallies and (told.bonus, told.penalty) == ("0", "0")
        if len(totals) > 1 or not (told.criteria or nothing):
            self._partial(at)
        if not told.criteria:
            self._rows.append(-1)
            return
        row = len(self._at)
        self._rows.append(row)
        self._at.append(at)
        self._has_total.append(totals != {True})
        for name, figures in self._figures.items():
            text = getattr(told, name)
            self._append(figures, "0" if text is None else text, at, name)
        self._add_criteria(told.criteria, row, at)
        self._add_tallies(told.tallies, row, at)

    def _add_criteria(self, criteria: dict[str, CriterionShape], row: int, at: int) -> None:
        if row == 0:
            self._criteria = {name: _Criterion() for name in criteria}
        if criteria.keys() != self._criteria.keys():
            self._partial(at)
            return
        for name, told in criteria.items():
            columns, where = self._criteria[name], ("criteria", name)
            if not columns.consensus.add(told.consensus):
                self._refuse(told.consensus, at, *where, "consensus")
            self._append(columns.raw, told.raw, at, *where, "raw")
            self._append(columns.points, told.points, at, *where, "points")
            if told.calculated is not None:
                value = self._number(told.calculated, at, *where, "calculated")
                self._calculated[row, name] = Fraction(0) if value is None else value

    def _add_tallies(self, tallies: Sequence[TallyShape], row: int, at: int) -> None:
        if row == 0:
            self._sheets = {tally.panel: _Sheets() for tally in tallies}
        if [tally.panel for tally in tallies] != list(self._sheets):
            self._partial(at)
            return
        for i, tally in enumerate(tallies):
            columns = self._sheets[tally.panel]
            self._append(columns.mean, tally.mean, at, "tallies", i, "mean")
            columns.counts.append(len(tally.sheets))
            for j, sheet in enumerate(tally.sheets):
                where = ("tallies", i, "sheets", j)
                columns.reviewers.append(sheet.reviewer)
                self._append(columns.total, sheet.total, at, *where, "total")
                self._append(columns.kept, sheet.kept, at, *where, "kept")

    def _append(self, figures: _Figures, text: str | None, at: int, *where: str | int) -> None:
        """A figure that must be there."""
        if not figures.add(text) or text is None:
            self._refuse(text, at, *where)

    def _number(self, text: str | None, at: int, *where: str | int) -> Fraction | None:
        value = None if text is None else parse_exact(text)
        if text is not None and value is None:
            self._refuse(text, at, *where)
        return value

    def _refuse(self, text: str | None, at: int, *where: str | int) -> None:
        told = "null" if text is None else shorten(text)
        self._found.add("record.value", self._file, path=show_loc(("ranking", at, *where)), told=told)

    def _partial(self, at: int) -> None:
        place, applicant = show_loc(("ranking", at)), shorten(self._applicants[at])
        self._found.add("record.partial", self._file, path=place, id=applicant)

    def references(self) -> Iterator[tuple[str, str, Loc]]:
        """Every id used besides the applicants': the id, the list it must stand in, and where it was first used."""
        first = self._at[0] if self._at else 0
        for name in self._criteria:
            yield name, "rubric.criteria", ("ranking", first, "criteria", name)
        for i, (panel, columns) in enumerate(self._sheets.items()):
            yield panel, "rubric.panels", ("ranking", first, "tallies", i, "panel")
            for reviewer in dict.fromkeys(columns.reviewers):
                yield reviewer, "reviewers", ("ranking", "tallies", "sheets", "reviewer", reviewer)
        for applicant, reasons in self._reasons.items():
            for j, reason in enumerate(reasons):
                if reason.kind in _SUBJECTS:
                    yield reason.subject, _SUBJECTS[reason.kind], ("ranking", applicant, "reasons", j, "subject")

    def check(self, rubric: Rubric, applicants: Sequence[str]) -> None:
        """Every applicant must stand in the ranking once, and have all criteria where it has a total.

        Who has a rank has a total, or in a round decided by votes has votes. Points without a total are those of an
        applicant that an official method other than the weighted sum did not compare.
        """
        known, places = set(applicants), Counter(self._applicants)
        for at, applicant in enumerate(self._applicants):
            if applicant not in known:
                where = show_loc(("ranking", at, "applicant"))
                self._found.add("record.unknown_id", self._file, path=where, id=shorten(applicant), listed="applicants")
        for applicant in sorted(known):
            if places[applicant] != 1:
                self._found.add("record.ranking_incomplete", self._file, path="ranking", id=shorten(applicant))
        for at in self._without_what_ranks(rubric):
            self._partial(at)
        if not self._at:
            return
        nodes = {node.id: node for node in rubric.nodes()}
        panels = [panel.id for panel in rubric.all_panels if panel.level == "reviewer_total"]
        if nodes.keys() - self._criteria.keys() or set(panels) - self._sheets.keys():
            self._partial(self._at[0])
        for name, columns in self._criteria.items():
            missing = columns.consensus.missing()
            if name not in nodes or len(missing) == (0 if nodes[name].is_leaf else len(self._at)):
                continue
            row = int(missing[0]) if nodes[name].is_leaf else 0
            self._refuse(None, self._at[row], "criteria", name, "consensus")

    def _without_what_ranks(self, rubric: Rubric) -> Iterator[int]:
        """The places of those that have a rank, or points, and not the total or the votes that go with it."""
        if rubric.decision is not None:
            yield from (i for i, a in enumerate(self._applicants) if self._ranks[i] and a not in self._votes)
            return
        has_total = np.zeros(len(self), np.bool_)
        has_total[self._at] = self._has_total
        needs_total = np.array(self._ranks, np.int32) > 0
        if rubric.method.method == "weighted_sum":
            needs_total[self._at] = True
        yield from np.flatnonzero(needs_total & ~has_total).tolist()

    def standings(self, rubric: Rubric, reviewers: Sequence[tuple[str, str]], sheets: SheetRows | None) -> Standings:
        """The standings. ``reviewers`` are the record's with their panels, ``sheets`` those of marks.parquet."""
        return Standings(
            applicants=tuple(self._applicants),
            ranks=np.array(self._ranks, np.int32),
            outcomes=np.array(self._outcomes, np.int8),
            rows=np.array(self._rows, np.int64),
            computed=self._computed(rubric, reviewers, sheets) if self._at else None,
            reasons=self._reasons,
            conditions=self._conditions,
            votes=self._votes,
        )

    def _computed(self, rubric: Rubric, reviewers: Sequence[tuple[str, str]], sheets: SheetRows | None) -> Computed:
        totals = {name: figures.column() for name, figures in self._figures.items()}
        return Computed(
            total=totals["total"],
            ranking_total=totals["ranking_total"],
            raw_total=totals["raw_total"],
            bonus=totals["bonus"],
            penalty=totals["penalty"],
            has_total=None if all(self._has_total) else np.array(self._has_total, np.bool_),
            criteria={
                node.id: CriterionColumns(
                    consensus=self._criteria[node.id].consensus.column() if node.is_leaf else None,
                    raw=self._criteria[node.id].raw.column(),
                    points=self._criteria[node.id].points.column(),
                )
                for node in rubric.nodes()
            },
            calculated=self._calculated,
            sheets=tuple(
                _told(panel, columns, tuple(id_ for id_, _ in reviewers))
                if sheets is None
                else self._from_file(panel, columns, reviewers, sheets)
                for panel, columns in self._sheets.items()
            ),
        )

    def _from_file(
        self, panel: str, columns: _Sheets, reviewers: Sequence[tuple[str, str]], sheets: SheetRows
    ) -> SheetColumns:
        """The sheets of one panel from the file of the marks, those of each applicant together."""
        mine = np.array([of == panel for _, of in reviewers], np.bool_)[sheets.reviewer]
        row = self._row_of(sheets.applicants)[sheets.applicant]
        kept = np.flatnonzero(mine & (row >= 0))
        kept = kept[np.argsort(row[kept], kind="stable")]
        counts = np.bincount(row[kept], minlength=len(self._at))
        return SheetColumns(
            panel=panel,
            reviewers=tuple(id_ for id_, _ in reviewers),
            starts=np.append(0, np.cumsum(counts)),
            reviewer=sheets.reviewer[kept],
            total=sheets.total.take(kept),
            kept_num=sheets.kept_num[kept],
            kept_den=sheets.kept_den[kept],
            mean=columns.mean.column(),
        )

    def _row_of(self, applicants: Sequence[str]) -> NDArray[np.int64]:
        """The computed row of each applicant, -1 where it has none."""
        rows = dict(zip(self._applicants, self._rows, strict=True))
        return np.array([rows[applicant] for applicant in applicants], np.int64)


def _told(panel: str, columns: _Sheets, reviewers: tuple[str, ...]) -> SheetColumns:
    """The sheets of one panel as the record tells them, one by one."""
    places = {reviewer: i for i, reviewer in enumerate(reviewers)}
    kept = columns.kept.values()
    return SheetColumns(
        panel=panel,
        reviewers=reviewers,
        starts=np.append(0, np.cumsum(np.array(columns.counts, np.int64))),
        reviewer=np.array([places[reviewer] for reviewer in columns.reviewers], np.int32),
        total=columns.total.column(),
        kept_num=np.array([weight.numerator for weight in kept], np.int64),
        kept_den=np.array([weight.denominator for weight in kept], np.int64),
        mean=columns.mean.column(),
    )
