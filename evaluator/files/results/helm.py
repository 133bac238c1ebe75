"""A run folder of HELM: ``run_spec.json``, ``stats.json`` and, where it is there, ``per_instance_stats.json``.

Figures are those of the test split without perturbation. ``count`` in a statistic is the number of trials; how many
instances there were is counted in the statistics of single instances, or else told by ``num_instances``.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from evaluator.files.results.figures import FRACTION, Figure, is_fraction
from evaluator.files.results.json_text import show_path
from evaluator.files.results.nodes import Node

HARNESS = "HELM"

SPEC, STATS, INSTANCES = "run_spec.json", "stats.json", "per_instance_stats.json"

_BOOKKEEPING = ("num_", "inference_", "training_", "finish_reason_", "batch_size", "prompt_truncated", "max_prob")
_OF_THE_MODEL = ("model=", "model_deployment=")
_NEAR = Fraction(1, 10**6)


def read_helm(spec: Node, stats: Node, instances: Node | None) -> list[Figure]:
    """Every figure of a run: what is measured of the answers, not what is counted of tokens and time."""
    adapter = spec["adapter_spec"]
    name = spec["name"].text(needed=True, limit=1000)
    if not name:
        return []
    told = [stat for stat in stats.elements(needed=True) if not _perturbed(stat)]
    counted = {_split(stat): _mean(stat) for stat in told if _name(stat) == "num_instances"}
    scored = _scored(instances) if instances is not None else {}
    n = len(scored.get("test", ())) or None
    said = counted.get("test")
    if n is None and said is not None and said.denominator == 1:
        n = int(said) or None
    elif n is not None and said is not None and said != n:
        stats.note("results.inconsistent", own=str(said), other=str(n), where=INSTANCES)
    cap = adapter["max_eval_instances"].count(least=1)
    everything: Fraction | int = sum(len(held) for held in scored.values()) or sum(
        (value for value in counted.values() if value is not None), Fraction(0)
    )
    # A run that fills its cap may have left instances out; the folder cannot tell.
    partial = [f"max_eval_instances={cap:,}"] if cap is not None and (not everything or everything >= cap) else []
    figures = []
    for stat in told:
        metric = _name(stat)
        if _split(stat) != "test" or not metric or metric.startswith(_BOOKKEEPING):
            continue
        score = _mean(stat)
        if score is None:
            continue
        sub = stat["name"]["sub_split"].text()
        figures.append(
            Figure(
                benchmark=_benchmark(name),
                metric=f"{metric},{sub}" if sub else metric,
                score=score,
                loc=stat["mean"].loc,
                path=f"{STATS} {show_path(stat['mean'].loc)}",
                model=adapter["model"].text(needed=True),
                scale=FRACTION if is_fraction(metric) else None,
                direction="higher" if is_fraction(metric) else None,
                n=n,
                harness=HARNESS,
                partial=list(partial),
                notes=[f"split=test, trials={stat['count'].count()}"],
            )
        )
    return figures


def _benchmark(name: str) -> str:
    """The run's name without its model: ``mmlu:subject=philosophy,method=multiple_choice_joint``."""
    scenario, colon, arguments = name.partition(":")
    kept = [part for part in arguments.split(",") if not part.startswith(_OF_THE_MODEL)]
    return scenario + colon + ",".join(kept) if any(kept) else scenario


def _name(stat: Node) -> str:
    return stat["name"]["name"].text(needed=True)


def _split(stat: Node) -> str:
    return stat["name"]["split"].text()


def _perturbed(stat: Node) -> bool:
    return stat["name"]["perturbation"].there


def _mean(stat: Node) -> Fraction | None:
    """The mean over trials; None where nothing was counted. It must be the sum over the count."""
    count = stat["count"].count(needed=True)
    if not count:
        return None
    mean, total = stat["mean"].number(needed=True), stat["sum"].number(needed=True)
    if mean is None or total is None:
        return None
    if abs(mean * count - total) > _NEAR * max(Fraction(1), abs(total)):
        stat["mean"].note(
            "results.inconsistent", own=str(stat["mean"].value), other=str(stat["sum"].value), where="sum"
        )
    return mean


def _scored(instances: Node) -> dict[str, set[str]]:
    """The instances of each split that have a statistic without perturbation."""
    found: dict[str, set[str]] = {}
    for instance in instances.elements(needed=True):
        name = instance["instance_id"].text(needed=True)
        if instance["perturbation"].there:
            continue
        for split in _splits(instance):
            found.setdefault(split, set()).add(name)
    return found


def _splits(instance: Node) -> Iterator[str]:
    stats = instance["stats"].value
    if not isinstance(stats, list):
        # Asked for what it is not, so that this is told.
        next(instance["stats"].elements(needed=True), None)
        return
    seen = set()
    for stat in stats:
        name = stat.get("name") if isinstance(stat, dict) else None
        split = name.get("split") if isinstance(name, dict) else None
        if isinstance(split, str) and isinstance(name, dict) and "perturbation" not in name and split not in seen:
            seen.add(split)
            yield split
