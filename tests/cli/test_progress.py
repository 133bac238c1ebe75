"""What a long command is doing: nothing of what is quick, a line now and then of what is not."""

from __future__ import annotations

import io
import time

import pytest

from evaluator.cli.progress import Progress
from evaluator.report.terminal import TerminalWords


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVALUATOR_PROGRESS", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    stream = Terminal()
    with Progress(TerminalWords("en"), stream).stage("scoring") as count:
        count(1, 2)
    assert stream.getvalue() == ""
    with Progress(TerminalWords("en")).stage("scoring"):
        pass
    assert capsys.readouterr().err == ""


def test_a_terminal_has_one_line_that_is_drawn_again_and_wiped() -> None:
    stream = Terminal()
    with Progress(TerminalWords("en"), stream, silent=0.02).stage("writing", name="ranking.csv"):
        time.sleep(0.1)
    first = stream.getvalue()
    assert first == "\r\x1b[KWriting ranking.csv … 0 s\r\x1b[K"
    stream = Terminal()
    with Progress(TerminalWords("ko"), stream, silent=0.02).stage("reporting") as count:
        count(1, 2)
        time.sleep(0.1)
    assert f"보고서 [{'#' * 12}{'.' * 12}] 1/2" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_elsewhere_there_are_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(TerminalWords("en"), silent=0.02).stage("reading", name="folder"):
        time.sleep(0.1)
    with Progress(TerminalWords("en"), silent=0.02).stage("reporting") as count:
        count(1_500, 3_000)
        time.sleep(0.1)
    assert capsys.readouterr().err == "Reading and checking folder … 0 s\nReports 1,500/3,000\n"


def test_it_can_be_silenced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATOR_PROGRESS", "off")
    stream = Terminal()
    with Progress(TerminalWords("en"), stream, silent=0.0).stage("scoring") as count:
        count(1, 2)
        time.sleep(0.05)
    assert stream.getvalue() == ""


def interrupted(stream: Terminal) -> None:
    with Progress(TerminalWords("en"), stream, silent=0.02).stage("scoring"):
        time.sleep(0.1)
        raise KeyboardInterrupt


def test_a_stage_that_is_interrupted_wipes_its_line_and_passes_the_interrupt_on() -> None:
    stream = Terminal()
    with pytest.raises(KeyboardInterrupt):
        interrupted(stream)
    assert stream.getvalue().endswith("\r\x1b[K")
