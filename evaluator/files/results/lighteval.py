"""Results of LightEval: ``results_*.json``. A task's key is ``suite|task|shots`` or ``task|shots``.

``all`` is an average over the tasks of the run, no benchmark, and not read. ``task:_average`` is a group.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.files.results.figures import FRACTION, Figure, is_fraction, run_of
from evaluator.files.results.json_text import Number, show_path
from evaluator.files.results.nodes import Node
from evaluator.model.performance import Direction

HARNESS = "LightEval"

_STDERR = "_stderr"
_AVERAGE = ":_average"


def is_lighteval(root: Node) -> bool:
    """Whether a JSON value is a result of LightEval."""
    return isinstance(root["config_general"].value, dict) and "results" in root


def read_lighteval(root: Node) -> list[Figure]:
    """Every figure of a result file of LightEval."""
    general = root["config_general"]
    model = general["model_name"].text() or general["model_config"]["model_name"].text()
    tasks = [(key, _task(key)) for key, _ in root["results"].items(needed=True) if key != "all"]
    figures: list[Figure] = []
    for key, (name, shots) in tasks:
        group = name.endswith(_AVERAGE)
        stem = name.removesuffix(_AVERAGE)
        members = tuple(other for _, (other, _) in tasks if other.startswith(f"{stem}:") and other != name)
        config = _config(root["config_tasks"], key, name)
        n, items, partial = _size(config, general)
        if group:
            sizes = [_size(_config(root["config_tasks"], k, o), general) for k, (o, _) in tasks if o in members]
            n, items = None, None
            partial = sorted({reason for _, _, reasons in sizes for reason in reasons})
        for metric, value in root["results"][key].items(needed=True):
            if metric.endswith(_STDERR):
                continue
            score = value.number(needed=True)
            stderr = root["results"][key][f"{metric}{_STDERR}"].number()
            if score is None:
                continue
            figures.append(
                Figure(
                    benchmark=stem,
                    metric=metric,
                    score=score,
                    loc=value.loc,
                    path=show_path(value.loc),
                    model=model,
                    scale=FRACTION if is_fraction(metric) else None,
                    direction=_direction(config, metric),
                    n=n,
                    items=items,
                    stderr=stderr,
                    harness=HARNESS,
                    harness_version=_version(general),
                    partial=list(partial),
                    members=members if group else (),
                    notes=_notes(root, key, shots, general),
                )
            )
    return figures


def _task(key: str) -> tuple[str, str]:
    """The task and the number of shots a key names."""
    parts = key.split("|")
    shots = parts.pop() if len(parts) > 1 and parts[-1].isdecimal() else ""
    return parts[-1], shots


def _config(configs: Node, key: str, name: str) -> Node:
    """What the file says about a task: under its key, or under another that names it (``lighteval|gsm8k``)."""
    if isinstance(configs[key].value, dict):
        return configs[key]
    if isinstance(configs.value, dict):
        for other in configs.value:
            if _task(other)[0] == name and isinstance(configs[other].value, dict):
                return configs[other]
    return configs[key]


def _size(config: Node, general: Node) -> tuple[int | None, int | None, list[str]]:
    n, items = _docs(config["effective_num_docs"]), _docs(config["original_num_docs"])
    limit = general["max_samples"].count(least=0)
    told = [f"max_samples={limit:,}"] if limit is not None else []
    if n is None or items is None:
        return n, items, told
    return n, items, run_of(n, items) + (told if n < items else [])


def _docs(node: Node) -> int | None:
    # -1 is what the program writes before it has counted.
    return None if isinstance(node.value, Number) and node.value == "-1" else node.count(least=1)


def _metrics(config: Node) -> Iterator[Node]:
    for key in ("metric", "metrics"):
        if isinstance(config[key].value, list):
            yield from config[key].elements()


def _direction(config: Node, metric: str) -> Direction | None:
    for node in _metrics(config):
        if isinstance(node.value, dict) and node["metric_name"].value == metric:
            higher = node["higher_is_better"].flag() if isinstance(node["higher_is_better"].value, bool) else None
            if higher is not None:
                return "higher" if higher else "lower"
    return "higher" if is_fraction(metric) else None


def _version(general: Node) -> str:
    sha = general["lighteval_sha"].text()
    return "" if sha == "?" else sha


def _notes(root: Node, key: str, shots: str, general: Node) -> list[str]:
    version, sha = root["versions"][key].value, general["model_sha"].text()
    told = {"task_version": version if isinstance(version, str) else "", "num_fewshot": shots, "model_sha": sha}
    return [f"{name}={value}" for name, value in told.items() if value]
