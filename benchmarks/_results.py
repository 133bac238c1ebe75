"""What was measured, on what machine and with what versions; kept as JSON and shown as a table."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import math
import os
import platform
import re
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "out/benchmarks"
NOTABLE = 0.05
"""The share of the machine's cores from which on what others ran is marked beside a figure."""
PACKAGES = ("numpy", "pyarrow", "duckdb", "pandas", "scipy", "scikit-criteria", "pymcdm")


@dataclass(slots=True, kw_only=True)
class Row:
    """What was measured of one contestant: seconds, MiB, shares of all cores; one entry a run (``again``: several).

    ``warm`` is what the same work on something tiny took before ``first``. ``laps`` are parts of ``first``; ``loads``
    are the heavy libraries it had imported at the end.
    """

    name: str
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    imports: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    peak_mib: list[float] = field(default_factory=list)
    foreign: list[float] = field(default_factory=list)
    laps: dict[str, list[float]] = field(default_factory=dict)
    loads: list[str] = field(default_factory=list)

    def seconds(self) -> float:
        """The median of the first times."""
        return statistics.median(self.first)

    def seconds_again(self) -> float:
        """The median of the further times; of the first ones where there are no others."""
        return statistics.median(self.again or self.first)


@dataclass(slots=True, kw_only=True)
class Section:
    """One table: its rows are set beside the row called ``base``, if any. ``id`` is its name within its benchmark."""

    title: str
    rows: list[Row]
    base: str = ""
    id: str = ""
    notes: list[str] = field(default_factory=list)

    def row(self, name: str) -> Row:
        """The row with this name."""
        return next(row for row in self.rows if row.name == name)


def machine() -> dict[str, Any]:
    """Processor, cores, memory and operating system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": _system(),
    }


def _system() -> str:
    """The operating system, its kernel by two numbers, and its C library: nothing that names one machine."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = ""
    kernel = re.match(r"\d+\.\d+", platform.release())
    library = " ".join(platform.libc_ver())
    told = (name, f"{platform.system()} {kernel[0] if kernel else ''}".strip(), library.strip())
    return ", ".join(filter(None, told))


def versions() -> dict[str, str]:
    """Python, what is set beside each other, and Evaluator with its commit where git tells it."""
    told = {"evaluator": _version("evaluator") + _commit(), "python": platform.python_version()}
    return told | {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        changed = " with changes" if git("status", "--porcelain", "--", "evaluator") else ""
        return f" ({git('rev-parse', '--short', 'HEAD')}{changed})"
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def report(benchmark: str, section: Section) -> None:
    """Keep one table as ``out/benchmarks/BENCHMARK-ID.json``, with where, when and with what it was measured."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    told = {
        "benchmark": benchmark,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "section": asdict(section),
    }
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / f"{benchmark}-{section.id}.json").write_text(text, encoding="utf-8")


def introduce() -> None:
    """Print where this is measured and with what."""
    where = machine()
    print(f"{where['processor']}, {where['cores']} cores, {where['memory_gib']} GiB, {where['system']}")
    print(", ".join(f"{name} {version}" for name, version in versions().items()))
    print(f"Times are medians (least to greatest). ! is where others used more than {NOTABLE:.0%} of the cores.\n")


def cells(section: Section | Mapping[str, Any]) -> list[list[str]]:
    """A section as a table: a heading and one row a contestant; columns without any figure are left out.

    Beside both times stands how many times as long as the base it took.
    """
    told = section if isinstance(section, Mapping) else asdict(section)
    rows: list[dict[str, Any]] = list(told["rows"])
    base: dict[str, Any] = next((row for row in rows if row["name"] == told["base"]), {})
    times = f"× {told['base']}"
    heading = [
        "",
        "first, s",
        times,
        "again, s",
        times,
        "of which",
        "CPU, s",
        "import, s",
        "warm-up, s",
        "peak, MiB",
        "loads",
        "others",
    ]
    table = [
        [
            row["name"],
            _spread(row["first"]),
            _ratio(row["first"], base.get("first")),
            _spread(row["again"]),
            _ratio(row["again"], base.get("again")),
            ", ".join(f"{part} {_seconds(seconds)}" for part, seconds in row["laps"].items()),
            _seconds(row["cpu"]),
            _seconds(row["imports"]),
            _seconds(row.get("warm", ())),
            f"{max(row['peak_mib']):,.0f}" if row["peak_mib"] else "",
            ", ".join(row["loads"]),
            _others(row["foreign"]),
        ]
        for row in rows
    ]
    kept = [i for i in range(len(heading)) if i == 0 or any(line[i] for line in table)]
    return [[line[i] for i in kept] for line in [heading, *table]]


def print_section(section: Section) -> None:
    """The table on standard output."""
    print(section.title)
    if section.rows:
        table = cells(section)
        widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
        for line in table:
            aligned = (f"{cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
            print("  " + "  ".join([line[0].ljust(widths[0]), *aligned]))
    for note in section.notes:
        print(f"  {note}")
    print(flush=True)


def _ratio(own: Sequence[float], base: Sequence[float] | None) -> str:
    if not own or not base:
        return ""
    return _digits(statistics.median(own) / statistics.median(base))


def _seconds(values: Sequence[float]) -> str:
    return _digits(statistics.median(values)) if values else ""


def _spread(values: Sequence[float]) -> str:
    """Median, and what the runs lay between."""
    if len(values) < 2:
        return _seconds(values)
    return f"{_seconds(values)} ({_digits(min(values))}–{_digits(max(values))})"


def _digits(value: float) -> str:
    """About three digits that count."""
    if 0 < value < 0.001:
        return f"{value:.1e}"
    decimals = next((d for d, least in ((0, 100), (1, 10), (2, 1), (3, 0.1)) if value >= least), 4)
    return f"{value:,.{decimals}f}"


def _others(shares: Sequence[float]) -> str:
    """The greatest share that others had of the cores."""
    if not shares:
        return ""
    return f"{max(shares):.0%}{' !' if max(shares) > NOTABLE else ''}"


def available_mib() -> float:
    """Memory that a new process could have; all of the machine's where the system does not tell."""
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    return int(text.split("MemAvailable:")[1].split()[0]) / 1024


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The slope of log seconds over log size: 1 where the cost is linear."""
    x, y = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    return statistics.linear_regression(x, y).slope
