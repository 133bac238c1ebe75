"""Results of lm-evaluation-harness: ``results_*.json`` as the program writes it, from version 0.4 on.

Keys of a task are ``metric,filter``. The filter ``none`` is not part of the metric's name (``acc``); every other is
(``exact_match,strict-match``), because two filters are two ways of marking. A group stands in ``groups`` and again in
``results``: it becomes one measurement, with everything below it as its members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from evaluator.files.results.figures import FRACTION, Figure, day_of_epoch, is_fraction, run_of
from evaluator.files.results.json_text import Number, show_path
from evaluator.files.results.nodes import Node
from evaluator.model.performance import Direction

HARNESS = "lm-evaluation-harness"

_NOT_METRICS = {"alias", "name", "sample_len", "sample_count", "samples", " "}
_STDERR = "_stderr"


def is_lm_eval(root: Node) -> bool:
    """Whether a JSON value is a result of lm-evaluation-harness."""
    return (
        isinstance(root["results"].value, dict)
        and ("n-shot" in root or "configs" in root or (isinstance(root["versions"].value, dict) and "config" in root))
        and "config_general" not in root
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """What holds for the whole file."""

    root: Node
    model: str
    anonymous: bool
    version: str
    date: str
    limit: list[str]
    below: Mapping[str, tuple[str, ...]]


def read_lm_eval(root: Node) -> list[Figure]:
    """Every figure of a result file of lm-evaluation-harness."""
    config = root["config"]
    limit = config["limit"].number()
    source = root["model_source"].text() or config["model"].text()
    run = _Run(
        root=root,
        model=_model(root, config),
        anonymous=source == "dummy",
        version=root["lm_eval_version"].text() or root["git_hash"].text(),
        date=_date(root["date"]),
        limit=[f"limit={config['limit'].value}"] if limit is not None else [],
        below=_below(root["group_subtasks"]),
    )
    groups = {name for name, _ in root["groups"].items()}
    figures: list[Figure] = []
    for task, node in root["results"].items(needed=True):
        figures += _task(task, node, run, group=task in groups or bool(run.below.get(task)))
    for task, node in root["groups"].items():
        if task not in root["results"]:
            figures += _task(task, node, run, group=True)
        else:
            _same(node, root["results"][task])
    return figures


def _model(root: Node, config: Node) -> str:
    """The model's name: from version 0.4.3 on the file has it, before only the arguments of the model do."""
    name = root["model_name"].text()
    arguments = config["model_args"]
    if name:
        return name
    if isinstance(arguments.value, dict):
        return arguments["pretrained"].text() or arguments["model"].text()
    for part in arguments.text(limit=4000).split(","):
        key, _, value = part.partition("=")
        if key.strip() in {"pretrained", "model"}:
            return value.strip()
    return ""


def _date(node: Node) -> str:
    seconds = node.number()
    if seconds is None:
        return ""
    day = day_of_epoch(seconds)
    if not day:
        node.note("results.not_a_time", value=str(node.value))
    return day


def _below(subtasks: Node) -> dict[str, tuple[str, ...]]:
    """Everything below each group, groups in groups included; a group inside itself is a problem."""
    direct: dict[str, list[str]] = {}
    for group, node in subtasks.items():
        direct[group] = [element.text(needed=True) for element in node.elements(needed=True)]
    whole: dict[str, tuple[str, ...]] = {}
    for group, names in direct.items():
        seen: dict[str, None] = {}
        waiting = list(reversed(names))
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen[name] = None
                waiting += reversed(direct.get(name, []))
        if group in seen:
            subtasks[group].note("results.group_in_itself", group=group)
            seen.pop(group)
        whole[group] = tuple(seen)
    return whole


def _same(one: Node, other: Node) -> None:
    """Note figures of a group that are not the same in both places where it stands."""
    for key, node in one.items():
        if "," in key and key in other and node.value != other[key].value:
            node.note("results.inconsistent", own=str(node.value), other=str(other[key].value), where="results")


def _task(task: str, node: Node, run: _Run, *, group: bool) -> list[Figure]:
    n, items, partial = _size(task, node, run, group=group)
    notes = _notes(task, run)
    better = run.root["higher_is_better"][task]
    figures: list[Figure] = []
    for key, value in node.items(needed=True):
        name, comma, filter_ = key.partition(",")
        if not comma or name in _NOT_METRICS or name.endswith(_STDERR):
            continue
        if isinstance(value.value, str) and not isinstance(value.value, Number):
            # Some tasks report nothing for a metric, as text.
            if value.value.strip() in {"", " ", "N/A"}:
                continue
        score = value.number(needed=True)
        stderr = _stderr(node[f"{name}{_STDERR},{filter_}"])
        if score is None:
            continue
        figures.append(
            Figure(
                benchmark=task,
                metric=name if filter_ == "none" else key,
                score=score,
                loc=value.loc,
                path=show_path(value.loc),
                model=run.model,
                anonymous=run.anonymous,
                scale=FRACTION if is_fraction(name) else None,
                direction=_direction(better[name], name),
                n=n,
                items=items,
                stderr=stderr,
                harness=HARNESS,
                harness_version=run.version,
                date=run.date,
                partial=list(partial),
                members=run.below.get(task, ()) if group else (),
                notes=notes,
            )
        )
    return figures


def _stderr(node: Node) -> Fraction | None:
    return None if node.value == "N/A" and not isinstance(node.value, Number) else node.number()


def _direction(node: Node, metric: str) -> Direction | None:
    higher = node.flag()
    if higher is None:
        return "higher" if is_fraction(metric) else None
    return "higher" if higher else "lower"


def _notes(task: str, run: _Run) -> list[str]:
    version, shots = run.root["versions"][task].value, run.root["n-shot"][task].value
    told = {"task_version": version, "num_fewshot": shots}
    if run.anonymous:
        told["model_source"] = "dummy"
    return [f"{key}={value}" for key, value in told.items() if isinstance(value, str) and value]


def _size(task: str, node: Node, run: _Run, *, group: bool) -> tuple[int | None, int | None, list[str]]:
    """How many items were scored, how many there are, and why the run is partial."""
    samples = run.root["n-samples"]
    tasks = [name for name in run.below.get(task, ()) if name in samples] if group else [task]
    counts = [(samples[name]["effective"].count(least=1), samples[name]["original"].count(least=1)) for name in tasks]
    told = node["sample_len"].count()
    if not counts or any(effective is None or original is None for effective, original in counts):
        return told, None, list(run.limit)
    for at, (effective, original) in zip(tasks, counts, strict=True):
        if effective is not None and original is not None and effective > original:
            samples[at].note("results.more_than_all", n=f"{effective:,}", items=f"{original:,}")
            return None, None, []
    n = sum(effective or 0 for effective, _ in counts)
    items = sum(original or 0 for _, original in counts)
    if told is not None and told != n:
        node["sample_len"].note("results.inconsistent", own=str(told), other=str(n), where='["n-samples"]')
    # A limit that is not below the number of items does not cut anything off.
    return n, items, run_of(n, items) + (run.limit if n < items else [])
