"""access.yaml: what is read is what the file says, documents are hashed, and nothing odd gets through."""

from __future__ import annotations

import datetime
import hashlib
import os
import random
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from evaluator.errors import Problem, render
from evaluator.files import load_round
from evaluator.files.access import read_access
from evaluator.files.access_documents import DOCUMENT_BYTES, document_hash, place_fault
from evaluator.files.access_figures import OTHER_WORDS
from evaluator.files.folder import Folder
from evaluator.files.numerals import plain_number
from evaluator.files.problems import Problems
from evaluator.files.sources import YAML_BYTES
from evaluator.model.access import AccessDeclaration
from evaluator.model.access_kinds import CONFORMING, MONEY, WHOLE
from evaluator.resources import message_catalogue
from evaluator.workflow import evaluate
from tests.files.cases import ACCEPT
from tests.files.test_fuzz import break_something

DAY = datetime.date(2026, 1, 15)
FILE = "evidence/a1/access.yaml"
RUNS = int(os.environ.get("FUZZ_RUNS", "150"))


def read(folder: Path, day: datetime.date | None = DAY) -> tuple[AccessDeclaration | None, list[Problem], Folder]:
    files = Folder(folder, Problems(), {"evidence"})
    source = files.source(FILE, YAML_BYTES)
    found = None if source is None else read_access(source, files, "evidence/a1/documents", day, None)
    return found, files.found.listed(), files


def copy(parent: Path) -> Path:
    return Path(shutil.copytree(ACCEPT / "access", parent / "round"))


def changed(parent: Path, old: str, new: str) -> Path:
    folder = copy(parent)
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def plainly(folder: Path) -> Any:
    """The file as another reader of YAML has it, every scalar as text."""
    yaml = YAML(typ="base", pure=True)
    return yaml.load((folder / FILE).read_text(encoding="utf-8"))


