"""What pages about evidence share: figures, marks for notes, recorded decisions, and what a blind round hides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from unicodedata import east_asian_width

from evaluator.model.access import AccessDerivation
from evaluator.model.blind import blind_access, blind_openness, blind_performance
from evaluator.model.numbers import decimals_of
from evaluator.model.openness import OpennessDerivation
from evaluator.model.performance import PerformanceDerivation
from evaluator.model.round import Decision
from evaluator.report.figures import SHOWN_DECIMALS, number
from evaluator.report.frame import HASH_SHOWN, Frame
from evaluator.report.words import Words

_LARGEST_DENOMINATOR = 999
_LEAST_PROBABILITY = Fraction(1, 10_000)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A mark that stands in a table, and the sentence it stands for."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A recorded decision that replaced a derived figure."""

    criterion: str
    derived: str
    decided: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that figures were read from: its number in the tables, its name and the beginning of its sha256."""

    number: str
    name: str
    sha256: str


class Notes:
    """Marks in the order in which they are first asked for: a, b, ... z, aa, ab ...; one for each family and code."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._marks: dict[tuple[str, str], str] = {}

    def __call__(self, family: str, codes: Iterable[str]) -> str:
        """The marks of some codes as they stand in a table cell."""
        return self.all((family, codes))

    def all(self, *told: tuple[str, Iterable[str]]) -> str:
        """The marks of codes of several families as they stand in a table cell: in order, each once."""
        marks = dict.fromkeys(self._mark(family, code) for family, codes in told for code in codes)
        return ", ".join(sorted(marks, key=lambda mark: (len(mark), mark)))

    def _mark(self, family: str, code: str) -> str:
        place = len(self._marks)
        first = _LETTERS[place // len(_LETTERS) - 1] if place >= len(_LETTERS) else ""
        return self._marks.setdefault((family, code), first + _LETTERS[place % len(_LETTERS)])

    def legend(self) -> tuple[Note, ...]:
        """Every mark with its sentence."""
        return tuple(Note(mark=m, text=self._words.told(*code)) for code, m in self._marks.items())


class Files:
    """Files in the order in which they are first asked for, numbered from 1."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], str] = {}

    def __call__(self, name: str, sha256: str) -> str:
        """The number of a file as it stands in a table cell, empty where there is no file."""
        if not name and not sha256:
            return ""
        return self._numbers.setdefault((name, sha256), f"[{len(self._numbers) + 1}]")

    def listed(self) -> tuple[SourceFile, ...]:
        """Every file with its number."""
        return tuple(
            SourceFile(number=n, name=name, sha256=sha256[:HASH_SHOWN]) for (name, sha256), n in self._numbers.items()
        )


def exact(value: Fraction | None) -> str:
    """A figure as printed, a dash where there is none."""
    return "–" if value is None else number(value)


def ratio(value: Fraction | None) -> str:
    """A ratio with its four decimals, a dash where there is none."""
    return "–" if value is None else number(value, SHOWN_DECIMALS)


def probability(value: Fraction | None) -> str:
    """A probability with its four decimals, to which it was rounded: at the ends a bound, since none is certain."""
    if value is None:
        return "–"
    if value < _LEAST_PROBABILITY:
        return f"< {ratio(_LEAST_PROBABILITY)}"
    return f"> {ratio(1 - _LEAST_PROBABILITY)}" if value > 1 - _LEAST_PROBABILITY else ratio(value)


def interval(low: Fraction | None, high: Fraction | None) -> str:
    """The ends of an interval, a dash where there is none."""
    return "–" if low is None or high is None else f"{ratio(low)}–{ratio(high)}"


def share_text(value: Fraction) -> str:
    """A share of the whole: its short decimal form, else a fraction with a small denominator, else cut."""
    if decimals_of(value) is None and value.denominator <= _LARGEST_DENOMINATOR:
        return f"{value.numerator}/{value.denominator}"
    return number(value)


def clipped(text: str, columns: int) -> str:
    """Text for a drawing, where no line can break: at most so many columns, of which a Korean letter takes two."""
    width, kept = 0, ""
    for character in text:
        width += 2 if east_asian_width(character) in "WF" else 1
        if width > columns:
            return kept[:-1].rstrip() + "…"
        kept += character
    return text


def folded(text: str, columns: int) -> tuple[str, ...]:
    """Text for a drawing on one line or two, parted between words; what is longer than that is clipped."""
    if clipped(text, columns) == text:
        return (text,)
    first, rest = "", text.split()
    while rest and clipped(f"{first} {rest[0]}".strip(), columns) == f"{first} {rest[0]}".strip():
        first = f"{first} {rest.pop(0)}".strip()
    return (first, clipped(" ".join(rest), columns)) if first and rest else (clipped(text, columns),)


def criterion_title(frame: Frame, criterion: str) -> str:
    """A criterion by its number and printed name."""
    title, number_ = frame.titles.get(criterion, criterion), frame.numbers.get(criterion, "")
    return frame.words("evidence.criterion", number=number_, title=title) if number_ else title


def override(frame: Frame, applicant: str, criterion: str) -> Override | None:
    """The recorded decision that replaced the derived figure of one applicant on one criterion, if one did.

    Where no figure could be derived, the decision stands in its place.
    """
    standing = frame.standings.get(applicant)
    score = standing.criteria.get(criterion) if standing else None
    decision = decided(frame, applicant, criterion)
    if score is None or (score.calculated is None and (decision is None or score.consensus is None)):
        return None
    nothing = frame.words("performance_verdict.not_assessable")
    return Override(
        criterion=criterion_title(frame, criterion),
        derived=exact(score.calculated) if score.calculated is not None else nothing,
        decided=exact(score.consensus),
        reason=(decision.reason if decision else "") or frame.words("note.no_reason"),
        by=" · ".join(p for p in (frame.without_code(decision.decider), decision.date) if p) if decision else "",
    )


def decided(frame: Frame, applicant: str, criterion: str) -> Decision | None:
    """The recorded decision about one applicant's figure on one criterion."""
    decisions = frame.decisions.get(applicant, ())
    return next((d for d in decisions if d.kind == "consensus" and d.criterion == criterion), None)


def derived_overrides(frame: Frame) -> tuple[tuple[str, Override], ...]:
    """Every decision in the place of a derived figure with its applicant, by id and then in the rubric's order."""
    leaves = [leaf.id for leaf in frame.evaluation.rubric.leaves() if leaf.performance or leaf.openness or leaf.access]
    return tuple((a, found) for a in sorted(frame.applicants) for found in overrides(frame, a, leaves))


def overrides(frame: Frame, applicant: str, criteria: Iterable[str]) -> tuple[Override, ...]:
    """``override`` for several criteria, without those that no decision replaced."""
    return tuple(found for c in criteria if (found := override(frame, applicant, c)) is not None)


def shown_performance(frame: Frame, found: PerformanceDerivation) -> PerformanceDerivation:
    """A derivation as it may be printed: in a blind round nothing that names the model, only its figures."""
    return blind_performance(found) if frame.evaluation.round.blind else found


def shown_openness(frame: Frame, found: OpennessDerivation) -> OpennessDerivation:
    """The same for openness: without names of models, addresses and own licences."""
    return blind_openness(found) if frame.evaluation.round.blind else found


def shown_access(frame: Frame, found: AccessDerivation) -> AccessDerivation:
    """The same for access: without titles, places and issuers of evidence."""
    return blind_access(found) if frame.evaluation.round.blind else found
