"""What a long command is doing, on standard error.

A stage that ends within a second says nothing. On a terminal one line is drawn again and again; where standard error
goes elsewhere there are plain lines, few and far between. EVALUATOR_PROGRESS=off silences both. Only the stages' own
words are written here, never results.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TextIO

from evaluator.cli.output import say
from evaluator.report.terminal import TerminalWords

SILENT = 1.0
"""Seconds before a stage says anything."""
REDRAWN, REPEATED = 0.5, 5.0
"""Seconds between drawing a line on a terminal again, and between lines elsewhere."""
_BAR = 24
_ERASE = "\r\x1b[K"

Count = Callable[[int, int], None]
"""Told how much of how much is done."""


class Progress:
    """Announces the stages of a command in one language."""

    def __init__(self, words: TerminalWords, stream: TextIO | None = None, *, silent: float = SILENT) -> None:
        self._words, self._stream, self._silent = words, sys.stderr if stream is None else stream, silent
        self._live = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._off = os.environ.get("EVALUATOR_PROGRESS") == "off"

    @contextmanager
    def stage(self, name: str, /, **told: object) -> Iterator[Count]:
        """A stage while it lasts, named by a sentence of the catalogue; gives what may be told how much is done."""
        if self._off:
            yield _nobody
            return
        stage = _Stage(self._words(f"progress.{name}", **told), self._stream, live=self._live, silent=self._silent)
        stage.start()
        try:
            yield stage.count
        finally:
            stage.end()


def _nobody(done: int, total: int) -> None:
    del done, total


class _Stage:
    """One stage: a thread of its own looks at the clock, so that what is timed need not."""

    def __init__(self, text: str, stream: TextIO, *, live: bool, silent: float) -> None:
        self._text, self._stream, self._live, self._silent = text, stream, live, silent
        self._began = time.monotonic()
        self._done = self._total = 0
        self._over, self._drawn = Event(), False
        self._thread = Thread(target=self._watch, daemon=True)

    def count(self, done: int, total: int) -> None:
        self._done, self._total = done, total

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()
        if self._drawn and self._live:
            self._stream.write(_ERASE)
            self._stream.flush()

    def _watch(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # An interrupt is for the thread that does the work.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        wait = self._silent
        while not self._over.wait(wait):
            if self._live:
                self._stream.write(_ERASE + self._line())
                self._stream.flush()
            else:
                say(self._line())
            self._drawn = True
            wait = REDRAWN if self._live else REPEATED

    def _line(self) -> str:
        if self._total and self._live:
            filled = _BAR * self._done // self._total
            return f"{self._text} [{'#' * filled}{'.' * (_BAR - filled)}] {self._done}/{self._total}"
        if self._total:
            return f"{self._text} {self._done:,}/{self._total:,}"
        return f"{self._text} … {time.monotonic() - self._began:.0f} s"