def as_text(value: Any) -> Any:
    """A model's content in the form in which the other reader gives it."""
    if isinstance(value, dict):
        return {key: as_text(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [as_text(inside) for inside in value]
    return str(value)


def written(declaration: AccessDeclaration) -> Any:
    kept = declaration.model_dump(by_alias=True, exclude_unset=True, mode="json")
    return as_text(kept)


def test_what_is_read_is_what_the_file_says() -> None:
    declaration, problems, files = read(ACCEPT / "access")
    assert declaration is not None and problems == []
    said = plainly(ACCEPT / "access")
    for indicator in said["indicators"]:
        for piece in indicator["evidence"]:
            document = ACCEPT / "access/evidence/a1/documents" / piece.get("file", "")
            digest = hashlib.sha256(document.read_bytes()).hexdigest() if "file" in piece else "None"
            assert piece.get("sha256", digest) == digest
            piece["sha256"] = digest
            if "file" in piece:
                assert files.inputs[f"evidence/a1/documents/{piece['file']}"] == digest
    assert written(declaration) == said


def test_the_round_is_evaluated_by_its_evidence() -> None:
    evaluation = evaluate(*load_round(ACCEPT / "access"))
    assert evaluation.evidence is not None
    levels = {(d.applicant, d.criterion): d.level for d in evaluation.evidence.access}
    assert levels == {
        ("a1", "price"): 3,
        ("a2", "price"): 1,
        ("a1", "free"): 2,
        ("a2", "free"): 0,
        ("a1", "accessibility"): 2,
        ("a2", "accessibility"): 1,
    }
    assert [(s.applicant, s.total) for s in evaluation.ranking] == [("a1", Fraction(90)), ("a2", Fraction("23.33"))]
    flagged = {(d.applicant, item.id): item.flags for d in evaluation.evidence.access for item in d.evidence}
    assert {key: flags for key, flags in flagged.items() if flags} == {
        ("a1", "c1"): ("used_by_others",),
        ("a1", "c3"): ("expired",),
        ("a2", "e2"): ("used_by_others",),
    }
    assert "evidence/a1/documents/요금표.txt" in evaluation.provenance.inputs


def test_what_another_applicant_is_called_changes_no_level(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    (folder / "evidence/a1").rename(folder / "evidence/z9")
    table = (folder / "applicants.csv").read_text(encoding="utf-8")
    (folder / "applicants.csv").write_text(table.replace("a1,", "z9,"), encoding="utf-8")
    outcome = evaluate(*load_round(folder)).evidence
    assert outcome is not None
    assert sorted(d.level for d in outcome.access) == [0, 1, 1, 2, 2, 3]


# Dates


def test_without_an_evaluation_date_nothing_is_after_it(tmp_path: Path) -> None:
    folder = changed(tmp_path, "date: 2025-11-03", "date: 2099-01-01")
    assert read(folder, None)[1] == []
    assert [p.code for p in read(folder)[1]] == ["access.date_after_evaluation"]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("date: 2025-11-03", "date: 2026-01-15", []),
        ("valid_until: 2028-12-31", "valid_until: 2026-01-05", []),
        ("date: 2026-01-08", "date: 2025-12-31", []),
        ("date: 2026-01-08", "date: 2025-12-30", ["access.period_after_date"]),
        ("value: 50, unit: percent", "value: 100, unit: percent", []),
        ("value: 50, unit: percent", "value: 100.01, unit: percent", ["access.figure_percent"]),
        ("from: 9900, to: 29900", "from: 9900, to: 9900", []),
        ("from: 9900, to: 29900", "from: 9900", ["access.figure_ends"]),
        ("from: 9900, to: 29900", "from: 9900, to: null", ["access.figure_ends"]),
        ("value: 50, unit: percent", "value: '050', unit: percent", ["access.figure_not_plain"]),
        ("value: 50, unit: percent", "value: 1e2, unit: percent", ["value.not_a_number"]),
        ("value: 50, unit: percent", "value: 1/3, unit: percent", ["value.not_a_number"]),
        ("value: 50, unit: percent", "value: [50], unit: percent", ["value.not_a_number"]),
        ("value: 50, unit: percent", "value: 1234567890123, unit: percent", ["value.not_a_number"]),
        ("from: 9900, to: 29900", "from: 9900, to: 1234567890123", ["value.not_a_number"]),
        ("from: 2025-10-01", "from: 2025-10-32", ["value.not_a_date"]),
        ("from: 2025-10-01", "from: 2025-10-01 ", []),
        ("currency: KRW", "currency: EUR", ["value.not_a_choice"]),
        ("level: 3, by", "level: '3', by", ["value.not_whole"]),
        ("level: 3, by", "level: -1, by", ["value.too_small"]),
    ],
)
def test_the_ends_of_what_is_allowed(tmp_path: Path, old: str, new: str, codes: list[str]) -> None:
    assert [p.code for p in read(changed(tmp_path, old, new))[1]] == codes


# Figures


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1.2억", "120000000"),
        ("1,000", "1000"),
        ("1,000명", "1000"),
        ("3억 5천만원", "350000000"),
        ("2조", ""),  # thirteen digits
        ("1천억", "100000000000"),
        ("12만5천", "125000"),
        ("99.5%", "99.5"),
        ("99.5 퍼센트", "99.5"),
        ("$20", "20"),
        ("₩9,900", "9900"),
        ("１２", "12"),
        ("012", "12"),
        ("약 100", ""),
        ("", ""),
        ("명", ""),
        ("1e5", ""),
        ("-5억", ""),
        ("1.23456789", ""),
    ],
)
def test_how_a_number_is_written_plainly(text: str, plain: str) -> None:
    assert plain_number(text, OTHER_WORDS) == plain


