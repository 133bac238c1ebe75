"""What the levels of a criterion derived from access.yaml must satisfy. Pure: a criterion in, findings out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import get_args

from evaluator.errors import Loc
from evaluator.model.access_kinds import EvidenceKind
from evaluator.model.findings import Finding
from evaluator.model.numbers import show
from evaluator.model.rubric import Criterion, Level

KINDS: tuple[str, ...] = get_args(EvidenceKind)


def access_findings(node: Criterion, loc: Loc) -> Iterator[Finding]:
    """What is wrong with the levels of a leaf as levels of public AI access, and with evidence nobody asks for."""
    for i, level in enumerate(node.levels):
        here, params = (*loc, "levels", i), {"id": node.id, "value": show(level.value)}
        if node.access is None:
            if level.evidence:
                needs = ((*loc, "access"), (*loc, "source"))
                yield Finding("access.evidence_not_used", (*here, "evidence"), params, needs)
            continue
        if level.value < 0 or level.value.denominator != 1:
            yield Finding("access.level_not_whole", (*here, "value"), params)
        elif level.value == 0 and level.evidence:
            yield Finding("access.level_zero_evidence", (*here, "evidence"), params)
        elif level.value > 0 and not level.evidence:
            yield Finding("access.level_without_evidence", here, params)
        yield from _unknown_kinds(level, (*here, "evidence"))


def _unknown_kinds(level: Level, loc: Loc) -> Iterator[Finding]:
    for i, kind in enumerate(level.evidence):
        if kind not in KINDS:
            near = next(iter(difflib.get_close_matches(kind, KINDS, n=1)), "")
            code = "access.kind_unknown_near" if near else "access.kind_unknown"
            yield Finding(code, (*loc, i), {"value": kind, "near": near})
