"""Reports on the command line: which are drawn, what stays beside them, and what is said about it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from evaluator.cli.output import say
from evaluator.cli.progress import Progress
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.terminal import TerminalWords, one_line

REPORTS = "reports"
REPORTED_APPLICANTS = 500
"""With more applicants only the panel's report is drawn, unless others are asked for: each takes about a second."""
LISTED_APPLICANTS = 30
"""Up to so many ids are listed for whoever asks for one that there is not."""
DRAWN_FROM = ".record.sha256"
"""The file in the reports folder that lists the reports drawn there, each with the sha256 of its record."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which reports are drawn: of some applicants, of the panel alone, or (neither) of everybody and the panel."""

    applicants: tuple[str, ...]
    panel_only: bool
    jobs: int | None


def draw_reports(
    evaluation: Evaluation, target: Path, stage: Path, language: Language, which: Chosen, digest: str
) -> list[str]:
    """Draw the reports into ``stage`` and take along what else lies in the reports folder of ``target``.

    What to say was written: the folder; where applicants were asked for by id, their files.
    """
    from evaluator.report import write_reports

    words = TerminalWords(language)
    folder = stage / REPORTS
    applicants = _reported(evaluation, which)
    with glyphs_told(words), Progress(words).stage("reporting") as count:
        write_reports(
            evaluation,
            folder,
            lang=language,
            jobs=which.jobs,
            progress=count,
            record_sha256=digest,
            applicants=applicants,
            panel=not which.applicants,
        )
    if applicants == () and not which.panel_only:
        say(words("bulk.panel_only", n=f"{len(evaluation.applicants):,}", most=f"{REPORTED_APPLICANTS:,}"))
    drawn = dict.fromkeys(sorted(path.name for path in folder.iterdir()), digest)
    kept, dropped = _keep_others(target / REPORTS, folder, digest)
    lines = [f"{record}  {name}\n" for name, record in sorted({**kept, **drawn}.items())]
    (folder / DRAWN_FROM).write_text("".join(lines), encoding="utf-8")
    if dropped:
        say(words("talk.old_reports_removed", names=", ".join(dropped)))
    return [f"{REPORTS}/{name}" for name in drawn] if which.applicants else [REPORTS]


def _reported(evaluation: Evaluation, which: Chosen) -> tuple[str, ...] | None:
    """The applicants whose reports are drawn, None for all; of very many nobody's unless it was asked for."""
    if which.applicants:
        return which.applicants
    return () if which.panel_only or len(evaluation.applicants) > REPORTED_APPLICANTS else None


def check_chosen(evaluation: Evaluation, which: Chosen, words: TerminalWords) -> None:
    """Refuse applicants that there are not, before anything is drawn."""
    if which.applicants and which.panel_only:
        raise click.UsageError(words("usage.both_reports"))
    known = {a.id for a in evaluation.applicants}
    for applicant in which.applicants:
        if applicant not in known:
            raise click.UsageError(unknown_applicant(applicant, evaluation, words))


@contextmanager
def glyphs_told(words: TerminalWords) -> Iterator[None]:
    """Characters no installed font can draw end the drawing, with a line about each."""
    from evaluator.report import MissingGlyphs

    try:
        yield
    except MissingGlyphs as error:
        for glyph in error.glyphs:
            code = " ".join(f"U+{ord(c):04X}" for c in glyph.character)
            text = words("talk.no_glyph", report=error.report, code=code, around=one_line(glyph.around) or "–")
            say(text)
        raise click.ClickException(words("talk.no_glyph_fix")) from error


def _drawn(reports: Path) -> dict[str, str]:
    """The reports that were drawn into a folder and are still there, each with the hash of its record."""
    try:
        lines = (reports / DRAWN_FROM).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    told = (line.split("  ", 1) for line in lines if "  " in line)
    return {name: record for record, name in told if (reports / name).is_file()}


def belongs_to_another(reports: Path, digest: str) -> bool:
    """Whether a folder holds reports that were drawn from another record than the one with this hash."""
    return any(record != digest for record in _drawn(reports).values())


def _keep_others(old: Path, new: Path, digest: str) -> tuple[dict[str, str], list[str]]:
    """Keep what lies beside the reports: reports of this record in the other language, and what is not ours.

    Reports of another record would contradict the new ones. Gives the reports that were kept with the hash of their
    record, and the names of those that were left out.
    """
    drawn, dropped = _drawn(old), []
    for path in sorted(old.iterdir()) if old.is_dir() else ():
        if (new / path.name).exists() or path.name == DRAWN_FROM:
            continue
        if drawn.get(path.name, digest) != digest:
            dropped.append(path.name)
        elif path.is_dir():
            shutil.copytree(path, new / path.name, symlinks=True)
        else:
            shutil.copy2(path, new / path.name)
    return {name: record for name, record in drawn.items() if record == digest}, dropped


def unknown_applicant(asked: str, evaluation: Evaluation, words: TerminalWords) -> str:
    """What is said to an id that nobody has: the one that was probably meant, and of few applicants those there are."""
    from evaluator.files.problems import nearest

    near = nearest(asked, [a.id for a in evaluation.applicants])
    if not near:
        by_name = {a.name: a.id for a in evaluation.applicants if not evaluation.round.blind}
        holding = [name for name in by_name if asked and asked in name]
        near = by_name.get(holding[0] if len(holding) == 1 else nearest(asked, by_name), "")
    text = words("usage.no_applicant", id=one_line(asked))
    text += words("usage.meant", near=near) if near else ""
    known = [a.id for a in evaluation.applicants]
    if len(known) > LISTED_APPLICANTS:
        return f"{text} {words('usage.many_applicants', n=f'{len(known):,}')}"
    return f"{text} {words('usage.applicants', known=', '.join(known))}"
