"""HTML to PDF: nothing is fetched, nothing is missing, and the same page gives the same bytes."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from evaluator.model.garbage import uncollected
from evaluator.resources import templates_dir

PDF_VARIANT = "pdf/ua-1"
STYLE_SHEETS = ("report.css",)
_ASSETS = {".svg": "image/svg+xml", ".css": "text/css", ".png": "image/png"}
_AROUND = 12
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class MissingGlyph:
    """A character no installed font can draw, and the words around its first place (empty where unknown)."""

    character: str
    around: str


class MissingGlyphs(Exception):  # noqa: N818 -- it carries many; "Error" would say there is one
    """A report holds characters that no installed font can draw. No file is written for it."""

    def __init__(self, report: str, glyphs: tuple[MissingGlyph, ...]) -> None:
        super().__init__(report, glyphs)
        self.report = report
        self.glyphs = glyphs

    def __str__(self) -> str:
        found = ", ".join(f"{g.character} (U+{ord(g.character):04X}) in {g.around!r}" for g in self.glyphs)
        return f"{self.report}: no installed font can draw {found}"


class FetchDenied(Exception):  # noqa: N818 -- an event, named as such
    """A page asked for something outside the templates folder. Pages never do, unless a template is at fault."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url

    def __str__(self) -> str:
        return f"a report may load only files of the templates folder, not {self.url}"


@dataclass(frozen=True, slots=True)
class _Engine:
    """What is prepared once per process and used for every page."""

    fonts: Any
    style_sheets: tuple[Any, ...]
    fetcher: Any


@cache
def _engine() -> _Engine:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    folder = templates_dir().resolve()

    class Fetcher(URLFetcher):  # type: ignore[misc]  # untyped base
        """Serves files of the templates folder; anything else stops the rendering."""

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ANN401, ARG002 -- WeasyPrint's signature
            path = _asset(url, folder)
            if path is None:
                raise FatalURLFetchingError(url)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _ASSETS[path.suffix]})

    fonts, fetcher = FontConfiguration(), Fetcher()
    sheets = tuple(
        weasyprint.CSS(
            string=(folder / name).read_text(encoding="utf-8"),
            base_url=folder.as_uri() + "/",
            url_fetcher=fetcher,
            font_config=fonts,
        )
        for name in STYLE_SHEETS
    )
    return _Engine(fonts, sheets, fetcher)


def _asset(url: str, folder: Path) -> Path | None:
    """The file of the templates folder that a URL names, if it is one of the kinds that pages use."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc:
        return None
    path = Path(url2pathname(unquote(parts.path)) if "%" in parts.path else url2pathname(parts.path)).resolve()
    return path if path.is_relative_to(folder) and path.suffix in _ASSETS and path.is_file() else None


class _Missing(logging.Handler):
    """Collects the characters that WeasyPrint reports as drawn without a glyph."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.characters: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(".notdef") and isinstance(record.args, tuple) and record.args:
            self.characters[str(record.args[0])] = None


@contextmanager
def _collecting_missing() -> Iterator[_Missing]:
    logger, handler = logging.getLogger("weasyprint"), _Missing()
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)


@contextmanager
def _without_collections(*, more: bool) -> Iterator[None]:
    """One garbage collection after a document instead of many during it: a tenth of the time, and memory stays flat.

    None at all where no document follows.
    """
    try:
        with uncollected():
            yield
    finally:
        if more:
            gc.collect()


def prepare() -> None:
    """Load the renderer, fonts and style sheets now rather than with the first page."""
    _engine()


def render_pdf(html: str, *, report: str = "", more: bool = True) -> bytes:
    """The PDF (tagged, PDF/UA-1) of a finished page; ``report`` names it in errors, ``more`` says that others follow.

    Raises ``MissingGlyphs`` where no installed font has a character, ``FetchDenied`` where the page asks for anything
    outside the templates folder.
    """
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError

    engine = _engine()
    with _collecting_missing() as missing, _without_collections(more=more):
        try:
            document = weasyprint.HTML(
                string=html, base_url=templates_dir().resolve().as_uri() + "/", url_fetcher=engine.fetcher
            )
            content: bytes = document.write_pdf(
                stylesheets=list(engine.style_sheets), font_config=engine.fonts, pdf_variant=PDF_VARIANT
            )
        except FatalURLFetchingError as error:
            raise FetchDenied(str(error)) from None
    if missing.characters:
        text = unescape(_TAG.sub(" ", html)).replace("\u2060", "")
        raise MissingGlyphs(report, tuple(_located(character, text) for character in missing.characters))
    return content


def _located(character: str, text: str) -> MissingGlyph:
    at = text.find(character)
    around = " ".join(text[max(0, at - _AROUND) : at + _AROUND + 1].split()) if at >= 0 else ""
    return MissingGlyph(character, around)
