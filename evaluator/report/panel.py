"""The panel's own report as strings and rows: the whole field, with reviewers by their codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from evaluator.errors import render
from evaluator.model.evaluation import Unresolved
from evaluator.model.round import ABSTAINED, RECUSED, GateRecord
from evaluator.model.rubric import DECISION
from evaluator.report.applicant import KeyFigure, reason_text
from evaluator.report.cross_checks import CrossView, cross_view
from evaluator.report.evidence_pages import EvidenceSummary, evidence_summary
from evaluator.report.figures import number
from evaluator.report.frame import HASH_SHOWN, Frame
from evaluator.report.names import NAMES_IN_FULL, named, named_all
from evaluator.report.ranking import (
    ColumnGroup,
    Matrix,
    RankRow,
    column_width,
    columns,
    has_bars,
    has_points_sum,
    is_adjusted,
    is_weighted,
    matrices,
    ranking_note,
    ranking_rows,
)
from evaluator.report.rules import basis_word, is_assumed
from evaluator.report.sheets import PanelSheets, panel_sheets
from evaluator.report.signatures import panel_name, signatures_sentence, signing
from evaluator.report.support import SupportView, support_view
from evaluator.report.ties import cut_link, tie_rows
from evaluator.resources import message_catalogue

CRITERIA_LISTED = 6
"""Criteria named in one cell before the rest is counted."""
ROWS_LISTED = 100
"""Rows of one list that are printed before the rest is counted: a row takes about ten milliseconds to draw."""
REVIEWERS_LISTED = 12
"""Reviewers named in one cell before the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRow:
    """One criterion of the rubric, with what is needed and where it comes from."""

    number: str
    title: str
    depth: int
    full: str
    least: str
    assumed: bool
    basis: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateGroup:
    """Applicants with the same record at one gate."""

    title: str
    outcome: str
    word: str
    applicants: str
    decider: str
    reason: str


Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelView:
    """Everything the template of the panel's report prints, section by section. Tables are rows of strings."""

    rankable: bool
    vote: bool
    sentence: str
    figures: tuple[KeyFigure, ...]
    evidence: EvidenceSummary | None
    support: SupportView | None
    cross: CrossView | None
    record_finding: str
    missing_finding: str
    missing: tuple[Row, ...]
    unsettled: tuple[str, ...]
    groups: tuple[ColumnGroup, ...]
    column_width: str
    weighted: bool
    adjusted: bool
    bars: bool
    points_sum: bool
    total_label: str
    official: tuple[str, ...]
    ranking: tuple[RankRow, ...]
    ranking_note: str
    matrices: tuple[Matrix, ...]
    sheets: tuple[PanelSheets, ...]
    ties_finding: str
    ties: tuple[Row, ...]
    exclusions_finding: str
    exclusions: tuple[Row, ...]
    gates_finding: str
    gates: tuple[GateGroup, ...]
    adjustments_finding: str
    adjustments: tuple[Row, ...]
    decisions_finding: str
    decisions: tuple[Row, ...]
    conditions_finding: str
    conditions: tuple[Row, ...]
    absences_finding: str
    recusals: tuple[Row, ...]
    abstentions: tuple[Row, ...]
    warnings_finding: str
    warnings: tuple[Row, ...]
    nothing: str
    criteria: tuple[CriterionRow, ...]
    inputs: tuple[Row, ...]
    software: str
    reviewers: tuple[tuple[str, str], ...]
    signatures: str
    chair: str


_R = TypeVar("_R")


class _Listed(Generic[_R]):
    """The first ``ROWS_LISTED`` of some rows, and how many there are in all."""

    def __init__(self, rows: Iterable[_R]) -> None:
        everything = tuple(rows)
        self.first, self.count = everything[:ROWS_LISTED], len(everything)

    def told(self, frame: Frame, finding: str = "") -> str:
        """A finding, with a sentence about rows that are left out where there are any."""
        left = self.count - len(self.first)
        if not left:
            return finding
        note = frame.words("bulk.listed", shown=f"{len(self.first):,}", left=f"{left:,}")
        return f"{finding} {note}".strip()


