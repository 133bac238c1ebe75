"""Reports: an evaluation becomes strings and rows, these become HTML, and that becomes PDF."""

from evaluator.report.pdf import FetchDenied, MissingGlyph, MissingGlyphs, render_pdf
from evaluator.report.write import write_reports

__all__ = ["FetchDenied", "MissingGlyph", "MissingGlyphs", "render_pdf", "write_reports"]
