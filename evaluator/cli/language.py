"""In which language to talk: as asked for, as the environment says, as the round is written, as the machine is set."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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


def _known(candidate: str | None) -> Language:
    return "ko" if candidate == "ko" else "en"


def _locale(environ: Mapping[str, str]) -> Language:
    # The first of these that is set wins, as in every other program.
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "ko" if environ[name].startswith("ko") else "en"
    return "en"
