"""How one applicant's total and outcome came about, figure by figure, as lines for a terminal.

It is for the panel and its office: reviewers appear by code, other applicants by id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from evaluator.model.cross_check import MethodRule
from evaluator.model.evaluation import CriterionScore, Evaluation, Standing, Tally
from evaluator.model.numbers import show
from evaluator.model.round import RECUSED, SCORED, STATE_NAMES
from evaluator.model.rubric import DECISION, Criterion, Panel, allowed_scale
from evaluator.model.text import Language
from evaluator.report.absences import recusals
from evaluator.report.applicant import decision_sentence, gate_rows, reason_text
from evaluator.report.evidence import decided
from evaluator.report.explain_evidence import derived_lines
from evaluator.report.figures import number
from evaluator.report.frame import Frame, build_frame
from evaluator.report.methods_lines import other_ranks
from evaluator.report.rules import (
    conversion_formula,
    conversion_rule,
    is_identity,
    limit_text,
    panel_rule,
    panel_title,
    rounding_rule,
    selection_rule,
    share_text,
    tie_rule,
)
from evaluator.report.terminal import TerminalWords, one_line

PointsOf = Callable[[Criterion, Fraction], Fraction]
"""The points of one mark on a criterion, exactly. Only asked where every mark is converted for itself."""

_TERMS = 12
_WIDTH = 74


@dataclass(frozen=True, slots=True)
class _Mark:
    """One reviewer's mark: a position of the evaluation's states, the score, the weight it has (None: no part)."""

    reviewer: str
    state: int
    score: Fraction
    kept: Fraction | None


@dataclass(frozen=True, slots=True)
class _Told:
    """What is explained, and the words for it."""

    frame: Frame
    words: TerminalWords
    standing: Standing
    points_of: PointsOf

    def title(self, criterion: str) -> str:
        """A criterion's number and title."""
        return f"{self.frame.numbers[criterion]} {one_line(self.frame.titles[criterion])}"

    def points(self, value: Fraction) -> str:
        """Points as printed."""
        return number(value, self.frame.evaluation.rubric.rounding.points)

    def total(self, value: Fraction) -> str:
        """A total as printed."""
        return number(value, self.frame.evaluation.rubric.rounding.total)


def explanation(evaluation: Evaluation, applicant: str, lang: Language, points_of: PointsOf) -> list[str]:
    """Everything from the marks to the outcome of one applicant, as lines without a line's length in mind.

    ``points_of`` converts a mark where the panel's rule converts before it aggregates. An unknown id raises
    ``KeyError``.
    """
    frame = build_frame(evaluation, lang, "")
    told = _Told(frame, TerminalWords(lang), frame.standings[applicant], points_of)
    words, standing = told.words, told.standing
    lines = [one_line(f"{applicant} {frame.names[applicant]}"), one_line(decision_sentence(frame, standing)), ""]
    sections: list[tuple[str, list[str]]] = []
    if evaluation.rubric.decision:
        sections.append((words("explain.votes"), list(_votes(told))))
    elif standing.criteria and (standing.total is not None or frame.method is not None):
        for panel in evaluation.rubric.all_panels:
            title = words("explain.panel", panel=one_line(panel_title(frame.words, evaluation.rubric, panel)))
            sections.append((title, list(_panel(told, panel))))
        sections.append((words("explain.points"), list(_leaves(told))))
        sections.append((words("explain.groups"), list(_groups(told))))
        sections.append((words("explain.total"), list(_total(told))))
    sections.append((words("explain.missing"), list(_missing(told))))
    sections.append((words("explain.limits"), list(_limits(told))))
    sections.append((words("explain.gates"), list(_gates(told))))
    sections.append((words("explain.rank"), list(_rank(told))))
    sections.append((words("explain.conditions"), [one_line(c) for c in standing.conditions]))
    for i, (title, body) in enumerate(((t, b) for t, b in sections if b), start=1):
        lines += [f"{i}. {title}", *(f"   {line}".rstrip() for line in body), ""]
    return lines[:-1]


