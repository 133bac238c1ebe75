"""Running contestants against each other in a way that others can judge.

Each run of a contestant is a process of its own; the contestants take turns (A B C, A B C, ...), so that whatever
drifts hits all of them; what anybody else ran on the machine meanwhile is measured and told; and contestants that
should come to the same result must.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from benchmarks._results import ROOT, Row, Section, introduce, print_section, report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLOSE = 1e-9
"""How far apart floating-point results may be that should be the same, relative to the greatest of them."""
TIED = 1e-11
"""Results that differ by less may be ranked either way, or as equal ones: rounding error on a scale of 1."""


class DisagreementError(Exception):
    """Two contestants that should come to the same result did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """Who runs: ``target`` names a function ``module:function`` as ``_child.py`` has it, called with ``args``.

    ``repeats`` is how often the work is done in one process: the first time as a command does it, then again.
    ``runs`` is how many processes there are, None for as many as the others.
    """

    name: str
    target: str
    args: Mapping[str, Any] = field(default_factory=dict)
    repeats: int = 3
    runs: int | None = None
    compared: bool = True


def contest(
    title: str,
    contestants: Sequence[Contestant],
    *,
    runs: int,
    base: str = "",
    timeout: float = 900,
) -> Section:
    """Run the contestants in turns and compare their results.

    Raises :class:`DisagreementError` where results differ, ``RuntimeError`` where a contestant fails or takes longer
    than ``timeout`` seconds.
    """
    rows = {contestant.name: Row(name=contestant.name) for contestant in contestants}
    with tempfile.TemporaryDirectory() as folder:
        answers = {c.name: Path(folder) / f"{i}.npz" for i, c in enumerate(contestants) if c.compared}
        for turn in range(runs):
            for contestant in contestants:
                if turn < (runs if contestant.runs is None else contestant.runs):
                    keep = str(answers.get(contestant.name, "")) if turn == 0 else ""
                    say(f"{contestant.name}, run {turn + 1}")
                    add(rows[contestant.name], *in_child(contestant, keep, timeout))
        compare({name: path for name, path in answers.items() if path.exists()})
    return Section(title=title, rows=list(rows.values()), base=base)


def measure(name: str, plans: Mapping[str, Callable[[], Section]]) -> int:
    """Run one benchmark's tables one after the other, print and keep them; the exit code, 1 where results differ.

    Each table is kept when it is done, so that an interrupted benchmark leaves what it has.
    """
    introduce()
    for id_, plan in plans.items():
        say(f"{name} {id_}")
        try:
            section = plan()
        except DisagreementError as error:
            say(str(error))
            return 1
        section.id = id_
        print_section(section)
        report(name, section)
    return 0


def in_child(contestant: Contestant, keep: str, timeout: float) -> tuple[dict[str, Any], float | None]:
    """One process of a contestant: what it tells, and the share of all cores that others used meanwhile."""
    command = [sys.executable, "-m", "benchmarks._child", contestant.target, json.dumps(dict(contestant.args))]
    with Foreign() as foreign:
        done = subprocess.run(
            [*command, str(contestant.repeats), keep],
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            cwd=ROOT,
        )
    if done.returncode:
        raise RuntimeError(f"{contestant.name} failed (exit {done.returncode}):\n{done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told, foreign.share


def add(row: Row, told: Mapping[str, Any], foreign: float | None) -> None:
    """One more process of a contestant."""
    first, *again = told["runs"]
    row.first.append(first["wall"])
    row.again.extend(run["wall"] for run in again)
    row.cpu.append(first["cpu"])
    row.imports.append(told["import"])
    if told["warm"] is not None:
        row.warm.append(told["warm"])
    row.peak_mib.append(told["peak_mib"])
    row.loads = told["loads"]
    if foreign is not None:
        row.foreign.append(foreign)
    for name, seconds in first["laps"].items():
        row.laps.setdefault(name, []).append(seconds)


class Foreign:
    """What others run on this machine while a block runs that waits for its children, as a share of all cores.

    ``share`` is None where the system does not tell, or the block was so short that hundredths of a second, in which
    the kernel counts, say nothing.
    """

    share: float | None = None

    def __enter__(self) -> Self:
        self._busy, self._own, self._start = busy_seconds(), own_seconds(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        busy, own, wall = busy_seconds(), own_seconds() - self._own, time.perf_counter() - self._start
        if busy is not None and self._busy is not None and wall >= 0.25:
            self.share = max(0.0, busy - self._busy - own) / (wall * (os.cpu_count() or 1))


def busy_seconds() -> float | None:
    """Core seconds in which anything ran since the machine started, stolen ones included; None off Linux."""
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    """Core seconds of this process and of those of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def compare(answers: Mapping[str, Path]) -> None:
    """Hold every answer against the first. Raises :class:`DisagreementError`."""
    import numpy as np

    names = list(answers)
    for name in names[1:]:
        with np.load(answers[names[0]]) as a, np.load(answers[name]) as b:
            if reason := difference(dict(a), dict(b)):
                raise DisagreementError(f"{names[0]} and {name} differ: {reason}")


def difference(a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    """Why two answers are not the same; empty where they are.

    An answer is either exact, ``num / den`` (integers), or ``value`` in floating point. Two exact ones must be equal,
    others within :data:`CLOSE`. A ``rank`` of floating-point results, greater ones first, must be the same but among
    neighbours within :data:`TIED`. Everything else an answer has must be equal where both have it.
    """
    import numpy as np

    if "num" in a and "num" in b:
        left, right = a["num"].astype(object) * b["den"], b["num"].astype(object) * a["den"]
        if left.shape != right.shape or (left != right).any():
            return "exact results are not equal"
    else:
        x, y = (one["value"] if "value" in one else one["num"] / one["den"] for one in (a, b))
        if x.shape != y.shape:
            return f"{x.shape} and {y.shape} results"
        furthest = float(np.abs(x - y).max(initial=0))
        if not furthest <= CLOSE * max(1.0, float(np.abs(x).max(initial=0))):
            return f"results are up to {furthest:g} apart"
        if "rank" in a and "rank" in b:
            for one in (a, b):
                if wrong := misplaced(x, one["rank"]):
                    return f"{wrong} are not ranked by their results"
    for key in (a.keys() & b.keys()) - {"num", "den", "value", "rank"}:
        if a[key].shape != b[key].shape or (a[key] != b[key]).any():
            return f"{key} is not equal"
    return ""


def misplaced(values: NDArray[np.float64], ranks: NDArray[np.int32]) -> int:
    """How many competition ranks (1, 1, 3, the greatest value first) are not those of the values.

    Any order, and any ties, are right within a run of neighbours that are less than :data:`TIED` apart.
    """
    import numpy as np

    if values.shape != ranks.shape:
        return int(max(values.size, ranks.size))
    order = np.argsort(-values)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(values[order]) < -TIED]))
    lengths = np.diff(np.append(starts, len(values)))
    best, worst = np.repeat(starts + 1, lengths), np.repeat(starts + lengths, lengths)
    return int(np.count_nonzero((ranks[order] < best) | (ranks[order] > worst)))


def say(text: str) -> None:
    """What is being done, for whoever waits."""
    print(text, file=sys.stderr, flush=True)
