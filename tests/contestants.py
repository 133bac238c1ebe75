"""Contestants for the tests of the benchmarks' harness; they import little, so that a process of theirs is soon up."""

from __future__ import annotations

import time
from typing import Any


def constant(value: float, warm_up: float = 0) -> Any:
    """Always the same result; with a warm-up of so many seconds, if any."""

    def answer(result: float) -> dict[str, Any]:
        import numpy as np

        return {"value": np.array([result])}

    def work(lap: Any) -> float:
        lap("part")
        return value

    return (work, answer, lambda: time.sleep(warm_up)) if warm_up else (work, answer)
