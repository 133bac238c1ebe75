"""Reports: an evaluation becomes strings and rows, these become HTML, and that becomes PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluator.report.pdf import FetchDenied, MissingGlyph, MissingGlyphs, render_pdf
    from evaluator.report.write import write_evidence_report, write_reports

__all__ = ["FetchDenied", "MissingGlyph", "MissingGlyphs", "render_pdf", "write_evidence_report", "write_reports"]


def __getattr__(name: str) -> object:
    # Loaded when first asked for: the command line takes its words from this package and often nothing else.
    if name not in __all__:
        raise AttributeError(name)
    from evaluator.report import pdf, write

    return getattr(write if name.startswith("write_") else pdf, name)
