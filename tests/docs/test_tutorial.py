"""The tutorials' commands are run, and what they print is what the tutorials say.

``UPDATE_TUTORIAL=1`` writes what is printed into the documents instead: read the difference before committing it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"
BLOCK = re.compile(r"^```(console|file) ?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", sorted(path.name for path in DOCS.glob("tutorial*.md")))
def test_the_tutorial_does_what_it_says(name: str, tmp_path: Path) -> None:
    """The files of the document are written and its commands run, one after the other, in one empty folder."""
    document = (DOCS / name).read_text("utf-8")
    commands = 0

    def played(match: re.Match[str]) -> str:
        nonlocal commands
        kind, path, body = match.groups()
        if kind == "file":
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(body, "utf-8")
            return match[0]
        lines = []
        for command in re.findall(r"^\$ (.*)$", body, re.MULTILINE):
            lines += [f"$ {command}", *printed(command, tmp_path)]
            commands += 1
        return "```console\n" + "\n".join(lines) + "\n```"

    seen = BLOCK.sub(played, document)
    assert commands >= 8
    if os.environ.get("UPDATE_TUTORIAL"):
        (DOCS / name).write_text(seen, "utf-8")
    assert seen == document


def printed(command: str, folder: Path) -> list[str]:
    """Standard output and error of a shell command in a terminal 80 columns wide, and its exit code where not 0."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", "COLUMNS": "80", "NO_COLOR": "1"}
    environment["EVALUATOR_PROGRESS"] = "off"  # what is told depends on how busy the machine is
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    if done.returncode:
        lines.append(f"(exit code {done.returncode})")
    return lines
