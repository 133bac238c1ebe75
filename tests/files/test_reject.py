"""Every class of fault, with the exact message a person reads.

``UPDATE_GOLDEN=1`` writes the messages beside the cases; look at the difference before it goes in.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.resources import message_catalogue
from tests.files.cases import REJECT, Case, cases, told

CASES = cases()
COMPUTED = (
    "record.",
    "decision.tie_not_tied",
    "decision.tie_incomplete",
    "decision.consensus_",
    "decision.before_missing",
    "decision.nothing_before",
)
# Told file by file, without a round around them: in results/test_refused.py.
RESULT_FILES = ("results.",)
# Told where a folder in the repository cannot show them: in test_rounds.py and test_rubrics.py.
ELSEWHERE = {
    "assignments.missing_many",
    "assignments.too_many",
    "folder.missing",
    "file.more_problems",
    "parquet.column_type",
    "value.wrong",
}
WARNINGS = {
    "access.documents_not_cited",
    "mark.not_used",
    "method.doubtful",
    "method.left_out",
    "openness.promise_overdue",
    "performance.file_unused",
    "performance.hundredth",
    "performance.measurers_disagree",
    "performance.name_like",
    "performance.other_metric",
    "performance.target_passed_over",
    "performance.unused",
    "recusal.not_registered",
    "relative.best_zero",
    "round.confirmed_unresolved",
    "sheet.incomplete",
}


def problems_of(case: Case, parent: Path) -> InputProblems:
    with pytest.raises(InputProblems) as raised:
        load_round(case.build(parent))
    return raised.value


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_message_a_person_reads(case: Case, tmp_path: Path) -> None:
    text = told(problems_of(case, tmp_path).problems)
    text = text.replace(str(tmp_path), "")
    if os.environ.get("UPDATE_GOLDEN"):
        case.golden.write_text(text, encoding="utf-8")
    assert text == case.golden.read_text(encoding="utf-8")


def test_no_golden_text_without_its_case() -> None:
    named = {case.golden for case in CASES}
    assert set(REJECT.glob("**/*.txt")) == named


def test_every_message_has_a_case(tmp_path: Path) -> None:
    seen: set[str] = set()
    for i, case in enumerate(CASES):
        seen |= {problem.code for problem in problems_of(case, tmp_path / str(i)).problems}
    expected = {code for code in message_catalogue("problems", "ko") if not code.startswith(COMPUTED + RESULT_FILES)}
    assert expected - seen - WARNINGS - ELSEWHERE == set()
