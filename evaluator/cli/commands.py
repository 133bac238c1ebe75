"""What each command does. The arguments are checked already; the exit code is returned."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from evaluator.cli import OK, PROBLEMS, UNRESOLVED, USAGE
from evaluator.cli.language import choose_language
from evaluator.cli.output import put, put_bytes, say
from evaluator.cli.problems import json_text, problem_lines, problems_json, warning_lines
from evaluator.errors import InputProblems, Problem
from evaluator.files import load_round, round_language
from evaluator.files.record import canonical, record_files
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.terminal import TerminalWords, one_line


class UsageFault(click.UsageError):
    """Wrong usage, in the language of the command."""


def check(round_folder: Path, as_json: bool, show_all: bool, lang: str | None) -> int:
    """Every problem at once; what only arithmetic can find is looked for when nothing else is wrong."""
    language = _language(round_folder, lang)
    words = TerminalWords(language)
    try:
        evaluation = _evaluate(round_folder)
    except InputProblems as error:
        return _refuse(error, language, as_json=as_json, show_all=show_all)
    if as_json:
        warnings = problems_json(evaluation.warnings, language)
        put_bytes(json_text({"problems": [], "warnings": warnings, "unresolved": len(evaluation.unresolved)}))
        return OK
    for line in warning_lines(evaluation.warnings, language):
        put(line)
    n = len(evaluation.warnings)
    folder = one_line(str(round_folder))
    put(words("talk.valid_warnings", folder=folder, n=n) if n else words("talk.valid", folder=folder))
    if evaluation.unresolved:
        put(words("talk.unresolved", n=f"{len(evaluation.unresolved):,}"))
    return OK


def rank(round_folder: Path, out: Path | None, as_json: bool, show_all: bool, lang: str | None) -> int:
    """Rank and write the record, the CSV and the workbook."""
    language = _language(round_folder, lang)
    try:
        evaluation = _evaluate(round_folder)
    except InputProblems as error:
        return _refuse(error, language, as_json=as_json, show_all=show_all)
    target = out or _default_out(evaluation)
    files = record_files(evaluation)
    with _writing(target, language) as stage:
        _write_results(evaluation, files, stage)
    if as_json:
        put_bytes(files["evaluation.json"])
    else:
        _show(evaluation, language)
    _tell_written(target, sorted([*files, "ranking.csv", "ranking.xlsx"]), language)
    return _code(evaluation)


def explain(round_folder: Path, applicant: str, lang: str | None) -> int:
    """One applicant's total and outcome, figure by figure."""
    from evaluator.report.explain import explanation

    language = _language(round_folder, lang)
    try:
        evaluation = _evaluate(round_folder)
    except InputProblems as error:
        return _refuse(error, language)
    ids = [a.id for a in evaluation.applicants]
    if applicant not in ids:
        raise UsageFault(_unknown_applicant(applicant, evaluation, TerminalWords(language)))
    for line in explanation(evaluation, applicant, language):
        put(line)
    return OK


def report(source: Path, out: Path | None, jobs: int | None, show_all: bool, lang: str | None) -> int:
    """PDF reports of a round or of a record."""
    if _is_record(source):
        return _report_record(source, out, jobs, lang)
    language = _language(source, lang)
    try:
        evaluation = _evaluate(source)
    except InputProblems as error:
        return _refuse(error, language, show_all=show_all)
    target = out or _default_out(evaluation)
    digest = _digest(record_files(evaluation)["evaluation.json"])
    with _writing(target, language) as stage:
        _write_reports(evaluation, stage, language, jobs, digest)
    _tell_written(target, ["reports"], language)
    return _code(evaluation)


def _report_record(source: Path, out: Path | None, jobs: int | None, lang: str | None) -> int:
    from evaluator.files.atomic import RECORD_NAME
    from evaluator.files.record_read import read_record
    from evaluator.workflow import rubric_sha256

    path = source / RECORD_NAME if source.is_dir() else source
    try:
        evaluation = read_record(path)
        if rubric_sha256(evaluation.rubric) != evaluation.rubric_sha256:
            raise InputProblems([Problem(code="record.rubric_changed", file=path.name, path="rubric")])
    except InputProblems as error:
        return _refuse(error, choose_language(lang))
    language = choose_language(lang, lambda: evaluation.round.language)
    target = out or path.absolute().parent
    with _writing(target, language) as stage:
        _write_reports(evaluation, stage, language, jobs, _digest(path.read_bytes()))
    _tell_written(target, ["reports"], language)
    return _code(evaluation)


