"""The whole story on one page: a rubric and a round go in, a frozen evaluation comes out."""

from __future__ import annotations

import dataclasses
import hashlib
import platform
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from evaluator import __version__
from evaluator.errors import Problem
from evaluator.evidence.derive import derive, derived_figures, reasons_without_figure
from evaluator.evidence.support import Team, derive_support
from evaluator.model.cross_check import CrossCheck
from evaluator.model.evaluation import Evaluation, MarkTable, PanelReviewer, Provenance, Standing, Unresolved
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.garbage import uncollected
from evaluator.model.round import Marks, Round
from evaluator.model.rubric import Rubric
from evaluator.model.standings import Standings
from evaluator.model.support import SupportOutcome
from evaluator.scoring.consensus import consensus
from evaluator.scoring.cross_checks import cross_checks
from evaluator.scoring.gates import gates_of, open_before_scoring, out_before_scoring
from evaluator.scoring.marks import blocks, incomplete_sheets, missed_quorums, missing_marks, settle_marks
from evaluator.scoring.official import by_official_method
from evaluator.scoring.scores import check_figure_decisions, missing_figures, score
from evaluator.scoring.standings import Result, not_ranked, rank_by_points, rank_by_votes
from evaluator.scoring.votes import count_votes, missed_vote_quorums


@uncollected()
def evaluate(rubric: Rubric, round_: Round, *, compare: bool = True) -> Evaluation:
    """Rank the applicants of a round under a resolved rubric, exactly.

    Nothing is ranked while a mark, a figure, a quorum or a before_scoring gate is unresolved; ``unresolved`` of the
    result then lists what. Where the rubric is for evidence only, nobody is compared and ``ranking`` is empty.
    The rubric's other methods are computed beside the ranking; without ``compare`` they are not, which saves whoever
    only looks for problems the seconds of their library's import.
    Raises ``InputProblems`` for what only arithmetic can find: recorded decisions that do not fit the figures.
    """
    evidence = derive(rubric, round_.evidence, round_.info.evaluation_date)
    if rubric.use == "evidence":
        nobody = Result(standings=())
        return _evaluation(rubric, round_, nobody, _untouched(round_.marks), round_.warnings, evidence)
    gates = gates_of(rubric, round_)
    out = out_before_scoring(gates, round_)
    is_active = np.array([a.id not in out for a in round_.applicants], np.bool_)
    active = tuple(a.id for a in round_.applicants if a.id not in out)
    marks = settle_marks(rubric, round_, is_active)
    warnings = (*round_.warnings, *incomplete_sheets(rubric, round_, marks, is_active))
    table = _untouched(marks)

    if rubric.decision:
        votes = count_votes(round_)
        missing = [
            *open_before_scoring(gates, active),
            *missed_vote_quorums(rubric.decision, votes, set(active)),
        ]
        if missing:
            result = Result(standings=not_ranked(round_, out, votes), unresolved=tuple(missing))
        else:
            result = rank_by_votes(rubric, round_, gates, out, votes)
        return _evaluation(rubric, round_, result, table, warnings, evidence)

    figures = {(f.applicant, f.criterion): f.score for f in round_.office} | dict(derived_figures(evidence))
    valid = blocks(rubric, marks, is_active)
    missing = [
        *missing_marks(rubric, round_, marks),
        *missed_quorums(round_, valid, is_active),
        *missing_figures(rubric, round_, active, figures, reasons_without_figure(evidence)),
        *open_before_scoring(gates, active),
    ]
    if missing:
        check_figure_decisions(rubric, round_, active, figures)
        result = Result(standings=not_ranked(round_, out, {}), unresolved=tuple(missing))
    else:
        agreed = consensus(valid, marks)
        scored, missing_totals = by_official_method(rubric, score(rubric, round_, active, agreed, figures))
        if missing_totals:
            result = Result(standings=not_ranked(round_, out, {}), unresolved=missing_totals)
        else:
            result = rank_by_points(rubric, round_, gates, out, scored)
            table = MarkTable(marks=marks, kept_num=agreed.kept_num, kept_den=agreed.kept_den)
            warnings = (*warnings, *scored.warnings)
    evaluation = _evaluation(rubric, round_, result, table, warnings, evidence)
    if not compare:
        return evaluation
    return dataclasses.replace(evaluation, cross_checks=_second_opinions(rubric, evaluation.ranking))


