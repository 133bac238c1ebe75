"""One applicant's report as strings and rows.

It is addressed to the applicant, so nothing about the others enters it: no figure of another applicant, no margin,
no median or range of the field, and no reviewer's code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from evaluator.model.evaluation import Reason, Standing, VoteCount
from evaluator.report.absences import abstentions, recusals
from evaluator.report.evidence_pages import ApplicantEvidence, applicant_evidence
from evaluator.report.figures import Bar, number, position
from evaluator.report.frame import Frame
from evaluator.report.rules import is_assumed, limit_text, share_text
from evaluator.report.worked import (
    LeafWork,
    PanelWork,
    TotalLine,
    leaf_works,
    panel_works,
    total_lines,
    work_finding,
)

FEW_ROOTS = 4
"""Up to this many main criteria are named in the sentence that opens the scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """A large figure with what it is out of and what it is called."""

    label: str
    value: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One criterion in the score table. ``verdict`` is met, not_met or empty where no threshold applies."""

    number: str
    title: str
    depth: int
    group: bool
    assumed: bool
    full: str
    points: str
    bar: Bar
    least: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRow:
    """One kind of vote with its number."""

    kind: str
    count: str
    eligible: str
    bar: Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """One gate as it stands for one applicant."""

    title: str
    when: str
    outcome: str
    word: str
    decider: str
    date: str
    evidence: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantView:
    """Everything the template of an applicant's report prints, section by section."""

    id: str
    name: str
    outcome: str
    outcome_kind: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    figures: tuple[KeyFigure, ...]
    total_bar: Bar | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    scores_finding: str
    scores: tuple[ScoreRow, ...]
    totals: tuple[TotalLine, ...]
    votes: tuple[VoteRow, ...]
    work_finding: str
    panels: tuple[PanelWork, ...]
    leaves: tuple[LeafWork, ...]
    evidence: ApplicantEvidence
    opinion_finding: str
    summary: tuple[str, ...]
    strengths: tuple[str, ...]
    weaknesses: tuple[str, ...]
    gates_finding: str
    gates: tuple[GateRow, ...]
    conditions_finding: str
    conditions: tuple[str, ...]


