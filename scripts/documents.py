"""Documents whose tables are made by a script: written anew, or only looked at."""

from __future__ import annotations

import sys
from pathlib import Path


def keep(document: Path, new: str, *, check: bool, made_by: str) -> int:
    """Write what a document is to say; with ``check`` only tell that it says something else. Returns the exit code."""
    if check and new != document.read_text("utf-8"):
        print(f"{document.name} is out of date: python scripts/{made_by}", file=sys.stderr)
        return 1
    if not check:
        document.write_text(new, "utf-8")
    return 0
