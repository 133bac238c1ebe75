"""What the commands cost on the shipped example, beside a bare start of Python and LibreOffice opening the workbook.

Medians of several runs, wall clock and CPU, each as a multiple of a bare ``python -c pass`` of that run. LibreOffice
(``soffice``) is what an officer would otherwise wait for; it is left out where it is not installed.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EVALUATOR = [sys.executable, "-m", "evaluator"]
EXAMPLE = str(Path(__file__).parent.parent / "examples/k-ai-selection")


def timed(command: list[str], runs: int) -> tuple[float, float]:
    """Median wall clock and CPU seconds (children included) of a command."""
    walls, cpus = [], []
    for _ in range(runs):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=600)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(time.perf_counter() - start)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(walls), statistics.median(cpus)


def main() -> None:
    """Print the table."""
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, load before {load:.2f}")
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "out")
        plans = [
            ("python -c pass", [sys.executable, "-c", "pass"], 9),
            ("evaluator --help", [*EVALUATOR, "--help"], 9),
            ("evaluator check", [*EVALUATOR, "check", EXAMPLE], 5),
            ("evaluator rank", [*EVALUATOR, "rank", EXAMPLE, "-o", out], 5),
            ("evaluator explain", [*EVALUATOR, "explain", EXAMPLE, "t07"], 5),
            ("evaluator run (11 PDFs)", [*EVALUATOR, "run", EXAMPLE, "-o", out], 1),
        ]
        if office := shutil.which("soffice"):
            profile = f"-env:UserInstallation=file://{folder}/profile"
            convert = [office, profile, "--headless", "--convert-to", "csv", "--outdir", folder, f"{out}/ranking.xlsx"]
            plans.append(("soffice opens ranking.xlsx", convert, 3))
        base = 0.0
        print(f"{'command':28}{'wall s':>8}{'CPU s':>8}{'x bare':>8}")
        for name, command, runs in plans:
            wall, cpu = timed(command, runs)
            base = base or cpu
            print(f"{name:28}{wall:8.2f}{cpu:8.2f}{cpu / base:8.1f}")


if __name__ == "__main__":
    main()
