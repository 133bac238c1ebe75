"""One applicant's chain: which of its inputs differ, what that did to points, total, rank and outcome, and why."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from evaluator.model.difference import (
    WHATS,
    ApplicantChange,
    CriterionChange,
    InputChange,
    MarkChanges,
    Place,
    ReasonTold,
    Sheet,
    What,
)
from evaluator.model.evaluation import Evaluation
from evaluator.model.numbers import show
from evaluator.model.round import SCORED, STATE_NAMES
from evaluator.report.difference_told import Decimals, Told
from evaluator.report.figures import number
from evaluator.report.terminal import one_line

_DETAILS = 5
"""Values inside a derivation that a chain shows; the others are counted."""
_TELLING = frozenset({"own", "other", "state", "level", "claimed", "model"})
_PARTS = frozenset({"lines", "steps", "components", "evidence"})
"""Parts of a path that only say in which list a value stands."""


def has_inputs(told: Told, applicant: str) -> bool:
    """Whether a mark of the applicant, or another input of its own that counts, differs."""
    rows = told.difference.marks.of(applicant)
    return rows.stop > rows.start or any(change.counts for change in told.own_inputs.get(applicant, ()))


def chain(told: Told, change: ApplicantChange, limit: int | None) -> Iterator[str]:
    """The lines about one applicant, the first one its name. ``limit`` cuts each kind of line."""
    yield f"{one_line(change.applicant)} {told.names[change.applicant]}"
    if has_inputs(told, change.applicant):
        yield from (f"  {line}" for line in own_lines(told, change.applicant, limit))
    elif change.before is not None and change.after is not None:
        yield "  " + told.words("diff.own_none")
    results = [*_sheets(told, change), *_points(told, change)]
    yield from (f"  {line}" for line in cut(told, results, limit))
    yield from (f"  {line}" for line in _results(told, change))
    yield from (f"  {line}" for line in given_lines(told, change.applicant))


def own_lines(told: Told, applicant: str, limit: int | None) -> Iterator[str]:
    """An applicant's differing marks and other inputs that count, with what stands behind derived figures."""
    rows = told.difference.marks.of(applicant)
    shown = rows if limit is None else slice(rows.start, min(rows.stop, rows.start + limit))
    yield from (mark_line(told, told.difference.marks, row) for row in range(shown.start, shown.stop))
    if shown.stop < rows.stop:
        yield told.words("diff.more", n=f"{rows.stop - shown.stop:,}")
    for change in told.own_inputs.get(applicant, ()):
        if change.counts:
            yield input_line(told, change)
    details = [c for c in told.own_inputs.get(applicant, ()) if c.kind == "derivation"]
    telling = [c for c in details if is_telling(c)]
    listed = details if limit is None else (telling or details)[:_DETAILS]
    yield from (f"  {detail_line(told, change)}" for change in listed)
    if len(details) > len(listed) and listed:
        yield "  " + told.words("diff.more_inside", n=f"{len(details) - len(listed):,}")


def is_telling(change: InputChange) -> bool:
    """Whether a value inside a derivation is one that people look at first, and no alternative's."""
    return change.field.rpartition(".")[2] in _TELLING and not change.field.startswith("alternatives.")


def detail_line(told: Told, change: InputChange) -> str:
    """One value on the way to a derived figure: what it is about by id, then what it is called."""
    parts = change.field.split(".")
    about = [part for part in parts[:-1] if part not in _PARTS]
    label = ", ".join([*(one_line(part) for part in about), told.field(parts[-1])])
    return told.words("diff.line", label=label, change=told.texts(change.before, change.after))


def cut(told: Told, lines: list[str], limit: int | None) -> list[str]:
    """The first lines and how many more there are; one more than the limit is shown too."""
    if limit is None or len(lines) <= limit + 1:
        return lines
    return [*lines[:limit], told.words("diff.more", n=f"{len(lines) - limit:,}")]


def mark_line(told: Told, marks: MarkChanges, row: int) -> str:
    """``r2 on Plan: 12 → 14``; a state where there is no score."""
    sides = []
    for states, scores in ((marks.state_before, marks.score_before), (marks.state_after, marks.score_after)):
        state = int(states[row])
        if state == SCORED:
            sides.append(number(Fraction(int(scores[row]), 10**marks.decimals)))
        else:
            sides.append(told.words(f"diff_value.{'absent' if state < 0 else STATE_NAMES[state]}"))
    return told.words(
        "diff.mark",
        reviewer=one_line(marks.reviewers[int(marks.reviewer[row])]),
        criterion=told.title(marks.criteria[int(marks.criterion[row])]),
        change=told.pair(*sides),
    )