def _marks(told: _Told) -> dict[str, list[_Mark]]:
    """The applicant's marks by criterion, in the order of the reviewers' codes."""
    evaluation = told.frame.evaluation
    table, leaves = evaluation.marks, evaluation.rubric.panel_leaves()
    marks = table.marks
    position = [a.id for a in evaluation.applicants].index(told.standing.applicant)
    found: dict[str, list[_Mark]] = {}
    for row in np.flatnonzero(marks.applicant == position).tolist():
        num = int(table.kept_num[row])
        found.setdefault(leaves[int(marks.criterion[row])].id, []).append(
            _Mark(
                evaluation.reviewers[int(marks.reviewer[row])].id,
                int(marks.state[row]),
                Fraction(int(marks.score[row]), 10**marks.decimals),
                Fraction(num, int(table.kept_den[row])) if num >= 0 else None,
            )
        )
    return {criterion: sorted(given, key=lambda m: m.reviewer) for criterion, given in found.items()}


def _panel(told: _Told, panel: Panel) -> Iterator[str]:
    """Who gave which marks, what they are in points, which sheets or marks are dropped."""
    rubric, words = told.frame.evaluation.rubric, told.words
    leaves, marks = rubric.leaves_of(panel), _marks(told)
    yield panel_rule(told.frame.words, rubric, panel)
    by_points = panel.order == "convert_first" or panel.level == "reviewer_total"
    convertible = by_points and not any(leaf.convert and leaf.convert.kind == "relative_to_best" for leaf in leaves)
    tally = next((t for t in told.standing.tallies if t.panel == panel.id), None)
    sheets = {s.reviewer: s for s in tally.sheets} if tally else {}
    reviewers = sorted({m.reviewer for leaf in leaves for m in marks.get(leaf.id, [])})
    given = {leaf.id: {m.reviewer: m for m in marks.get(leaf.id, [])} for leaf in leaves}
    headings = [told.frame.numbers[leaf.id] for leaf in leaves]
    same = all(is_identity(leaf) for leaf in leaves)
    at_criterion = panel.level == "criterion"
    kinds = recusals(told.frame, told.standing.applicant)

    def cell(leaf: Criterion, reviewer: str, *, in_points: bool) -> str:
        mark = given[leaf.id].get(reviewer)
        if mark is None:
            return ""
        if mark.state == RECUSED:
            return one_line(kinds.get(reviewer, "")) or words("workbook.state_recused")
        if mark.state != SCORED:
            return words(f"workbook.state_{STATE_NAMES[mark.state]}")
        text = number(told.points_of(leaf, mark.score) if in_points else mark.score)
        return _weighted(text, mark.kept) if at_criterion else text

    def rows(*, in_points: bool) -> list[list[str]]:
        listed = []
        for reviewer in reviewers:
            row = [reviewer, *(cell(leaf, reviewer, in_points=in_points) for leaf in leaves)]
            if in_points and not at_criterion:
                sheet = sheets.get(reviewer)
                row += [number(sheet.total), _kept(words, sheet.kept)] if sheet else ["", words("explain.no_sheet")]
            listed.append(row)
        return listed

    if not same or not convertible:
        yield ""
        yield words("explain.marks")
        yield from _matrix([words("explain.reviewer"), *headings], rows(in_points=False), keep=0)
    if convertible:
        ends = [] if at_criterion else [words("explain.sheet_total"), words("explain.kept")]
        yield ""
        yield words("explain.marks_points")
        yield from _matrix([words("explain.reviewer"), *headings, *ends], rows(in_points=True), keep=len(ends))
    if tally and sheets:
        yield ""
        yield from _sheets(told, tally)
    if at_criterion:
        yield words("explain.brackets")


def _weighted(text: str, kept: Fraction | None) -> str:
    """A mark with its weight: in brackets where it is dropped, the share in front where it counts in part."""
    if kept is None or kept == 1:
        return text
    return f"[{text}]" if kept == 0 else f"{show(kept)}×{text}"


def _kept(words: TerminalWords, kept: Fraction) -> str:
    if kept == 0:
        return words("explain.dropped")
    return words("explain.counts") if kept == 1 else words("explain.counts_share", share=show(kept))


