"""The files of a result on the command line: written, put in place of older ones, and told."""

from __future__ import annotations

import errno
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from evaluator.cli.output import say
from evaluator.cli.progress import Progress
from evaluator.files.atomic import RECORD_NAME, staged
from evaluator.files.record import MARKS_NAME, has_marks_file, write_record
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.terminal import TerminalWords, one_line


@contextmanager
def writing(target: Path, language: Language, gone: Collection[str] = ()) -> Iterator[Path]:
    """A place to write results, which move to ``target`` when all are complete; one line where that cannot be.

    ``gone`` as in :func:`evaluator.files.atomic.staged`.
    """
    try:
        with staged(target, gone) as stage:
            yield stage
    except OSError as error:
        words = TerminalWords(language)
        known = {errno.EACCES: "denied", errno.EPERM: "denied", errno.EROFS: "read_only", errno.ENOSPC: "full"}
        key = known.get(error.errno or 0)
        reason = words(f"reason.{key}") if key else error.strerror or type(error).__name__
        raise click.UsageError(words("usage.cannot_write", path=one_line(str(target)), reason=reason)) from error


def write_results(evaluation: Evaluation, stage: Path, language: Language) -> tuple[list[str], str]:
    """Write everything but reports; the names of the files, and the hash of the record."""
    from evaluator.files.ranking_csv import ranking_csv
    from evaluator.files.ranking_parquet import ranking_parquet
    from evaluator.files.workbook import workbook_bytes

    progress = Progress(TerminalWords(language))
    with progress.stage("writing", name=RECORD_NAME):
        record = write_record(evaluation, stage)
    tables: dict[str, Callable[[], bytes]] = {
        "ranking.csv": lambda: ranking_csv(evaluation),
        "ranking.parquet": lambda: ranking_parquet(evaluation),
        "ranking.xlsx": lambda: workbook_bytes(evaluation, language),
    }
    for name, make in tables.items():
        with progress.stage("writing", name=name):
            (stage / name).write_bytes(make())
    return sorted([*record, *tables]), record[RECORD_NAME]


@dataclass(frozen=True, slots=True)
class MarksLeft:
    """What is done with a marks.parquet that lies where a record is written which has none.

    It is among ``gone`` where the record before names it, and ``kept`` where it may be anybody's.
    """

    gone: tuple[str, ...] = ()
    kept: bool = False


def marks_left(evaluation: Evaluation, target: Path, language: Language) -> MarksLeft:
    """Look for marks of an older record in the folder of the results, before anything is written there."""
    if has_marks_file(evaluation):
        return MarksLeft()
    from evaluator.files.superseded import old_marks

    with Progress(TerminalWords(language)).stage("reading", name=one_line(str(target / RECORD_NAME))):
        found = old_marks(target)
    return MarksLeft(gone=(MARKS_NAME,) if found == "of_record" else (), kept=found == "of_others")


def tell_marks_left(left: MarksLeft, target: Path, language: Language) -> None:
    """Say what was done with it, where there is one."""
    words, path = TerminalWords(language), one_line(str(target / MARKS_NAME))
    if left.gone:
        say(words("talk.old_marks_removed", path=path))
    if left.kept:
        say(words("talk.other_marks", path=path))


def tell_written(target: Path, names: list[str], language: Language) -> None:
    """Say which files were written."""
    words = TerminalWords(language)
    for name in names:
        say(words("talk.written", path=one_line(str(target / name))))