def applicant_view(frame: Frame, applicant: str) -> ApplicantView:
    """The report of one applicant of the evaluation. An unknown id raises ``KeyError``."""
    standing, words = frame.standings[applicant], frame.words
    opinions = frame.opinions.get(applicant, ())
    summary, strengths, weaknesses = (
        tuple(line for o in opinions if o.kind == kind for line in paragraphs(o.text))
        for kind in ("summary", "strength", "weakness")
    )
    gates = gate_rows(frame, applicant)
    panels = tuple(panel_works(frame, standing)) if standing.criteria else ()
    return ApplicantView(
        id=applicant,
        name=frame.names[applicant],
        outcome=frame.outcome_word(standing.outcome),
        outcome_kind=standing.outcome,
        sentence=decision_sentence(frame, standing),
        facts=_facts(frame, applicant),
        figures=_key_figures(frame, standing),
        total_bar=_total_bar(frame, standing),
        reasons=tuple(reason_text(frame, standing, reason) for reason in standing.reasons),
        notes=tuple(_notes(frame, standing)),
        scores_finding=_scores_finding(frame, standing),
        scores=tuple(score_rows(frame, standing)),
        totals=total_lines(frame, standing),
        votes=_vote_rows(frame, standing),
        work_finding=work_finding(frame, standing),
        panels=panels,
        leaves=tuple(leaf_works(frame, standing)),
        evidence=applicant_evidence(frame, applicant, internal=False),
        opinion_finding=_opinion_finding(frame, len(summary), len(strengths), len(weaknesses)),
        summary=summary,
        strengths=strengths,
        weaknesses=weaknesses,
        gates_finding=_gates_finding(frame, gates),
        gates=gates,
        conditions_finding=(
            words("conditions.some", n=len(standing.conditions)) if standing.conditions else words("conditions.none")
        ),
        conditions=standing.conditions,
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """The lines of a text that hold something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def decision_sentence(frame: Frame, standing: Standing) -> str:
    """The decision on one applicant in one sentence."""
    words, kind, votes = frame.words, standing.outcome, _votes(standing)
    params: dict[str, object] = {"name": frame.names[standing.applicant], "figures": _rank_phrase(frame, standing)}
    key: str = kind
    if kind == "gate_failed":
        key = "gate_failed_before" if standing.rank is None else "gate_failed_after"
        params["gate"] = _subjects(frame, standing, "gate_failed")
    elif kind == "below_threshold":
        params["criterion"] = _subjects(frame, standing, "below_threshold")
    elif kind == "below_pass_mark" and standing.total is not None:
        needed = [reason.needed for reason in standing.reasons if reason.kind == kind and reason.needed is not None]
        params |= {"total": frame.total_text(standing.total), "needed": number(needed[0])}
    elif kind == "below_majority" and votes:
        params |= {"yes": votes.yes, "eligible": votes.eligible}
    elif kind == "not_rankable" and frame.method_why:
        return words("official.no_rank", name=params["name"], method=frame.method_name)
    elif kind == "open":
        gates = open_gates(frame, standing.applicant)
        key = "open_gate" if gates else "open_other"
        params["gate"] = ", ".join(gates)
    return words(f"{'decision' if frame.confirmed else 'decision_proposed'}.{key}", **params)


def _rank_phrase(frame: Frame, standing: Standing) -> str:
    """Total (or votes) and rank, as a part of a sentence; empty where there is no rank."""
    words, votes = frame.words, _votes(standing)
    if standing.rank is None:
        return ""
    if votes:
        return words("decision.votes", yes=votes.yes, eligible=votes.eligible, rank=standing.rank, ranked=frame.ranked)
    total = frame.total_in_words(standing.total) if standing.total is not None else ""
    return words("decision.points", total=total, rank=standing.rank, ranked=frame.ranked)


def _subjects(frame: Frame, standing: Standing, kind: str) -> str:
    names = [
        frame.gates[r.subject].title.in_(frame.lang) if r.subject in frame.gates else frame.titles.get(r.subject, "")
        for r in standing.reasons
        if r.kind == kind
    ]
    return ", ".join(names)


def open_gates(frame: Frame, applicant: str) -> list[str]:
    """Titles of the after_ranking gates that are still open for an applicant."""
    return [
        gate.title.in_(frame.lang)
        for gate in frame.evaluation.rubric.gates_when("after_ranking")
        if (record := frame.gate_records.get((applicant, gate.id))) is None or record.outcome == "open"
    ]


def reason_text(frame: Frame, standing: Standing, reason: Reason) -> str:
    """Why an applicant is not ranked or not selected, with the figures found and needed."""
    words = frame.words
    found = number(reason.found) if reason.found is not None else ""
    needed = number(reason.needed) if reason.needed is not None else ""
    if reason.kind == "below_threshold":
        node = frame.criteria[reason.subject]
        least = limit_text(words, node.threshold, node.points) if node.threshold else needed
        found = number(reason.found, frame.points_decimals) if reason.found is not None else ""
        return words("reason.below_threshold", criterion=frame.titles[reason.subject], found=found, least=least)
    if reason.kind == "below_pass_mark":
        rubric = frame.evaluation.rubric
        least = limit_text(words, rubric.pass_mark, rubric.full_total) if rubric.pass_mark else needed
        found = number(reason.found, frame.total_decimals) if reason.found is not None else ""
        return words("reason.below_pass_mark", found=found, least=least)
    if reason.kind == "gate_failed":
        gate = frame.gates[reason.subject].title.in_(frame.lang)
        record = frame.gate_records.get((standing.applicant, reason.subject))
        text = words("reason.gate_failed", gate=gate)
        return f"{text} {record.reason}" if record and record.reason else text
    if reason.kind == "below_majority" and standing.votes and frame.evaluation.rubric.decision:
        share = share_text(words, frame.evaluation.rubric.decision.majority)
        return words("reason.below_majority", yes=standing.votes.yes, eligible=standing.votes.eligible, majority=share)
    return words(f"reason.{reason.kind}")


def _facts(frame: Frame, applicant: str) -> tuple[tuple[str, str], ...]:
    words, about = frame.words, frame.applicants[applicant]
    facts = [(words("fact.id"), applicant)]
    if not frame.evaluation.round.blind:
        facts += [
            (words("fact.lead"), about.lead),
            (words("fact.members"), about.members),
            (words("fact.size"), _size(frame, about.size)),
        ]
    return tuple((label, value) for label, value in facts if value)


def _size(frame: Frame, size: str) -> str:
    return frame.words(f"size.{size}") if size in {"large", "mid", "small"} else size


def _key_figures(frame: Frame, standing: Standing) -> tuple[KeyFigure, ...]:
    words, rubric, votes = frame.words, frame.evaluation.rubric, _votes(standing)
    figures = []
    if votes:
        figures.append(
            KeyFigure(
                label=words("figure.votes"),
                value=str(votes.yes),
                unit=f"/ {votes.eligible}",
                note=words("figure.votes_note"),
            )
        )
    elif standing.total is not None:
        figures.append(
            KeyFigure(
                label=words("figure.total"),
                value=frame.total_text(standing.total),
                unit=f"/ {number(rubric.full_total)}" if frame.method is None else "",
                note=(
                    words("official.figure", method=frame.method_name)
                    if frame.method is not None
                    else words("figure.pass_mark", points=number(rubric.pass_mark.of(rubric.full_total)))
                    if rubric.pass_mark
                    else words("figure.total_note")
                ),
            )
        )
    if standing.rank is not None:
        figures.append(
            KeyFigure(
                label=words("figure.rank"),
                value=f"{standing.rank:,}",
                unit=f"/ {frame.ranked:,}",
                note=words("figure.rank_note"),
            )
        )
    elif standing.outcome != "not_rankable":
        figures.append(KeyFigure(label=words("figure.rank"), value="–", note=words("figure.unranked_note")))
    return tuple(figures)


def _total_bar(frame: Frame, standing: Standing) -> Bar | None:
    rubric = frame.evaluation.rubric
    if standing.total is None or standing.votes or not rubric.criteria or frame.method is not None:
        return None
    full, needed = rubric.full_total, None
    text = frame.words("bar.total", total=frame.total_text(standing.total), full=number(full))
    if rubric.pass_mark:
        needed = rubric.pass_mark.of(full)
        text += " " + frame.words("bar.pass_mark", points=number(needed))
    return Bar(
        share=position(standing.total, Fraction(0), full),
        mark=position(needed, Fraction(0), full) if needed is not None else None,
        text=text,
    )


def _notes(frame: Frame, standing: Standing) -> Iterator[str]:
    """What is missing, how a tie was settled, which decisions changed a figure, who did not score."""
    words = frame.words
    yield from _missing(frame, standing)
    if frame.method is not None and standing.total is not None:
        relative = words("official.pool" if frame.method.pool_relative else "official.own")
        yield f"{words('official.note', method=frame.method_name)} {relative}"
    for tie in frame.evaluation.ties:
        if standing.applicant in tie.applicants:
            if tie.settled_by == "decision":
                yield words("tie_note.decision")
            elif tie.settled_by:
                yield words("tie_note.chain", criterion=frame.titles.get(tie.settled_by, tie.settled_by))
            else:
                yield words("tie_note.open")
    for decision in frame.decisions.get(standing.applicant, ()):
        if decision.kind == "consensus":
            score = standing.criteria.get(decision.criterion)
            before = decision.before
            if not before and score and score.calculated is not None:
                before = number(score.calculated)
            yield words(
                "note.consensus",
                criterion=frame.titles.get(decision.criterion, decision.criterion),
                before=before or "–",
                after=decision.after,
                reason=decision.reason or words("note.no_reason"),
            )
    for kind, n in sorted(Counter(recusals(frame, standing.applicant).values()).items()):
        yield words("note.recused", n=n, kind=kind) if kind else words("note.left_out", n=n)
    sheets, marks = abstentions(frame, standing.applicant)
    if sheets:
        yield words("note.abstained_sheets", n=sheets)
    if marks:
        yield words("note.abstained_marks", n=marks)


def _missing(frame: Frame, standing: Standing) -> Iterator[str]:
    """What keeps this applicant from being ranked: counts only, no reviewer is named."""
    words, open_items = frame.words, frame.unresolved.get(standing.applicant, ())
    if standing.outcome != "not_rankable":
        return
    blanks = sum(item.kind == "blank" for item in open_items)
    if blanks:
        yield words("missing.blank", n=blanks)
    for item in open_items:
        if item.kind in {"quorum", "vote_quorum"}:
            yield words(f"missing.{item.kind}", found=item.found or 0, needed=item.needed or 0)
        elif item.kind == "gate":
            yield words("missing.gate", gate=frame.gates[item.gate].title.in_(frame.lang))
        elif item.kind == "figure":
            yield words("missing.figure", criterion=frame.titles.get(item.criterion, item.criterion))
    if frame.method_why:
        yield frame.method_why
    elif not open_items:
        yield words("missing.others")


def _scores_finding(frame: Frame, standing: Standing) -> str:
    words, rubric = frame.words, frame.evaluation.rubric
    votes = _votes(standing)
    if votes:
        return words("scores.votes", yes=votes.yes, eligible=votes.eligible)
    if not standing.criteria or (standing.total is None and frame.method is None):
        return words("scores.none")
    total = frame.total_text(standing.total) if standing.total is not None else ""
    full = number(rubric.full_total)
    thresholds = sum(node.threshold is not None for node in rubric.nodes())
    missed = sum(r.kind == "below_threshold" for r in standing.reasons)
    roots = [root for root in rubric.criteria if root.id in standing.criteria]
    if len(roots) <= FEW_ROOTS:
        parts = words("scores.join").join(
            words(
                "scores.part",
                criterion=frame.titles[root.id],
                points=number(standing.criteria[root.id].points, frame.points_decimals),
                full=number(root.points),
            )
            for root in roots
        )
        if frame.method is not None:
            text = words("official.parts", parts=parts, sum=frame.points_sum(standing), full=full)
        else:
            key = "scores.parts_adjusted" if standing.bonus or standing.penalty else "scores.parts"
            text = words(key, parts=parts, total=total, full=full)
    elif frame.method is not None:
        text = words("official.parts_many", sum=frame.points_sum(standing), full=full, n=len(roots))
    else:
        text = words("scores.total", total=total, full=full, n=len(roots))
    if frame.method is not None:
        key = "official.score" if total else "official.no_score"
        text += " " + words(key, total=total, method=frame.method_name)
    if not thresholds:
        return text
    key = "scores.thresholds_missed" if missed else "scores.thresholds_met"
    return f"{text} {words(key, n=thresholds, missed=missed)}"


def score_rows(frame: Frame, standing: Standing) -> Iterator[ScoreRow]:
    """The score table of one applicant: groups and leaves in the rubric's order."""
    missed = {r.subject for r in standing.reasons if r.kind == "below_threshold"}
    for node in frame.evaluation.rubric.nodes():
        score = standing.criteria.get(node.id)
        if score is None:
            continue
        needed = node.threshold.of(node.points) if node.threshold else None
        verdict = "" if needed is None else "not_met" if node.id in missed else "met"
        points, full = number(score.points, frame.points_decimals), number(node.points)
        text = frame.words("bar.points", points=points, full=full)
        if needed is not None:
            text += " " + frame.words(f"bar.threshold_{verdict}", points=number(needed))
        yield ScoreRow(
            number=frame.numbers[node.id],
            title=frame.titles[node.id],
            depth=frame.numbers[node.id].count("."),
            group=not node.is_leaf,
            assumed=is_assumed(node.basis),
            full=full,
            points=points,
            bar=Bar(
                share=position(score.points, Fraction(0), node.points),
                mark=position(needed, Fraction(0), node.points) if needed is not None else None,
                text=text,
            ),
            least=number(needed) if needed is not None else "",
            verdict=verdict,
        )


def _vote_rows(frame: Frame, standing: Standing) -> tuple[VoteRow, ...]:
    votes, words = _votes(standing), frame.words
    if votes is None:
        return ()
    return tuple(
        VoteRow(
            kind=words(f"vote.{kind}"),
            count=str(count),
            eligible=str(votes.eligible),
            bar=Bar(
                share=position(Fraction(count), Fraction(0), Fraction(votes.eligible)),
                mark=None,
                text=words("bar.votes", kind=words(f"vote.{kind}"), n=count, eligible=votes.eligible),
            ),
        )
        for kind, count in (("yes", votes.yes), ("no", votes.no), ("abstain", votes.abstain))
    )


def _votes(standing: Standing) -> VoteCount | None:
    """The votes to be printed: none while the round cannot be ranked."""
    return standing.votes if standing.outcome != "not_rankable" else None


def _opinion_finding(frame: Frame, summaries: int, strengths: int, weaknesses: int) -> str:
    words = frame.words
    if not (summaries or strengths or weaknesses):
        return words("opinion.none")
    if strengths and weaknesses:
        return words("opinion.counts", strengths=strengths, weaknesses=weaknesses)
    if strengths:
        return words("opinion.strengths_only", strengths=strengths)
    if weaknesses:
        return words("opinion.weaknesses_only", weaknesses=weaknesses)
    return words("opinion.summary_only")


def gate_rows(frame: Frame, applicant: str) -> tuple[GateRow, ...]:
    """Every gate of the rubric as it stands for one applicant; a gate without a record is open."""
    rows = []
    for gate in frame.evaluation.rubric.gates:
        record = frame.gate_records.get((applicant, gate.id))
        outcome = record.outcome if record else "open"
        decider = record.decider if record else ""
        rows.append(
            GateRow(
                title=gate.title.in_(frame.lang),
                when=frame.words(f"gate.{gate.when}"),
                outcome=outcome,
                word=frame.words(f"gate.{outcome}"),
                decider=frame.without_code(decider),
                date=record.date if record else "",
                evidence=record.evidence if record else "",
                reason=record.reason if record else "",
            )
        )
    return tuple(rows)


def _gates_finding(frame: Frame, gates: tuple[GateRow, ...]) -> str:
    words = frame.words
    if not gates:
        return words("gates.none")
    failed = sum(gate.outcome == "fail" for gate in gates)
    open_ = sum(gate.outcome == "open" for gate in gates)
    if failed:
        return words("gates.failed", n=len(gates), failed=failed)
    if open_:
        return words("gates.open", n=len(gates), open=open_)
    return words("gates.passed", n=len(gates))
