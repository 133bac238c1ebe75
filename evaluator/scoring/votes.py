"""Selection by recognition: yes votes among the reviewers who are not recused."""

from __future__ import annotations

from collections import Counter

import numpy as np

from evaluator.model.evaluation import Unresolved, VoteCount
from evaluator.model.owed import Pairs
from evaluator.model.round import Round
from evaluator.model.rubric import Vote, parse_share
from evaluator.scoring.marks import recused_pairs


def count_votes(round_: Round) -> dict[str, VoteCount]:
    """Votes on every applicant. Eligible are the reviewers assigned to it and not recused from it."""
    pairs = Pairs.of(round_.assigned, len(round_.applicants), len(round_.reviewers))
    able = pairs.columns()[0][~recused_pairs(round_, pairs)]
    eligible = np.bincount(able, minlength=len(round_.applicants)).tolist()
    counts = Counter((b.applicant, b.vote) for b in round_.ballots)
    return {
        a.id: VoteCount(
            yes=counts[a.id, "yes"],
            no=counts[a.id, "no"],
            abstain=counts[a.id, "abstain"],
            eligible=eligible[i],
        )
        for i, a in enumerate(round_.applicants)
    }


def reaches(share: str, votes: int, eligible: int) -> bool:
    """Whether ``votes`` out of ``eligible`` reach a share such as ``2/3``, ``>1/2`` (more than) or ``0.6``.

    With nobody eligible nothing is reached.
    """
    parsed = parse_share(share)
    if parsed is None:
        raise ValueError(share)
    strict, needed = parsed
    return eligible > 0 and (votes > needed * eligible if strict else votes >= needed * eligible)


def missed_vote_quorums(rule: Vote, votes: dict[str, VoteCount], active: set[str]) -> list[Unresolved]:
    """Active applicants on whom too few reviewers voted. An abstention counts as present."""
    return [
        Unresolved(kind="vote_quorum", applicant=a, found=v.yes + v.no + v.abstain, needed=v.eligible)
        for a, v in votes.items()
        if a in active and not reaches(rule.quorum, v.yes + v.no + v.abstain, v.eligible)
    ]
