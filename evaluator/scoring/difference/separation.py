"""The inputs of one evaluation made ready for the rules of another, where they say all that those rules ask for."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from evaluator.model.evaluation import Evaluation
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.round import SCORED, Marks, OfficeFigure, Reviewer, Round
from evaluator.model.rubric import Criterion, Rubric, allows


def inputs_under(evaluation: Evaluation, rubric: Rubric) -> Round | tuple[str, ...]:
    """The round an evaluation was made of, for another rubric; or in codes why it would not be the same round.

    Derived figures stand as figures of the office, for the rule that derived them is the same. Marks and figures on
    criteria the other rubric does not have are left out. vote: single votes are not recorded. criteria: reviewers
    would owe marks nobody gave. panels: another panel scores a criterion. scale: a mark or figure is not on the
    criterion's scale. evidence: figures are derived by another rule. gates: there is another gate before scoring.
    adjustments: a bonus or penalty is above the limit. decisions: a decision is about what there is not.
    unresolved: something is missing already.
    """
    own = evaluation.rubric
    if own.decision is not None or rubric.decision is not None or own.use != rubric.use or own.use != "ranking":
        return ("vote",) if own.use == rubric.use else ("use",)
    found = tuple(dict.fromkeys(_obstacles(evaluation, rubric)))
    if found:
        return found
    return round_of(evaluation, rubric)


def own_inputs(evaluation: Evaluation) -> Round | None:
    """The round an evaluation was made of, for its own rules; None where no round could hold what it says."""
    rubric = evaluation.rubric
    if not (_on_scale(evaluation, rubric) and _within_limits(evaluation, rubric)):
        return None
    return round_of(evaluation, rubric)


def round_of(evaluation: Evaluation, rubric: Rubric) -> Round:
    """What an evaluation says was entered, as far as a rubric asks for it, without votes and evidence."""
    leaves = {leaf.id: leaf for leaf in rubric.leaves()}
    figures = {(f.applicant, f.criterion): f.score for f in evaluation.office}
    figures |= (evaluation.evidence or EvidenceOutcome()).figures()
    marks = evaluation.marks.marks
    gates = {gate.id for gate in rubric.gates}
    people = max(len(evaluation.reviewers), 1)
    pairs = np.stack(np.divmod(np.unique(marks.applicant.astype(np.int64) * people + marks.reviewer), people), axis=1)
    return Round(
        info=evaluation.round,
        applicants=evaluation.applicants,
        reviewers=tuple(Reviewer(id=r.id, panel=r.panel) for r in evaluation.reviewers),
        assigned=pairs.astype(np.int32),
        marks=_marks(evaluation, rubric),
        conflicts=evaluation.conflicts,
        office=tuple(
            OfficeFigure(applicant=a, criterion=c, score=score)
            for (a, c), score in figures.items()
            if c in leaves and leaves[c].source != "panel"
        ),
        adjustments=evaluation.adjustments,
        gates=tuple(g for g in evaluation.gates if g.gate in gates),
        decisions=tuple(d for d in evaluation.decisions if d.kind != "consensus" or d.criterion in leaves),
        opinions=evaluation.opinions,
    )


def _obstacles(evaluation: Evaluation, rubric: Rubric) -> Iterator[str]:
    own = evaluation.rubric
    if not evaluation.rankable:
        yield "unresolved"
    marked, asked = _panels(own), _panels(rubric)
    if asked.keys() - marked.keys():
        yield "criteria"
    if any(marked[leaf] != panel for leaf, panel in asked.items() if leaf in marked):
        yield "panels"
    before = {leaf.id: leaf for leaf in own.leaves()}
    shared = [(before[leaf.id], leaf) for leaf in rubric.leaves() if leaf.id in before]
    if any((old.source == "panel") != (new.source == "panel") for old, new in shared):
        yield "criteria"
    derived = {criterion for _, criterion in (evaluation.evidence or EvidenceOutcome()).figures()}
    if any(_rule(old) != _rule(new) for old, new in shared if old.id in derived or new.is_derived):
        yield "evidence"
    if not _on_scale(evaluation, rubric):
        yield "scale"
    old_gates, new_gates = ({gate.id for gate in r.gates_when("before_scoring")} for r in (own, rubric))
    if old_gates != new_gates:
        yield "gates"
    if not _within_limits(evaluation, rubric):
        yield "adjustments"


def _panels(rubric: Rubric) -> dict[str, str]:
    """Criteria that reviewers mark, and the panel that does."""
    return {leaf.id: panel.id for panel in rubric.all_panels for leaf in rubric.leaves_of(panel)}


def _rule(leaf: Criterion) -> tuple[object, ...]:
    return leaf.source, leaf.performance, leaf.openness, leaf.access


def _on_scale(evaluation: Evaluation, rubric: Rubric) -> bool:
    marks, leaves = evaluation.marks.marks, {leaf.id: leaf for leaf in rubric.leaves()}
    for place, leaf in enumerate(evaluation.rubric.panel_leaves()):
        if leaf.id in leaves:
            given = np.unique(marks.score[(marks.criterion == place) & (marks.state == SCORED)]).tolist()
            if not all(allows(leaves[leaf.id], Fraction(score, 10**marks.decimals)) for score in given):
                return False
    return all(allows(leaves[f.criterion], f.score) for f in evaluation.office if f.criterion in leaves)


def _within_limits(evaluation: Evaluation, rubric: Rubric) -> bool:
    limits = rubric.adjustments
    sums: dict[tuple[str, str], Fraction] = {}
    for item in evaluation.adjustments:
        sums[item.applicant, item.kind] = sums.get((item.applicant, item.kind), Fraction(0)) + item.points
    most = {
        "bonus": Fraction(0) if limits is None else limits.bonus_max,
        "penalty": Fraction(0) if limits is None else limits.penalty_max,
    }
    return all(limit is None or points <= limit for (_, kind), points in sums.items() for limit in [most[kind]])


def _marks(evaluation: Evaluation, rubric: Rubric) -> Marks:
    """The marks on the criteria the other rubric has, counted along its own list of them."""
    marks = evaluation.marks.marks
    if rubric == evaluation.rubric:
        return marks
    places = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    moved = np.array([places.get(leaf.id, -1) for leaf in evaluation.rubric.panel_leaves()], np.int32)
    criterion = moved[marks.criterion] if len(marks) else marks.criterion
    kept = criterion >= 0
    return Marks(
        applicant=marks.applicant[kept],
        reviewer=marks.reviewer[kept],
        criterion=criterion[kept],
        state=marks.state[kept],
        score=marks.score[kept],
        decimals=marks.decimals,
    )
