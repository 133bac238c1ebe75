"""Every Eval Ever: the shared schema of the EvalEval coalition, versions 0.0.1 to 0.3.

The scale is the file's own where it gives both ends (an end may be infinite: then there is none). Who measured follows
from ``evaluator_relationship``: first_party is self, third_party third_party, the others say nothing.
"""

from __future__ import annotations

from fractions import Fraction

from evaluator.files.problems import shorten
from evaluator.files.results.figures import Figure, day_of_epoch, day_of_text, run_of
from evaluator.files.results.json_text import Number, exact, show_path
from evaluator.files.results.nodes import Node
from evaluator.model.performance import MeasuredBy

_RELATIONS: dict[str, MeasuredBy | None] = {
    "first_party": "self",
    "third_party": "third_party",
    "collaborative": None,
    "other": None,
}
_INFINITE = {"Infinity", "-Infinity"}


def is_every_eval_ever(root: Node) -> bool:
    """Whether a JSON value is a record of Every Eval Ever."""
    return isinstance(root["evaluation_results"].value, list) and "schema_version" in root


def read_every_eval_ever(root: Node) -> list[Figure]:
    """Every figure of a record."""
    figures = (_result(node, root) for node in root["evaluation_results"].elements(needed=True))
    return [figure for figure in figures if figure is not None]


def _result(node: Node, root: Node) -> Figure | None:
    config, details = node["metric_config"], node["score_details"]
    name = node["evaluation_name"].text(needed=True)
    score = details["score"].number(needed=True)
    lower = config["lower_is_better"].flag()
    if lower is None:
        config["lower_is_better"].note("results.key_missing", key="lower_is_better")
    if score is None or not name:
        return None
    if config["has_unknown_level"].flag() and score == -1:
        details["score"].note("results.unknown_level")
        return None
    stderr, n = _uncertainty(details, score)
    data = node["source_data"]
    items, ids = data["samples_number"].count(least=1), data["sample_ids"].value
    used = len(ids) if isinstance(ids, list) and ids else None
    n = n or used
    partial = run_of(used if used is not None else n, items)
    model = root["model_info"]
    library, source = root["eval_library"], root["source_metadata"]
    harness, version = library["name"].text(), library["version"].text()
    if not harness and source["source_type"].value == "evaluation_run":
        harness = source["source_name"].text()
    dataset = data["dataset_name"].text()
    generation = node["generation_config"]["generation_args"]["reasoning"].value
    return Figure(
        benchmark=name,
        metric=_metric(config, name),
        score=score,
        loc=details["score"].loc,
        path=show_path(details["score"].loc),
        model=model["id"].text() or model["name"].text(needed=True),
        scale=_scale(config),
        direction=None if lower is None else "lower" if lower else "higher",
        n=n,
        items=items,
        stderr=stderr,
        harness="" if harness == "unknown" else harness,
        harness_version="" if version == "unknown" else version,
        measured_by=_measured_by(source["evaluator_relationship"]),
        date=_date(node["evaluation_timestamp"]) or _date(root["evaluation_timestamp"]),
        partial=partial,
        notes=[
            f"{key}={value}"
            for key, value in (
                ("source", source["source_name"].text() or source["source_organization_name"].text()),
                ("dataset", dataset if dataset != name else ""),
                ("reasoning", str(generation).lower() if isinstance(generation, bool) else ""),
            )
            if value
        ],
    )


def _metric(config: Node, name: str) -> str:
    """The metric's id, name or kind; in older records only its description, such as ``Accuracy on IFEval``."""
    for key in ("metric_id", "metric_name", "metric_kind"):
        told = config[key].text()
        if told:
            return told
    description = config["evaluation_description"].text(limit=4000)
    return shorten(description.removesuffix(f" on {name}"), 200) or "score"


def _scale(config: Node) -> tuple[Fraction, Fraction] | None:
    ends = []
    for key in ("min_score", "max_score"):
        node = config[key]
        if node.value is None or (isinstance(node.value, str) and node.value in _INFINITE):
            return None
        ends.append(node.number())
    low, high = ends
    return None if low is None or high is None else (low, high)


def _uncertainty(details: Node, score: Fraction) -> tuple[Fraction | None, int | None]:
    """Standard error and number of samples; an interval that does not hold the score is a problem."""
    told = details["uncertainty"]
    error = told["standard_error"]
    stderr = error["value"].number() if isinstance(error.value, dict) else error.number()
    interval = told["confidence_interval"] if told["confidence_interval"].there else details["confidence_interval"]
    low, high = interval["lower"].number(), interval["upper"].number()
    if low is not None and high is not None and not low <= score <= high:
        where = show_path(interval.loc)
        details["score"].note(
            "results.inconsistent",
            own=str(details["score"].value),
            other=f"{interval['lower'].value}..{interval['upper'].value}",
            where=where,
        )
    return stderr, told["num_samples"].count(least=1)


def _measured_by(node: Node) -> MeasuredBy | None:
    relation = node.text(needed=True)
    if relation and relation not in _RELATIONS:
        node.note("results.not_a_choice", value=shorten(relation), allowed=", ".join(_RELATIONS))
    return _RELATIONS.get(relation)


def _date(node: Node) -> str:
    """The day of a time in Unix seconds (a number, or text that is one) or in ISO 8601."""
    if not node.there:
        return ""
    text = str(node.value) if isinstance(node.value, Number) else node.text()
    seconds = exact(Number(text))
    day = day_of_epoch(seconds) if seconds is not None else day_of_text(text)
    if not day:
        node.note("results.not_a_time", value=shorten(text))
    return day
