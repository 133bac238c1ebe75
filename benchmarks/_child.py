"""One contestant in a process of its own: what it takes to import, to get warm, to run for the first time, and again.

Started by ``_harness.py``, once for each run, so that the peak of memory is this contestant's alone. A contestant is a
function that imports what it needs and returns a :class:`Work`.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

Lap = Callable[[str], None]


class Work(NamedTuple):
    """What a contestant does: ``run(lap)`` is timed, ``lap(name)`` closes a part of it.

    ``answer(result)`` turns the result into arrays that can be compared, untimed. ``warm()``, if any, does the same
    work on something tiny before anything is timed, so that what a library imports or sets up when it is first used is
    not taken for work on the data; what it takes is told apart.
    """

    run: Callable[[Lap], Any]
    answer: Callable[[Any], dict[str, Any]]
    warm: Callable[[], object] | None = None


HEAVY = ("duckdb", "matplotlib", "pandas", "pyarrow", "pymcdm", "scipy", "skcriteria", "sklearn", "weasyprint")
"""Libraries of which it is told whether a contestant had them imported."""


def peak_mib() -> float:
    """The most memory this program has held, or the greatest of its children that have ended.

    ``ru_maxrss`` would begin with what the process that started this one held; Linux tells it without that.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        own = int(status.split("VmHWM:")[1].split()[0])
    except (OSError, IndexError):
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    most = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def cpu_seconds() -> float:
    """CPU of all threads of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(work: Callable[[Lap], Any]) -> tuple[dict[str, Any], Any]:
    """One run: wall clock, CPU and the parts, with the result."""
    laps: dict[str, float] = {}
    cpu, start = cpu_seconds(), time.perf_counter()
    last = start

    def lap(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        laps[name], last = laps.get(name, 0.0) + now - last, now

    result = work(lap)
    run = {"wall": time.perf_counter() - start, "cpu": cpu_seconds() - cpu, "laps": laps}
    return run, result


def main() -> None:
    """``_child.py MODULE:FUNCTION ARGUMENTS REPEATS ANSWER``: one JSON object on the last line of what is printed."""
    target, arguments, repeats, keep = sys.argv[1:]
    start = time.perf_counter()
    module, _, name = target.partition(":")
    work = Work(*getattr(importlib.import_module(module), name)(**json.loads(arguments)))
    told: dict[str, Any] = {"import": time.perf_counter() - start, "warm": None, "runs": []}
    if work.warm is not None:
        start = time.perf_counter()
        work.warm()
        told["warm"] = time.perf_counter() - start
    for i in range(int(repeats)):
        run, result = timed(work.run)
        told["runs"].append(run)
        if i == 0:
            told["peak_mib"] = peak_mib()
            told["loads"] = [name for name in HEAVY if name in sys.modules]
        if i == int(repeats) - 1 and keep:
            import numpy as np

            np.savez(keep, **work.answer(result))
        del result
    print(json.dumps(told))


if __name__ == "__main__":
    main()