def panel_view(frame: Frame) -> PanelView:
    """The panel's report of an evaluation."""
    evaluation, words = frame.evaluation, frame.words
    rankable = evaluation.rankable
    groups, nodes = columns(frame) if rankable else ((), ())
    missing = _Listed(_missing_rows(frame) if not rankable else ())
    ties = _Listed(tie_rows(frame))
    exclusions = _Listed(_exclusion_rows(frame))
    gates = _Listed(_gate_rows(frame))
    recusals, abstentions = (_Listed(rows) for rows in _absences(frame))
    adjustments = _Listed(
        (named(frame, a.applicant), words(f"adjust.{a.kind}"), number(a.points), a.reason)
        for a in evaluation.adjustments
    )
    decisions = _Listed(_decision_rows(frame))
    conditions = _Listed(
        (named(frame, s.applicant), str(i), text)
        for s in frame.having("conditions")
        for i, text in enumerate(s.conditions, start=1)
    )
    warnings = _Listed(_warning_rows(frame))
    unsettled = _Listed(_unsettled(frame) if rankable else ())
    return PanelView(
        rankable=rankable,
        vote=evaluation.rubric.decision is not None,
        sentence=_sentence(frame),
        figures=_figures(frame),
        evidence=evidence_summary(frame),
        support=support_view(frame),
        cross=cross_view(frame),
        record_finding=_record_finding(
            frame,
            ties=ties.count,
            exclusions=exclusions.count,
            adjustments=adjustments.count,
            decisions=decisions.count,
            recusals=recusals.count,
            abstentions=abstentions.count,
            warnings=warnings.count,
        ),
        missing_finding=missing.told(frame, _missing_finding(frame)) if not rankable else "",
        missing=missing.first,
        unsettled=(*unsettled.first, *filter(None, [unsettled.told(frame)])),
        groups=groups,
        column_width=column_width(frame, len(nodes)),
        weighted=is_weighted(frame),
        adjusted=is_adjusted(frame),
        bars=has_bars(frame, len(nodes)),
        points_sum=has_points_sum(frame),
        total_label=_total_label(frame),
        official=tuple(_official(frame)),
        ranking=tuple(ranking_rows(frame, nodes)) if rankable else (),
        ranking_note=ranking_note(frame, nodes),
        matrices=tuple(matrices(frame, nodes)) if rankable else (),
        sheets=tuple(panel_sheets(frame)),
        ties_finding=ties.told(frame, words("ties.some", n=ties.count)),
        ties=ties.first,
        exclusions_finding=exclusions.told(frame, words("exclusions.some", n=exclusions.count)),
        exclusions=exclusions.first,
        gates_finding=gates.told(frame, _gates_finding(frame)),
        gates=gates.first,
        adjustments_finding=adjustments.told(frame, words("adjustments.some", n=adjustments.count)),
        adjustments=adjustments.first,
        decisions_finding=decisions.told(frame, words("decisions.some", n=decisions.count)),
        decisions=decisions.first,
        conditions_finding=conditions.told(frame, words("conditions.panel", n=conditions.count)),
        conditions=conditions.first,
        absences_finding=recusals.told(
            frame,
            abstentions.told(frame, words("absences.some", recusals=recusals.count, abstentions=abstentions.count)),
        ),
        recusals=recusals.first,
        abstentions=abstentions.first,
        warnings_finding=warnings.told(frame, words("warnings.some", n=warnings.count)),
        warnings=warnings.first,
        nothing=_nothing(
            frame,
            ties=bool(ties.count) or not rankable or evaluation.rubric.decision is not None,
            exclusions=bool(exclusions.count),
            gates=bool(gates.count),
            adjustments=bool(adjustments.count),
            decisions=bool(decisions.count),
            conditions=bool(conditions.count),
            absences=bool(recusals.count or abstentions.count),
            warnings=bool(warnings.count),
        ),
        criteria=tuple(_criterion_rows(frame)),
        inputs=_input_rows(frame),
        software=", ".join(f"{name} {version}" for name, version in sorted(evaluation.provenance.software.items())),
        reviewers=signing(frame),
        signatures=signatures_sentence(frame),
        chair=evaluation.round.chair or "",
    )


def _total_label(frame: Frame) -> str:
    if frame.method is None:
        return frame.words("label.total")
    return frame.words("official.heading", method=frame.words(f"method_name.{frame.method.method}"))


