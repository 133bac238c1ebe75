"""ranking.csv: one row an applicant, for spreadsheet programs and scripts.

UTF-8 with a byte-order mark, so that Excel shows Korean; rows end in CRLF as RFC 4180 has it. Headings and outcomes
are the record's own words in every language. Text never becomes a formula: a cell that a spreadsheet program would
calculate begins with an apostrophe. Numbers stay numbers; one without a finite decimal is written as a whole number and
a fraction (``68 1/3``), which spreadsheet programs read as a number where they would take ``205/3`` for a date.
"""

from __future__ import annotations

import csv
import io
from fractions import Fraction

from evaluator.model.evaluation import Evaluation, Reason, Standing
from evaluator.model.numbers import show

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def ranking_csv(evaluation: Evaluation) -> bytes:
    """The ranking as the bytes of ranking.csv, in the order of the record.

    Columns: rank, applicant, name (in a blind round the alias, or the id where there is none), outcome, total,
    ranking_total, the points of every criterion under its id (or yes, no, abstain, eligible where votes decide),
    bonus, penalty, reasons, conditions.
    A cell is empty where there is nothing.
    """
    rubric = evaluation.rubric
    nodes = [node.id for node in rubric.nodes()]
    votes = ["yes", "no", "abstain", "eligible"]
    names = {a.id: (a.alias or a.id) if evaluation.round.blind else a.name for a in evaluation.applicants}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    middle = votes if rubric.decision else [*nodes, "bonus", "penalty"]
    writer.writerow(
        ["rank", "applicant", "name", "outcome", "total", "ranking_total", *middle, "reasons", "conditions"]
    )
    for s in evaluation.ranking:
        if rubric.decision:
            cells = [str(getattr(s.votes, vote)) if s.votes else "" for vote in votes]
        else:
            cells = _points(evaluation, s, nodes)
        writer.writerow(
            [
                "" if s.rank is None else str(s.rank),
                guarded(s.applicant),
                guarded(names[s.applicant]),
                s.outcome,
                number_text(s.total, rubric.rounding.total),
                number_text(s.ranking_total, rubric.rounding.total),
                *cells,
                guarded("; ".join(_reason(r) for r in s.reasons)),
                guarded("; ".join(s.conditions)),
            ]
        )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _points(evaluation: Evaluation, standing: Standing, nodes: list[str]) -> list[str]:
    if standing.total is None:
        return [""] * (len(nodes) + 2)
    decimals = evaluation.rubric.rounding.points
    cells = [number_text(standing.criteria[node].points, decimals) for node in nodes]
    return [*cells, number_text(standing.bonus), number_text(standing.penalty)]


def _reason(reason: Reason) -> str:
    words: list[str] = [reason.kind]
    if reason.subject:
        words.append(reason.subject)
    if reason.found is not None and reason.needed is not None:
        words.append(f"{number_text(reason.found)} < {number_text(reason.needed)}")
    return " ".join(words)


def guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def number_text(value: Fraction | None, decimals: int | None = None) -> str:
    """A number for a spreadsheet cell; empty for None."""
    if value is None:
        return ""
    text = show(value, decimals)
    if "/" not in text:
        return text
    whole, rest = divmod(abs(value), 1)
    return f"{'-' if value < 0 else ''}{whole} {rest.numerator}/{rest.denominator}"
