"""Results in a Hugging Face repository: ``model-index`` (in a README's front matter) and ``.eval_results/*.yaml``.

Neither says on which scale a value is, nor on how many items: a scale is declared in performance.yaml or there is
none. A value such as ``20.0 ± 1.2`` is text, and no rule says what of it would count. ``verified`` is noted; the token
behind it cannot be checked without the service that gave it, so it does not make a measurement a third party's.

In ``.eval_results`` a value has no metric: it is called ``score``. ``notes`` tell one setup from another
(``no-tools``) and are the mode, which an entry of performance.yaml may name in its own words.
"""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

from evaluator.files.problems import shorten
from evaluator.files.results.figures import Figure, day_of_text, is_fraction
from evaluator.files.results.json_text import Number, show_path
from evaluator.files.results.nodes import Node

_MODEL_INDEX = re.compile(r"^[\"']?model-index[\"']?\s*:", re.MULTILINE)
_EVAL_RESULTS = re.compile(r"^[- ] *[\"']?dataset[\"']?\s*:", re.MULTILINE)
_EXPONENT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+")


def front_matter(text: str) -> str:
    """The YAML between the lines ``---`` that a README begins with, on the lines it stands on; empty where none is."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return ""
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    return "\n".join(["", *lines[1:end]]) if end else ""


def looks_like_results(text: str) -> bool:
    """Whether YAML text has the words by which either format is known."""
    return bool(_MODEL_INDEX.search(text) or _EVAL_RESULTS.search(text))


def is_model_index(root: Node) -> bool:
    """Whether a YAML value is the metadata of a model card with results."""
    return "model-index" in root


def is_eval_results(root: Node) -> bool:
    """Whether a YAML value is a list of results as repositories keep them in ``.eval_results``."""
    value = root.value
    return isinstance(value, tuple) and any(isinstance(entry, dict) and "dataset" in entry for entry in value)


def read_model_index(root: Node) -> list[Figure]:
    """Every figure of a model-index."""
    figures: list[Figure] = []
    for model in root["model-index"].elements(needed=True):
        name = model["name"].text()
        for result in model["results"].elements(needed=True):
            figures += _result(result, name)
    return figures


def _result(result: Node, model: str) -> list[Figure]:
    dataset, source = result["dataset"], result["source"]
    kind = dataset["type"].text()
    benchmark = dataset["name"].text() or kind
    if not benchmark:
        dataset["name"].note("results.key_missing", key="name")
        return []
    metrics = list(result["metrics"].elements(needed=True))
    usual = Counter(metric["type"].value for metric in metrics if isinstance(metric["type"].value, str))
    figures = []
    for metric in metrics:
        type_, name = metric["type"].text(needed=True), metric["name"].text()
        value = _value(metric["value"])
        verified = metric["verified"].flag()
        if value is None or not type_:
            continue
        told = {
            "dataset": kind if kind != benchmark else "",
            "config": dataset["config"].text(),
            "split": dataset["split"].text(),
            "metric": name if name != type_ else "",
            "verified": "true" if verified else "",
            "source": source["url"].text(limit=2000),
        }
        figures.append(
            Figure(
                benchmark=benchmark,
                metric=f"{type_},{name}" if usual[type_] > 1 and name else type_,
                score=value,
                loc=metric["value"].loc,
                path=show_path(metric["value"].loc),
                model=model,
                direction="higher" if is_fraction(type_) else None,
                notes=[f"{key}={text}" for key, text in told.items() if text],
            )
        )
    return figures


def read_eval_results(root: Node) -> list[Figure]:
    """Every figure of a file of ``.eval_results``."""
    figures = []
    for entry in root.elements(needed=True):
        dataset, source = entry["dataset"], entry["source"]
        name, task = dataset["id"].text(needed=True), dataset["task_id"].text()
        value = _value(entry["value"])
        date = _date(entry["date"])
        mode = entry["notes"].text(limit=200)
        if value is None or not name:
            continue
        told = {
            "dataset": name if task and task != "default" else "",
            "notes": mode,
            "revision": dataset["revision"].text(),
            "verified": "true" if entry["verifyToken"].there else "",
            "source": source["url"].text(limit=2000),
        }
        figures.append(
            Figure(
                benchmark=name if task in {"", "default"} else task,
                metric="score",
                score=value,
                loc=entry["value"].loc,
                path=show_path(entry["value"].loc),
                mode=mode,
                free_mode=True,
                date=date,
                notes=[f"{key}={text}" for key, text in told.items() if text],
            )
        )
    return figures


def _value(node: Node) -> Fraction | None:
    """A number; YAML's own ``1.5e-3`` is one as well."""
    if isinstance(node.value, str) and _EXPONENT.fullmatch(node.value):
        return Node(Number(node.value.removeprefix("+")), node.loc, node.origin).number()
    return node.number(needed=True)


def _date(node: Node) -> str:
    text = node.text()
    day = day_of_text(text)
    if text and not day:
        node.note("results.not_a_time", value=shorten(text))
    return day
