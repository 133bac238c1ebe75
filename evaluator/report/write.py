"""All reports of an evaluation as PDF files, in one process or several."""

from __future__ import annotations

import gc
import multiprocessing
import os
import re
import signal
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.frame import Frame, build_frame
from evaluator.report.html import EVIDENCE, PANEL, applicant_html, evidence_html, panel_html
from evaluator.report.pdf import prepare, render_pdf

_WORTH_A_PROCESS = 4
"""Reports for which starting one more process pays."""
_AHEAD = 3
"""Pages laid ready for each process, so that memory does not grow with the number of applicants."""
_UNSAFE = re.compile(r"[^\w.-]")


@dataclass(frozen=True, slots=True)
class _Job:
    """One report to be made: its file and who it is about (None: the panel's)."""

    path: Path
    applicant: str | None


def write_reports(
    evaluation: Evaluation,
    folder: Path,
    *,
    record_sha256: str,
    lang: Language | None = None,
    jobs: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
    applicants: Collection[str] | None = None,
    panel: bool | None = None,
) -> list[Path]:
    """Write ``panel.pdf`` and one ``<applicant id>.pdf`` each into ``folder``; return their paths, sorted.

    ``lang`` is the round's own language by default; in the other one names end in ``.en.pdf`` (or ``.ko.pdf``).
    ``record_sha256`` is the hash of the record the reports are drawn from; its beginning stands on every page.
    ``applicants`` are the ids to write for, in any order; None writes for all. ``panel`` says whether the panel's
    report is written; by default it is where ``applicants`` is None. An unknown id raises ``KeyError``. ``progress``
    is called with the number done and the number of all.

    ``jobs`` processes draw the pages (None: as many as fit the work and the machine); the files are the same, byte
    by byte, whatever their number. With more than one, a script that calls this needs ``if __name__ == "__main__"``.
    Each file appears whole or not at all. Raises ``MissingGlyphs`` for a page with a character that no installed font
    has; reports finished before that stay.
    """
    lang = lang or evaluation.round.language
    names = file_names(evaluation, lang)
    unknown = sorted(set(applicants or ()) - set(names))
    if unknown:
        raise KeyError(", ".join(unknown))
    frame = build_frame(evaluation, lang, record_sha256)
    todo = [_Job(folder / name, a) for a, name in names.items() if applicants is None or a in applicants]
    if applicants is None if panel is None else panel:
        todo.insert(0, _Job(folder / f"{PANEL}{_suffix(evaluation, lang)}", None))
    folder.mkdir(parents=True, exist_ok=True)
    processes = min(jobs, len(todo)) if jobs is not None else min(_processors(), -(-len(todo) // _WORTH_A_PROCESS))
    for done, (job, content) in enumerate(_drawn(frame, todo, processes), start=1):
        _write_whole(job.path, content)
        if progress is not None:
            progress(done, len(todo))
    return sorted(job.path for job in todo)


def write_evidence_report(
    evaluation: Evaluation, folder: Path, *, record_sha256: str, lang: Language | None = None
) -> list[Path]:
    """Write ``evidence.pdf`` into ``folder``: the derivations of evidence-fed criteria alone; return its path.

    Where the rubric is for evidence only, it is a table of published figures and licences with their sources, without
    a rank, a total or a verdict. Language, hash, wholeness and errors are as for ``write_reports``.
    """
    lang = lang or evaluation.round.language
    path = folder / f"{EVIDENCE}{_suffix(evaluation, lang)}"
    content = render_pdf(evidence_html(build_frame(evaluation, lang, record_sha256)), report=path.name, more=False)
    folder.mkdir(parents=True, exist_ok=True)
    _write_whole(path, content)
    return [path]


def _processors() -> int:
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def file_names(evaluation: Evaluation, lang: Language) -> dict[str, str]:
    """Applicant id to its report's file name: the id itself, made safe and told apart where file systems need it."""
    taken, names = {PANEL, EVIDENCE}, {}
    for applicant in evaluation.applicants:
        stem = _UNSAFE.sub("_", applicant.id).lstrip(".") or "_"
        while stem.casefold() in taken:
            stem += "_"
        taken.add(stem.casefold())
        names[applicant.id] = stem + _suffix(evaluation, lang)
    return names


def _suffix(evaluation: Evaluation, lang: Language) -> str:
    return ".pdf" if lang == evaluation.round.language else f".{lang}.pdf"


def _html(frame: Frame, job: _Job) -> str:
    return panel_html(frame) if job.applicant is None else applicant_html(frame, job.applicant)


def _drawn(frame: Frame, todo: list[_Job], processes: int) -> Iterator[tuple[_Job, bytes]]:
    if processes <= 1:
        for job in todo:
            yield job, render_pdf(_html(frame, job), report=job.path.name)
        return
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_start_worker)
    waiting: dict[Future[bytes], _Job] = {}
    try:
        for job in todo:
            html = _html(frame, job)
            with _interrupts_held():
                waiting[pool.submit(render_pdf, html, report=job.path.name)] = job
            if len(waiting) >= processes * _AHEAD:
                yield from _finished(waiting)
        while waiting:
            yield from _finished(waiting)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _finished(waiting: dict[Future[bytes], _Job]) -> Iterator[tuple[_Job, bytes]]:
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        yield waiting.pop(future), future.result()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Worker processes that start inside never see an interrupt: it is for this process, which then ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker() -> None:
    prepare()
    gc.freeze()


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the target, then move into place: an interrupt leaves the old file or none."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