def run(round_folder: Path, out: Path | None, jobs: int | None, show_all: bool, lang: str | None) -> int:
    """Check, rank and report; everything is put in place together."""
    language = _language(round_folder, lang)
    try:
        evaluation = _evaluate(round_folder)
    except InputProblems as error:
        return _refuse(error, language, show_all=show_all)
    target = out or _default_out(evaluation)
    files = record_files(evaluation)
    _show(evaluation, language)
    with _writing(target, language) as stage:
        _write_results(evaluation, files, stage)
        _write_reports(evaluation, stage, language, jobs, _digest(files["evaluation.json"]))
    _tell_written(target, sorted([*files, "ranking.csv", "ranking.xlsx", "reports"]), language)
    return _code(evaluation)


def _language(round_folder: Path, lang: str | None) -> Language:
    return choose_language(lang, lambda: round_language(round_folder))


def _evaluate(round_folder: Path) -> Evaluation:
    from evaluator.workflow import evaluate

    rubric, round_ = load_round(round_folder)
    return canonical(evaluate(rubric, round_))


def _refuse(error: InputProblems, language: Language, *, as_json: bool = False, show_all: bool = False) -> int:
    if as_json:
        put_bytes(json_text({"problems": problems_json(error.problems, language)}))
        return PROBLEMS
    for line in problem_lines(error.problems, language, show_all=show_all):
        say(line)
    return PROBLEMS


def _code(evaluation: Evaluation) -> int:
    return UNRESOLVED if evaluation.unresolved else OK


def _default_out(evaluation: Evaluation) -> Path:
    return Path("out") / evaluation.round.id


def _is_record(source: Path) -> bool:
    return source.is_file() or ((source / "evaluation.json").is_file() and not (source / "round.yaml").exists())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _writing(target: Path, language: Language) -> Iterator[Path]:
    """A place to write results, which move to ``target`` when all are complete; one line where that cannot be."""
    from evaluator.files.atomic import staged

    try:
        with staged(target) as stage:
            yield stage
    except OSError as error:
        words = TerminalWords(language)
        reason = error.strerror or type(error).__name__
        raise UsageFault(words("usage.cannot_write", path=one_line(str(target)), reason=reason)) from error


def _write_results(evaluation: Evaluation, files: dict[str, bytes], stage: Path) -> None:
    from evaluator.files.ranking_csv import ranking_csv
    from evaluator.files.workbook import workbook_bytes

    for name, content in files.items():
        (stage / name).write_bytes(content)
    (stage / "ranking.csv").write_bytes(ranking_csv(evaluation))
    (stage / "ranking.xlsx").write_bytes(workbook_bytes(evaluation))


def _write_reports(evaluation: Evaluation, stage: Path, language: Language, jobs: int | None, digest: str) -> None:
    from evaluator.report import write_reports

    with _progress(language) as progress:
        write_reports(
            evaluation, stage / "reports", lang=language, jobs=jobs or 1, progress=progress, record_sha256=digest
        )


@dataclass(slots=True)
class _Bar:
    """A line on standard error that is drawn anew with every report."""

    text: str

    def __call__(self, done: int, total: int) -> None:
        width = 24
        filled = width * done // max(total, 1)
        sys.stderr.write(f"\r{self.text} [{'#' * filled}{'.' * (width - filled)}] {done}/{total}")
        sys.stderr.flush()


@contextmanager
def _progress(language: Language) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar where standard error is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield _Bar(TerminalWords(language)("talk.reporting"))
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _show(evaluation: Evaluation, language: Language) -> None:
    from evaluator.cli.table import show_ranking

    show_ranking(evaluation, language)


def _tell_written(target: Path, names: list[str], language: Language) -> None:
    words = TerminalWords(language)
    for name in names:
        say(words("talk.written", path=one_line(str(target / name))))


def _unknown_applicant(asked: str, evaluation: Evaluation, words: TerminalWords) -> str:
    from evaluator.files.problems import nearest

    near = nearest(asked, [a.id for a in evaluation.applicants])
    if not near:
        by_name = {a.name: a.id for a in evaluation.applicants if not evaluation.round.blind}
        near = by_name.get(nearest(asked, by_name), "")
    text = words("usage.no_applicant", id=one_line(asked))
    text += words("usage.meant", near=near) if near else ""
    known = [a.id for a in evaluation.applicants]
    return f"{text} {words('usage.applicants', known=', '.join(known[:30]) + (' …' if len(known) > 30 else ''))}"


__all__ = ["UsageFault", "check", "explain", "rank", "report", "run"]
del USAGE