def test_every_word_for_a_unit_leads_to_a_unit(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    for word, wanted in OTHER_WORDS.items():
        path.write_text(text.replace("{value: 50, unit: percent}", f"{{value: 50, unit: '{word}'}}"), encoding="utf-8")
        (problem,) = read(folder)[1]
        assert (problem.code, problem.params["wanted"]) == ("access.unit_other_word", wanted)
    told = {wanted for wanted in OTHER_WORDS.values() if "currency" in wanted}
    assert {wanted.partition(",")[0] for wanted in told} <= MONEY


# Places


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://example.org", True),
        ("http://example.org:8080/a?b=c#d", True),
        ("https://한글.example/안내", True),
        ("HTTPS://EXAMPLE.ORG/", True),
        ("https://localhost/a", False),
        ("https:///a", False),
        ("https://example.org/a b", False),
        ("https://me@example.org/", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("ftp://example.org/", False),
        ("//example.org/", False),
        ("www.example.org", False),
        ("", False),
    ],
)
def test_what_is_a_web_address(url: str, fine: bool) -> None:
    assert (place_fault("url", url) is None) == fine


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("a.pdf", True),
        ("a b/요금표 (1).pdf", True),
        ("..a/b..pdf", True),
        ("../a.pdf", False),
        ("a/../b.pdf", False),
        ("./a.pdf", False),
        ("/etc/passwd", False),
        ("C:/a.pdf", False),
        ("C:a.pdf", False),
        ("a\\b.pdf", False),
        ("a//b.pdf", False),
        ("a/", False),
        ("..", False),
    ],
)
def test_what_names_a_document(name: str, fine: bool) -> None:
    assert (place_fault("file", name) is None) == fine