def input_line(told: Told, change: InputChange) -> str:
    """One differing input that is no mark."""
    words = told.words
    if change.kind == "measurement":
        counts = {"before": change.before or "0", "after": change.after or "0"}
        return words("diff.collected", subject=one_line(change.subject), field=told.field(change.field), **counts)
    by_subject = change.kind in {"adjustment", "decision", "opinion"}
    key = f"diff_kind.{change.kind}_{change.subject}" if by_subject else f"diff_kind.{change.kind}"
    kind = words(key, **_about(told, change))
    if change.kind == "withdrawal":
        sides = [words("diff.applied") if v is None else told.word(v) for v in (change.before, change.after)]
        return words("diff.line", label=kind, change=told.pair(*sides))
    pair = told.texts(change.before, change.after)
    if change.kind == "reviewer" and change.field == "panel":
        pair = told.pair(told.panel(change.before, told.before), told.panel(change.after, told.after))
    field = told.field("adjusted" if change.kind == "adjustment" and change.field == "points" else change.field)
    if change.kind == "adjustment" and change.note:
        return words("diff.adjusted", kind=kind, note=one_line(change.note), field=field, change=pair)
    if change.kind in {"gate", "reference"}:
        subject = told.gates.get(change.subject, change.subject)
        return words("diff.entry_about", kind=kind, subject=one_line(subject), field=field, change=pair)
    return words("diff.entry", kind=kind, field=field, change=pair)


def _about(told: Told, change: InputChange) -> dict[str, object]:
    return {"reviewer": one_line(change.reviewer), "criterion": told.title(change.criterion)}


# What the inputs did


def _sheets(told: Told, change: ApplicantChange) -> Iterator[str]:
    """Sheets with another total or weight; not where somebody's sheets are all new, or all gone."""
    if all(s.before is None for s in change.sheets) or all(s.after is None for s in change.sheets):
        return
    panels = {panel.id: panel for panel in (*told.before.rubric.all_panels, *told.after.rubric.all_panels)}
    for sheet in change.sheets:
        sides = told.pair(_sheet(told, sheet.before), _sheet(told, sheet.after))
        reviewer = one_line(sheet.reviewer)
        if len(panels) == 1:
            yield told.words("diff.sheet", reviewer=reviewer, change=sides)
        else:
            title = panels[sheet.panel].title
            panel = one_line(title.in_(told.words.lang) if title else sheet.panel)
            yield told.words("diff.sheet_named", reviewer=reviewer, panel=panel, change=sides)


def _sheet(told: Told, sheet: Sheet | None) -> str:
    if sheet is None:
        return told.words("diff.no_sheet")
    kept = told.words("diff.dropped") if sheet.kept == 0 else told.words("diff.kept")
    if sheet.kept not in (0, 1):
        kept = told.words("diff.kept_share", share=show(sheet.kept))
    return told.words("diff.sheet_one", total=number(sheet.total), kept=kept)


def _points(told: Told, change: ApplicantChange) -> Iterator[str]:
    """Criteria with another consensus or other points, in the rubric's order; not where one side has no figures."""
    if not all(side is not None and side.total is not None for side in (change.before, change.after)):
        return
    by_id = {item.criterion: item for item in change.criteria}
    order = [node.id for node in told.after.rubric.nodes()]
    order += [node.id for node in told.before.rubric.nodes() if node.id not in set(order)]
    for criterion in order:
        if criterion in by_id:
            yield _criterion(told, by_id[criterion])


def _criterion(told: Told, item: CriterionChange) -> str:
    def figures(name: str, decimals: Decimals) -> tuple[bool, str]:
        """Whether a figure is the same on both sides, and both as printed."""
        old, new = (None if side is None else getattr(side, name) for side in (item.before, item.after))
        return old == new, told.figures(old, new, decimals)

    title = told.title(item.criterion)
    (same_consensus, consensus), (_, raw) = figures("consensus", (None, None)), figures("raw", (None, None))
    same_points, points = figures("points", told.points_decimals)
    if same_points:
        kind = "consensus" if item.criterion in told.by_panel else "figure"
        agreed = "" if same_consensus else told.words(f"diff.{kind}", change=consensus)
        return told.words("diff.points_raw", criterion=title, consensus=agreed, raw=raw, points=points)
    if same_consensus:
        return told.words("diff.points", criterion=title, points=points)
    key = "points_consensus" if item.criterion in told.by_panel else "points_figure"
    return told.words(f"diff.{key}", criterion=title, consensus=consensus, points=points)


