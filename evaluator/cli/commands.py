"""What each command does. The arguments are checked already; the exit code is returned."""

from __future__ import annotations

import hashlib
import importlib
import shlex
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from evaluator.cli import OK, PROBLEMS, UNRESOLVED
from evaluator.cli.language import choose_language
from evaluator.cli.output import put, put_bytes, put_file, say
from evaluator.cli.problems import json_text, problem_lines, problems_json, warning_lines
from evaluator.cli.progress import Progress
from evaluator.cli.reports import (
    REPORTS,
    Chosen,
    belongs_to_another,
    check_chosen,
    draw_reports,
    glyphs_told,
    unknown_applicant,
)
from evaluator.cli.results import marks_left, tell_marks_left, tell_written, write_results, writing
from evaluator.errors import InputProblems, Problem
from evaluator.files import load_round
from evaluator.files.atomic import RECORD_NAME
from evaluator.files.record import canonical, record_sha256
from evaluator.files.spoken import source_language
from evaluator.model.evaluation import Evaluation
from evaluator.model.rubric import Criterion
from evaluator.model.text import Language
from evaluator.report.terminal import TerminalWords, one_line


def check(round_folder: Path, as_json: bool, show_all: bool, lang: str | None) -> int:
    """Every problem at once; what only arithmetic can find is looked for when nothing else is wrong."""
    language = _language(round_folder, lang)
    words = TerminalWords(language)
    try:
        evaluation = _evaluate(round_folder, language, compare=False)
    except InputProblems as error:
        return _refuse(error, language, as_json=as_json, show_all=show_all, tell=put)
    if as_json:
        warnings = problems_json(evaluation.warnings, language)
        put_bytes(json_text({"problems": [], "warnings": warnings, "unresolved": len(evaluation.unresolved)}))
        return OK
    _show_warnings(evaluation, language)
    n = len(evaluation.warnings)
    folder = one_line(str(round_folder))
    put(words("talk.valid_warnings", folder=folder, n=n) if n else words("talk.valid", folder=folder))
    if evaluation.unresolved:
        from evaluator.cli.table import unresolved_lines, wrapped

        put(words("talk.unresolved", n=f"{len(evaluation.unresolved):,}"))
        for line in wrapped(unresolved_lines(evaluation, language, everything=show_all)):
            put(line)
    return OK


def _show_warnings(evaluation: Evaluation, language: Language, tell: Callable[[str], None] = put) -> None:
    """Print warnings as wide as the terminal."""
    if evaluation.warnings:
        from evaluator.cli.table import wrapped

        for line in wrapped(warning_lines(evaluation.warnings, language)):
            tell(line)


def rank(round_folder: Path, out: Path | None, as_json: bool, show_all: bool, lang: str | None) -> int:
    """Rank and write the record, the table of the ranking in two formats, and the workbook."""
    language = _language(round_folder, lang)
    try:
        evaluation = _ranked(round_folder, language)
    except InputProblems as error:
        return _refuse(error, language, as_json=as_json, show_all=show_all)
    target = _target(out, evaluation, round_folder, language)
    marks = marks_left(evaluation, target, language)
    with writing(target, language, gone=marks.gone) as stage:
        files, digest = write_results(evaluation, stage, language)
    if as_json:
        put_file(target / RECORD_NAME)
    else:
        _show(evaluation, language, everything=show_all)
    tell_written(target, files, language)
    tell_marks_left(marks, target, language)
    if belongs_to_another(target / REPORTS, digest):
        say(TerminalWords(language)("talk.old_reports", path=one_line(str(target / REPORTS))))
    return _code(evaluation)