def _official(frame: Frame) -> Iterator[str]:
    """What the totals are, where they are not sums of points."""
    if frame.method is not None and frame.evaluation.rankable:
        yield frame.words("official.note", method=frame.method_name)
        yield frame.words("official.pool" if frame.method.pool_relative else "official.own")


def _record_finding(frame: Frame, **counts: int) -> str:
    found = [frame.words(f"record_count.{kind}", n=n) for kind, n in counts.items() if n]
    if not found:
        return frame.words("record.nothing")
    return frame.words("record.finding", counts=", ".join(found))


def _nothing(frame: Frame, **told: bool) -> str:
    """One sentence for everything of which nothing is on record."""
    absent = [frame.words(f"section.{key}") for key, is_told in told.items() if not is_told]
    return frame.words("record.absent", what=", ".join(absent)) if absent else ""


def _selected(frame: Frame) -> int:
    return frame.outcomes.count("selected")


def _sentence(frame: Frame) -> str:
    evaluation, words = frame.evaluation, frame.words
    all_, cut = len(evaluation.applicants), evaluation.cut_line
    if why := frame.method_why:
        return words("official.not_rankable", method=frame.method_name, why=why)
    if not evaluation.rankable:
        return words("panel_sentence.not_rankable", n=len(_incomplete(frame)), all=all_)
    if frame.ranked == 0:
        return words("panel_sentence.none_ranked", all=all_)
    if cut is None:
        return words("panel_sentence.ranked", all=all_, ranked=frame.ranked)
    proposed = "" if frame.confirmed else "_proposed"
    tied = frame.outcomes.count("tied_at_cut")
    if tied:
        text = words(
            "panel_sentence.tied", all=all_, ranked=frame.ranked, tied=tied, filled=cut.filled, places=cut.places
        )
    else:
        text = words(
            f"panel_sentence.selected{proposed}", all=all_, ranked=frame.ranked, filled=cut.filled, places=cut.places
        )
    undetermined = frame.outcomes.count("open")
    if undetermined:
        text += " " + words("panel_sentence.open", n=undetermined)
    if cut.margin == 0:
        link = cut_link(frame)
        key = "panel_sentence.margin_zero_decision" if link == DECISION else "panel_sentence.margin_zero"
        text += " " + words(key, criterion=frame.titles.get(link, link))
    elif cut.margin is not None:
        key = "panel_sentence.margin" if frame.method is None else "official.sentence_margin"
        text += " " + words(key, margin=number(cut.margin, frame.total_decimals))
    return text


def _figures(frame: Frame) -> tuple[KeyFigure, ...]:
    evaluation, words, cut = frame.evaluation, frame.words, frame.evaluation.cut_line
    figures = [KeyFigure(label=words("panel_figure.applicants"), value=f"{len(evaluation.applicants):,}")]
    if not evaluation.rankable:
        figures.append(KeyFigure(label=words("panel_figure.missing"), value=f"{len(evaluation.unresolved):,}"))
        return tuple(figures)
    figures.append(
        KeyFigure(
            label=words("panel_figure.ranked"), value=f"{frame.ranked:,}", unit=f"/ {len(evaluation.applicants):,}"
        )
    )
    if cut is not None:
        figures.append(
            KeyFigure(label=frame.outcome_word("selected"), value=f"{_selected(frame):,}", unit=f"/ {cut.places:,}")
        )
        if cut.margin is not None:
            figures.append(
                KeyFigure(
                    label=words("panel_figure.margin" if frame.method is None else "official.margin"),
                    value=number(cut.margin, frame.total_decimals),
                )
            )
    return tuple(figures)


def _incomplete(frame: Frame) -> set[str]:
    return {u.applicant for u in frame.evaluation.unresolved if u.applicant}


def _missing_finding(frame: Frame) -> str:
    if frame.method_why:
        return frame.words("official.remedy")
    kinds = Counter(u.kind for u in frame.evaluation.unresolved)
    counts = [frame.words(f"missing_count.{kind}", n=n) for kind, n in sorted(kinds.items())]
    return frame.words("missing_count.sentence", counts=", ".join(counts)) if counts else ""


