"""The rows of the workbook's sheets as plain values, in one language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import chain, islice

import numpy as np

from evaluator.errors import render
from evaluator.files.column_text import spread, written
from evaluator.files.evidence_sheet import evidence_cells, support_cells
from evaluator.files.methods_sheet import MethodsSheet, methods_sheet
from evaluator.files.ranking_columns import VOTES, number_text
from evaluator.files.recalculation import Places
from evaluator.files.sheet_rows import Cell, plain_number
from evaluator.files.sheet_rows import Cells as Row
from evaluator.files.workbook_extent import LISTED_WARNINGS, Extent
from evaluator.model.evaluation import Reason
from evaluator.model.numbers import show
from evaluator.model.round import SCORED, STATE_NAMES
from evaluator.model.rubric import allowed_scale
from evaluator.model.standings import OUTCOMES, Standings
from evaluator.model.support import SupportOutcome
from evaluator.model.text import Language
from evaluator.resources import message_catalogue

SHEETS = ("ranking", "criteria", "marks", "warnings", "recalculation")
RANKING = ("rank", "applicant", "name", "outcome", "total", "total_exact", "ranking_total", "bonus", "penalty")
CRITERIA = (
    "applicant",
    "item",
    "title",
    "kind",
    "maximum",
    "threshold",
    "consensus",
    "calculated",
    "raw",
    "raw_exact",
    "points",
)
MARKS = ("applicant", "reviewer", "item", "state", "score", "kept_exact", "kept", "comment")
WARNINGS = (
    "kind",
    "code",
    "file",
    "line",
    "column",
    "path",
    "text",
    "applicant",
    "reviewer",
    "panel",
    "item",
    "gate",
    "found",
    "needed",
)

Heading = str | tuple[str, str]
"""A key of the workbook's words, or a key and its words where they are not the workbook's own."""


class Book:
    """The rows of every sheet; those of criteria and marks are of the applicants shown in detail."""

    def __init__(self, extent: Extent, lang: Language) -> None:
        self.extent, self.evaluation, self.lang = extent, extent.whole, lang
        self._words = message_catalogue("terminal", lang)["workbook"]
        self._report = message_catalogue("report", lang)
        self.nodes = list(self.evaluation.rubric.nodes())
        self._titles = {node.id: node.title.in_(lang) for node in self.nodes}
        self._gates = {gate.id: gate.title.in_(lang) for gate in self.evaluation.rubric.gates}
        self.notices = extent.notices(self.label)
        self.counts = self._count()

    def _count(self) -> dict[str, int]:
        """How many rows the sheets have below their headings."""
        detail = self.extent.detail
        return {
            "ranking": self.extent.listed,
            "criteria": sum(len(s.criteria) for s in detail.ranking),
            "marks": len(detail.marks.marks),
            "warnings": min(len(self.evaluation.warnings) + len(self.evaluation.unresolved), LISTED_WARNINGS),
        }

    def above(self, sheet: str) -> list[Row]:
        """The rows above a sheet's heading: what it leaves out; on the first sheet, what any of them does."""
        if sheet != "ranking":
            return [[self.notices[sheet]]] if sheet in self.notices else []
        return [[f"{self.label(f'sheet_{name}')}: {text}"] for name, text in self.notices.items()]

    @property
    def method(self) -> str:
        """The printed name of the official method."""
        return str(self._report["method_name"][self.evaluation.rubric.method.method])

    def label(self, key: str) -> str:
        """A word of the workbook."""
        return str(self._words[key])

    def ranking_headings(self) -> list[Heading]:
        """The headings of the ranking sheet: votes stand there where votes decide.

        Totals that are another official method's scores are named as that.
        """
        votes = VOTES if self.evaluation.rubric.decision else ()
        keys = (*RANKING, *votes, "reasons", "conditions")
        if self.evaluation.rubric.method.method == "weighted_sum":
            return list(keys)
        scores = ("total", "total_exact", "ranking_total")
        return [(key, f"{self.label(key)}: {self.method}") if key in scores else key for key in keys]

    def ranking_rows(self) -> Iterator[Row]:
        """One row an applicant, in the record's order."""
        evaluation, standings = self.evaluation, self.evaluation.ranking
        if not standings:
            return iter(())
        if not isinstance(standings, Standings):
            raise TypeError("the sheet is made of columns")
        names = {a.id: (a.alias or a.id) if evaluation.round.blind else a.name for a in evaluation.applicants}
        outcomes = [self.outcome(outcome) for outcome in OUTCOMES]
        decimals = evaluation.rubric.rounding.total
        columns: list[Iterable[Cell]] = [
            (rank or None for rank in standings.ranks.tolist()),
            standings.applicants,
            (names[applicant] for applicant in standings.applicants),
            (outcomes[code] for code in standings.outcomes.tolist()),
            _figures(standings, "total", plain_number),
            _figures(standings, "total", lambda total: show(total, decimals)),
            _figures(standings, "ranking_total", plain_number),
            _figures(standings, "bonus", plain_number, 0),
            _figures(standings, "penalty", plain_number, 0),
        ]
        if evaluation.rubric.decision:
            votes = [standings.votes.get(applicant) for applicant in standings.applicants]
            columns += [[None if v is None else getattr(v, name) for v in votes] for name in VOTES]
        columns.append("; ".join(map(self._reason, standings.reasons.get(a, ()))) for a in standings.applicants)
        columns.append("; ".join(standings.conditions.get(a, ())) for a in standings.applicants)
        return islice(zip(*columns, strict=True), self.extent.listed)

    def outcome(self, outcome: str) -> str:
        """The printed word, marked as proposed where the round is not confirmed."""
        section = "outcome" if self.evaluation.round.status == "confirmed" else "outcome_proposed"
        return str(self._report[section][outcome])

    def _reason(self, reason: Reason) -> str:
        text = str(self._report["outcome"][reason.kind])
        subject = self._titles.get(reason.subject) or self._gates.get(reason.subject, "")
        text += f": {subject}" if subject else ""
        if reason.found is not None and reason.needed is not None:
            text += f" {number_text(reason.found)} < {number_text(reason.needed)}"
        return text

    def criteria_rows(self) -> Iterator[Row]:
        """One row an applicant and criterion, groups before their children."""
        for s in self.extent.detail.ranking:
            for node in self.nodes:
                score = s.criteria.get(node.id)
                if score is None:
                    continue
                yield [
                    s.applicant,
                    node.id,
                    self._titles[node.id],
                    self.label("leaf" if node.is_leaf else "group"),
                    node.points,
                    None if node.threshold is None else node.threshold.of(node.points),
                    score.consensus,
                    score.calculated,
                    score.raw,
                    show(score.raw),
                    score.points,
                ]

    def mark_rows(self) -> Iterator[Row]:
        """One row a mark, in the record's order."""
        evaluation, table = self.extent.detail, self.extent.detail.marks
        marks, leaves = table.marks, self.evaluation.rubric.panel_leaves()
        comments, scale = dict(marks.comments), 10**marks.decimals
        states = [self.label(f"state_{name}") for name in STATE_NAMES]
        applicants, reviewers = [a.id for a in evaluation.applicants], [r.id for r in evaluation.reviewers]
        criteria = [leaf.id for leaf in leaves]
        # There may be a million rows, and few different figures.
        scores = {score: plain_number(Fraction(score, scale)) for score in set(marks.score.tolist())}
        pairs = list(zip(table.kept_num.tolist(), table.kept_den.tolist(), strict=True))
        weights = {pair: Fraction(*pair) if pair[0] >= 0 else None for pair in set(pairs)}
        kept = {p: (None, None) if w is None else (show(w), plain_number(w)) for p, w in weights.items()}
        columns = zip(
            marks.applicant.tolist(),
            marks.reviewer.tolist(),
            marks.criterion.tolist(),
            marks.state.tolist(),
            marks.score.tolist(),
            pairs,
            strict=True,
        )
        for i, (applicant, reviewer, criterion, state, score, pair) in enumerate(columns):
            yield [
                applicants[applicant],
                reviewers[reviewer],
                criteria[criterion],
                states[state],
                scores[score] if state == SCORED else None,
                *kept[pair],
                comments.get(i),
            ]

    def warning_rows(self) -> Iterator[Row]:
        """What the rules tolerated, then what is unresolved."""
        return islice(chain(self._warned(), self._unresolved()), LISTED_WARNINGS)

    def _warned(self) -> Iterator[Row]:
        catalogue = message_catalogue("problems", self.lang) if self.evaluation.warnings else {}
        for w in self.evaluation.warnings:
            text = " ".join(part for part in render(w, catalogue) if part)
            place: Row = [w.file, w.line or None, w.column or None, w.path]
            yield [self.label("warning"), w.code, *place, text]

    def _unresolved(self) -> Iterator[Row]:
        for u in self.evaluation.unresolved:
            text = self.label(f"unresolved_{u.kind}")
            text += f": {self._titles[u.criterion]}" if u.criterion in self._titles else ""
            who = [u.applicant, u.reviewer, u.panel, u.criterion, self._gates.get(u.gate, "")]
            yield [self.label("unresolved"), u.kind, None, None, None, None, text, *who, u.found, u.needed]

    def evidence_rows(self) -> Iterator[Row]:
        """One row a derived figure, and one a piece of what it rests on."""
        return evidence_cells(self.evaluation, self.lang, self.label, self._report)

    def support_rows(self, support: SupportOutcome) -> Iterator[Row]:
        """One row an item of each team, then the totals."""
        return support_cells(support, self.lang, self.label, self._report)

    def methods(self) -> MethodsSheet:
        """Other methods beside the official ranking."""
        return methods_sheet(self.evaluation, self.label, self._report, outcome=self.outcome, criterion=self._titles)

    def places(self) -> Places:
        """Where the recalculation finds what it needs."""
        detail = self.extent.detail
        starts = {name: len(self.above(name)) + 1 for name in ("ranking", "criteria", "marks")}
        ranking = {s.applicant: starts["ranking"] + self.extent.first + i for i, s in enumerate(detail.ranking)}
        shown = ((s.applicant, node.id) for s in detail.ranking for node in self.nodes if node.id in s.criteria)
        headings = [*RANKING, *VOTES]
        return Places(
            ranking_sheet=_quoted(self.label("sheet_ranking")),
            ranking_row=ranking,
            total_column=headings.index("total"),
            ranking_total_column=headings.index("ranking_total"),
            yes_column=headings.index("yes"),
            eligible_column=headings.index("eligible"),
            bonus_column=headings.index("bonus"),
            penalty_column=headings.index("penalty"),
            criteria_sheet=_quoted(self.label("sheet_criteria")),
            criteria_row={key: starts["criteria"] + i for i, key in enumerate(shown)},
            consensus_column=CRITERIA.index("consensus"),
            points_column=CRITERIA.index("points"),
            marks_sheet=_quoted(self.label("sheet_marks")),
            first_mark=starts["marks"] if self.extent.marks_fit else None,
            criterion_column=MARKS.index("item"),
            score_column=MARKS.index("score"),
            kept_column=MARKS.index("kept"),
        )

    def best(self) -> dict[str, Fraction]:
        """The best score of all on each criterion that is scored relative to the best.

        Empty where everybody is shown in detail: the best is then recalculated.
        """
        standings = self.evaluation.ranking
        if self.extent.complete or not isinstance(standings, Standings) or standings.computed is None:
            return {}
        rows, found = standings.rows[standings.rows >= 0], {}
        for leaf in self.evaluation.rubric.leaves():
            column = standings.computed.criteria[leaf.id].consensus
            if leaf.convert and leaf.convert.kind == "relative_to_best" and column is not None:
                scores, _ = column.take(rows).distinct()
                found[leaf.id] = min(scores) if allowed_scale(leaf).direction == "lower" else max(scores)
        return found


def _figures(standings: Standings, name: str, write: Callable[[Fraction], Cell], missing: Cell = None) -> list[Cell]:
    """A column of figures that some applicants have, ``missing`` standing for the others."""
    told, known = standings.computed, np.flatnonzero(standings.rows >= 0)
    if told is None:
        return [missing] * len(standings)
    if told.has_total is not None and missing is None:
        known = known[told.has_total[standings.rows[known]]]
    return spread(written(getattr(told, name).take(standings.rows[known]), write), known, len(standings), missing)


def _quoted(sheet: str) -> str:
    return f"'{sheet}'"