def evidence(round_folder: Path, out: Path | None, as_json: bool, show_all: bool, lang: str | None) -> int:
    """The derivations of the criteria that are fed by evidence, and nothing else: no total, no rank."""
    from evaluator.cli.evidence_table import show_evidence
    from evaluator.files.evidence_rows import evidence_csv
    from evaluator.files.record import evidence_record

    language = _language(round_folder, lang)
    words = TerminalWords(language)
    _require_renderer(words)
    try:
        evaluation = _evaluate(round_folder, language, compare=False)
    except InputProblems as error:
        return _refuse(error, language, as_json=as_json, show_all=show_all)
    if evaluation.evidence is None:
        raise click.UsageError(words("usage.no_evidence", folder=one_line(str(round_folder))))
    target = _target(out, evaluation, round_folder, language)
    record = evidence_record(evaluation)
    with writing(target, language) as stage:
        (stage / "evidence.json").write_bytes(record)
        (stage / "evidence.csv").write_bytes(evidence_csv(evaluation))
        drawn = _draw_evidence(evaluation, stage, language, _digest(record))
    if as_json:
        put_bytes(record)
    else:
        show_evidence(evaluation, language)
    _show_warnings(evaluation, language, say)
    tell_written(target, ["evidence.csv", "evidence.json", *drawn], language)
    return OK


def _draw_evidence(evaluation: Evaluation, stage: Path, language: Language, digest: str) -> list[str]:
    from evaluator.report import write_evidence_report

    with glyphs_told(TerminalWords(language)):
        paths = write_evidence_report(evaluation, stage, record_sha256=digest, lang=language)
    return [path.name for path in paths]


def explain(source: Path, applicant: str, lang: str | None) -> int:
    """One applicant's total and outcome, figure by figure, from a round or from a record."""
    from evaluator.cli.table import wrapped
    from evaluator.report.explain import explanation

    _known_source(source, lang)
    language = _language(source, lang)
    try:
        evaluation = _recorded(source, language) if _is_record(source) else _ranked(source, language)
    except InputProblems as error:
        return _refuse(error, language)
    ids = [a.id for a in evaluation.applicants]
    named = [a.id for a in evaluation.applicants if a.name == applicant]
    if applicant not in ids and len(named) == 1:
        applicant = named[0]
    if applicant not in ids:
        raise click.UsageError(unknown_applicant(applicant, evaluation, TerminalWords(language)))
    for line in wrapped(explanation(evaluation, applicant, language, _points_of)):
        put(line)
    return OK


def _points_of(leaf: Criterion, mark: Fraction) -> Fraction:
    from evaluator.model.exact import Column
    from evaluator.scoring.conversion import convert

    return convert(leaf, Column.of([mark])).fractions()[0]


def report(source: Path, out: Path | None, show_all: bool, lang: str | None, **chosen: Any) -> int:  # noqa: ANN401 -- the fields of Chosen
    """PDF reports of a round or of a record."""
    which = Chosen(**chosen)
    _known_source(source, lang)
    if _is_record(source):
        return _report_record(source, out, which, lang)
    language = _language(source, lang)
    _require_renderer(TerminalWords(language))
    try:
        evaluation = _ranked(source, language)
    except InputProblems as error:
        return _refuse(error, language, show_all=show_all)
    check_chosen(evaluation, which, TerminalWords(language))
    target = _target(out, evaluation, source, language)
    with Progress(TerminalWords(language)).stage("hashing"):
        digest = record_sha256(evaluation)
    with writing(target, language) as stage:
        drawn = draw_reports(evaluation, target, stage, language, which, digest)
    tell_written(target, drawn, language)
    return _code(evaluation)


def _report_record(source: Path, out: Path | None, which: Chosen, lang: str | None) -> int:
    from evaluator.files.record_read import record_digest

    path = source / RECORD_NAME if source.is_dir() else source
    language = _language(source, lang)
    try:
        evaluation = _recorded(source, language)
    except InputProblems as error:
        return _refuse(error, language)
    language = choose_language(lang, lambda: evaluation.round.language)
    _require_renderer(TerminalWords(language))
    check_chosen(evaluation, which, TerminalWords(language))
    target = out or path.absolute().parent
    with writing(target, language) as stage:
        drawn = draw_reports(evaluation, target, stage, language, which, record_digest(path))
    tell_written(target, drawn, language)
    return _code(evaluation)


