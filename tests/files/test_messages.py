"""The catalogue of messages: complete, the same in both languages, and nothing in it that nobody says."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import evaluator
from evaluator.errors import Problem, render
from evaluator.model.text import LANGUAGES
from evaluator.resources import message_catalogue

SOURCE = Path(evaluator.__file__).parent
ROOMS = ("errors.py", "workflow.py", "model", "files", "evidence", "scoring", "cli")
PARTS = {"found", "allowed", "fix"}
CODE = re.compile(r"[a-z_]+\.[a-z0-9_]+")
FILE_NAME = re.compile(r".*\.(csv|yaml|yml|json|parquet|xlsx|rows)")
# Names of other things with a dot in them.
OTHER_WORDS = ("rubric.criteria", "rubric.gates", "rubric.panels")


def catalogues() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return {language: message_catalogue("problems", language) for language in LANGUAGES}


def fields(entry: Mapping[str, str]) -> set[str]:
    return {name for text in entry.values() for _, name, _, _ in string.Formatter().parse(text) if name}


def words_in_the_source() -> Iterator[str]:
    """Every text in the source that may be a code; on the command line, which has words of its own, only codes."""
    for room in ROOMS:
        for path in [SOURCE / room] if room.endswith(".py") else (SOURCE / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                told: ast.AST | None = node
                if room == "cli":
                    told = node.value if isinstance(node, ast.keyword) and node.arg == "code" else None
                if isinstance(told, ast.Constant) and isinstance(told.value, str) and CODE.fullmatch(told.value):
                    yield told.value


def test_both_languages_say_the_same_things() -> None:
    korean, english = catalogues()["ko"], catalogues()["en"]
    assert list(korean) == list(english)
    assert {code: fields(entry) for code, entry in korean.items()} == {
        code: fields(entry) for code, entry in english.items()
    }
    assert {code: set(entry) for code, entry in korean.items()} == {code: set(entry) for code, entry in english.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_says_what_was_found(language: str) -> None:
    for code, entry in catalogues()[language].items():
        assert "found" in entry, code
        assert set(entry) <= PARTS, code
        assert all(text.strip() == text and text for text in entry.values()), code


def test_korean_entries_are_korean_and_english_ones_are_not() -> None:
    for code in catalogues()["ko"]:
        assert re.search("[가-힣]", catalogues()["ko"][code]["found"]), code
        english = " ".join(catalogues()["en"][code].values())
        assert not re.search("[가-힣]", english), code


def test_no_particle_depends_on_what_is_put_in() -> None:
    after_a_value = re.compile(
        r"(?<!\{)\{[a-z]+\}[’”\"]?(은|는|이|가|을|를|과|와|로|으로)(?![가-힣])|\([은는이가을를]\)"
    )
    for code, entry in catalogues()["ko"].items():
        for text in entry.values():
            assert not after_a_value.search(text), (code, text)


def test_every_code_in_the_source_has_a_message_and_the_other_way_round() -> None:
    catalogue = catalogues()["ko"]
    areas = {code.partition(".")[0] for code in catalogue} - {"table"}
    used = set(words_in_the_source())
    codes = {
        word
        for word in used
        if word.partition(".")[0] in areas and not FILE_NAME.fullmatch(word) and word not in OTHER_WORDS
    }
    assert codes - set(catalogue) == set()
    assert set(catalogue) - used == set()


def test_a_code_without_a_message_is_our_own_bug() -> None:
    with pytest.raises(KeyError):
        render(Problem(code="no.such"), catalogues()["ko"])