def test_no_link_leads_out_of_the_documents(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("x", encoding="utf-8")
    home = tmp_path / "a1"
    home.mkdir()
    documents = home / "documents"
    documents.symlink_to(outside)
    assert document_hash("secret.txt", documents) == ("", ("access.file_outside", {"value": "secret.txt"}))
    documents.unlink()
    documents.mkdir()
    (documents / "folder").symlink_to(outside)
    (documents / "gone.txt").symlink_to("nowhere.txt")
    (documents / "real.txt").write_text("x", encoding="utf-8")
    (documents / "again.txt").symlink_to("real.txt")
    assert document_hash("folder/secret.txt", documents)[1] == ("access.file_outside", {"value": "folder/secret.txt"})
    fault = document_hash("gone.txt", documents)[1]
    assert fault is not None and fault[0] == "file.unreadable"
    assert document_hash("again.txt", documents) == (hashlib.sha256(b"x").hexdigest(), None)
    long = document_hash("n" * 5000, documents)[1]
    assert long is not None and long[0] == "file.unreadable"


def test_documents_that_nothing_cites_are_told(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    documents = folder / "evidence/a1/documents"
    (documents / "plans" / "old.txt").write_text("x", encoding="utf-8")
    (documents / "draft.pdf").write_bytes(b"%PDF")
    (documents / ".DS_Store").write_bytes(b"x")
    (documents / "again.txt").symlink_to("commitment.txt")
    _, round_ = load_round(folder)
    assert [(w.code, w.file, dict(w.params)) for w in round_.warnings] == [
        (
            "access.documents_not_cited",
            "evidence/a1/documents",
            {"names": "again.txt, draft.pdf, plans/old.txt", "count": "3"},
        )
    ]
    for language in ("ko", "en"):
        assert "draft.pdf" in render(round_.warnings[0], message_catalogue("problems", language))[0]


def test_a_document_beyond_all_bounds_is_not_hashed(tmp_path: Path) -> None:
    with (tmp_path / "huge.bin").open("wb") as file:
        file.truncate(DOCUMENT_BYTES + 1)
    fault = document_hash("huge.bin", tmp_path)[1]
    assert fault is not None and fault[0] == "file.too_large"


def test_the_document_that_was_probably_meant(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "price-list.pdf").write_bytes(b"x")
    fault = document_hash("plans/price_list.pdf", tmp_path)[1]
    assert fault == ("access.file_missing_near", {"value": "plans/price_list.pdf", "near": "plans/price-list.pdf"})
    (tmp_path / "a").write_bytes(b"x")
    fault = document_hash(f"{tmp_path.name}/a", tmp_path)[1]
    assert fault == ("access.file_missing_near", {"value": f"{tmp_path.name}/a", "near": "a"})
    assert document_hash("a.pdf", tmp_path / "nowhere")[1] == ("access.file_missing", {"value": "a.pdf", "near": ""})


# Whatever happens to the file

SCRAPS = (
    "level: 9", "level: 0.5", "date: 2026-13-01", "date: 2099-01-01", "kind: price_list", "kind: x", "delivery: both",
    "figure: {value: 101, unit: percent}", "figure: {value: 1.2억, unit: 명}", "figure: 7", "file: ../../../round.yaml",
    "file: commitment.txt", "url: https://x.example", "url: x", "conforms: []", "evidence: []", "promised: {level: 2}",
    "conforms: [{standard: WCAG 2.1, result: met}]", "valid_until: 1999-01-01", "sha256: abc", "- id: p1", "id: [a]",
    "title: {ko: 가}", "indicators: {}", "issuer: 7", "pages: null",
)  # fmt: skip


def mutated(data: bytes, seed: int) -> bytes:
    rng = random.Random(f"access {seed}")
    for _ in range(rng.choice([1, 1, 2, 4])):
        if rng.random() < 0.5:
            data = break_something(data, b"schema: 1\n", rng)
        else:
            lines = data.split(b"\n")
            i = rng.randrange(len(lines))
            line = lines[i]
            indent = line[: len(line) - len(line.lstrip(b" -"))].replace(b"-", b" ")
            put = indent + rng.choice(SCRAPS).encode()
            lines[i : i + rng.randrange(2)] = [put]
            data = b"\n".join(lines)
    return data


def check_sense(declaration: AccessDeclaration, folder: Path) -> None:
    """What was accepted makes sense by every rule, checked again in other words."""
    said = plainly(folder)
    ids = [piece.id for indicator in declaration.indicators for piece in indicator.evidence]
    assert len(ids) == len(set(ids)) and len({i.id for i in declaration.indicators}) == len(declaration.indicators)
    assert [i["id"] for i in said["indicators"]] == [i.id for i in declaration.indicators]
    for indicator, told in zip(declaration.indicators, said["indicators"], strict=True):
        pieces = told.get("evidence") or []
        assert [piece["kind"] for piece in pieces] == [piece.kind for piece in indicator.evidence]
        for piece, words in zip(indicator.evidence, pieces, strict=True):
            assert words["date"] == piece.date.isoformat() and piece.date <= DAY
            assert piece.url or piece.file
            assert piece.valid_until is None or piece.valid_until >= piece.date
            if piece.file:
                document = folder / "evidence/a1/documents" / piece.file
                assert ".." not in piece.file and hashlib.sha256(document.read_bytes()).hexdigest() == piece.sha256
            assert bool(piece.conforms) == (piece.kind in CONFORMING)
            figure = piece.figure
            if figure is not None:
                ends = [end for end in (figure.value, figure.from_, figure.to) if end is not None]
                assert [words["figure"][key] for key in ("value", "from", "to") if key in words["figure"]] == str(
                    figure
                ).split("~")
                assert ends == sorted(ends) and ends[0] >= 0
                assert figure.unit != "percent" or ends[-1] <= 100
                assert figure.unit not in WHOLE or all(end.denominator == 1 for end in ends)
                assert (figure.currency is not None) == (figure.unit in MONEY)


def test_a_broken_file_is_told_or_makes_sense(tmp_path: Path) -> None:
    catalogues = [message_catalogue("problems", language) for language in ("ko", "en")]
    folder, accepted = copy(tmp_path), 0
    whole = (folder / FILE).read_bytes()
    for seed in range(RUNS):
        (folder / FILE).write_bytes(mutated(whole, seed))
        declaration, problems, _ = read(folder)
        for problem in problems:
            for catalogue in catalogues:
                render(problem, catalogue)
        if problems:
            assert all(p.file.startswith("evidence/a1/") for p in problems)
        else:
            assert declaration is not None
            check_sense(declaration, folder)
            accepted += 1
    assert 0 < accepted < RUNS
