"""The files that the Korean guide shows about evidence make a round in which nothing is wrong."""

from __future__ import annotations

import re
from pathlib import Path

from evaluator.files import load_round
from tests.docs.test_tutorial import DOCS, printed

SHOWN = re.compile(r"^```(?:yaml|csv) (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_evidence_of_the_guide_is_valid(tmp_path: Path) -> None:
    folder = tmp_path / "round"
    printed("evaluator new round --lang ko --rubric k-ai-selection", tmp_path)
    shown = dict(SHOWN.findall((DOCS / "guide.ko.md").read_text("utf-8")))
    assert {Path(name).name for name in shown} >= {
        *("performance.yaml", "openness.yaml", "access.yaml", "references.csv", "excuses.csv"),
        *("decisions.csv", "support.yaml", "support.csv"),
    }
    for name, content in shown.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    (folder / "evidence/a1/documents").mkdir()
    (folder / "evidence/a1/documents/notice.md").write_text("서비스 안내(가상)\n", "utf-8")
    (folder / "applicants.csv").write_text("id,name,size\na1,가온(가상),small\n", "utf-8")
    with (folder / "round.yaml").open("a", encoding="utf-8") as file:
        file.write("evaluation_date: 2026-03-12\n")

    told = printed("evaluator check round", tmp_path)
    assert told[0] == "round: 문제가 없습니다.", told
    evidence = load_round(folder)[1].evidence
    assert [e.model for e in evidence.performance] == ["가온-13B(가상)"]
    assert [a for a, _ in evidence.openness] == [a for a, _ in evidence.access] == ["a1"]
