"""How one applicant's total was formed, with its own figures put in: sheets or marks, conversions, the sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import cycle

from evaluator.model.cross_check import MethodRule
from evaluator.model.evaluation import CriterionScore, Standing, Tally
from evaluator.model.rubric import Criterion, Panel, allowed_scale
from evaluator.report.figures import common_decimals, number, position
from evaluator.report.frame import Frame
from evaluator.report.means import mean_equation, share
from evaluator.report.rules import conversion_formula, conversion_rule, is_identity, panel_rule, panel_title

MANY_SHEETS = 16
"""From this many sheets (or marks) on, equal ones are listed once with their number."""
MANY_TERMS = 9
"""A sum of more terms than this is described, not written out."""
MOST_SHARES = 40
"""Criteria whose points are written out where they are added up."""
MOST_TICKS = 8
"""Steps on the axis of sheet totals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetMark:
    """One sheet's total (or one mark): kept, shared (with the share that counts) or dropped."""

    text: str
    state: str
    share: str
    count: int
    x: float
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One labelled place on an axis."""

    text: str
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkLine:
    """The marks of one criterion in ascending order and what the panel's rule makes of them.

    ``marks`` is empty where whole sheets are kept or dropped: then ``equation`` holds the kept marks alone. Both are
    in ascending order, so that nobody can follow one reviewer from criterion to criterion. ``points`` is empty where
    a conversion or a recorded decision still follows.
    """

    number: str
    title: str
    marks: tuple[SheetMark, ...]
    equation: str
    result: str
    points: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelWork:
    """How one panel's scores came together: sheet by sheet (``sheets``), and on each criterion (``lines``).

    ``equation`` and ``mean`` are empty under consensus_first, where sheets are only ordered by their totals.
    """

    title: str
    rule: str
    conversions: str = ""
    valid: int = 0
    sheets: tuple[SheetMark, ...] = ()
    dots: tuple[SheetMark, ...] = ()
    ticks: tuple[Tick, ...] = ()
    dots_text: str = ""
    equation: str = ""
    mean: str = ""
    mean_x: float = 0.0
    lines: tuple[MarkLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafWork:
    """How one criterion's score (or the sum under a group with ``of``) became points."""

    number: str
    title: str
    score: str
    formula: str
    raw: str
    points: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalLine:
    """One step from the criteria's points to the total."""

    label: str
    formula: str
    value: str
    strong: bool = False


def work_finding(frame: Frame, standing: Standing) -> str:
    """In one sentence the mean of the sheets, what is added to it and the total; empty where there is no total.

    Where the mean of the sheets is not what the panel contributes (several panels, criteria scored one by one, ``of``,
    a recorded decision), the sentence only points to the steps.
    """
    words, rubric = frame.words, frame.evaluation.rubric
    if frame.method is not None and standing.criteria:
        if standing.total is None:
            return words("official.work_none")
        key = "official.work" if frame.method.pool_relative else "official.work_own"
        return words(key, total=frame.total_text(standing.total), method=frame.method_name)
    if not standing.criteria or standing.total is None:
        return ""
    total = frame.total_text(standing.total)
    panels = rubric.all_panels
    plain = (
        len(panels) == len(standing.tallies) == 1
        and panels[0].order == "convert_first"
        and not any(node.of is not None for node in rubric.nodes())
        and not any(standing.criteria[leaf.id].calculated is not None for leaf in rubric.panel_leaves())
    )
    if not plain:
        return words("work.general", total=total)
    (tally,) = standing.tallies
    kept = sum((sheet.kept for sheet in tally.sheets), Fraction(0))
    dropped = len(tally.sheets) - kept
    mean = words(
        "work.mean_dropped" if dropped else "work.mean_all",
        valid=len(tally.sheets),
        dropped=number(dropped),
        mean=number(tally.mean),
    )
    rounded = sum((standing.criteria[leaf.id].points for leaf in rubric.panel_leaves()), Fraction(0))
    if rounded != tally.mean:
        mean += " " + words("work.mean_rounded", points=number(rounded, frame.points_decimals))
    office = len(rubric.panel_leaves()) < len(rubric.leaves())
    adjusted = bool(standing.bonus or standing.penalty)
    key = ("office_adjusted" if adjusted else "office") if office else "adjusted" if adjusted else "alone"
    return f"{mean} {words(f'work.then_{key}', total=total)}"


