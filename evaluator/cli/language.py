"""In which language to talk: as asked for, as the environment says, as the round is written, as the machine is set."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluator.model.text import Language

LANGUAGES = ("ko", "en")


def choose_language(
    asked: str | None, of_round: Callable[[], str | None] | None = None, environ: Mapping[str, str] | None = None
) -> Language:
    """``--lang``, else EVALUATOR_LANG, else the round's own language, else the locale, else English."""
    environ = os.environ if environ is None else environ
    for candidate in (asked, environ.get("EVALUATOR_LANG")):
        if candidate in LANGUAGES:
            return _known(candidate)
    own = of_round() if of_round else None
    return _known(own) if own in LANGUAGES else _locale(environ)


def environment_language(environ: Mapping[str, str] | None = None) -> Language:
    """EVALUATOR_LANG, else the locale, else English: for help, before any round is read."""
    return choose_language(None, None, environ)


def language_of_arguments(asked: str | None, arguments: Iterable[str]) -> Language:
    """As for a command, of what was typed: the first argument that is a round or a record tells the language.

    For what is said about a command that did not come to run, or was interrupted.
    """

    def of_round() -> str | None:
        from evaluator.files.spoken import source_language

        told = (source_language(Path(argument)) for argument in arguments if not argument.startswith("-"))
        return next((language for language in told if language), None)

    return choose_language(asked, of_round)


def _known(candidate: str | None) -> Language:
    return "ko" if candidate == "ko" else "en"


def _locale(environ: Mapping[str, str]) -> Language:
    # The first of these that is set wins, as in every other program.
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "ko" if environ[name].startswith("ko") else "en"
    return "en"
