"""What was entered beside the marks, compared row by row: figures, gates, recusals, decisions and the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from evaluator.model.difference import InputChange, InputKind, ValueChange
from evaluator.model.evaluation import Evaluation, VoteCount
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.numbers import show
from evaluator.scoring.difference.marks import comment_changes
from evaluator.scoring.difference.rules import named_items

_DECIDING = frozenset({"tie", "consensus"})

Cells = Mapping[str, str]
"""What a row says, by column, without what is empty."""


def input_changes(before: Evaluation, after: Evaluation) -> tuple[InputChange, ...]:
    """Every value of the inputs, other than marks and votes, that differs."""
    found = [
        *_applicants(before, after),
        *_rows("reviewer", before.reviewers, after.reviewers, ("reviewer",), (), ids="reviewer"),
        *_rows("office", before.office, after.office, ("applicant", "criterion"), ("score",)),
        *_rows("gate", before.gates, after.gates, ("applicant", "gate"), ("outcome",), subject="gate"),
        *_rows("adjustment", before.adjustments, after.adjustments, ("applicant", "kind"), ("points",), subject="kind"),
        *_rows("conflict", before.conflicts, after.conflicts, ("applicant", "reviewer"), ("kind",)),
        *_decisions(before, after),
        *_rows("opinion", before.opinions, after.opinions, ("applicant", "kind"), (), subject="kind"),
        *_votes(before, after),
        *_evidence(before.evidence or EvidenceOutcome(), after.evidence or EvidenceOutcome()),
        *comment_changes(before, after),
    ]
    return tuple(found)


def _applicants(before: Evaluation, after: Evaluation) -> Iterator[InputChange]:
    others = {a.id: a for a in after.applicants}
    for one in sorted(before.applicants, key=lambda a: a.id):
        other = others.get(one.id)
        if other is None or one == other:
            continue
        for name in ("name", "lead", "size", "members", "alias"):
            told = getattr(one, name), getattr(other, name)
            if told[0] != told[1]:
                yield InputChange(
                    kind="applicant",
                    applicant=one.id,
                    field=name,
                    before=told[0] or None,
                    after=told[1] or None,
                    counts=False,
                )
        if one.withdrawn != other.withdrawn:
            states = ("withdrawn" if withdrawn else None for withdrawn in (one.withdrawn, other.withdrawn))
            yield InputChange(
                kind="withdrawal",
                applicant=one.id,
                field="status",
                before=next(states),
                after=next(states),
                counts=True,
            )


def _decisions(before: Evaluation, after: Evaluation) -> Iterator[InputChange]:
    keys = ("applicant", "kind", "criterion")
    for change in _rows("decision", before.decisions, after.decisions, keys, ("after",), subject="kind"):
        if change.subject in _DECIDING:
            yield change
        else:
            yield InputChange(**{**_parts(change), "counts": False})


def _votes(before: Evaluation, after: Evaluation) -> Iterator[InputChange]:
    """The counts of votes; the record holds no single ballot."""
    if before.rubric.decision is None and after.rubric.decision is None:
        return
    told = [{s.applicant: s.votes for s in e.ranking if s.votes is not None} for e in (before, after)]
    for applicant in sorted(told[0].keys() & told[1].keys()):
        for item in fields(VoteCount):
            pair = [str(getattr(side[applicant], item.name)) for side in told]
            if pair[0] != pair[1]:
                yield InputChange(
                    kind="votes", applicant=applicant, field=item.name, before=pair[0], after=pair[1], counts=True
                )


def _parts(change: InputChange) -> dict[str, Any]:
    return {item.name: getattr(change, item.name) for item in fields(InputChange)}


def _rows(
    kind: InputKind,
    before: Iterable[Any],
    after: Iterable[Any],
    key: tuple[str, ...],
    counting: tuple[str, ...],
    *,
    subject: str = "",
    ids: str = "",
) -> Iterator[InputChange]:
    """The cells that differ between rows of equal key.

    Where a key has several rows, equal ones are set aside first and what is left is compared in the order of its
    texts. A row that only one side has is told by its cells, those that count first.
    """
    sides = [_grouped(rows, key, ids) for rows in (before, after)]
    for name in sorted(sides[0].keys() | sides[1].keys()):
        one, other = (side.get(name, Counter()) for side in sides)
        left = [sorted((rows - common).elements()) for rows in (one, other) for common in [one & other]]
        for a, b in zip_longest(*left):
            old, new = dict(a or ()), dict(b or ())
            listed = sorted(old.keys() | new.keys(), key=lambda column: (column not in counting, column))
            for column in listed:
                if old.get(column) != new.get(column):
                    about = dict(zip(key, name, strict=True))
                    note = "" if kind != "adjustment" or column == "reason" else _agreed(old, new, "reason")
                    yield InputChange(
                        kind=kind,
                        applicant=about.get("applicant", ""),
                        reviewer=about.get("reviewer", ""),
                        criterion=about.get("criterion", ""),
                        subject=about.get(subject, ""),
                        field=column,
                        before=old.get(column),
                        after=new.get(column),
                        note=note,
                        counts=column in counting and not (kind == "gate" and _both_open(old, new)),
                    )


def _both_open(old: Cells, new: Cells) -> bool:
    """A gate without a row is open."""
    return old.get("outcome", "open") == new.get("outcome", "open")


def _agreed(old: Cells, new: Cells, column: str) -> str:
    return new.get(column) or old.get(column) or ""


def _grouped(rows: Iterable[Any], key: tuple[str, ...], ids: str) -> dict[tuple[str, ...], Counter[Any]]:
    groups: dict[tuple[str, ...], Counter[Any]] = {}
    for row in rows:
        cells = {item.name: getattr(row, item.name) for item in fields(row) if item.name != "line"}
        if ids:
            cells[ids] = cells.pop("id")
        name = tuple(str(cells.pop(column)) for column in key)
        told = tuple(sorted((column, _text(value)) for column, value in cells.items() if value not in ("", None)))
        groups.setdefault(name, Counter())[told] += 1
    return groups


def _text(value: Any) -> str:  # noqa: ANN401 -- a cell of a register
    return show(value) if isinstance(value, Fraction) else str(value)


# Evidence


def _evidence(before: EvidenceOutcome, after: EvidenceOutcome) -> Iterator[InputChange]:
    figures = [outcome.figures() for outcome in (before, after)]
    for applicant, criterion in sorted(figures[0].keys() | figures[1].keys()):
        one, other = (side.get((applicant, criterion)) for side in figures)
        if one != other:
            yield InputChange(
                kind="derived",
                applicant=applicant,
                criterion=criterion,
                field="figure",
                before=None if one is None else show(one),
                after=None if other is None else show(other),
                counts=True,
            )
    derivations = [
        {(d.applicant, d.criterion): d for part in (e.performance, e.openness, e.access) for d in part}
        for e in (before, after)
    ]
    for applicant, criterion in sorted(derivations[0].keys() | derivations[1].keys()):
        pair = [side.get((applicant, criterion)) for side in derivations]
        for path, old, new in _inside(*pair):
            yield InputChange(
                kind="derivation",
                applicant=applicant,
                criterion=criterion,
                field=path,
                before=old,
                after=new,
                counts=False,
            )
    models = [{(m.criterion, m.model): m for m in e.references} for e in (before, after)]
    for criterion, model in sorted(models[0].keys() | models[1].keys()):
        for path, old, new in _inside(*(side.get((criterion, model)) for side in models)):
            yield InputChange(
                kind="reference", criterion=criterion, subject=model, field=path, before=old, after=new, counts=False
            )
    yield from _collected("measurement", before.measurements, after.measurements)
    yield from _collected("declaration", before.declared, after.declared)


def _collected(
    field: str, before: Iterable[tuple[str, Any]], after: Iterable[tuple[str, Any]]
) -> Iterator[InputChange]:
    """Published figures and declarations that only one side has, counted by applicant and model."""
    lone = [Counter[tuple[str, str]](), Counter[tuple[str, str]]()]
    sides = [Counter((applicant, item.model, _canonical(item)) for applicant, item in rows) for rows in (before, after)]
    for i in (0, 1):
        for (applicant, model, _), n in (sides[i] - sides[1 - i]).items():
            lone[i][applicant, model] += n
    for applicant, model in sorted(lone[0].keys() | lone[1].keys()):
        counts = [str(side[applicant, model]) for side in lone]
        yield InputChange(
            kind="measurement",
            applicant=applicant,
            subject=model,
            field=field,
            before=counts[0],
            after=counts[1],
            counts=False,
        )


def _canonical(item: Any) -> str:  # noqa: ANN401 -- a measurement or a declaration
    return repr(sorted(_paths(item).items()))


def _inside(one: Any, other: Any) -> Iterator[tuple[str, str | None, str | None]]:  # noqa: ANN401 -- any derivation
    """The values inside two things of one kind that differ, by path."""
    if one == other:
        return
    old, new = _paths(one), _paths(other)
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            yield path, old.get(path), new.get(path)


def _paths(value: Any) -> dict[str, str]:  # noqa: ANN401 -- a frozen value or None
    from pydantic import BaseModel

    plain = value.model_dump() if isinstance(value, BaseModel) else None if value is None else asdict(value)
    found: dict[str, str] = {}

    def walk(item: Any, path: str) -> None:  # noqa: ANN401 -- plain values
        if isinstance(item, Mapping):
            for key, part in item.items():
                walk(part, f"{path}.{key}" if path else str(key))
        elif isinstance(item, list | tuple):
            for name, part in named_items(tuple(item)):
                walk(part, f"{path}.{name}")
        elif item is not None and item != "":
            found[path] = _text(item)

    walk(plain or {}, "")
    return found


def support_changes(before: Evaluation, after: Evaluation) -> tuple[ValueChange, ...]:
    """What selection leads to for the teams, and the policy behind it, where it differs."""
    return tuple(
        ValueChange(path=path, before=old, after=new) for path, old, new in _inside(before.support, after.support)
    )


def value_changes(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> tuple[ValueChange, ...]:
    """The entries of two mappings that differ."""
    return tuple(
        ValueChange(path=path, before=before.get(path), after=after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    )


def round_changes(before: Evaluation, after: Evaluation) -> tuple[ValueChange, ...]:
    """What round.yaml says and differs."""
    told = (_paths(e.round) for e in (before, after))
    return value_changes(dict(next(told)), dict(next(told)))
