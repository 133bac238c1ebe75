"""What every page of a round's reports shares: names, numbering, decimals and the words around each page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluator.model.access import AccessDerivation
from evaluator.model.cross_check import MethodRule
from evaluator.model.evaluation import Evaluation, Outcome, Standing, Unresolved
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.openness import OpennessDeclaration, OpennessDerivation
from evaluator.model.performance import Measurement, PerformanceDerivation
from evaluator.model.round import Adjustment, Applicant, Decision, GateRecord, Opinion
from evaluator.model.rubric import Criterion, Gate
from evaluator.model.standings import OUTCOMES, Standings
from evaluator.model.support import TeamSupport
from evaluator.model.text import Language
from evaluator.report.figures import common_decimals, number
from evaluator.report.methods import rule_text
from evaluator.report.rules import criterion_numbers, titles
from evaluator.report.words import Words

HASH_SHOWN = 12
"""Characters of a sha256 that a page shows."""


class _AboutApplicant(Protocol):
    @property
    def applicant(self) -> str: ...


_T = TypeVar("_T", bound=_AboutApplicant)
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """An evaluation made ready for printing in one language. Built once, used for every report.

    ``outcomes`` and ``ranks`` are those of ``evaluation.ranking``, without making every standing of a large round.
    """

    evaluation: Evaluation
    record_sha256: str
    words: Words
    names: Mapping[str, str]
    numbers: Mapping[str, str]
    titles: Mapping[str, str]
    criteria: Mapping[str, Criterion]
    gates: Mapping[str, Gate]
    standings: Mapping[str, Standing]
    outcomes: tuple[Outcome, ...]
    ranks: tuple[int | None, ...]
    applicants: Mapping[str, Applicant]
    points_decimals: int
    total_decimals: int
    ranked: int
    gate_records: Mapping[tuple[str, str], GateRecord]
    adjustments: Mapping[str, tuple[Adjustment, ...]]
    decisions: Mapping[str, tuple[Decision, ...]]
    opinions: Mapping[str, tuple[Opinion, ...]]
    unresolved: Mapping[str, tuple[Unresolved, ...]]
    performance: Mapping[str, tuple[PerformanceDerivation, ...]]
    openness: Mapping[str, tuple[OpennessDerivation, ...]]
    access: Mapping[str, tuple[AccessDerivation, ...]]
    measurements: Mapping[str, tuple[Measurement, ...]]
    declared: Mapping[str, tuple[OpennessDeclaration, ...]]
    support: Mapping[str, TeamSupport]
    _places: Mapping[str, int]
    _order: NDArray[np.intp]
    _starts: NDArray[np.intp]

    def having(self, what: Literal["reasons", "conditions"]) -> Iterator[Standing]:
        """The standings that have reasons or conditions, in the order of the ranking."""
        ranking = self.evaluation.ranking
        if not isinstance(ranking, Standings):
            yield from (s for s in ranking if getattr(s, what))
            return
        known = getattr(ranking, what)
        yield from (ranking[i] for i, applicant in enumerate(ranking.applicants) if applicant in known)

    @property
    def lang(self) -> Language:
        """The language of the reports."""
        return self.words.lang

    @property
    def confirmed(self) -> bool:
        """Whether the result is final; everything else is printed as 선정(안)."""
        return self.evaluation.confirmed

    def outcome_word(self, outcome: Outcome) -> str:
        """The outcome in a word or two, marked as proposed where it is not confirmed."""
        return self.words(f"{'outcome' if self.confirmed else 'outcome_proposed'}.{outcome}")

    def total_text(self, total: Fraction) -> str:
        """A total as printed."""
        return number(total, self.total_decimals)

    @property
    def method(self) -> MethodRule | None:
        """The official method where it is not the weighted sum: totals are then its scores, not sums of points."""
        official = self.evaluation.rubric.method
        return None if official.method == "weighted_sum" else official

    @property
    def method_name(self) -> str:
        """The printed name of the official method, with its settings."""
        return rule_text(self.words, self.evaluation.rubric.method)

    @property
    def method_why(self) -> str:
        """Why the official method gives no scores, which keeps the round from being ranked; empty where it does."""
        codes = (u.why[0] for u in self.evaluation.unresolved if u.kind == "method" and u.why)
        return next((self.words(f"method_why.{code}") for code in codes), "")

    def points_sum(self, standing: Standing) -> str:
        """The sum of the points of the main criteria, as printed: the total itself only under the weighted sum."""
        roots = (standing.criteria[root.id].points for root in self.evaluation.rubric.criteria)
        return number(sum(roots, Fraction(0)), self.points_decimals)

    def total_in_words(self, total: Fraction) -> str:
        """A total as a part of a sentence: in points, or the bare score of another method."""
        text = self.total_text(total)
        return self.words("term.in_points" if self.method is None else "official.in_words", value=text)

    def without_code(self, decider: str) -> str:
        """A decider without a reviewer's code: ``chair (r1)`` is the chair, ``r1`` alone is the panel."""
        for reviewer in self.evaluation.reviewers:
            if decider.strip() == reviewer.id:
                return self.words("gate.the_panel")
            decider = decider.replace(f"({reviewer.id})", "")
        return " ".join(decider.split())

    def lacking(self, item: Unresolved, title: str = "") -> str:
        """The criterion that lacks a mark or figure, and for a figure from evidence why there is none."""
        title = title or self.titles.get(item.criterion, item.criterion)
        reasons = [self.words.told("performance_why", code).removesuffix(".") for code in item.why]
        return f"{title} ({'; '.join(reasons)})" if reasons else title

    def mark_rows(self, applicant: str) -> list[int]:
        """The rows of the mark table that are about an applicant."""
        place = self._places[applicant]
        return [int(row) for row in self._order[self._starts[place] : self._starts[place + 1]]]


