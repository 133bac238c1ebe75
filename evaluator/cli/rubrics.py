"""Rubrics on a terminal: which there are, and what one of them says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len

from evaluator.files import load_rubric, load_rubric_file
from evaluator.model.numbers import show
from evaluator.model.rubric import Criterion, Rubric
from evaluator.model.text import Language
from evaluator.report.rules import all_rules, criterion_numbers, is_assumed, limit_text
from evaluator.report.terminal import TerminalWords, one_line
from evaluator.report.words import Words
from evaluator.resources import rubric_ids


def find(reference: str) -> Rubric:
    """A rubric by its shipped id, or by its file where the reference looks like one or is one."""
    path = Path(reference)
    if reference.endswith((".yaml", ".yml")) or path.is_file():
        return load_rubric_file(path)
    return load_rubric(reference)


def list_lines(lang: Language) -> Iterator[str]:
    """The shipped rubrics as a table."""
    words = TerminalWords(lang)
    rows = [[words("rubric.id"), words("rubric.version"), words("rubric.points"), words("rubric.title")]]
    for rubric_id in rubric_ids():
        rubric = load_rubric(rubric_id)
        points = words("rubric.vote") if rubric.decision else show(rubric.full_total)
        rows.append([rubric.id, rubric.version, points, one_line(rubric.title.in_(lang))])
    widths = [max(cell_len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[3]]).rstrip()


def show_lines(rubric: Rubric, lang: Language) -> Iterator[str]:
    """The criteria as a tree, then every rule with its basis; what is assumed carries an asterisk."""
    words, report = TerminalWords(lang), _report_words(rubric, lang)
    full = words("rubric.vote") if rubric.decision else words("rubric.full", points=show(rubric.full_total))
    yield one_line(rubric.title.in_(lang))
    yield f"{rubric.id} {rubric.version} · {full}"
    numbers = criterion_numbers(rubric)
    assumed = False
    if rubric.criteria:
        yield ""
    for node in rubric.nodes():
        depth = numbers[node.id].count(".")
        assumed = assumed or is_assumed(node.basis)
        about = "  ".join(_about(node, words, report))
        mark = "*" if is_assumed(node.basis) else ""
        yield f"{'  ' * depth}{numbers[node.id]} {one_line(node.title.in_(lang))}{mark}  {about}".rstrip()
    yield ""
    yield words("rubric.rules")
    for rule in all_rules(report, rubric):
        assumed = assumed or rule.assumed
        basis = f" ({rule.basis})" if rule.basis else ""
        yield f"  {one_line(rule.title)}{'*' if rule.assumed else ''}: {one_line(rule.text)}{basis}"
    if assumed:
        yield ""
        yield words("rubric.assumed")


def _report_words(rubric: Rubric, lang: Language) -> Words:
    """The report's words with this rubric's own word for applicant."""
    words = Words(lang)
    term = words("term.applicant")
    if rubric.terms and rubric.terms.applicant:
        term = rubric.terms.applicant.in_(lang)
    return words.with_(applicant=term, Applicant=term[:1].upper() + term[1:])


def _about(node: Criterion, words: TerminalWords, report: Words) -> Iterator[str]:
    from evaluator.cli.new import scale_text

    yield show(node.points)
    if node.is_leaf:
        source = words("rubric.panel" if node.source == "panel" else "rubric.office")
        yield f"[{node.id}: {source} {scale_text(node, words)}]"
    else:
        yield f"[{node.id}]"
    if node.threshold is not None:
        yield words("rubric.threshold", least=limit_text(report, node.threshold, node.points))
    if node.ranking_weight not in (None, 1) and node.ranking_weight is not None:
        yield words("rubric.ranking_weight", weight=show(node.ranking_weight))
