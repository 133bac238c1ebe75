"""Applicants as the panel's report names them: in full where they are few, else by their ids, else counted."""

from __future__ import annotations

from collections.abc import Iterable

from evaluator.report.frame import Frame

NAMES_IN_FULL = 4
"""Applicants named in one cell; of more only the ids are listed."""
NAMES_LISTED = 30
"""Ids listed in one cell before the rest is counted."""


def named(frame: Frame, applicant: str) -> str:
    """An applicant's name with its id; ``*`` is everybody."""
    if applicant == "*":
        return frame.words("applicant.all")
    name = frame.names.get(applicant, applicant)
    return name if name == applicant else f"{name} ({applicant})"


def named_all(frame: Frame, applicants: Iterable[str], most: int = NAMES_LISTED) -> str:
    """Some applicants in one line, at most ``most`` of them by id."""
    ids = list(applicants)
    listed = ", ".join((named(frame, a) if len(ids) <= NAMES_IN_FULL else a) for a in ids[:most])
    if len(ids) > most:
        return f"{listed} {frame.words('applicant.more', n=len(ids) - most)}"
    return listed
