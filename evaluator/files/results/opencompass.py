"""The summary table of OpenCompass: ``dataset,version,metric,mode`` and one column for each model.

``-`` is a missing result. ``version`` is a hash of the prompt, ``mode`` how answers were drawn (gen, ppl). There is no
number of items and no error. Accuracies are percentages. Rows of averages are groups: their members are the rows
whose name begins with theirs, as far as the table lists them.
"""

from __future__ import annotations

from fractions import Fraction

from evaluator.files.problems import Problems
from evaluator.files.results.figures import PERCENT, Figure
from evaluator.files.results.own_csv import number_in
from evaluator.files.sources import Source
from evaluator.files.tables import Column, Table, read_table

HARNESS = "OpenCompass"

HEADER = ("dataset", "version", "metric", "mode")

_AVERAGES = {"naive_average", "weighted_average", "harmonic_mean"}
_GROUPS = {*_AVERAGES, "sum", "standard_deviation"}
_PERCENTAGES = {"accuracy", "exact_match", "em", "f1", "humaneval_pass@1", "pass@1"}


def is_opencompass(header: list[str]) -> bool:
    """Whether the names in the first line of a table are those of an OpenCompass summary."""
    return tuple(header[: len(HEADER)]) == HEADER


def read_opencompass(source: Source, header: list[str], found: Problems) -> tuple[list[Figure], Table | None]:
    """Every figure of a summary table."""
    before = len(found)
    models = list(dict.fromkeys(name for name in header[len(HEADER) :] if name))
    columns = [Column(name, needed=True, filled=True) for name in HEADER]
    table = read_table(
        source, [*columns, *(Column(model, filled=True) for model in models if model not in HEADER)], found
    )
    if table is None:
        return [], None
    datasets = [table.get(row, "dataset") or "" for row in range(table.rows)]
    figures: list[Figure] = []
    for row in range(table.rows):
        dataset, metric = table.get(row, "dataset"), table.get(row, "metric")
        version, mode = table.get(row, "version"), table.get(row, "mode")
        for model in models:
            text = table.get(row, model)
            if not text or text == "-":
                continue
            score = number_in(table, row, model, found)
            if score is None or not dataset or not metric:
                continue
            members = _members(dataset, datasets) if metric in _GROUPS else ()
            figures.append(
                Figure(
                    benchmark=dataset,
                    metric=metric,
                    score=score,
                    loc=(row, model),
                    path=f"line {table.line(row)}, {model}",
                    model=model,
                    scale=_scale(metric, members, table),
                    direction="higher" if metric in _PERCENTAGES | _AVERAGES else None,
                    harness=HARNESS,
                    members=members,
                    notes=[
                        f"{name}={value}"
                        for name, value in (("prompt", version), ("inference", mode))
                        if value and value != "-"
                    ],
                )
            )
    if not figures and len(found) == before:
        found.add("results.nothing", source.name)
    return figures, table


def _members(group: str, datasets: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in datasets if name.startswith((f"{group}-", f"{group}_"))))


def _scale(metric: str, members: tuple[str, ...], table: Table) -> tuple[Fraction, Fraction] | None:
    if metric in _PERCENTAGES:
        return PERCENT
    if metric in _AVERAGES and members:
        metrics = {
            table.get(row, "metric") for row in range(table.rows) if (table.get(row, "dataset") or "") in members
        }
        return PERCENT if metrics <= _PERCENTAGES else None
    return None