def _sheets(told: _Told, tally: Tally) -> Iterator[str]:
    kept = [s for s in tally.sheets if s.kept]
    weight = sum((s.kept for s in kept), Fraction(0))
    dropped = Fraction(len(tally.sheets)) - weight
    yield told.words(
        "explain.sheets" if dropped else "explain.sheets_all",
        valid=len(tally.sheets),
        dropped=show(dropped),
        left=show(weight),
        mean=number(tally.mean),
    )
    if 0 < len(kept) <= _TERMS:
        yield f"  {_mean([(s.total, s.kept) for s in kept])} = {number(tally.mean)}"


def _mean(items: Sequence[tuple[Fraction, Fraction]]) -> str:
    """``(60 + 1/2×58) ÷ 1.5`` of values and their weights."""
    terms = " + ".join(number(value) if weight == 1 else f"{show(weight)}×{number(value)}" for value, weight in items)
    weights = sum((weight for _, weight in items), Fraction(0))
    return f"({terms}) ÷ {show(weights)}"


def _matrix(headings: Sequence[str], rows: Sequence[Sequence[str]], *, keep: int) -> Iterator[str]:
    """A table with a name in front, some columns at a time, the last ``keep`` of them together with the last part."""
    cells = [[one_line(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(_columns(row[i]) for row in cells) for i in range(len(headings))]
    middle = len(headings) - keep
    parts: list[list[int]] = [[]]
    for i in range(1, middle):
        if parts[-1] and sum(widths[c] + 2 for c in (0, *parts[-1], i)) > _WIDTH:
            parts.append([])
        parts[-1].append(i)
    ends = list(range(middle, len(headings)))
    if parts[-1] and sum(widths[c] + 2 for c in (0, *parts[-1], *ends)) > _WIDTH:
        parts.append([])
    parts[-1] += ends
    for part in parts:
        for row in cells:
            first = row[0] + " " * (widths[0] - _columns(row[0]))
            others = (" " * (widths[c] - _columns(row[c])) + row[c] for c in part)
            yield "  " + "  ".join([first, *others])


def _columns(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _leaves(told: _Told) -> Iterator[str]:
    """Criterion by criterion: the consensus or figure, the conversion with figures put in, the rounding."""
    rubric, marks = told.frame.evaluation.rubric, _marks(told)
    panels = {leaf.id: panel for panel in rubric.all_panels for leaf in rubric.leaves_of(panel)}
    for leaf in rubric.leaves():
        score = told.standing.criteria[leaf.id]
        yield told.words("explain.leaf", title=told.title(leaf.id), full=number(leaf.points))
        panel = panels.get(leaf.id)
        if panel is None:
            yield from (f"  {line}" for line in _figure(told, leaf, score))
        else:
            yield from (f"  {line}" for line in _consensus(told, leaf, panel, score, marks.get(leaf.id, [])))
        yield from (f"  {line}" for line in _conversion(told, leaf, panel, score))


def _figure(told: _Told, leaf: Criterion, score: CriterionScore) -> Iterator[str]:
    sources = {(f.applicant, f.criterion): f.source for f in told.frame.evaluation.office}
    source = sources.get((told.standing.applicant, leaf.id), "")
    calculated = score.calculated if score.calculated is not None else score.consensus
    figure = number(calculated or Fraction(0))
    yield from derived_lines(told.frame, told.words, told.standing.applicant, leaf.id)
    if score.calculated is None and decided(told.frame, told.standing.applicant, leaf.id) is not None:
        yield _decided(told, leaf, score, "")
        return
    if source:
        yield told.words("explain.figure_source", figure=figure, source=one_line(source))
    else:
        yield told.words("explain.figure", figure=figure)
    if score.calculated is not None:
        yield _decided(told, leaf, score, figure)


def _consensus(
    told: _Told, leaf: Criterion, panel: Panel, score: CriterionScore, marks: Sequence[_Mark]
) -> Iterator[str]:
    """The mean with its terms, its rounding, and a recorded decision that replaced it."""
    words, rounding = told.words, told.frame.evaluation.rubric.rounding
    in_points = panel.order == "convert_first"
    value = score.calculated if score.calculated is not None else score.consensus or Fraction(0)
    terms = [
        (told.points_of(leaf, m.score) if in_points else m.score, m.kept) for m in marks if m.state == SCORED and m.kept
    ]
    rounded = not in_points and rounding.consensus is not None
    shown = number(value, rounding.consensus if rounded else None)
    mean = _mean(terms) if len(terms) <= _TERMS else words("explain.mean_of", n=len(terms))
    key = "consensus_rounded" if rounded else "consensus"
    yield words(f"explain.{key}", mean=mean, value=shown, decimals=rounding.consensus)
    if score.calculated is not None:
        yield _decided(told, leaf, score, shown)


def _decided(told: _Told, leaf: Criterion, score: CriterionScore, before: str) -> str:
    """What the panel's recorded decision put in the place of the figure (``before``; empty where there was none)."""
    decision = decided(told.frame, told.standing.applicant, leaf.id)
    who = " ".join(part for part in (decision.decider, decision.date, decision.reason) if part) if decision else ""
    after = number(score.consensus or Fraction(0))
    if not before:
        return told.words("explain_evidence.decided_alone", after=after, who=one_line(who) or "–")
    return told.words("explain.decided", before=before, after=after, who=one_line(who) or "–")


def _conversion(told: _Told, leaf: Criterion, panel: Panel | None, score: CriterionScore) -> Iterator[str]:
    words, rounding = told.words, told.frame.evaluation.rubric.rounding
    report = told.frame.words
    if panel is not None and panel.order == "convert_first":
        if not is_identity(leaf):
            yield words("explain.converted_each", rule=conversion_rule(report, leaf))
    elif not is_identity(leaf):
        value = score.consensus or Fraction(0)
        formula = conversion_formula(report, leaf, value)
        if leaf.convert and leaf.convert.kind == "relative_to_best":
            # A report to one applicant only names the best figure; here it is put in.
            best = _best(told, leaf)
            yield words("explain.best", best=number(best))
            above, below = (best, value) if allowed_scale(leaf).direction == "lower" else (value, best)
            formula = f"{number(leaf.points)} × {number(above)} ÷ {number(below)}" if below else ""
        if formula:
            yield words("explain.converted", formula=formula, raw=number(score.raw))
    if rounding.points is None:
        yield words("explain.not_rounded", points=number(score.points))
    else:
        points = told.points(score.points)
        yield words("explain.rounded", raw=number(score.raw), points=points, how=_how(told, "points"))


def _best(told: _Told, leaf: Criterion) -> Fraction:
    values = [s.criteria[leaf.id].consensus or Fraction(0) for s in told.frame.evaluation.ranking if s.criteria]
    return min(values) if allowed_scale(leaf).direction == "lower" else max(values)


def _how(told: _Told, stage: str) -> str:
    """How a stage rounds, in the rubric's words."""
    rounding = told.frame.evaluation.rubric.rounding
    decimals = getattr(rounding, stage)
    mode = told.frame.words(f"rounding.{rounding.mode}")
    return told.words("explain.rounding", decimals=decimals, mode=mode)


def _groups(told: _Told) -> Iterator[str]:
    """Group by group: the sum of its children, scaled and rounded where the rubric says so."""
    rubric = told.frame.evaluation.rubric

    def below(node: Criterion) -> Iterator[str]:
        for child in node.children:
            yield from below(child)
        if node.is_leaf:
            return
        score = told.standing.criteria[node.id]
        terms = " + ".join(told.points(told.standing.criteria[child.id].points) for child in node.children)
        yield told.words("explain.leaf", title=told.title(node.id), full=number(node.points))
        if node.of is None:
            yield f"  {terms} = {told.points(score.points)}"
        else:
            scaled = f"({terms}) × {number(node.points)} ÷ {number(node.of)} = {number(score.raw)}"
            yield f"  {scaled}"
            if rubric.rounding.points is not None:
                yield "  " + told.words(
                    "explain.rounded",
                    raw=number(score.raw),
                    points=told.points(score.points),
                    how=_how(told, "points"),
                )

    for root in rubric.criteria:
        yield from below(root)


def _total(told: _Told) -> Iterator[str]:
    rubric, standing, words = told.frame.evaluation.rubric, told.standing, told.words
    for adjustment in told.frame.adjustments.get(standing.applicant, ()):
        key = f"explain.{adjustment.kind}"
        yield words(key, points=number(adjustment.points), reason=one_line(adjustment.reason))
    terms = " + ".join(told.points(standing.criteria[root.id].points) for root in rubric.criteria)
    terms += f" + {number(standing.bonus)}" if standing.bonus else ""
    terms += f" – {number(standing.penalty)}" if standing.penalty else ""
    if told.frame.method is not None:
        yield from _score(told, terms, told.frame.method)
        return
    raw, total = standing.raw_total or Fraction(0), standing.total or Fraction(0)
    yield words("explain.sum", terms=terms, raw=number(raw))
    if rubric.rounding.total is None:
        yield words("explain.total_is", total=number(total), full=number(rubric.full_total))
    else:
        yield words("explain.rounded", raw=number(raw), points=told.total(total), how=_how(told, "total"))
    weights = list(_weights(told))
    if weights:
        yield from weights
        yield words("explain.ranking_total", total=told.total(standing.ranking_total or Fraction(0)))
    yield rounding_rule(told.frame.words, rubric)


def _score(told: _Told, terms: str, rule: MethodRule) -> Iterator[str]:
    """The sum of the points, which is not the total, and the total: the score of another method."""
    words, report, standing = told.words, told.frame.words, told.standing
    yield words("methods.explain_sum", terms=terms, sum=told.frame.points_sum(standing))
    name = told.frame.method_name
    if standing.total is None:
        yield report("official.no_score")
    else:
        yield report("official.how", method=name, how=report(f"method_how.{rule.method}"))
        yield report("official.pool" if rule.pool_relative else "official.own")
        how = _how(told, "total")
        yield words("methods.explain_total", method=name, total=told.total(standing.total), how=how)
    yield from _weights(told)
    yield rounding_rule(report, told.frame.evaluation.rubric)


def _weights(told: _Told) -> Iterator[str]:
    """The ranking weights of criteria that have one."""
    weighted = [leaf for leaf in told.frame.evaluation.rubric.leaves() if leaf.ranking_weight not in (None, 1)]
    if weighted:
        listed = ", ".join(f"{told.title(leaf.id)} × {number(leaf.ranking_weight or Fraction(1))}" for leaf in weighted)
        yield told.words("explain.weights", weights=listed)


def _votes(told: _Told) -> Iterator[str]:
    rule, votes = told.frame.evaluation.rubric.decision, told.standing.votes
    if rule is None or votes is None:
        return
    yield told.words("explain.vote_counts", yes=votes.yes, no=votes.no, abstain=votes.abstain, eligible=votes.eligible)
    report = told.frame.words
    yield report("vote.rule", quorum=share_text(report, rule.quorum), majority=share_text(report, rule.majority))


def _missing(told: _Told) -> Iterator[str]:
    """What this applicant's figures still lack."""
    words = told.words
    blanks: dict[str, list[str]] = {}
    for u in told.frame.unresolved.get(told.standing.applicant, ()):
        if u.kind == "blank":
            blanks.setdefault(u.reviewer, []).append(one_line(told.frame.titles[u.criterion]))
        elif u.kind == "figure":
            yield words("explain.no_figure", criterion=told.frame.lacking(u, told.title(u.criterion)))
        elif u.kind in {"quorum", "vote_quorum"}:
            yield words("explain.quorum", found=u.found, needed=u.needed)
    for reviewer, owed in blanks.items():
        yield words("explain.owes", reviewer=one_line(reviewer), criteria=", ".join(owed))


def _limits(told: _Told) -> Iterator[str]:
    """Thresholds and the pass mark: what was needed, what was found."""
    rubric, standing, words = told.frame.evaluation.rubric, told.standing, told.words
    report = told.frame.words
    if not standing.criteria or (standing.total is None and told.frame.method is None):
        return
    missed = {(r.kind, r.subject) for r in standing.reasons}
    for node in rubric.nodes():
        if node.threshold is not None:
            yield words(
                "explain.threshold",
                title=told.title(node.id),
                found=told.points(standing.criteria[node.id].points),
                least=limit_text(report, node.threshold, node.points),
                verdict=report("verdict.not_met" if ("below_threshold", node.id) in missed else "verdict.met"),
            )
    if rubric.pass_mark is not None and standing.total is not None:
        raw = rubric.pass_compare == "raw"
        found = number(standing.raw_total or Fraction(0)) if raw else told.total(standing.total)
        yield words(
            "explain.pass_mark_raw" if raw else "explain.pass_mark",
            found=found,
            least=limit_text(report, rubric.pass_mark, rubric.full_total),
            verdict=report("verdict.not_met" if ("below_pass_mark", "") in missed else "verdict.met"),
        )


def _gates(told: _Told) -> Iterator[str]:
    for row in gate_rows(told.frame, told.standing.applicant):
        about = " · ".join(part for part in (row.decider, row.date, row.evidence, row.reason) if part)
        yield one_line(f"{row.title}({row.when}): {row.word}" + (f" – {about}" if about else ""))


def _rank(told: _Told) -> Iterator[str]:
    """Where the applicant stands, how ties were settled, how the seats were given out."""
    frame, standing, words = told.frame, told.standing, told.words
    evaluation, rubric = frame.evaluation, frame.evaluation.rubric
    if standing.rank is None:
        for reason in standing.reasons:
            yield one_line(reason_text(frame, standing, reason))
        yield words("explain.unranked")
        return
    shared = sum(s.rank == standing.rank for s in evaluation.ranking)
    key = "explain.rank_shared" if shared > 1 else "explain.rank_is"
    yield words(key, rank=standing.rank, ranked=frame.ranked, shared=shared)
    for tie in evaluation.ties:
        if standing.applicant in tie.applicants:
            yield from _tie(told, tie.applicants)
    if rubric.selection or rubric.decision:
        yield selection_rule(frame.words, rubric)
        yield from _seats(told)
    for reason in standing.reasons:
        yield one_line(reason_text(frame, standing, reason))
    yield words("explain.outcome", outcome=frame.outcome_word(standing.outcome))
    yield from other_ranks(frame, words, standing.applicant)


def _tie(told: _Told, tied: Sequence[str]) -> Iterator[str]:
    """The chain, step by step, with the figures of everybody who was tied."""
    frame, words = told.frame, told.words
    rubric = frame.evaluation.rubric
    total = told.standing.ranking_total or Fraction(0)
    yield words("explain.tied", applicants=", ".join(one_line(a) for a in tied), total=told.total(total))
    if rubric.decision is None:
        yield tie_rule(frame.words, rubric)
    together = {frame.standings[a].applicant for a in tied}
    for link in rubric.tie_break:
        if link == DECISION:
            continue
        figures = {a: frame.standings[a].criteria[link].points for a in tied}
        listed = ", ".join(f"{one_line(a)} {told.points(value)}" for a, value in figures.items())
        yield words("explain.chain_step", title=told.title(link), figures=listed)
        own = figures[told.standing.applicant]
        together &= {a for a, value in figures.items() if value == own}
        if len(together) == 1:
            return
    orders = {d.applicant: d for a in sorted(together) for d in frame.decisions.get(a, ()) if d.kind == "tie"}
    if orders:
        listed = ", ".join(
            f"{one_line(a)} {d.after}" for a, d in sorted(orders.items(), key=lambda item: item[1].after)
        )
        own_decision = orders.get(told.standing.applicant)
        who = [own_decision.decider, own_decision.date, own_decision.reason] if own_decision else []
        about = " · ".join(part for part in who if part)
        yield words("explain.chain_decision", order=listed, who=one_line(about) or "–")
    else:
        yield words("explain.chain_open", applicants=", ".join(one_line(a) for a in sorted(together)))


def _seats(told: _Told) -> Iterator[str]:
    """Who stands before and what became of the seats there."""
    standing, words = told.standing, told.words
    rank = standing.rank or 0
    before = [s for s in told.frame.evaluation.ranking if s.rank is not None and s.rank < rank]
    counts: Mapping[str, int] = {
        word: sum(told.frame.outcome_word(s.outcome) == word for s in before)
        for word in dict.fromkeys(told.frame.outcome_word(s.outcome) for s in before)
    }
    if before:
        listed = ", ".join(words("explain.seat_count", outcome=word, n=n) for word, n in counts.items())
        yield words("explain.before", n=len(before), listed=listed)
