"""What every part of a printed difference needs: both evaluations, words, names, titles, and pairs of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from evaluator.model.difference import ApplicantChange, Difference, InputChange, Place, Recalculated
from evaluator.model.evaluation import Evaluation, Outcome
from evaluator.model.numbers import parse_exact, show
from evaluator.model.second_opinion import ranked
from evaluator.report.figures import number
from evaluator.report.frame import printed_name
from evaluator.report.rules import panel_title, titles
from evaluator.report.terminal import TerminalWords, one_line
from evaluator.report.words import Words
from evaluator.resources import message_catalogue

NAMED = 10
"""Ids listed in a sentence before the others are counted."""
_LONGEST = 120
_CONTEXT = 20

Decimals = tuple[int | None, int | None]
"""Decimals of figures of the first and of the second evaluation; None where they are not rounded."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """A difference made ready for printing in one language."""

    difference: Difference
    before: Evaluation
    after: Evaluation
    words: TerminalWords
    report: Words

    @property
    def blind(self) -> bool:
        """Whether names stay hidden: they do where either round is blind."""
        return self.before.round.blind or self.after.round.blind

    @property
    def unranked(self) -> bool:
        """Whether one evaluation ranked nobody while the other did."""
        return self.before.rankable != self.after.rankable

    @property
    def unrelated(self) -> bool:
        """Whether they are two rounds without an applicant in common: equal ids of other things mean nothing then."""
        return self.before.round.id != self.after.round.id and not self.difference.common

    @property
    def recalculated(self) -> tuple[tuple[str, Recalculated], ...]:
        """What came of evaluating the inputs of each side again."""
        found = self.difference.recalculation
        return ("before", found.before), ("after", found.after)

    @cached_property
    def given(self) -> Mapping[str, Mapping[str, Place]]:
        """Of each side, where its inputs put those it says otherwise of."""
        return {
            key: {item.applicant: item.place for item in found.standings if item.place is not None}
            for key, found in self.recalculated
        }

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Printed names, those of the second evaluation where both have the applicant."""
        listed = (*self.before.applicants, *self.after.applicants)
        return {a.id: one_line(printed_name(a, blind=self.blind)) for a in listed}

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Titles of criteria and gates, by id."""
        found: dict[str, str] = {}
        for evaluation in (self.before, self.after):
            found |= titles(evaluation.rubric, self.report)
        return found

    @cached_property
    def gates(self) -> Mapping[str, str]:
        """Titles of gates, by id."""
        rubrics = (self.before.rubric, self.after.rubric)
        return {gate.id: gate.title.in_(self.words.lang) for rubric in rubrics for gate in rubric.gates}

    @cached_property
    def by_panel(self) -> frozenset[str]:
        """The criteria that reviewers mark."""
        rubrics = (self.before.rubric, self.after.rubric)
        return frozenset(leaf.id for rubric in rubrics for leaf in rubric.panel_leaves())

    @cached_property
    def own_inputs(self) -> Mapping[str, tuple[InputChange, ...]]:
        """Differing inputs, other than marks, by applicant."""
        found: dict[str, list[InputChange]] = {}
        for change in self.difference.inputs:
            found.setdefault(change.applicant, []).append(change)
        return {applicant: tuple(changes) for applicant, changes in found.items()}

    @cached_property
    def _ids(self) -> NDArray[np.str_]:
        return np.array(sorted(self.names))

    @cached_property
    def _ranks(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The ranks of all applicants of both evaluations by id; who has none stands behind everybody."""
        found = []
        for evaluation in (self.before, self.after):
            official = ranked(evaluation)
            ranks = dict(zip(official.applicants, official.ranks.tolist(), strict=True))
            found.append(np.array([ranks.get(a, np.iinfo(np.int32).max) for a in self._ids.tolist()], np.int64))
        return found[0], found[1]

    def title(self, criterion: str) -> str:
        """A criterion's title; its id where no rubric has it."""
        return one_line(self.titles.get(criterion, criterion))

    def named(self, applicants: Sequence[str], total: int | None = None) -> str:
        """Ids as a list, the last ones counted where there are many."""
        total = len(applicants) if total is None else total
        listed = ", ".join(one_line(a) for a in applicants[:NAMED])
        return listed if total <= NAMED else self.words("diff.some", listed=listed, n=f"{total - NAMED:,}")

    def pair(self, before: str, after: str) -> str:
        """``12 → 14``."""
        return self.words("diff.arrow", before=before, after=after)

    def figures(self, before: Fraction | None, after: Fraction | None, decimals: Decimals) -> str:
        """Two figures as printed, each to the decimals of its own rubric."""
        told = (self.figure(value, d) for value, d in zip((before, after), decimals, strict=True))
        return self.pair(*told)

    def figure(self, value: Fraction | None, decimals: int | None) -> str:
        """A figure as printed, or a word where there is none."""
        return self.words("diff.nothing") if value is None else number(value, decimals)

    @property
    def total_decimals(self) -> Decimals:
        """The decimals of totals in each rubric."""
        return self.before.rubric.rounding.total, self.after.rubric.rounding.total

    @property
    def points_decimals(self) -> Decimals:
        """The decimals of points in each rubric."""
        return self.before.rubric.rounding.points, self.after.rubric.rounding.points

    def panel(self, panel: str | None, evaluation: Evaluation) -> str:
        """The title of a panel of one evaluation, or its id."""
        found = [item for item in evaluation.rubric.all_panels if item.id == panel]
        return one_line(panel_title(self.report, evaluation.rubric, found[0])) if found else self.text(panel)

    def reviewer(self, reviewer: str, *, added: bool) -> str:
        """A reviewer that only one evaluation has, with the panel where there are several."""
        evaluation = self.after if added else self.before
        panels = [r.panel for r in evaluation.reviewers if r.id == reviewer]
        if len(evaluation.rubric.all_panels) == 1 or not panels:
            return one_line(reviewer)
        return f"{one_line(reviewer)} ({self.panel(panels[0], evaluation)})"

    def rank(self, rank: int | None) -> str:
        """A rank, or a word where there is none."""
        return self.words("diff.nothing") if rank is None else f"{rank:,}"

    def outcome(self, outcome: Outcome | None, evaluation: Evaluation) -> str:
        """An outcome in a word or two, marked as proposed where that evaluation is not confirmed."""
        if outcome is None:
            return self.words("diff.nothing")
        return self.report(f"{'outcome' if evaluation.confirmed else 'outcome_proposed'}.{outcome}")

    def text(self, value: str | None) -> str:
        """A value of a file as one line that is not endless, figures as other figures are printed."""
        if value is None or not value:
            return self.words("diff.nothing")
        exact = parse_exact(value)
        if exact is not None:
            return number(exact) if show(exact) == value else value
        line = one_line(value)
        return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"

    def texts(self, before: str | None, after: str | None) -> str:
        """Two values in words; of long texts that begin alike what comes before the difference is left out."""
        if before and after and max(len(before), len(after)) > _LONGEST:
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
            start = max(0, same - _CONTEXT)
            before, after = (f"…{text[start:]}" if start else text for text in (before, after))
        return self.pair(self.word(before), self.word(after))

    def word(self, value: str | None) -> str:
        """A value of a rubric or register in words, where it is one of a few."""
        known: Mapping[str, str] = message_catalogue("terminal", self.words.lang)["diff_value"]
        return known[value] if value is not None and value in known else self.text(value)

    def field(self, name: str) -> str:
        """What a field is called; a path of its own stays as it is."""
        known: Mapping[str, str] = message_catalogue("terminal", self.words.lang)["diff_field"]
        return known.get(name.replace(".", "_"), one_line(name))

    def crossed(self, change: ApplicantChange) -> list[str]:
        """Who now ranks before an applicant and did not, and who did and no longer does."""
        place = int(np.searchsorted(self._ids, change.applicant))
        one, other = self._ranks
        lines = []
        for key, count, found in (
            ("ahead", change.ahead, (one >= one[place]) & (other < other[place])),
            ("behind", change.behind, (one < one[place]) & (other >= other[place])),
        ):
            if count:
                ids = [str(a) for a in self._ids[np.flatnonzero(found)[: NAMED + 1]] if a != change.applicant]
                lines.append(self.words(f"diff.{key}", listed=self.named(ids, count)))
        return lines
