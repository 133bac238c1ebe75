"""The worked example of docs/openness.md comes out as the page says."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from evaluator.evidence.openness import derive_openness
from evaluator.files import load_rubric
from evaluator.files.openness import read_openness
from evaluator.files.problems import Problems
from evaluator.files.sources import Source

PAGE = Path(__file__).parent.parent.parent / "docs" / "openness.md"


def test_the_worked_example() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 1
    found = Problems()
    declaration = read_openness(
        Source("openness.yaml", blocks[0].encode(), ""), found, evaluation_date=datetime.date(2026, 1, 15)
    )
    found.raise_if_any()
    assert declaration is not None
    derived = derive_openness(load_rubric("open-source-level").leaves()[0], "haneul", declaration)
    assert (derived.counts, derived.level, derived.delivered_level, derived.promised_level) == ("promised", 5, 4, 5)
    assert (derived.claimed, derived.mof_class) == (6, "II")
    assert derived.next_missing == ("datasets", "preprocessing_code", "intermediate_checkpoints")
    assert derived.osaid_missing == ("preprocessing_code",)
    assert derived.transparency == 9
    assert derived.flags == ("claimed_higher", "rests_on_promises", "paper_stands_in")
