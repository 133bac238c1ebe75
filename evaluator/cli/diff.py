"""`evaluator diff A B`: two records, two round folders, or one of each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from evaluator.cli import OK, PROBLEMS, VERIFICATION
from evaluator.cli.language import choose_language
from evaluator.cli.output import put, put_bytes, say
from evaluator.cli.problems import json_text, problem_lines, problems_json
from evaluator.cli.progress import Progress
from evaluator.errors import InputProblems, Problem
from evaluator.files import load_round
from evaluator.files.atomic import RECORD_NAME
from evaluator.files.record import canonical
from evaluator.files.record_read import read_record
from evaluator.files.spoken import source_language
from evaluator.model.difference import Difference
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.terminal import TerminalWords, one_line
from evaluator.workflow import evaluate, rubric_sha256


def compare(before: Path, after: Path, *, as_json: bool, show_all: bool, check: bool, lang: str | None) -> int:
    """Show what differs. With ``check`` the exit code says whether anything in the calculation does."""
    from evaluator.scoring.difference import difference

    talk = choose_language(lang, lambda: source_language(after) or source_language(before))
    progress = Progress(TerminalWords(talk))
    sides: list[Evaluation] = []
    problems: list[Problem] = []
    for letter, source in (("A", before), ("B", after)):
        try:
            sides.append(_read(source, progress))
        except InputProblems as error:
            problems += [_of_side(problem, letter, source) for problem in error.problems]
    if problems:
        return _refuse(problems, talk, as_json=as_json, show_all=show_all)
    one, other = sides
    with progress.stage("comparing"):
        found = difference(
            one, other, partial(evaluate, compare=False), recorded=(not _is_round(before), not _is_round(after))
        )
    if as_json:
        from evaluator.files.difference import difference_json

        put_bytes(difference_json(found))
    else:
        _show(found, one, other, choose_language(lang, lambda: other.round.language), (before, after), show_all)
    return VERIFICATION if check and found.counts else OK


def _show(
    found: Difference,
    one: Evaluation,
    other: Evaluation,
    language: Language,
    sources: tuple[Path, Path],
    show_all: bool,
) -> None:
    from evaluator.cli.table import wrapped
    from evaluator.report.difference import difference_lines

    told = str(sources[0]), str(sources[1])
    for line in wrapped(difference_lines(found, one, other, language, sources=told, show_all=show_all)):
        put(line)


def _read(source: Path, progress: Progress) -> Evaluation:
    """The evaluation of a round folder, or that in a record whose rubric still has its hash."""
    if _is_round(source):
        with progress.stage("reading", name=one_line(str(source))):
            rubric, round_ = load_round(source)
        with progress.stage("scoring"):
            return canonical(evaluate(rubric, round_))
    with progress.stage("reading", name=one_line(str(source))):
        evaluation = read_record(source)
    if rubric_sha256(evaluation.rubric) != evaluation.rubric_sha256:
        name = RECORD_NAME if source.is_dir() else source.name
        raise InputProblems([Problem(code="record.rubric_changed", file=name, path="rubric")])
    return evaluation


def _is_round(source: Path) -> bool:
    return source.is_dir() and (source / "round.yaml").exists()


def _of_side(problem: Problem, letter: str, source: Path) -> Problem:
    """The problem with its file told from where the command was given: ``A: before/scores.csv``."""
    folder = source if source.is_dir() else source.parent
    inside = problem.file if Path(problem.file).is_absolute() or not problem.file else str(folder / problem.file)
    return replace(problem, file=f"{letter}: {inside or source}")


def _refuse(problems: list[Problem], language: Language, *, as_json: bool, show_all: bool) -> int:
    if as_json:
        put_bytes(json_text({"problems": problems_json(problems, language)}))
    else:
        for line in problem_lines(problems, language, show_all=show_all):
            say(line)
    return PROBLEMS
