"""The page of the open-source level: what a promise rests on, and what a licence on no list asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.files import load_round
from evaluator.model.text import Language
from evaluator.report.evidence_openness import openness_view
from evaluator.report.frame import build_frame
from evaluator.report.html import applicant_html
from evaluator.workflow import evaluate
from tests.report.rounds import SHA

ROUND = Path(__file__).parents[1] / "accept" / "openness"


@pytest.mark.parametrize(
    ("lang", "promise", "terms"),
    [
        ("ko", "2026-09-30까지 · 협약서 제12조", "상업적 이용 허용; 조건: 이용자 범위, 이름 표시"),
        ("en", "by 2026-09-30 · Agreement, article 12", "commercial use allowed; conditions: users, naming"),
    ],
)
def test_promises_and_own_licences_can_be_followed_up(lang: Language, promise: str, terms: str) -> None:
    frame = build_frame(evaluate(*load_round(ROUND)), lang, SHA)
    views = {a: openness_view(frame, found[0]) for a, found in frame.openness.items()}
    assert promise in [row.promise for row in views["a1"].components]
    assert [licence.terms for licence in views["a2"].own_licences] == [terms]
    assert promise.split(" · ")[1] in applicant_html(frame, "a1").replace("\u2060", "")
    assert views["a2"].own_licences[0].url in applicant_html(frame, "a2")