def _second_opinions(rubric: Rubric, standings: Sequence[Standing]) -> tuple[CrossCheck, ...]:
    """What other methods make of the points of those that have an official rank."""
    if not rubric.cross_checks or not isinstance(standings, Standings) or standings.computed is None:
        return ()
    ranked = np.flatnonzero(standings.ranks > 0)
    rows = standings.rows[ranked]
    points = {leaf.id: standings.computed.criteria[leaf.id].points.take(rows) for leaf in rubric.leaves()}
    return cross_checks(rubric, points, standings.ranks[ranked])


def _supported(round_: Round, result: Result) -> tuple[SupportOutcome | None, tuple[Unresolved, ...]]:
    """What the selected teams get, and the items of which more is asked for than there is.

    Raises ``AssertionError`` where the figure that counts for the shares is no level: a round that was read has none.
    """
    policy = round_.support
    if policy is None:
        return None, ()
    sizes = {a.id: a.size for a in round_.applicants}
    counted = policy.shares.criterion if policy.shares is not None else ""
    teams = []
    for standing in result.standings:
        if standing.outcome == "selected" and standing.rank is not None:
            score = standing.criteria.get(counted)
            level = None if score is None or score.consensus is None else _level(score.consensus)
            team = Team(applicant=standing.applicant, rank=standing.rank, size=sizes[standing.applicant], level=level)
            teams.append(team)
    support = derive_support(policy, round_.support_requests, teams)
    over = [Unresolved(kind="support", item=total.item) for total in support.totals if total.over is not None]
    return support, tuple(over)


def _level(figure: Fraction) -> int:
    """An open-source level, 0 to 6; anything else is never rounded to one."""
    if figure not in range(7):
        raise AssertionError(f"{figure} is no open-source level")
    return int(figure)


def _untouched(marks: Marks) -> MarkTable:
    """Marks none of which took part in a calculation."""
    return MarkTable(marks=marks, kept_num=np.full(len(marks), -1, np.int64), kept_den=np.ones(len(marks), np.int64))


def _evaluation(
    rubric: Rubric,
    round_: Round,
    result: Result,
    table: MarkTable,
    warnings: tuple[Problem, ...],
    evidence: EvidenceOutcome | None,
) -> Evaluation:
    support, over = _supported(round_, result)
    result = dataclasses.replace(result, unresolved=(*result.unresolved, *over))
    return Evaluation(
        round=round_.info,
        rubric=rubric,
        rubric_sha256=rubric_sha256(rubric),
        applicants=round_.applicants,
        reviewers=tuple(PanelReviewer(id=r.id, panel=r.panel) for r in round_.reviewers),
        ranking=result.standings,
        cut_line=result.cut_line,
        ties=result.ties,
        unresolved=result.unresolved,
        gates=round_.gates,
        adjustments=round_.adjustments,
        office=round_.office,
        conflicts=round_.conflicts,
        decisions=round_.decisions,
        opinions=round_.opinions,
        marks=table,
        evidence=evidence,
        support=support,
        warnings=(*warnings, *_not_final(round_, result)),
        provenance=Provenance(
            inputs=dict(round_.inputs),
            software={"evaluator": __version__, "python": platform.python_version(), "numpy": np.__version__},
        ),
    )


def _not_final(round_: Round, result: Result) -> tuple[Problem, ...]:
    """A warning where the round says confirmed although something is unresolved: it is printed as proposed."""
    if round_.info.status != "confirmed" or not result.unresolved:
        return ()
    params = {"count": str(len(result.unresolved))}
    return (Problem(code="round.confirmed_unresolved", file="round.yaml", path="status", params=params),)


def rubric_sha256(rubric: Rubric) -> str:
    """The hash of a resolved rubric: of its canonical JSON, so that layout and comments of the file do not matter."""
    text = rubric.model_dump_json(by_alias=True)
    return hashlib.sha256(text.encode()).hexdigest()
