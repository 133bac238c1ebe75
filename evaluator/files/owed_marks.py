"""How many marks a round asks for: they are all held in memory, so there is an end to it."""

from __future__ import annotations

import numpy as np

from evaluator.files.checks import Reading

MOST_OWED = 100_000_000
"""Marks (where the round is decided by votes: ballots) that may be owed; docs/bulk.md says what memory they take."""


def check_owed(reading: Reading) -> None:
    """Note it where more marks are owed than can be held; who is to score whom decides how many there are."""
    rubric, applicants, reviewers = reading.rubric, reading.applicants, reading.reviewers
    if rubric is None or not reading.trusts("criteria", "panel", "panels", "decision"):
        return
    if applicants is None or reviewers is None:
        return
    sizes = {panel.id: len(rubric.leaves_of(panel)) for panel in rubric.all_panels}
    of_reviewer = [1 if rubric.decision is not None else sizes.get(panel, 0) for panel in reading.reviewer_panels]
    limit = f"{MOST_OWED:,}"
    if reading.assigned is not None:
        owed = int(np.array(of_reviewer, np.int64)[reading.assigned[:, 1]].sum()) if of_reviewer else 0
        if owed > MOST_OWED:
            reading.found.add("assignments.too_many", "assignments.csv", owed=f"{owed:,}", limit=limit)
        return
    owed = len(applicants) * sum(of_reviewer)
    if owed > MOST_OWED:
        reading.found.add(
            "assignments.missing_many",
            "assignments.csv",
            reviewers=f"{len(reviewers):,}",
            applicants=f"{len(applicants):,}",
            owed=f"{owed:,}",
            limit=limit,
        )
