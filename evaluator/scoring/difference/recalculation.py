"""What an evaluation's own inputs give under its own rules. A record may say otherwise: then no input explains it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from evaluator.errors import InputProblems
from evaluator.model.difference import Recalculated, Recomputed
from evaluator.model.evaluation import Evaluation
from evaluator.model.round import Round
from evaluator.model.rubric import Rubric
from evaluator.scoring.difference.listing import Listing, Pairing
from evaluator.scoring.difference.separation import own_inputs, round_of
from evaluator.scoring.gates import gates_of, open_before_scoring, out_before_scoring
from evaluator.scoring.standings import Result, not_ranked, rank_by_votes
from evaluator.scoring.votes import missed_vote_quorums

Evaluate = Callable[[Rubric, Round], Evaluation]


def recalculated(evaluation: Evaluation, evaluate: Evaluate) -> tuple[Evaluation | None, Recalculated]:
    """The evaluation with the ranking and the cut line that its inputs give, and where it says otherwise.

    It is the evaluation itself where both agree, and None where its inputs give nothing: a mark is not on its scale,
    a recorded decision is about what there is not. Votes are taken as they are counted; figures derived from evidence
    as they were derived. The costs are those of one evaluation.
    """
    if evaluation.rubric.use != "ranking":
        return evaluation, Recalculated()
    try:
        again = _by_votes(evaluation) if evaluation.rubric.decision else _by_points(evaluation, evaluate)
    except InputProblems:
        again = None
    if again is None:
        return None, Recalculated(possible=False)
    pairing = Pairing(Listing(evaluation), Listing(again))
    listed = [pairing.ids[i] for i in np.flatnonzero(pairing.differing()).tolist()]
    same_line = again.cut_line == evaluation.cut_line
    if not listed and same_line and again.rankable == evaluation.rankable:
        return evaluation, Recalculated()
    places = zip(listed, pairing.places(listed)[1], strict=True)
    told = tuple(Recomputed(applicant=applicant, place=place) for applicant, place in places)
    return again, Recalculated(standings=told, cut_line=same_line)


def _by_points(evaluation: Evaluation, evaluate: Evaluate) -> Evaluation | None:
    round_ = own_inputs(evaluation)
    if round_ is None:
        return None
    again = evaluate(evaluation.rubric, round_)
    return dataclasses.replace(
        evaluation, ranking=again.ranking, cut_line=again.cut_line, unresolved=again.unresolved, ties=again.ties
    )


def _by_votes(evaluation: Evaluation) -> Evaluation | None:
    """As ``workflow.evaluate``, from the counts; None where somebody who was voted on has none."""
    rubric = evaluation.rubric
    round_ = round_of(evaluation, rubric)
    gates = gates_of(rubric, round_)
    out = out_before_scoring(gates, round_)
    active = tuple(a.id for a in round_.applicants if a.id not in out)
    votes = {s.applicant: s.votes for s in evaluation.ranking if s.votes is not None}
    if rubric.decision is None or not votes.keys() >= set(active):
        return None
    missing = [*open_before_scoring(gates, active), *missed_vote_quorums(rubric.decision, votes, set(active))]
    if missing:
        result = Result(standings=not_ranked(round_, out, votes), unresolved=tuple(missing))
    else:
        result = rank_by_votes(rubric, round_, gates, out, votes)
    return dataclasses.replace(
        evaluation,
        ranking=result.standings,
        cut_line=result.cut_line,
        unresolved=result.unresolved,
        ties=result.ties,
    )
