"""Writing to the terminal: streams that never crash, colour only where it is wanted."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

import click

_PART = 1 << 20


def prepare_streams() -> None:
    """Let text through that a terminal's encoding does not know, as escapes instead of a crash."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def wants_color(stream: TextIO) -> bool:
    """NO_COLOR and FORCE_COLOR as their conventions say (NO_COLOR wins), else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def put(text: str = "") -> None:
    """One line (or several) of results on standard output. A reader that has gone away is no fault."""
    _write(sys.stdout, text + "\n")


def put_bytes(content: bytes) -> None:
    """Results for a program, in UTF-8 whatever the terminal's encoding."""
    try:
        sys.stdout.flush()
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            sys.stdout.write(content.decode())
        else:
            buffer.write(content)
            buffer.flush()
    except BrokenPipeError:
        _silence(sys.stdout)


def put_file(path: Path) -> None:
    """A file of results for a program, as it is, a part at a time."""
    with path.open("rb") as file:
        while part := file.read(_PART):
            put_bytes(part)


def say(text: str = "") -> None:
    """One line of talk on standard error."""
    _write(sys.stderr, text + "\n")


def bold(text: str, stream: TextIO) -> str:
    """Emphasised where the stream shows it."""
    return click.style(text, bold=True) if wants_color(stream) else text


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Send what is still to come nowhere, so that not even the interpreter's own last flush complains."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
