"""A difference as lines for a terminal: the summary first, then who is selected, then each applicant's chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evaluator.model.difference import ApplicantChange, Difference, Effect, Seats
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.difference_chain import (
    chain,
    cut,
    given_lines,
    has_inputs,
    own_lines,
    what_line,
)
from evaluator.report.difference_entries import other_lines, people_lines
from evaluator.report.difference_rest import cross_check_lines, file_line, round_line, support_lines, value_line
from evaluator.report.difference_rules import rubric_lines, rule_lines, wording_lines
from evaluator.report.difference_told import Told
from evaluator.report.terminal import TerminalWords, one_line
from evaluator.report.words import Words

SHOWN = 20
"""Lines of one kind, and applicants, that are shown unless all are asked for."""

Sections = list[tuple[str, list[str]]]


def difference_lines(
    difference: Difference,
    before: Evaluation,
    after: Evaluation,
    lang: Language,
    *,
    sources: tuple[str, str],
    show_all: bool = False,
) -> list[str]:
    """Everything that differs, as lines without a line's length in mind. ``sources`` says where each side lies."""
    report = Words(lang)
    term = after.rubric.terms.applicant if after.rubric.terms and after.rubric.terms.applicant else None
    report = report.with_(applicant=term.in_(lang) if term else report("term.applicant"))
    told = Told(difference=difference, before=before, after=after, words=TerminalWords(lang), report=report)
    limit = None if show_all else SHOWN
    lines = [*_heading(told, sources), "", *_summary(told)]
    if told.unrelated:
        return lines
    for title, body in _sections(told, limit):
        if body:
            lines += ["", title, *(f"  {line}".rstrip() for line in body)]
    return lines


def _heading(told: Told, sources: tuple[str, str]) -> Iterator[str]:
    for key, evaluation, source in zip(("before", "after"), (told.before, told.after), sources, strict=True):
        parts = [
            one_line(source),
            one_line(evaluation.round.title.in_(told.words.lang)),
            told.words(f"status.{evaluation.round.status}"),
        ]
        yield told.words("diff.line", label=told.words(f"diff.{key}"), change=" · ".join(parts))


# The summary


def _summary(told: Told) -> Iterator[str]:
    difference, words = told.difference, told.words
    if difference.before.round != difference.after.round:
        yield words("diff.other_round", before=difference.before.round, after=difference.after.round)
    if told.unrelated:
        yield words("diff.unrelated")
        return
    if not difference.common and (difference.applicants_added or difference.applicants_removed):
        yield words("diff.no_common")
    if difference.empty:
        yield words("diff.none")
    elif not difference.material:
        yield words("diff.none_material")
    else:
        yield from _effects(told)
    yield from _recalculated(told)


def _effects(told: Told) -> Iterator[str]:
    """What differs, what that did, and how far it is known."""
    difference, words = told.difference, told.words
    what = words("diff.join").join(_counted(told))
    effect = _effect(told, difference.effect)
    if what:
        yield words("diff.differ", what=what, effect=effect)
    elif difference.effect != Effect():
        yield words("diff.effect_alone", effect=effect)
    elif difference.applicants or difference.cut_line or difference.support:
        yield words("diff.figures_alone")
    else:
        yield words("diff.other_only")
    yield from _unranked(told) if told.unranked else _selected(told)
    if difference.before.unresolved != difference.after.unresolved:
        pair = told.pair(f"{difference.before.unresolved:,}", f"{difference.after.unresolved:,}")
        yield words("diff.unresolved", change=pair)
    yield from _separated(told)
    unexplained = [c.applicant for c in difference.applicants if any(x.kind == "unexplained" for x in c.causes)]
    if unexplained:
        yield words("diff.unexplained", n=f"{len(unexplained):,}", listed=told.named(unexplained))


def _recalculated(told: Told) -> Iterator[str]:
    """Which record says otherwise than its own inputs give."""
    for key, found in told.recalculated:
        side = told.words(f"diff.{key}")
        if not found.possible:
            yield told.words("diff.recalculated_impossible", side=side)
        if found.standings:
            listed = [item.applicant for item in found.standings]
            yield told.words("diff.recalculated", side=side, n=f"{len(listed):,}", listed=told.named(listed))
        if not found.cut_line:
            yield told.words("diff.recalculated_cut_line", side=side)


def _counted(told: Told) -> Iterator[str]:
    """What differs, counted by kind: only what enters the calculation."""
    difference, words = told.difference, told.words
    counts: Counter[str] = Counter(change.kind for change in difference.inputs if change.counts)
    told_counts = {
        "marks": len(difference.marks),
        **{kind: counts[kind] for kind in _KINDS},
        "rules": sum(rule.stage != "none" for rule in difference.rules),
        "added": len(difference.applicants_added),
        "removed": len(difference.applicants_removed),
        "reviewers_added": len(difference.reviewers_added),
        "reviewers_removed": len(difference.reviewers_removed),
    }
    for key, n in told_counts.items():
        if n:
            yield words(f"diff.count_{key}", n=f"{n:,}")