def build_frame(evaluation: Evaluation, lang: Language, record_sha256: str) -> Frame:
    """Prepare an evaluation for printing. ``record_sha256`` is the hash of the record the reports are drawn from."""
    rubric = evaluation.rubric
    words = Words(lang)
    term = words("term.applicant")
    if rubric.terms and rubric.terms.applicant:
        term = rubric.terms.applicant.in_(lang)
    words = words.with_(applicant=term, Applicant=term[:1].upper() + term[1:])
    ranking = evaluation.ranking
    outcomes, ranks, standings = _field(ranking)
    of_applicant = evaluation.marks.marks.applicant
    order = np.argsort(of_applicant, kind="stable")
    evidence = evaluation.evidence or EvidenceOutcome()
    return Frame(
        evaluation=evaluation,
        record_sha256=record_sha256,
        words=words,
        names={a.id: printed_name(a, blind=evaluation.round.blind) for a in evaluation.applicants},
        numbers=criterion_numbers(rubric),
        titles=titles(rubric, words),
        criteria={node.id: node for node in rubric.nodes()},
        gates={gate.id: gate for gate in rubric.gates},
        standings=standings,
        applicants={a.id: a for a in evaluation.applicants},
        outcomes=outcomes,
        ranks=ranks,
        points_decimals=common_decimals(_all_points(ranking, rubric.rounding.points), rubric.rounding.points),
        total_decimals=common_decimals(_all_totals(ranking, rubric.rounding.total), rubric.rounding.total),
        ranked=sum(rank is not None for rank in ranks),
        gate_records={(record.applicant, record.gate): record for record in evaluation.gates},
        adjustments=_grouped(evaluation.adjustments),
        decisions=_grouped(evaluation.decisions),
        opinions=_grouped(evaluation.opinions),
        unresolved=_grouped(evaluation.unresolved),
        performance=_grouped(evidence.performance),
        openness=_grouped(evidence.openness),
        access=_grouped(evidence.access),
        measurements=_of_each(evidence.measurements),
        declared=_of_each(evidence.declared),
        support={team.applicant: team for team in (evaluation.support.teams if evaluation.support else ())},
        _places={a.id: place for place, a in enumerate(evaluation.applicants)},
        _order=order,
        _starts=np.searchsorted(of_applicant[order], np.arange(len(evaluation.applicants) + 1)),
    )


class _ByApplicant(Mapping[str, Standing]):
    """Standings by applicant, each made when it is asked for."""

    def __init__(self, ranking: Standings) -> None:
        self._ranking = ranking
        self._places = {applicant: i for i, applicant in enumerate(ranking.applicants)}

    def __getitem__(self, applicant: str) -> Standing:
        return self._ranking[self._places[applicant]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _field(
    ranking: Sequence[Standing],
) -> tuple[tuple[Outcome, ...], tuple[int | None, ...], Mapping[str, Standing]]:
    """The outcomes and ranks of everybody in the order of the ranking, and the standings by applicant."""
    if not isinstance(ranking, Standings):
        outcomes, ranks = tuple(s.outcome for s in ranking), tuple(s.rank for s in ranking)
        return outcomes, ranks, {s.applicant: s for s in ranking}
    return (
        tuple(OUTCOMES[code] for code in ranking.outcomes.tolist()),
        tuple(rank or None for rank in ranking.ranks.tolist()),
        _ByApplicant(ranking),
    )


def _all_points(ranking: Sequence[Standing], decimals: int | None) -> Iterator[Fraction]:
    """The different points there are, where the decimals depend on them."""
    if decimals is not None:
        return
    if not isinstance(ranking, Standings):
        yield from (score.points for s in ranking for score in s.criteria.values())
    elif ranking.computed is not None:
        for columns in ranking.computed.criteria.values():
            yield from columns.points.distinct()[0]


def _all_totals(ranking: Sequence[Standing], decimals: int | None) -> Iterator[Fraction]:
    """The same of totals."""
    if decimals is not None:
        return
    if not isinstance(ranking, Standings):
        yield from (s.total for s in ranking if s.total is not None)
    elif ranking.computed is not None:
        known = ranking.computed.has_total
        yield from (ranking.computed.total if known is None else ranking.computed.total.take(known)).distinct()[0]


def _grouped(records: Iterable[_T]) -> dict[str, tuple[_T, ...]]:
    groups: dict[str, list[_T]] = {}
    for record in records:
        groups.setdefault(record.applicant, []).append(record)
    return {applicant: tuple(group) for applicant, group in groups.items()}


def _of_each(pairs: Iterable[tuple[str, _V]]) -> dict[str, tuple[_V, ...]]:
    """What stands beside each applicant's id."""
    groups: dict[str, list[_V]] = {}
    for applicant, value in pairs:
        groups.setdefault(applicant, []).append(value)
    return {applicant: tuple(group) for applicant, group in groups.items()}


def printed_name(applicant: Applicant, *, blind: bool) -> str:
    """The name, or in a blind round the alias (the id where there is none)."""
    return (applicant.alias or applicant.id) if blind else applicant.name


def date_text(lang: Language, day: date) -> str:
    """A date as printed: 2026. 11. 24. or 2026-11-24."""
    return f"{day.year}. {day.month}. {day.day}." if lang == "ko" else day.isoformat()
