"""The evidence folders of a round: what each applicant handed in about the criteria that are fed by evidence.

``evidence/<applicant>/`` holds performance.yaml and the folder performance/ with result files, openness.yaml, and
access.yaml with the folder documents/. references.csv and excuses.csv lie at the top of the round folder.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from evaluator.files import excuses, references
from evaluator.files.access import read_access
from evaluator.files.checks import Reading
from evaluator.files.folder import Folder, entries
from evaluator.files.openness import read_openness
from evaluator.files.performance import Submission, read_performance
from evaluator.files.problems import nearest, shorten
from evaluator.files.results import read_results
from evaluator.files.sources import YAML_BYTES
from evaluator.files.validation import validate
from evaluator.files.yaml_source import read_yaml
from evaluator.model.access import AccessDeclaration
from evaluator.model.evidence import RoundEvidence
from evaluator.model.openness import OpennessDeclaration
from evaluator.model.performance import Measurement, PerformanceDeclaration
from evaluator.model.round import Applicant, OfficeFigure
from evaluator.model.rubric import Criterion

EVIDENCE = "evidence"
EVIDENCE_TABLES = ("references.csv", "excuses.csv")
PERFORMANCE, OPENNESS, ACCESS = "performance.yaml", "openness.yaml", "access.yaml"
RESULTS, DOCUMENTS, RELEASES = "performance", "documents", "openness"
_FILES = (PERFORMANCE, OPENNESS, ACCESS)
_FOLDERS = (RESULTS, DOCUMENTS, RELEASES)
_READ_ENDINGS = {".yaml", ".yml", ".json", ".csv", ".eval", ".parquet"}


class _Needs(NamedTuple):
    """Which of an applicant's evidence files the rubric asks for; ``releases``: declarations of several models."""

    performance: bool
    openness: bool
    access: bool
    releases: bool


def read_evidence(
    files: Folder,
    reading: Reading,
    applicants: Sequence[Applicant],
    office: Iterable[OfficeFigure],
    evaluation_date: datetime.date | None,
) -> RoundEvidence:
    """Everything the evidence folders hold, checked; every problem is noted.

    An applicant without a file has nothing of that kind: whether the round can do without it shows when it is ranked.
    """
    if not files.names.intersection({EVIDENCE, *EVIDENCE_TABLES}):
        return RoundEvidence()
    rubric = reading.rubric
    leaves = rubric.leaves() if rubric is not None and reading.trusts("criteria", "use") else ()
    only_tables = rubric is not None and rubric.use == "evidence"
    needs = None
    if leaves:
        needs = _Needs(
            performance=any(leaf.source == "performance" if only_tables else leaf.performance for leaf in leaves),
            openness=any(leaf.openness for leaf in leaves),
            access=any(leaf.access for leaf in leaves),
            releases=only_tables,
        )
    submissions: list[Submission] = []
    openness: list[tuple[str, OpennessDeclaration]] = []
    access: list[tuple[str, AccessDeclaration]] = []
    handed_in: dict[str, set[str]] = {}
    for applicant, name in _folders(files, applicants, reading):
        there = _contents(files, name, needs)
        handed_in[applicant] = there
        if PERFORMANCE in there or RESULTS in there:
            submissions.append(_submission(files, applicant, name, there))
        for file in _declarations(files, name, there):
            source = files.source(file, YAML_BYTES)
            declared = None
            if source is not None:
                declared = read_openness(
                    source,
                    files.found,
                    judged=not only_tables,
                    evaluation_date=evaluation_date,
                    warnings=reading.warnings,
                )
            if declared is not None:
                openness.append((applicant, declared))
        if ACCESS in there and (source := files.source(f"{name}/{ACCESS}", YAML_BYTES)):
            known = leaves or None
            claimed = read_access(source, files, f"{name}/{DOCUMENTS}", evaluation_date, known, reading.warnings)
            if claimed is not None:
                access.append((applicant, claimed))
    _check_office(leaves, handed_in, office, reading)
    matched, models = read_performance(
        submissions,
        files.table("references.csv", references.COLUMNS),
        files.table("excuses.csv", excuses.COLUMNS),
        reading,
        evaluation_date=evaluation_date,
        inputs=files.inputs,
    )
    measurements = [(s.applicant, m) for s in submissions for m in s.measurements]
    return RoundEvidence(
        performance=matched,
        references=models,
        openness=tuple(openness),
        access=tuple(access),
        measurements=tuple(measurements),
    )