def run(round_folder: Path, out: Path | None, show_all: bool, lang: str | None, **chosen: Any) -> int:  # noqa: ANN401 -- the fields of Chosen
    """Check, rank and report; everything is put in place together."""
    which = Chosen(**chosen)
    language = _language(round_folder, lang)
    _require_renderer(TerminalWords(language))
    try:
        evaluation = _ranked(round_folder, language)
    except InputProblems as error:
        return _refuse(error, language, show_all=show_all)
    check_chosen(evaluation, which, TerminalWords(language))
    target = _target(out, evaluation, round_folder, language)
    _show(evaluation, language, everything=show_all)
    marks = marks_left(evaluation, target, language)
    with writing(target, language, gone=marks.gone) as stage:
        files, digest = write_results(evaluation, stage, language)
        drawn = draw_reports(evaluation, target, stage, language, which, digest)
    tell_written(target, [*files, *drawn], language)
    tell_marks_left(marks, target, language)
    return _code(evaluation)


def diff(before: Path, after: Path, check: bool, as_json: bool, show_all: bool, lang: str | None) -> int:
    """What differs between two records or round folders, and what of it moved whom."""
    from evaluator.cli.diff import compare

    for source, other in ((before, after), (after, before)):
        _known_source(source, lang, other)
    return compare(before, after, as_json=as_json, show_all=show_all, check=check, lang=lang)


def new(folder: Path, rubric: str | None, example: str | None, lang: str | None) -> int:
    """A round folder to fill in, or a copy of an example."""
    from evaluator.cli.new import copy_example, fill_folder
    from evaluator.resources import example_ids, rubric_ids

    language = choose_language(lang)
    words = TerminalWords(language)
    if rubric and example:
        raise click.UsageError(words("usage.both"))
    if rubric and rubric not in rubric_ids():
        raise click.UsageError(words("usage.no_rubric", id=one_line(rubric), known=", ".join(rubric_ids())))
    if example and example not in example_ids():
        raise click.UsageError(words("usage.no_example", id=one_line(example), known=", ".join(example_ids())))
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(words("usage.not_empty", path=one_line(str(folder))))
    with writing(folder, language) as stage:
        if example:
            copy_example(example, stage)
        else:
            fill_folder(stage, folder, rubric, language)
    say(words("talk.created", path=one_line(str(folder))))
    ranks = example is None or load_round(folder)[0].use == "ranking"
    action = "check" if example is None else "run" if ranks else "evidence"
    command = f"evaluator {action} {shlex.quote(one_line(str(folder)))}"
    say(words("talk.next_run" if example else "talk.next_step", command=command))
    return OK


def rubric_list(lang: str | None) -> int:
    """The shipped rubrics: id, version, full total, title."""
    from evaluator.cli.rubrics import list_lines

    for line in list_lines(choose_language(lang)):
        put(line)
    return OK


def rubric_show(reference: str, lang: str | None) -> int:
    """Criteria, points and rules of one rubric."""
    from evaluator.cli.rubrics import find, show_lines
    from evaluator.cli.table import wrapped

    language = choose_language(lang)
    try:
        rubric = find(reference)
    except InputProblems as error:
        return _refuse(error, language)
    for line in wrapped(show_lines(rubric, language)):
        put(line)
    return OK


def rubric_check(reference: str, as_json: bool, show_all: bool, lang: str | None) -> int:
    """Every problem of one rubric."""
    from evaluator.cli.rubrics import find

    language = choose_language(lang)
    try:
        find(reference)
    except InputProblems as error:
        return _refuse(error, language, as_json=as_json, show_all=show_all, tell=put)
    if as_json:
        put_bytes(json_text({"problems": []}))
    else:
        put(TerminalWords(language)("rubric.ok", name=one_line(reference)))
    return OK


def rubric_schema(name: str | None, output: Path | None, lang: str | None) -> int:
    """One JSON Schema on standard output, or all of them as files."""
    from evaluator.files.schemas import schema_names, schema_text

    language = choose_language(lang)
    words, known = TerminalWords(language), schema_names()
    if name is not None and name not in known:
        raise click.UsageError(words("usage.no_schema", name=one_line(name), known=", ".join(known)))
    if output is not None:
        files = [f"{n}.schema.json" for n in known if name in {None, n}]
        with writing(output, language) as stage:
            for file in files:
                (stage / file).write_text(schema_text(file.partition(".")[0]), encoding="utf-8")
        tell_written(output, files, language)
    elif name is None:
        put(words("rubric.schemas", names=", ".join(known)))
    else:
        put_bytes(schema_text(name).encode())
    return OK


