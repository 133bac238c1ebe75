"""What the commands cost on the shipped example, beside a bare start of Python and LibreOffice opening the workbook.

Whole processes, from outside. LibreOffice (``soffice``) is what an officer would otherwise wait for; it is left out
where it is not installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks._child import Lap, Work
from benchmarks._harness import Contestant, contest, measure
from benchmarks._results import ROOT, Section

EVALUATOR = [sys.executable, "-m", "evaluator"]
EXAMPLE = str(ROOT / "examples/k-ai-selection")
BARE = "python -c pass"


def process(words: list[str]) -> Work:
    """A process of its own: what its start takes is part of it."""

    def work(_: Lap) -> None:
        subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=600)

    return Work(work, lambda _: {})


def table(runs: int) -> Section:
    """All commands in turns; the results of ``run`` are written once before, for LibreOffice to open."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "out")
        subprocess.run([*EVALUATOR, "rank", EXAMPLE, "-o", out], capture_output=True, check=True, timeout=600)
        plans = {
            BARE: [sys.executable, "-c", "pass"],
            "evaluator --help": [*EVALUATOR, "--help"],
            "evaluator check": [*EVALUATOR, "check", EXAMPLE],
            "evaluator rank": [*EVALUATOR, "rank", EXAMPLE, "-o", out],
            "evaluator explain": [*EVALUATOR, "explain", EXAMPLE, "t07"],
            "evaluator run (11 PDFs)": [*EVALUATOR, "run", EXAMPLE, "-o", out],
        }
        if office := shutil.which("soffice"):
            profile = f"-env:UserInstallation=file://{folder}/profile"
            convert = [office, profile, "--headless", "--convert-to", "csv", "--outdir", folder, f"{out}/ranking.xlsx"]
            plans["soffice opens ranking.xlsx"] = convert
        contestants = [
            Contestant(
                name=name,
                target="benchmarks.commands:process",
                args={"words": words},
                repeats=1,
                runs=1 if "PDFs" in name else None,
                compared=False,
            )
            for name, words in plans.items()
        ]
        return contest("The example round: whole commands", contestants, runs=runs, base=BARE)


if __name__ == "__main__":
    sys.exit(measure("commands", {"example": partial(table, 5)}))
