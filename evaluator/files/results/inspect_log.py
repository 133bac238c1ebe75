"""Logs of inspect_ai: the JSON log, or the header of an ``.eval`` archive, which holds the same without the samples.

A run may have several scorers, and several ways to reduce its epochs: then the metric's name is followed by which
(``accuracy,choice``; ``accuracy,pass_at_2``). The metric ``stderr`` is the standard error of the scorer's mean metric.
"""

from __future__ import annotations

import json
from collections import Counter

from evaluator.files.problems import shorten
from evaluator.files.results.figures import FRACTION, Figure, day_of_text, is_fraction, run_of
from evaluator.files.results.json_text import show_path
from evaluator.files.results.nodes import Node

HARNESS = "inspect_ai"

_ERRORS = ("stderr", "bootstrap_stderr")
_SPREADS = {*_ERRORS, "std", "var", "hierarchical_bootstrap"}
_MEANS = ("accuracy", "mean")


def is_inspect(root: Node) -> bool:
    """Whether a JSON value is a log of inspect_ai."""
    return isinstance(root["eval"].value, dict) and "status" in root and ("plan" in root or "task" in root["eval"])


def read_inspect(root: Node) -> list[Figure]:
    """Every figure of a log; a failed, unfinished or invalidated one is a problem."""
    status = root["status"].text(needed=True)
    if root["invalidated"].flag():
        root["invalidated"].note("results.invalidated")
        return []
    if status == "error":
        message = root["error"]["message"].text(limit=100_000) or "-"
        root["status"].note("results.failed_run", status=status, reason=shorten(message.strip().split("\n")[0], 200))
        return []
    results = root["results"]
    if status not in {"success", "cancelled"} or (status == "cancelled" and not results.there):
        root["status"].note("results.unfinished", reason=f"status: {shorten(status)}")
        return []
    # Before version 2 a log had one scorer, whose metrics stood in the results themselves.
    scores = list(results["scores"].elements()) if "scores" in results else [results] if "metrics" in results else []
    qualifiers = _qualifiers(scores)
    figures: list[Figure] = []
    for score, qualifier in zip(scores, qualifiers, strict=True):
        figures += _score(score, qualifier, root)
    return figures


def _qualifiers(scores: list[Node]) -> list[str]:
    """What follows a metric's name: the scorer where there are several, the reducer unless it is the mean."""
    old = [score["scorer"]["name"] if score.loc == ("results",) else score["name"] for score in scores]
    names = [node.text() for node in old]
    reducers = [score["reducer"].text() for score in scores]
    times = Counter(names)
    whole: list[str] = []
    for name, reducer in zip(names, reducers, strict=True):
        parts = [name] if len(times) > 1 else []
        if reducer and (reducer != "mean" or times[name] > 1):
            parts.append(reducer)
        whole.append(",".join(parts))
    return whole


def _score(score: Node, qualifier: str, root: Node) -> list[Figure]:
    metrics = dict(score["metrics"].items(needed=True))
    stderr_of = _owner_of_stderr(metrics)
    stderr = next((metrics[name]["value"].number() for name in _ERRORS if name in metrics), None)
    n, items, partial = _size(score, root)
    head = root["eval"]
    task = head["task"].text(needed=True)
    model = head["model"].text(needed=True)
    date = _date(root)
    notes = _notes(head, task)
    if items is None and head["dataset"]["samples"].there:
        notes.append(f"dataset_samples={_compact(head['dataset']['samples'])}")
    figures = []
    for key, node in metrics.items():
        if key in _SPREADS:
            continue
        value = node["value"].number(needed=True)
        if value is None:
            continue
        figures.append(
            Figure(
                benchmark=task.rpartition("/")[2],
                metric=f"{key},{qualifier}" if qualifier else key,
                score=value,
                loc=node["value"].loc,
                path=show_path(node["value"].loc),
                model=model,
                scale=FRACTION if is_fraction(key) else None,
                direction="higher" if is_fraction(key) else None,
                n=n,
                items=items,
                stderr=stderr if key == stderr_of else None,
                harness=HARNESS,
                harness_version=head["packages"]["inspect_ai"].text(),
                date=date,
                partial=list(partial),
                notes=list(notes),
            )
        )
    return figures


def _owner_of_stderr(metrics: dict[str, Node]) -> str:
    """The metric the standard error belongs to: the accuracy, the mean, or the only one there is."""
    others = [key for key in metrics if key not in _SPREADS]
    return next((key for key in _MEANS if key in others), others[0] if len(others) == 1 else "")


def _size(score: Node, root: Node) -> tuple[int | None, int | None, list[str]]:
    """Items scored (epochs of one item are one), items of the dataset, and why the run is partial."""
    results, head = root["results"], root["eval"]
    epochs = head["config"]["epochs"].count(least=1) or 1
    total, completed = results["total_samples"].count(), results["completed_samples"].count()
    scored, unscored = score["scored_samples"].count(), score["unscored_samples"].count()
    items = head["dataset"]["samples"].count()
    partial = []
    if root["status"].value != "success":
        partial.append(f"status={root['status'].value}")
    if completed is not None and total is not None:
        if completed > total:
            results["completed_samples"].note("results.more_than_all", n=f"{completed:,}", items=f"{total:,}")
        elif completed < total:
            partial.append(f"completed={completed:,}/{total:,}")
    planned = None if total is None else total // epochs
    for most in (planned, completed):
        if scored is not None and most is not None and scored > most:
            score["scored_samples"].note("results.more_than_all", n=f"{scored:,}", items=f"{most:,}")
            break
    if unscored:
        partial.append(f"unscored={unscored:,}")
    n = scored
    if n is None and completed is not None:
        n = -(-completed // epochs)
    limit = head["config"]["limit"]
    if items is not None and n is not None and n > items:
        # A head cut down to some samples of the run no longer knows how many the dataset has.
        items = None
    elif items is None and limit.there:
        partial.append(f"limit={_compact(limit)}")
    return n or None, items or None, run_of(n, items) + partial


def _date(root: Node) -> str:
    """The day the run ended, or else began."""
    for node in (root["stats"]["completed_at"], root["eval"]["created"]):
        text = node.text()
        if text:
            day = day_of_text(text)
            if not day:
                node.note("results.not_a_time", value=shorten(text))
            return day
    return ""


def _notes(head: Node, task: str) -> list[str]:
    notes = [f"task={task}"] if "/" in task else []
    told = {
        "task_version": head["task_version"],
        "task_args": head["task_args_passed"],
        "epochs": head["config"]["epochs"],
        "model_args": head["model_generate_config"],
    }
    for key, node in told.items():
        if node.value in (None, {}, "") or (key == "epochs" and node.value == "1"):
            continue
        notes.append(f"{key}={_compact(node)}")
    return notes


def _compact(node: Node) -> str:
    return shorten(json.dumps(node.value, ensure_ascii=False).replace('"', ""), 200)