def doctor(as_json: bool, lang: str | None) -> int:
    """What this machine lacks; exit code 1 where that is anything."""
    import dataclasses

    from evaluator.cli.doctor import examine, finding_lines

    language = choose_language(lang)
    findings = examine(language)
    if as_json:
        put_bytes(json_text([dataclasses.asdict(finding) for finding in findings]))
    else:
        for line in finding_lines(findings, language):
            put(line)
    return OK if all(finding.ok for finding in findings) else PROBLEMS


def _language(source: Path, lang: str | None) -> Language:
    return choose_language(lang, lambda: source_language(source))


def _known_source(source: Path, lang: str | None, other: Path | None = None) -> None:
    """Refuse a folder that is neither a round nor holds a record, in the language of another source."""
    if source.is_dir() and not (source / "round.yaml").exists() and not (source / RECORD_NAME).exists():
        words = TerminalWords(choose_language(lang) if other is None else _language(other, lang))
        raise click.UsageError(words("usage.neither", path=one_line(str(source))))


def _recorded(source: Path, language: Language) -> Evaluation:
    """The evaluation in a record whose rubric still has its hash."""
    from evaluator.files.record_read import read_record
    from evaluator.workflow import rubric_sha256

    path = source / RECORD_NAME if source.is_dir() else source
    with Progress(TerminalWords(language)).stage("reading", name=one_line(str(path))):
        evaluation = read_record(path)
    if rubric_sha256(evaluation.rubric) != evaluation.rubric_sha256:
        raise InputProblems([Problem(code="record.rubric_changed", file=path.name, path="rubric")])
    return evaluation


def _evaluate(round_folder: Path, language: Language, *, compare: bool = True) -> Evaluation:
    from evaluator.workflow import evaluate

    if _is_record(round_folder):
        raise click.UsageError(TerminalWords(language)("usage.record_given", path=one_line(str(round_folder))))
    progress = Progress(TerminalWords(language))
    with progress.stage("reading", name=one_line(str(round_folder))):
        rubric, round_ = load_round(round_folder)
    with progress.stage("scoring"):
        return canonical(evaluate(rubric, round_, compare=compare))


def _ranked(round_folder: Path, language: Language) -> Evaluation:
    """The evaluation of a round that ranks; a round that only collects evidence is refused."""
    evaluation = _evaluate(round_folder, language)
    if evaluation.rubric.use == "evidence":
        words = TerminalWords(language)
        command = f"evaluator evidence {shlex.quote(one_line(str(round_folder)))}"
        raise click.UsageError(words("usage.evidence_only", command=command))
    return evaluation


def _refuse(
    error: InputProblems,
    language: Language,
    *,
    as_json: bool = False,
    show_all: bool = False,
    tell: Callable[[str], None] = say,
) -> int:
    """Show what is wrong with the input: as talk, or (``tell``) as what the command was asked for."""
    if as_json:
        put_bytes(json_text({"problems": problems_json(error.problems, language)}))
        return PROBLEMS
    stream = sys.stdout if tell is put else sys.stderr
    for line in problem_lines(error.problems, language, show_all=show_all, stream=stream):
        tell(line)
    return PROBLEMS


def _code(evaluation: Evaluation) -> int:
    return UNRESOLVED if evaluation.unresolved else OK


def _target(out: Path | None, evaluation: Evaluation, round_folder: Path, language: Language) -> Path:
    """Where results go; never among the files they are made from, which would be misread the next time."""
    target = out or Path("out") / evaluation.round.id
    if target.resolve() == round_folder.resolve():
        raise click.UsageError(TerminalWords(language)("usage.out_is_round", path=one_line(str(target))))
    return target


def _is_record(source: Path) -> bool:
    return source.is_file() or ((source / RECORD_NAME).is_file() and not (source / "round.yaml").exists())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _require_renderer(words: TerminalWords) -> None:
    """Refuse before anything is computed where PDF files cannot be made on this machine."""
    try:
        importlib.import_module("weasyprint")
    except OSError as error:
        raise click.ClickException(words("usage.no_renderer")) from error


def _show(evaluation: Evaluation, language: Language, *, everything: bool) -> None:
    from evaluator.cli.table import show_ranking

    show_ranking(evaluation, language, everything=everything)
    if evaluation.support is not None:
        from evaluator.cli.evidence_table import show_support

        show_support(evaluation, language)
