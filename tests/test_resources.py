"""The shipped files are found, by their ids only, in a checkout and in an installed package."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator import resources

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(params=["checkout", "installed"])
def layout(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that shipped files have to be found in, for either way of lying around."""
    package = tmp_path / "somewhere" / "evaluator"
    package.mkdir(parents=True)
    root = package / "_shipped" if request.param == "installed" else package.parent
    for file in (
        "rubrics/b.yaml",
        "rubrics/a.yaml",
        "rubrics/schema/rubric.schema.json",
        "rubrics/notes.txt",
        "templates/messages/words.ko.toml",
        "examples/two/round.yaml",
        "examples/one/round.yaml",
        "examples/not-a-round/README.md",
        "secret.yaml",
    ):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text('greeting = "안녕하세요"\n', encoding="utf-8")
    if request.param == "installed":
        # What happens to lie beside an installed package is somebody else's.
        (package.parent / "rubrics").mkdir()
        (package.parent / "rubrics" / "foreign.yaml").touch()
    monkeypatch.setattr(resources, "_PACKAGE", package)
    resources.message_catalogue.cache_clear()
    yield root
    resources.message_catalogue.cache_clear()


def test_rubrics_are_listed_in_order_and_found(layout: Path) -> None:
    assert resources.rubric_ids() == ("a", "b")
    assert resources.rubric_path("a") == layout / "rubrics" / "a.yaml"


@pytest.mark.parametrize("name", ["c", "", "foreign", "../secret", "schema/rubric.schema", "./a", "a.yaml", "A", "*"])
def test_only_ids_name_a_rubric(layout: Path, name: str) -> None:
    assert (layout / "secret.yaml").exists()
    assert resources.rubric_path(name) is None


def test_examples_are_the_folders_with_a_round(layout: Path) -> None:
    assert resources.example_ids() == ("one", "two")
    assert resources.examples_dir() == layout / "examples"


def test_a_catalogue_is_read_once(layout: Path) -> None:
    assert resources.templates_dir() == layout / "templates"
    words = resources.message_catalogue("words", "ko")
    assert words == {"greeting": "안녕하세요"}
    (layout / "templates/messages/words.ko.toml").unlink()
    assert resources.message_catalogue("words", "ko") is words
    with pytest.raises(FileNotFoundError):
        resources.message_catalogue("words", "en")


def test_the_checkout_ships_what_its_folders_hold() -> None:
    assert resources.rubric_ids()
    for rubric_id in resources.rubric_ids():
        assert resources.rubric_path(rubric_id) == CHECKOUT / "rubrics" / f"{rubric_id}.yaml"


def test_every_catalogue_exists_in_both_languages() -> None:
    files = sorted(resources.templates_dir().glob("messages/*.toml"))
    names = {file.name.split(".")[0] for file in files}
    assert {name.partition("-")[0] for name in names} <= names
    assert names
    assert [file.name for file in files] == sorted(f"{name}.{lang}.toml" for name in names for lang in ("en", "ko"))
    for file in files:
        assert tomllib.loads(file.read_text(encoding="utf-8"))