_KINDS = ("office", "derived", "adjustment", "gate", "conflict", "decision", "withdrawal", "votes")


_UNDECIDED = frozenset({"tied_at_cut", "open", "not_rankable"})
"""Outcomes of applicants that may be selected yet."""


def _effect(told: Told, effect: Effect) -> str:
    words = told.words
    parts = [
        words(f"diff.{key}", n=f"{n:,}")
        for key, n in (("totals", effect.totals), ("ranks", effect.ranks), ("outcomes", effect.outcomes))
        if n
    ]
    return words("diff.join").join(parts) if parts else words("diff.no_effect")


def _selected(told: Told) -> Iterator[str]:
    """Who is selected now and was not, and the other way round; who is undecided now is not called excluded."""
    gained: list[str] = []
    lost: list[str] = []
    held: list[str] = []
    for change in told.difference.applicants:
        one, other = (side is not None and side.outcome == "selected" for side in (change.before, change.after))
        if one != other:
            undecided = change.after is not None and change.after.outcome in _UNDECIDED
            (gained if other else held if undecided else lost).append(change.applicant)
    if len(gained) == len(lost) == 1 and not held:
        yield told.words("diff.instead", one=_who(told, gained[0]), other=_who(told, lost[0]))
        return
    if gained:
        yield told.words("diff.gained", listed=told.named(gained))
    if lost:
        yield told.words("diff.lost", listed=told.named(lost))
    if held:
        yield told.words("diff.held", listed=told.named(held))


def _unranked(told: Told) -> Iterator[str]:
    """That one evaluation ranked nobody, so that there is nothing to compare."""
    side = told.before if not told.before.rankable else told.after
    yield told.words(
        "diff.unranked_before" if side is told.before else "diff.unranked_after", n=f"{len(side.unresolved):,}"
    )


def _who(told: Told, applicant: str) -> str:
    return f"{one_line(applicant)} {told.names[applicant]}"


def _separated(told: Told) -> Iterator[str]:
    """What is known of what the rules did and what the inputs did."""
    found, words = told.difference.separation, told.words
    if found.kind == "computed" and found.rules is not None and found.inputs is not None:
        yield words("diff.separated", rules=_effect(told, found.rules), inputs=_effect(told, found.inputs))
    elif found.kind == "impossible":
        yield words("diff.not_separated", why="; ".join(words(f"diff_why.{code}") for code in found.why))
    elif found.kind == "same_inputs" and all(side.agrees for _, side in told.recalculated):
        yield words("diff.rules_only")


# The sections


def _sections(told: Told, limit: int | None) -> Iterator[tuple[str, list[str]]]:
    difference, words = told.difference, told.words
    chains, displaced, still = _sorted_out(told)
    yield words("diff.section_selection"), _selection(told, limit)
    yield words("diff.section_applicants"), _chains(told, chains, limit)
    lines = [_displaced(told, change) for change in displaced[: _some(limit)]]
    yield words("diff.section_displaced"), _more(told, lines, len(displaced), limit)
    yield words("diff.section_still"), _still(told, still, limit)
    yield words("diff.section_people"), cut(told, list(people_lines(told)), limit)
    yield words("diff.section_rules"), cut(told, [*rubric_lines(told), *rule_lines(told)], limit)
    yield words("diff.section_wording"), cut(told, list(wording_lines(told)), limit)
    yield words("diff.section_other"), cut(told, list(other_lines(told)), limit)
    yield words("diff.section_round"), cut(told, [round_line(told, change) for change in difference.round], limit)
    yield words("diff.section_cross_checks"), list(cross_check_lines(told))
    yield words("diff.section_support"), support_lines(told, limit)
    yield words("diff.section_files"), cut(told, [file_line(told, change) for change in difference.files], limit)
    yield words("diff.section_software"), cut(told, [value_line(told, change) for change in difference.software], limit)


def _some(limit: int | None) -> int | None:
    """How many applicants are worked out for a list that is cut."""
    return None if limit is None else limit + 1


def _more(told: Told, lines: list[str], n: int, limit: int | None) -> list[str]:
    """Lines that were cut already, with the number of those that are left out of ``n``."""
    if limit is None or n <= limit + 1:
        return lines
    return [*lines[:limit], told.words("diff.more", n=f"{n - limit:,}")]


