"""Contestants for the tests of the benchmarks' harness; they import little, so that a process of theirs is soon up."""

from __future__ import annotations

from typing import Any


def constant(value: float) -> Any:
    """Always the same result."""

    def answer(result: float) -> dict[str, Any]:
        import numpy as np

        return {"value": np.array([result])}

    def work(lap: Any) -> float:
        lap("part")
        return value

    return work, answer