def panel_works(frame: Frame, standing: Standing) -> Iterator[PanelWork]:
    """Each panel's work on one applicant, in the rubric's order."""
    rubric, words = frame.evaluation.rubric, frame.words
    tallies = {tally.panel: tally for tally in standing.tallies}
    for panel in rubric.all_panels:
        title, rule = panel_title(words, rubric, panel), panel_rule(words, rubric, panel)
        tally = tallies.get(panel.id)
        if tally is not None:
            lines = () if _is_told_by_sheets(frame, standing, panel) else tuple(_mark_lines(frame, standing, panel))
            yield replace(_sheet_work(frame, panel, tally, title, rule), lines=lines)
        else:
            yield PanelWork(
                title=title,
                rule=rule,
                conversions=_conversions(frame, panel),
                lines=tuple(_mark_lines(frame, standing, panel)),
            )


def _is_told_by_sheets(frame: Frame, standing: Standing, panel: Panel) -> bool:
    """Whether the panel has one criterion and the mean of its sheets is that criterion's points."""
    leaves = frame.evaluation.rubric.leaves_of(panel)
    score = standing.criteria[leaves[0].id]
    plain = score.raw == score.points and score.calculated is None and is_identity(leaves[0])
    return len(leaves) == 1 and panel.order == "convert_first" and plain


def _sheet_work(frame: Frame, panel: Panel, tally: Tally, title: str, rule: str) -> PanelWork:
    words = frame.words
    full = sum((leaf.points for leaf in frame.evaluation.rubric.leaves_of(panel)), Fraction(0))
    items = sorted((sheet.total, sheet.kept) for sheet in tally.sheets)
    low, high, step = _axis(items[0][0], items[-1][0], full)
    if low == high:
        low, high = low - step, high + step
    kept = [(total, weight) for total, weight in items if weight]
    divisor = sum((weight for _, weight in kept), Fraction(0))
    if len(kept) <= MANY_TERMS:
        terms = " + ".join(number(t) if s == 1 else f"{share(s)}×{number(t)}" for t, s in kept)
        equation = f"({terms}) ÷ {number(divisor)}" if divisor != 1 or len(kept) > 1 else terms
    else:
        equation = words("work.mean_of", n=number(divisor))
    by_points = panel.order == "convert_first"
    ends = words("work.dots", n=len(items), low=number(items[0][0]), high=number(items[-1][0]))
    return PanelWork(
        title=title,
        rule=rule,
        conversions=_conversions(frame, panel),
        valid=len(items),
        sheets=_listed(items, low, high),
        dots=_dots(items, low, high),
        ticks=_ticks(low, high, step),
        dots_text=f"{ends} {words('work.dots_mean', mean=number(tally.mean))}" if by_points else ends,
        equation=equation if by_points else "",
        mean=number(tally.mean) if by_points else "",
        mean_x=position(tally.mean, low, high),
    )


