"""Round folders: everything that can be checked before anything is computed, every problem at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TypeVar

from evaluator.files import registers
from evaluator.files.checks import Reading
from evaluator.files.evidence import EVIDENCE_TABLES, read_evidence
from evaluator.files.folder import Folder
from evaluator.files.marks import marks_in, unused_marks
from evaluator.files.owed_marks import check_owed
from evaluator.files.problems import Problems, nearest, shorten
from evaluator.files.registers import COLUMNS
from evaluator.files.rubrics import RubricReading, read_rubric
from evaluator.files.scores_parts import in_parts
from evaluator.files.sources import SCORES_BYTES, TABLE_BYTES, YAML_BYTES, read_bytes
from evaluator.files.support import SUPPORT_POLICY, SUPPORT_REQUESTS, read_support
from evaluator.files.tables import Table
from evaluator.files.validation import Checked, validate
from evaluator.files.yaml_source import Document, read_yaml
from evaluator.model.garbage import uncollected
from evaluator.model.round import Reviewer, Round, RoundInfo, no_marks
from evaluator.model.rubric import Rubric
from evaluator.model.text import LANGUAGES, Language

ROUND_FILE = "round.yaml"
PARQUET = "scores.parquet"
RESERVED = ("statements.csv", "objections.csv", "approvals.csv")
"""Registers that are kept with the round and hashed, but not read yet."""
OUTPUTS = ("ranking.csv", "ranking.parquet", "marks.parquet")
"""What the product itself may have written into the folder."""
WITHOUT_VOTE = ("assignments.csv", "scores.csv", PARQUET, "office.csv", "adjustments.csv")
"""Tables that mean nothing where the round is decided by votes."""

_TABLE_ENDINGS = (".csv", ".parquet", ".yaml", ".yml")
_OTHER_ENDINGS = (".xlsx", ".xls", ".ods", ".tsv", ".txt", ".json", ".numbers")

T = TypeVar("T")


@uncollected()
def load_round(folder: Path) -> tuple[Rubric, Round]:
    """The resolved rubric and the round in a folder, read and checked.

    Raises :class:`InputProblems` with every problem of every file. Nothing is repaired: what a rule tolerates is a
    warning of the round. Marks that are owed but missing are no problem here; they show when the round is ranked.
    """
    found = Problems()
    if not _is_dir(folder):
        found.add("folder.missing", str(folder))
        found.raise_if_any()
    names = _names(folder, found)
    files = Folder(folder, found, names)
    if ROUND_FILE not in names:
        found.add("file.missing", ROUND_FILE)
    source = files.source(ROUND_FILE, YAML_BYTES)
    document = None if source is None else read_yaml(source, found)
    checked: Checked[RoundInfo] = Checked(None)
    rubric = RubricReading(complete=False)
    if document is None:
        rubric = _read_only_rubric(names, folder, found)
    else:
        checked = validate(RoundInfo, document, found)
        rubric = _read_rubric(document, folder, found)
        _check_previous(document, files)
    _check_names(names, folder, rubric, found)
    round_ = _read_tables(files, checked, document, rubric)
    found.raise_if_any()
    if rubric.rubric is None or round_ is None:
        raise AssertionError("a round that cannot be read has problems")
    inputs = sorted((files.inputs | rubric.files).items())
    return rubric.rubric, replace(round_, inputs=tuple(inputs))


def round_language(folder: Path) -> Language | None:
    """The language round.yaml names, read tolerantly so that messages can be in it; None where there is none."""
    nowhere = Problems()
    source = read_bytes(folder / ROUND_FILE, ROUND_FILE, YAML_BYTES, nowhere)
    document = None if source is None else read_yaml(source, nowhere)
    said = None if document is None else document.data.get("language")
    return next((language for language in LANGUAGES if language == said), None)


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _names(folder: Path, found: Problems) -> set[str]:
    try:
        return {entry.name for entry in folder.iterdir()}
    except OSError as error:
        found.add("file.unreadable", str(folder), reason=error.strerror or type(error).__name__)
        return set()


def _read_rubric(document: Document, folder: Path, found: Problems) -> RubricReading:
    reference = document.data.get("rubric")
    if not isinstance(reference, str):
        return RubricReading(complete=False)
    return read_rubric(reference, folder, found, document.file, document.place(("rubric",)), "rubric")


def _read_only_rubric(names: set[str], folder: Path, found: Problems) -> RubricReading:
    """Where round.yaml cannot be read: the only other YAML file is the rubric, and its faults are shown as well."""
    others = [name for name in names if name.endswith((".yaml", ".yml")) and name not in {ROUND_FILE, SUPPORT_POLICY}]
    if len(others) != 1:
        return RubricReading(complete=False)
    return read_rubric(others[0], folder, found, others[0])


def _check_previous(document: Document, files: Folder) -> None:
    """The record of the stage before, if one is named, is there; it is hashed, not read."""
    reference = document.data.get("previous")
    if not isinstance(reference, str):
        return
    found, place = files.found, document.place(("previous",))
    if PurePosixPath(reference).is_absolute() or PureWindowsPath(reference).drive or "\\" in reference:
        found.add("path.not_relative", document.file, place, "previous", value=shorten(reference))
        return
    try:
        there = (files.path / reference).is_file()
    except (OSError, ValueError):
        there = False
    if not there:
        found.add("previous.missing", document.file, place, "previous", value=shorten(reference))
        return
    source = read_bytes(files.path / reference, PurePosixPath(reference).as_posix(), SCORES_BYTES, found)
    if source is not None:
        files.inputs[source.name] = source.sha256


def _check_names(names: set[str], folder: Path, rubric: RubricReading, found: Problems) -> None:
    """Every table-like file at the top of the folder is one that is read; a mistyped name would be read by nobody."""
    known = {ROUND_FILE, PARQUET, *COLUMNS, *RESERVED, *EVIDENCE_TABLES, SUPPORT_POLICY, SUPPORT_REQUESTS}
    used = {path.name for path in rubric.seen if path.parent == folder.resolve()}
    for name in sorted(names - known - used - set(OUTPUTS)):
        if name.startswith((".", "~")) or not (folder / name).is_file():
            continue
        stem, ending = PurePosixPath(name).stem.lower(), PurePosixPath(name).suffix.lower()
        same = next((other for other in sorted(known) if PurePosixPath(other).stem == stem), "")
        if ending in _OTHER_ENDINGS and same:
            found.add("folder.other_format", name, wanted=same)
        elif ending in {".yaml", ".yml"} and not rubric.complete and not same:
            # It may well be a rubric that is included where the rubric cannot be understood.
            continue
        elif ending in _TABLE_ENDINGS:
            near = same or nearest(name, known)
            near = "" if near in names else near
            found.add("folder.unknown_file_near" if near else "folder.unknown_file", name, near=near)
    if "scores.csv" in names and PARQUET in names:
        found.add("scores.twice", PARQUET)


def _read_tables(
    files: Folder, checked: Checked[RoundInfo], document: Document | None, rubric: RubricReading
) -> Round | None:
    found, info = files.found, checked.model
    reading = Reading(
        found=found,
        rubric=rubric.rubric if rubric.complete else None,
        doubtful=frozenset(rubric.doubtful),
        blind=info is not None and info.blind,
    )
    unused: tuple[str, ...] = ()
    if rubric.rubric is not None and reading.trusts("decision", "criteria"):
        voting = rubric.rubric.decision is not None
        unused = WITHOUT_VOTE if voting else ("votes.csv",)
        for name in sorted(files.names.intersection(unused)):
            found.add("vote.file_not_used" if voting else "vote.no_decision", name)
    files.names -= set(unused)
    scores = PARQUET if PARQUET in files.names else "scores.csv"
    source = files.source(scores, SCORES_BYTES)
    with in_parts(source) as parts:  # being read while the other tables are
        applicants = _part(files, "applicants.csv", reading, registers.read_applicants) or ()
        if "applicants.csv" not in files.names:
            found.add("file.missing", "applicants.csv")
        reviewers = _read_reviewers(files, reading)
        if document is not None:
            _check_chair(document, reading)
        conflicts = _part(files, "conflicts.csv", reading, registers.read_conflicts) or ()
        reading.conflicts = conflicts
        assigned = _part(files, "assignments.csv", reading, registers.read_assignments)
        reading.assigned = assigned
        check_owed(reading)
        marks = None if source is None else marks_in(source, parts, reading)
    marks = marks or no_marks()
    office = _part(files, "office.csv", reading, registers.read_office) or ()
    adjustments = _part(files, "adjustments.csv", reading, registers.read_adjustments) or ()
    gates = _part(files, "gates.csv", reading, registers.read_gates) or ()
    decisions = _part(files, "decisions.csv", reading, registers.read_decisions) or ()
    opinions = _part(files, "opinions.csv", reading, registers.read_opinions) or ()
    ballots = _part(files, "votes.csv", reading, registers.read_votes) or ()
    date = info.evaluation_date if info is not None else None
    evidence = read_evidence(files, reading, applicants, office, date)
    policy, requests = read_support(files, reading, applicants)
    for name in RESERVED:
        files.source(name, TABLE_BYTES)
    if found or info is None or rubric.rubric is None:
        return None
    before = {gate.id for gate in rubric.rubric.gates_when("before_scoring")}
    out = {g.applicant for g in gates if g.gate in before and g.outcome == "fail"}
    out |= {a.id for a in applicants if a.withdrawn}
    positions = {i: a.id for i, a in enumerate(applicants) if a.id in out}
    warnings = [*reading.warnings, *unused_marks(marks, positions, scores)]
    return Round(
        info=info,
        applicants=applicants,
        reviewers=reviewers,
        assigned=assigned,
        marks=marks,
        conflicts=conflicts,
        office=office,
        adjustments=adjustments,
        gates=gates,
        decisions=decisions,
        opinions=opinions,
        ballots=ballots,
        evidence=evidence,
        support=policy,
        support_requests=requests,
        warnings=tuple(warnings),
        scores_file=scores,
    )


def _part(files: Folder, name: str, reading: Reading, read: Callable[[Table, Reading], T]) -> T | None:
    """What one table of the folder holds; None where it is not there or cannot be read."""
    table = files.table(name, COLUMNS[name])
    return None if table is None else read(table, reading)


def _read_reviewers(files: Folder, reading: Reading) -> tuple[Reviewer, ...]:
    """The reviewers. Without reviewers.csv there are none, which only tables that name reviewers cannot do with."""
    reviewers = _part(files, "reviewers.csv", reading, registers.read_reviewers) or ()
    if "reviewers.csv" not in files.names:
        naming = ("assignments.csv", "conflicts.csv", "scores.csv", PARQUET, "votes.csv")
        needing = [name for name in naming if name in files.names]
        if needing:
            reading.found.add("file.missing_for", "reviewers.csv", names=", ".join(needing))
    return reviewers


def _check_chair(document: Document, reading: Reading) -> None:
    chair = document.data.get("chair")
    if isinstance(chair, str) and reading.reviewers is not None and chair not in reading.reviewers:
        near = nearest(chair, reading.reviewers)
        code = "chair.unknown_near" if near else "chair.unknown"
        place = document.place(("chair",))
        reading.found.add(code, document.file, place, "chair", value=shorten(chair), near=near)