def _missing_rows(frame: Frame) -> Iterator[Row]:
    """What is missing: who owes what on whom. Blanks and figures that are alike share a row."""
    words = frame.words
    owed: dict[tuple[str, str, str], dict[str, None]] = {}
    for item in frame.evaluation.unresolved:
        if item.kind in {"blank", "figure"}:
            owed.setdefault((item.kind, item.applicant, item.reviewer), {})[frame.lacking(item)] = None
    by_applicant: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (kind, applicant, reviewer), criteria in owed.items():
        by_applicant.setdefault((kind, applicant, tuple(criteria)), []).append(reviewer)
    alike: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (kind, applicant, criteria_), reviewers in by_applicant.items():
        alike.setdefault((kind, criteria_, tuple(reviewers)), []).append(applicant)
    for (kind, criteria_, reviewers_), applicants in alike.items():
        what = ", ".join(criteria_[:CRITERIA_LISTED])
        if len(criteria_) > CRITERIA_LISTED:
            what += " " + words("applicant.more_criteria", n=len(criteria_) - CRITERIA_LISTED)
        who = ", ".join(reviewers_[:REVIEWERS_LISTED])
        if len(reviewers_) > REVIEWERS_LISTED:
            who += " " + words("applicant.more_reviewers", n=len(reviewers_) - REVIEWERS_LISTED)
        yield words(f"missing_kind.{kind}"), named_all(frame, applicants), who, what
    others: dict[tuple[str, str], list[str]] = {}
    for item in frame.evaluation.unresolved:
        if item.kind not in {"blank", "figure"}:
            others.setdefault((item.kind, _missing_what(frame, item)), []).append(item.applicant)
    for (kind, what), applicants in others.items():
        yield words(f"missing_kind.{kind}"), named_all(frame, applicants), "", what


def _missing_what(frame: Frame, item: Unresolved) -> str:
    words = frame.words
    if item.kind in {"quorum", "vote_quorum"}:
        text = words(f"missing.{item.kind}", found=item.found or 0, needed=item.needed or 0)
        where = frame.titles.get(item.criterion, "") or panel_name(frame, item.panel)
        return f"{where}: {text}" if where else text
    if item.kind in {"gate", "gate_after"}:
        return frame.gates[item.gate].title.in_(frame.lang) if item.gate in frame.gates else item.gate
    if item.kind == "method":
        return words(f"method_why.{item.why[0]}")
    return frame.titles.get(item.criterion, item.criterion)


def _unsettled(frame: Frame) -> Iterator[str]:
    for item in frame.evaluation.unresolved:
        gate = frame.gates[item.gate].title.in_(frame.lang) if item.gate in frame.gates else ""
        support = frame.evaluation.support
        about = support.title(item.item, frame.lang) if support is not None and item.item else ""
        yield frame.words(f"unsettled.{item.kind}", name=named(frame, item.applicant), gate=gate, item=about)


def _exclusion_rows(frame: Frame) -> Iterator[Row]:
    for standing in frame.having("reasons"):
        if standing.outcome != "open":
            total = frame.total_text(standing.total) if standing.total is not None and not standing.votes else "–"
            yield (
                named(frame, standing.applicant),
                frame.outcome_word(standing.outcome),
                f"{standing.rank:,}" if standing.rank is not None else "–",
                total,
                " ".join(reason_text(frame, standing, reason) for reason in standing.reasons),
            )


def _gates_finding(frame: Frame) -> str:
    gates, words = frame.evaluation.rubric.gates, frame.words
    counts = Counter(record.outcome for record in frame.evaluation.gates)
    owed = len(gates) * len(frame.evaluation.applicants)
    return words(
        "gates.panel",
        n=len(gates),
        passed=counts["pass"],
        failed=counts["fail"],
        open=owed - counts["pass"] - counts["fail"],
    )


def _gate_rows(frame: Frame) -> Iterator[GateGroup]:
    """Records that agree in everything but the applicant share a row."""
    everybody = len(frame.evaluation.applicants)
    for gate in frame.evaluation.rubric.gates:
        alike: dict[GateRecord | None, list[str]] = {}
        for applicant in frame.evaluation.applicants:
            record = frame.gate_records.get((applicant.id, gate.id))
            alike.setdefault(replace(record, applicant="") if record else None, []).append(applicant.id)
        for record, ids in alike.items():
            outcome = record.outcome if record else "open"
            told = (record.decider, record.date, record.evidence) if record else ()
            count = frame.words("applicant.count", n=len(ids))
            yield GateGroup(
                title=gate.title.in_(frame.lang),
                outcome=outcome,
                word=frame.words(f"gate.{outcome}"),
                applicants=(
                    frame.words("applicant.all")
                    if len(ids) == everybody
                    else named_all(frame, ids)
                    if len(ids) <= NAMES_IN_FULL
                    else f"{count}: {named_all(frame, ids)}"
                ),
                decider=" · ".join(part for part in told if part),
                reason=record.reason if record else "",
            )