def _folders(files: Folder, applicants: Sequence[Applicant], reading: Reading) -> list[tuple[str, str]]:
    """The applicants with an evidence folder and the folder's name, in the order of applicants.csv."""
    found, top = files.found, files.path / EVIDENCE
    if EVIDENCE not in files.names:
        return []
    if not top.is_dir():
        found.add("evidence.not_a_folder", EVIDENCE)
        return []
    if not files.is_inside(EVIDENCE):
        return []
    known = {a.id: i for i, a in enumerate(applicants)}
    sure = reading.known("applicant") is not None
    there = []
    for path in entries(top, EVIDENCE, found):
        name = f"{EVIDENCE}/{path.name}"
        if not path.is_dir():
            if path.suffix.lower() in _READ_ENDINGS:
                found.add("evidence.not_a_folder", name)
        elif path.name in known:
            if files.is_inside(name):
                there.append((path.name, name))
        elif sure:
            near = nearest(path.name, known)
            code = "evidence.unknown_applicant_near" if near else "evidence.unknown_applicant"
            found.add(code, name, value=shorten(path.name), near=near)
    return sorted(there, key=lambda item: known[item[0]])


def _contents(files: Folder, name: str, needs: _Needs | None) -> set[str]:
    """The files and folders of one applicant that are read.

    What looks like one of them and is not read is a problem; other documents (a PDF, a scan) may lie there.
    """
    found = files.found
    there: set[str] = set()
    wanted: Mapping[str, bool] = {}
    if needs is not None:
        wanted = {
            PERFORMANCE: needs.performance,
            RESULTS: needs.performance,
            OPENNESS: needs.openness,
            ACCESS: needs.access,
            DOCUMENTS: needs.access,
            RELEASES: needs.releases,
        }
    paths = entries(files.path / name, name, found)
    names = {path.name for path in paths}
    for path in paths:
        whole = f"{name}/{path.name}"
        if path.name not in {*_FILES, *_FOLDERS}:
            near = nearest(path.name, (*_FILES, *_FOLDERS))
            near = "" if near in names else near
            if path.suffix.lower() in _READ_ENDINGS or (near and path.is_dir()):
                found.add("evidence.unknown_file_near" if near else "evidence.unknown_file", whole, near=near)
        elif path.is_dir() != (path.name in _FOLDERS):
            found.add("evidence.not_a_folder" if path.name in _FOLDERS else "file.not_a_file", whole)
        elif not wanted.get(path.name, True):
            found.add("evidence.not_used", whole)
        elif files.is_inside(whole):
            there.add(path.name)
    return there


def _declarations(files: Folder, name: str, there: set[str]) -> list[str]:
    """openness.yaml and, where several released models are told of, the files of the folder openness/."""
    named = [f"{name}/{OPENNESS}"] if OPENNESS in there else []
    if RELEASES in there:
        for path in entries(files.path / name / RELEASES, f"{name}/{RELEASES}", files.found):
            whole = f"{name}/{RELEASES}/{path.name}"
            if path.suffix in {".yaml", ".yml"}:
                named.append(whole)
            else:
                files.found.add("evidence.unknown_file", whole, near="")
    return named


def _submission(files: Folder, applicant: str, name: str, there: set[str]) -> Submission:
    """performance.yaml and the result files of one applicant."""
    found = files.found
    declaration = None
    whole = f"{name}/{PERFORMANCE}"
    if PERFORMANCE not in there:
        found.add("evidence.performance_undeclared", f"{name}/{RESULTS}", wanted=whole)
    else:
        source = files.source(whole, YAML_BYTES)
        document = None if source is None else read_yaml(source, found)
        checked = None if document is None else validate(PerformanceDeclaration, document, found)
        declaration = checked.model if checked is not None else None
    measurements: list[Measurement] = []
    before = len(found)
    if RESULTS in there:
        given = declaration or PerformanceDeclaration.model_validate({"schema": 1, "model": "?"})
        measurements = read_results(files.path / name / RESULTS, f"{name}/{RESULTS}", given, found, files.inputs)
    elif declaration is not None:
        found.add("evidence.no_results", whole, wanted=f"{name}/{RESULTS}")
    return Submission(
        applicant=applicant,
        file=whole,
        declaration=declaration,
        measurements=measurements,
        complete=len(found) == before,
    )


def _check_office(
    leaves: Iterable[Criterion], handed_in: Mapping[str, set[str]], office: Iterable[OfficeFigure], reading: Reading
) -> None:
    """A figure is derived from evidence or entered by the office, never both."""
    wanted = {}
    for leaf in leaves:
        kinds = {PERFORMANCE: leaf.performance, OPENNESS: leaf.openness, ACCESS: leaf.access}
        wanted[leaf.id] = next((file for file, rule in kinds.items() if rule is not None), "")
    for figure in office:
        file = wanted.get(figure.criterion, "")
        if file and file in handed_in.get(figure.applicant, ()):
            reading.found.add(
                "evidence.and_office",
                "office.csv",
                reading.office_places.get((figure.applicant, figure.criterion), (0, 0)),
                "criterion",
                applicant=figure.applicant,
                criterion=figure.criterion,
                evidence=f"{EVIDENCE}/{figure.applicant}/{file}",
            )