def _axis(low: Fraction, high: Fraction, full: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    """Ends and step of an axis that holds all sheets: whole multiples of 1, 2 or 5 times a power of ten."""
    span = max(high - low, full / 50, Fraction(1, 100))
    step = Fraction(1, 1000)
    for factor in cycle((Fraction(2), Fraction(5, 2), Fraction(2))):
        if span / step <= MOST_TICKS:
            break
        step *= factor
    return (low // step) * step, -((-high) // step) * step, step


def _ticks(low: Fraction, high: Fraction, step: Fraction) -> tuple[Tick, ...]:
    places = [low + i * step for i in range(int((high - low) / step) + 1)]
    return tuple(Tick(text=number(place), x=position(place, low, high)) for place in places)


def _state(kept: Fraction) -> str:
    return "kept" if kept == 1 else "shared" if kept else "dropped"


def _listed(items: list[tuple[Fraction, Fraction]], low: Fraction, high: Fraction) -> tuple[SheetMark, ...]:
    if len(items) >= MANY_SHEETS:
        counted = [(value, kept, n) for (value, kept), n in Counter(items).items()]
    else:
        counted = [(value, kept, 1) for value, kept in items]
    return tuple(
        SheetMark(
            text=number(value),
            state=_state(kept),
            share=share(kept) if 0 < kept < 1 else "",
            count=n,
            x=position(value, low, high),
            level=0,
        )
        for value, kept, n in counted
    )


def _dots(items: list[tuple[Fraction, Fraction]], low: Fraction, high: Fraction) -> tuple[SheetMark, ...]:
    """One dot a sheet; sheets that would cover each other are stacked."""
    dots: list[SheetMark] = []
    for value, kept in items:
        x = position(value, low, high)
        level = 0
        while any(dot.level == level and abs(dot.x - x) < 0.016 for dot in dots):
            level += 1
        dots.append(
            SheetMark(
                text=number(value),
                state=_state(kept),
                share=share(kept) if 0 < kept < 1 else "",
                count=1,
                x=x,
                level=level,
            )
        )
    return tuple(dots)


def _mark_lines(frame: Frame, standing: Standing, panel: Panel) -> Iterator[MarkLine]:
    """The marks of each criterion in ascending order, those that count as a worked mean."""
    rubric, table = frame.evaluation.rubric, frame.evaluation.marks
    columns = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    unit = 10**table.marks.decimals
    given: dict[int, list[tuple[Fraction, Fraction]]] = {}
    for row in frame.mark_rows(standing.applicant):
        if table.kept_num[row] >= 0:
            kept = Fraction(int(table.kept_num[row]), int(table.kept_den[row]))
            given.setdefault(int(table.marks.criterion[row]), []).append(
                (Fraction(int(table.marks.score[row]), unit), kept)
            )
    by_points = panel.order == "convert_first"
    for leaf in rubric.leaves_of(panel):
        scale = allowed_scale(leaf)
        items = sorted(given.get(columns[leaf.id], []))
        high = scale.max if scale.max is not None else max((v for v, _ in items), default=Fraction(1))
        score = standing.criteria[leaf.id]
        settled = by_points and score.calculated is None
        yield MarkLine(
            number=frame.numbers[leaf.id],
            title=frame.titles[leaf.id],
            marks=_listed(items, scale.min, high) if panel.level == "criterion" else (),
            equation=mean_equation(leaf, items, converted=by_points),
            result=consensus_text(frame, leaf, score, calculated=True),
            points=number(score.points, frame.points_decimals) if settled else "",
        )


def consensus_text(frame: Frame, leaf: Criterion, score: CriterionScore, *, calculated: bool) -> str:
    """A leaf's consensus as printed; with ``calculated``, the one before a recorded decision replaced it."""
    value = score.calculated if calculated and score.calculated is not None else score.consensus
    if value is None:
        return ""
    consensus_first = any(
        panel.order == "consensus_first" and leaf in frame.evaluation.rubric.leaves_of(panel)
        for panel in frame.evaluation.rubric.all_panels
    )
    return number(value, frame.evaluation.rubric.rounding.consensus if consensus_first else None)


def leaf_works(frame: Frame, standing: Standing) -> Iterator[LeafWork]:
    """How scores became points, where that takes a step: a conversion, rounding, ``of`` or a recorded decision.

    What reviewers' marks became one by one stands with the panel's criteria already.
    """
    rubric, words = frame.evaluation.rubric, frame.words
    converted_first = _converted_first(frame)
    rows: list[tuple[Criterion, CriterionScore]] = []
    for node in rubric.nodes():
        score = standing.criteria.get(node.id)
        if score is None or not (node.is_leaf or node.of is not None):
            continue
        if node.id in converted_first and score.calculated is None:
            continue
        if not (node.is_leaf and is_identity(node)) or score.raw != score.points or score.calculated is not None:
            rows.append((node, score))
    raw_decimals = common_decimals((score.raw for _, score in rows), None)
    for node, score in rows:
        yield LeafWork(
            number=frame.numbers[node.id],
            title=frame.titles[node.id],
            score=consensus_text(frame, node, score, calculated=False),
            formula="" if node.id in converted_first else _formula(frame, standing, node),
            raw=number(score.raw, raw_decimals),
            points=number(score.points, frame.points_decimals),
            note=words("work.replaced", before=number(score.calculated)) if score.calculated is not None else "",
        )


def _converted_first(frame: Frame) -> set[str]:
    """The leaves whose marks become points reviewer by reviewer."""
    rubric = frame.evaluation.rubric
    return {leaf.id for p in rubric.all_panels if p.order == "convert_first" for leaf in rubric.leaves_of(p)}


def _conversions(frame: Frame, panel: Panel) -> str:
    """How each reviewer's marks become points: criteria with the same rule together."""
    alike: dict[str, list[str]] = {}
    for leaf in frame.evaluation.rubric.leaves_of(panel):
        if not is_identity(leaf):
            alike.setdefault(conversion_rule(frame.words, leaf), []).append(frame.numbers[leaf.id])
    if not alike or panel.order != "convert_first":
        return ""
    rules = "; ".join(
        frame.words("work.conversion", criteria=", ".join(numbers), rule=rule) for rule, numbers in alike.items()
    )
    return frame.words("work.conversions", rules=rules)


def _formula(frame: Frame, standing: Standing, node: Criterion) -> str:
    words = frame.words
    if node.of is not None:
        return _of_formula(frame, standing, node)
    if is_identity(node):
        return words("work.identity")
    return conversion_formula(words, node, standing.criteria[node.id].consensus or Fraction(0))


def _of_formula(frame: Frame, standing: Standing, node: Criterion) -> str:
    parts = [number(standing.criteria[child.id].points, frame.points_decimals) for child in node.children]
    terms = " + ".join(parts) if len(parts) <= MANY_TERMS else frame.words("work.sum_of", n=len(parts))
    full, out_of = number(node.points), number(node.of) if node.of is not None else ""
    return f"({terms}) × {full} ÷ {out_of}" if len(parts) > 1 else f"{terms} × {full} ÷ {out_of}"


def _shares(frame: Frame, standing: Standing) -> list[TotalLine]:
    """What comes of the panels' marks, of the office's figures and of groups that hold both, each as a sum."""
    found: dict[str, list[Criterion]] = {}
    scored = {leaf.id for leaf in frame.evaluation.rubric.panel_leaves()}

    def walk(node: Criterion) -> None:
        if node.children and node.of is None:
            for child in node.children:
                walk(child)
            return
        below = {leaf.id in scored for leaf in _leaves_below(node)}
        found.setdefault("mixed" if len(below) > 1 else "panel" if True in below else "office", []).append(node)

    for root in frame.evaluation.rubric.criteria:
        walk(root)
    shares = []
    for kind in ("panel", "office", "mixed"):
        nodes = found.get(kind, [])
        if nodes:
            points = [standing.criteria[node.id].points for node in nodes]
            written = [number(value, frame.points_decimals) for value in points]
            line = TotalLine(
                label=frame.words(f"work.share_{kind}"),
                formula=" + ".join(
                    f"{value} ({frame.numbers[node.id]})" for node, value in zip(nodes, written, strict=True)
                )
                if len(nodes) <= MOST_SHARES
                else frame.words("work.sum_of", n=len(nodes)),
                value=number(sum(points, Fraction(0)), frame.points_decimals),
            )
            shares.append(line)
    return shares


def _leaves_below(node: Criterion) -> Iterator[Criterion]:
    if not node.children:
        yield node
    for child in node.children:
        yield from _leaves_below(child)


def total_lines(frame: Frame, standing: Standing) -> tuple[TotalLine, ...]:
    """From the points of criteria to the total and what it is compared with; empty without a total.

    Where the office enters figures too, what comes of the panels and what comes of the office stand in lines of
    their own, and the sum is of these. Under an official method other than the weighted sum the points are added up
    all the same, as what they are, and the total follows as that method's score.
    """
    words, rubric = frame.words, frame.evaluation.rubric
    if not standing.criteria or (standing.total is None and frame.method is None):
        return ()
    parts = [number(standing.criteria[root.id].points, frame.points_decimals) for root in rubric.criteria]
    adjusted = bool(standing.bonus or standing.penalty)
    lines = []
    shares = _shares(frame, standing)
    if len(shares) > 1:
        lines += shares
        parts = [line.value for line in shares]
    terms = " + ".join(parts) if len(parts) <= MANY_TERMS else words("work.sum_of", n=len(parts))
    if frame.method is not None:
        lines.append(TotalLine(label=words("official.sum"), formula=terms, value=frame.points_sum(standing)))
        return (*lines, *_method_line(frame, standing, frame.method))
    if standing.total is None:
        return ()
    for record in frame.adjustments.get(standing.applicant, ()):
        sign = "+" if record.kind == "bonus" else "–"
        lines.append(
            TotalLine(
                label=words(f"adjust.{record.kind}"), formula=record.reason, value=f"{sign}{number(record.points)}"
            )
        )
    if standing.bonus:
        terms += f" + {number(standing.bonus)}"
    if standing.penalty:
        terms += f" – {number(standing.penalty)}"
    raw = number(standing.raw_total) if standing.raw_total is not None else ""
    label = words("work.sum_adjusted" if adjusted else "work.sum")
    lines.append(TotalLine(label=label, formula=terms, value=raw))
    total = frame.total_text(standing.total)
    if rubric.rounding.total is not None:
        mode = words(f"rounding.{rubric.rounding.mode}")
        formula = words("work.round_total", decimals=rubric.rounding.total, mode=mode)
    else:
        formula = words("work.not_rounded")
    lines.append(TotalLine(label=words("work.total"), formula=formula, value=total, strong=True))
    if rubric.pass_mark:
        needed = number(rubric.pass_mark.of(rubric.full_total))
        missed = any(r.kind == "below_pass_mark" for r in standing.reasons)
        compared = raw if rubric.pass_compare == "raw" else total
        lines.append(
            TotalLine(
                label=words("work.pass_mark"),
                formula=f"{compared} {'<' if missed else '≥'} {needed}",
                value=words("verdict.not_met" if missed else "verdict.met"),
            )
        )
    if standing.ranking_total is not None and standing.ranking_total != standing.total:
        lines.append(
            TotalLine(
                label=words("work.ranking_total"),
                formula=words("work.ranking_total_how"),
                value=frame.total_text(standing.ranking_total),
            )
        )
    return tuple(lines)


def _method_line(frame: Frame, standing: Standing, rule: MethodRule) -> Iterator[TotalLine]:
    """The total by an official method other than the weighted sum, with what it is; none below a threshold."""
    words, rounding = frame.words, frame.evaluation.rubric.rounding
    if standing.total is not None:
        rounded = words("work.round_total", decimals=rounding.total, mode=words(f"rounding.{rounding.mode}"))
        yield TotalLine(
            label=words("official.line", method=frame.method_name),
            formula=words("official.line_how", how=words(f"method_how.{rule.method}"), rounding=rounded),
            value=frame.total_text(standing.total),
            strong=True,
        )