def _sorted_out(told: Told) -> tuple[list[ApplicantChange], list[ApplicantChange], list[str]]:
    """Applicants with a chain, those only displaced by others, and those whose differing inputs move nothing.

    A figure that differs has a chain even where it moved neither total nor rank and no input stands behind it.

    Chains begin with those of whom an input of their own differs, be it the only one among thousands that moved by
    it; in each half those whose outcome differs come first, then total, then rank, and in each by rank, then id.
    """
    chains, displaced = [], []
    still = {told.difference.marks.applicants[i] for i in set(told.difference.marks.applicant.tolist())}
    still |= {change.applicant for change in told.difference.inputs if change.counts} - {"", "*"}
    for change in told.difference.applicants:
        if not change.moved and not change.kinds("total"):
            if change.applicant not in still:
                chains.append(change)
            continue
        still.discard(change.applicant)
        if change.before is None or change.after is None:
            continue  # everything of its own is on one side only; the outcome is told with the selection
        only_rank = not change.differs("total")
        others = {cause.kind for cause in change.causes} <= {"others", "rank"}
        if set(change.kinds("outcome")) == {"unresolved"} and not has_inputs(told, change.applicant):
            continue
        if only_rank and others and not has_inputs(told, change.applicant):
            displaced.append(change)
        else:
            chains.append(change)

    def order(change: ApplicantChange) -> tuple[bool, bool, bool, float, str]:
        rank = change.after.rank if change.after else None
        place = float("inf") if rank is None else rank
        own = has_inputs(told, change.applicant)
        return not own, not change.differs("outcome"), not change.differs("total"), place, change.applicant

    return sorted(chains, key=order), sorted(displaced, key=order), sorted(still)


def _selection(told: Told, limit: int | None) -> list[str]:
    """Everybody whose outcome differs, first those of whom an input of their own does, and the cut line."""
    listed = [c for c in told.difference.applicants if c.differs("outcome") or not (c.before and c.after)]
    listed = [c for c in listed if c.kinds("outcome") != ("unresolved",)]

    def order(change: ApplicantChange) -> tuple[bool, bool, int, str]:
        rank = change.after.rank if change.after else None
        return not has_inputs(told, change.applicant), rank is None, rank or 0, change.applicant

    listed.sort(key=order)
    lines = []
    for change in listed:
        one, other = change.before, change.after
        outcomes = told.pair(
            told.outcome(one.outcome if one else None, told.before),
            told.outcome(other.outcome if other else None, told.after),
        )
        lines.append(
            told.words(
                "diff.moved_line", id=one_line(change.applicant), name=told.names[change.applicant], change=outcomes
            )
        )
    return [*cut(told, lines, limit), *_cut_line(told)]


def _cut_line(told: Told) -> Iterator[str]:
    change = told.difference.cut_line
    if change is None or told.unranked:
        return
    one, other = change.before, change.after

    def pair(name: str) -> str:
        old, new = (None if side is None else getattr(side, name) for side in (one, other))
        if old == new:
            return told.figure(new, told.total_decimals[1])
        return told.figures(old, new, told.total_decimals)

    def seats(side: Seats | None, name: str) -> str:
        return told.words("diff.nothing") if side is None else f"{getattr(side, name):,}"

    if any(seats(one, name) != seats(other, name) for name in ("places", "filled")):
        sides = [[seats(side, name) for side in (one, other)] for name in ("places", "filled")]
        places, filled = (old if old == new else told.pair(old, new) for old, new in sides)
        yield told.words("diff.places", change=places, filled=filled)
    if told.after.rubric.decision is None:
        yield told.words(
            "diff.cut_line", last=pair("last_selected"), first=pair("first_not_selected"), margin=pair("margin")
        )


def _chains(told: Told, chains: list[ApplicantChange], limit: int | None) -> list[str]:
    lines: list[str] = []
    shown = chains if limit is None or len(chains) <= limit + 1 else chains[:limit]
    for i, change in enumerate(shown):
        lines += [*([""] if i else []), *chain(told, change, limit)]
    if len(shown) < len(chains):
        lines += ["", told.words("diff.more", n=f"{len(chains) - len(shown):,}")]
    return lines


def _displaced(told: Told, change: ApplicantChange) -> str:
    """A line about somebody who was only passed: rank and outcome, and by whom."""
    parts = []
    if change.differs("rank"):
        one, other = (told.rank(side.rank if side else None) for side in (change.before, change.after))
        parts += [told.words("diff.rank", change=told.pair(one, other)), *told.crossed(change)]
    if change.differs("outcome"):
        parts.append(what_line(told, change, "outcome"))
    return told.words(
        "diff.moved_line", id=one_line(change.applicant), name=told.names[change.applicant], change="; ".join(parts)
    )


def _still(told: Told, still: list[str], limit: int | None) -> list[str]:
    lines: list[str] = []
    changes = {c.applicant: c for c in told.difference.applicants}
    for applicant in still[: _some(limit)]:
        if applicant in changes:
            lines += chain(told, changes[applicant], limit)
        elif applicant in told.names:
            own = [*own_lines(told, applicant, limit), *given_lines(told, applicant)]
            lines += [_who(told, applicant), *(f"  {line}" for line in own)]
    return _more_of(told, lines, len(still), limit)


def _more_of(told: Told, lines: list[str], n: int, limit: int | None) -> list[str]:
    if limit is None or n <= limit + 1:
        return lines
    return [*lines, told.words("diff.more", n=f"{n - limit - 1:,}")]