# Total, rank, outcome


def _results(told: Told, change: ApplicantChange) -> Iterator[str]:
    one, other, words = change.before, change.after, told.words
    if not change.moved:
        yield words("diff.same_result")
    elif one is not None and other is not None and one.total is not None and one.total == other.total:
        yield words("diff.total_same", total=told.figure(other.total, told.total_decimals[1]))
    for what in WHATS:
        if change.differs(what):
            yield what_line(told, change, what)
            if what == "total" and _weighted(one, other):
                old, new = (side.ranking_total if side else None for side in (one, other))
                yield words("diff.ranking_total", change=told.figures(old, new, told.total_decimals))
            if what == "rank" and "others" in change.kinds("rank"):
                yield from (f"  {line}" for line in told.crossed(change))
    yield from (f"  {line}" for line in _reasons(told, one, other))


def given_lines(told: Told, applicant: str) -> Iterator[str]:
    """What an applicant has by the inputs of a record that says otherwise."""
    for key, evaluation in (("before", told.before), ("after", told.after)):
        place = told.given[key].get(applicant)
        if place is not None:
            yield told.words(
                "diff.given",
                side=told.words(f"diff.{key}"),
                **{what: _shown(told, place, what, evaluation) for what in WHATS},
            )


def _weighted(one: Place | None, other: Place | None) -> bool:
    """Whether the ranking total differs in another way than the total."""
    return one is not None and other is not None and any(s.ranking_total != s.total for s in (one, other))


def what_line(told: Told, change: ApplicantChange, what: What) -> str:
    """``total 81.20 → 82.60 – its own inputs differ``, with the station between where one was computed."""
    sides = [
        _shown(told, side, what, evaluation)
        for side, evaluation in (
            (change.before, told.before),
            (change.between, told.after),
            (change.after, told.after),
        )
    ]
    pair = told.pair(sides[0], sides[2])
    known = change.between is not None and change.kinds(what)
    if known and sides[1] not in {sides[0], sides[2]}:
        pair = told.words("diff.by_rules", before=sides[0], between=sides[1], after=sides[2])
    text = told.words(f"diff.{what}", change=pair)
    why = [
        told.words(f"diff_cause.{cause.kind}", criterion=told.title(cause.criterion))
        for cause in change.causes
        if cause.what == what
    ]
    return told.words("diff.because", change=text, why="; ".join(why)) if why else text


def _shown(told: Told, side: Place | None, what: What, evaluation: Evaluation) -> str:
    if side is None:
        return told.words("diff.nothing")
    if what == "total":
        return told.figure(side.total, evaluation.rubric.rounding.total)
    return told.rank(side.rank) if what == "rank" else told.outcome(side.outcome, evaluation)


def _reasons(told: Told, one: Place | None, other: Place | None) -> Iterator[str]:
    """Reasons and conditions that only one side has."""
    reasons = [side.reasons if side else () for side in (one, other)]
    for side, key in enumerate(("before", "after")):
        for reason in reasons[side]:
            if reason not in reasons[1 - side]:
                yield told.words(f"diff.reason_{key}", reason=_reason(told, reason))
    texts = [side.conditions if side else () for side in (one, other)]
    for side, key in enumerate(("before", "after")):
        for text in texts[side]:
            if text not in texts[1 - side]:
                yield told.words(f"diff.condition_{key}", text=told.text(text))


def _reason(told: Told, reason: ReasonTold) -> str:
    """Why an applicant is not ranked or not selected, as reports say it."""
    found, needed = (told.text(None) if v is None else number(v) for v in (reason.found, reason.needed))
    if reason.kind == "below_majority":
        return told.report("outcome.below_majority")
    return told.report(
        f"reason.{reason.kind}",
        gate=one_line(told.gates.get(reason.subject, reason.subject)),
        criterion=told.title(reason.subject),
        found=found,
        least=told.report("limit.points", points=needed),
    )