def _decision_rows(frame: Frame) -> Iterator[Row]:
    words = frame.words
    for d in frame.evaluation.decisions:
        before = d.before
        score = frame.standings[d.applicant].criteria.get(d.criterion) if d.applicant in frame.standings else None
        if d.kind == "consensus" and not before and score and score.calculated is not None:
            before = number(score.calculated)
        what = frame.titles.get(d.criterion, d.criterion)
        change = (
            f"{before} → {d.after}" if before else words("decisions.order", n=d.after) if d.kind == "tie" else d.after
        )
        yield (
            words(f"decisions.{d.kind}"),
            named(frame, d.applicant),
            f"{what}: {change}" if what else change,
            " · ".join(part for part in (d.decider, d.date) if part),
            d.reason,
        )


def _absences(frame: Frame) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Recusals as declared (and those that only the marks show), and abstentions counted per sheet."""
    evaluation, table = frame.evaluation, frame.evaluation.marks.marks
    recusals = [
        (
            c.reviewer,
            named(frame, c.applicant),
            c.kind or frame.words("absences.recused"),
            c.reason,
            " · ".join(p for p in (c.decider, c.date) if p),
        )
        for c in evaluation.conflicts
    ]
    declared = {(c.reviewer, c.applicant) for c in evaluation.conflicts}
    abstained: Counter[tuple[str, str]] = Counter()
    for row in np.flatnonzero((table.state == ABSTAINED) | (table.state == RECUSED)):
        reviewer = evaluation.reviewers[int(table.reviewer[row])].id
        applicant = evaluation.applicants[int(table.applicant[row])].id
        if table.state[row] == ABSTAINED:
            abstained[reviewer, applicant] += 1
        elif not declared & {(reviewer, applicant), (reviewer, "*")}:
            declared.add((reviewer, applicant))
            recusals.append((reviewer, named(frame, applicant), frame.words("absences.recused"), "", ""))
    return tuple(recusals), tuple(
        (reviewer, named(frame, applicant), frame.words("absences.marks", n=n))
        for (reviewer, applicant), n in sorted(abstained.items())
    )


def _warning_rows(frame: Frame) -> Iterator[Row]:
    if not frame.evaluation.warnings:
        return
    sentences = message_catalogue("problems", frame.lang)
    for warning in frame.evaluation.warnings:
        told = warning
        if panel := panel_name(frame, str(warning.params.get("panel", ""))):
            told = replace(warning, params={**warning.params, "panel": panel})
        sentence = " ".join(part for part in render(told, sentences) if part)
        if len(frame.evaluation.rubric.all_panels) == 1:
            sentence = " ".join(sentence.replace(f"({frame.words('panel.in_warnings', panel=panel)})", "").split())
        yield warning.place, sentence


def _input_rows(frame: Frame) -> tuple[Row, ...]:
    evaluation, words = frame.evaluation, frame.words
    rubric = (
        words("record.rubric", id=evaluation.rubric.id, version=evaluation.rubric.version),
        evaluation.rubric_sha256,
    )
    files = [*sorted(evaluation.provenance.inputs.items()), rubric]
    return tuple((name, digest[:HASH_SHOWN]) for name, digest in files)


def _criterion_rows(frame: Frame) -> Iterator[CriterionRow]:
    for node in frame.evaluation.rubric.nodes():
        yield CriterionRow(
            number=frame.numbers[node.id],
            title=frame.titles[node.id],
            depth=frame.numbers[node.id].count("."),
            full=number(node.points),
            least=str(node.threshold).replace("%", " %") if node.threshold else "",
            assumed=is_assumed(node.basis),
            basis=basis_word(frame.words, node.basis),
            source=" · ".join(text.in_(frame.lang) for text in (node.basis.source, node.basis.note) if text)
            if node.basis
            else "",
        )
