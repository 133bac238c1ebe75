"""The example of a derived criterion in the rubric file's reference is one that is read."""

from __future__ import annotations

import re
from pathlib import Path

from evaluator.files import load_rubric_file

PAGE = Path(__file__).parents[2] / "docs" / "rubric-file.md"
HEAD = 'schema: 1\nid: shown\nversion: "1"\ntitle: Shown\ncriteria:\n'


def test_the_derived_criterion_that_is_shown_is_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(- id: .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    path = tmp_path / "rubric.yaml"
    path.write_text(HEAD + "".join(f"  {line}\n" for line in blocks[0].splitlines()), encoding="utf-8")
    rule = load_rubric_file(path).criteria[0].performance
    assert rule is not None
    assert [(b.id, b.category) for b in rule.benchmarks] == [("ko-knowledge", "korean"), ("math", "reasoning")]
