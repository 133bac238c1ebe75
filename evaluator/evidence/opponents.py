"""Which reference stands on the other side of the comparison, under each policy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluator.evidence.aggregation import normal, total, weights
from evaluator.evidence.doubts import CLEAR_LEAD
from evaluator.evidence.sampling import Sampling
from evaluator.model.performance import Benchmark, PerformanceRule, Policy, ReferenceModel, Result


@dataclass(frozen=True, slots=True, eq=False)
class Opponent:
    """One reference result for each benchmark, in the rubric's order, with its model and its normal score.

    All of one model, except under the envelope. None where there is no result.
    """

    models: tuple[str, ...]
    results: tuple[Result | None, ...]
    normal: tuple[Fraction | None, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The models, each once, by name."""
        return tuple(sorted({model for model in self.models if model}))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a policy gives: the opponents that are equally entitled (nearly always one), or why there is none.

    ``field`` are all the models it chose from. ``lucky`` are the positions of the benchmarks on which luck may have
    chosen: another model's result could have been the best had everything been measured once more.
    """

    opponents: tuple[Opponent, ...] = ()
    why: str = ""
    field: tuple[Opponent, ...] = ()
    lucky: frozenset[int] = frozenset()


class References:
    """The reference models of one criterion and the choice under each policy."""

    def __init__(self, rule: PerformanceRule, models: Sequence[ReferenceModel]) -> None:
        self.rule = rule
        self.single = {model.model: _opponent(rule, model) for model in sorted(models, key=lambda m: m.model)}
        self._errors: dict[tuple[int, int], float | None] = {}
        self.sampling = tuple(Sampling(benchmark) for benchmark in rule.benchmarks)
        self._best = self._best_single()
        self._envelope = self._best_of_each()

    def choice(self, policy: Policy, target: str) -> Choice:
        """The opponents under a policy; ``target`` is what the applicant named, and matters for named_target only."""
        if policy == "named_target":
            if not target:
                return Choice(why="no_target")
            if target not in self.single:
                return Choice(why="target_unknown")
            return Choice((self.single[target],), field=(self.single[target],))
        return self._best if policy == "best_single" else self._envelope

    def error(self, position: int, result: Result) -> float | None:
        """The standard error of a reference's normal score, computed once."""
        key = (position, id(result))
        if key not in self._errors:
            self._errors[key] = self.sampling[position].error(result)
        return self._errors[key]

    def order(self, opponent: Opponent) -> tuple[object, ...]:
        """The order of equally good opponents with the same ratio: the least certain first, names only at the end."""
        keys = [_certainty(result, s, "") for s, result in zip(self.sampling, opponent.results, strict=True)]
        return (sorted(keys), opponent.names)

    def _best_single(self) -> Choice:
        """The model with the best weighted mean of normal scores over all benchmarks.

        A model without a result on a benchmark that counts cannot be compared with the others and is left out. Where
        several are equally good, all are chosen: neither a name nor the order of a file may decide.
        """
        if not self.single:
            return Choice(why="no_reference")
        weight = weights(self.rule)
        means = {
            name: total(w * g for w, g in zip(weight, opponent.normal, strict=True) if w and g is not None)
            for name, opponent in self.single.items()
            if not any(w and g is None for w, g in zip(weight, opponent.normal, strict=True))
        }
        if not means:
            return Choice(why="no_eligible_reference")
        best = max(means.values())
        chosen = [name for name, mean in means.items() if mean == best]
        errors = {name: self._error_of_mean(weight, self.single[name]) for name in means}
        clear = all(
            leads_clearly(float(best - mean), errors[chosen[0]], errors[name])
            for name, mean in means.items()
            if name != chosen[0]
        )
        return Choice(
            tuple(self.single[name] for name in chosen),
            field=tuple(self.single[name] for name in means),
            lucky=frozenset() if clear else frozenset(range(len(weight))),
        )

    def _error_of_mean(self, weight: Sequence[Fraction], opponent: Opponent) -> float | None:
        """The standard error of the weighted mean of a model's normal scores; None where one that counts has none."""
        parts = [
            (float(w), self.error(position, result))
            for position, (w, result) in enumerate(zip(weight, opponent.results, strict=True))
            if w and result is not None
        ]
        known = [w * error for w, error in parts if error is not None]
        return math.hypot(*sorted(known)) if len(known) == len(parts) else None

    def _best_of_each(self) -> Choice:
        """The best result on each benchmark; of equal ones the least certain, so that no name decides."""
        if not self.single:
            return Choice(why="no_reference")
        picked: list[tuple[str, Result | None]] = []
        lucky = set()
        for position, sampling in enumerate(self.sampling):
            there = [
                (name, result, normal_)
                for name, o in self.single.items()
                if (result := o.results[position]) is not None and (normal_ := o.normal[position]) is not None
            ]
            if not there:
                picked.append(("", None))
                continue
            best = max(g for _, _, g in there)
            equal = [(name, result) for name, result, g in there if g == best]
            name, result = min(equal, key=lambda item: _certainty(item[1], sampling, item[0]))
            picked.append((name, result))
            error = self.error(position, result)
            if not all(
                leads_clearly(float(best - g), error, self.error(position, other))
                for model, other, g in there
                if model != name
            ):
                lucky.add(position)
        envelope = Opponent(
            tuple(name for name, _ in picked),
            tuple(result for _, result in picked),
            tuple(_normal(b, result) for b, (_, result) in zip(self.rule.benchmarks, picked, strict=True)),
        )
        return Choice((envelope,), field=tuple(self.single.values()), lucky=frozenset(lucky))


def leads_clearly(lead: float, error: float | None, other: float | None) -> bool:
    """Whether one model is ahead by more than sampling error makes of equals; both standard errors must be known."""
    return error is not None and other is not None and lead >= CLEAR_LEAD * math.hypot(error, other)


def _opponent(rule: PerformanceRule, model: ReferenceModel) -> Opponent:
    results = {result.benchmark: result for result in model.results}
    found = tuple(results.get(benchmark.id) for benchmark in rule.benchmarks)
    return Opponent(
        tuple(model.model if result else "" for result in found),
        found,
        tuple(_normal(benchmark, result) for benchmark, result in zip(rule.benchmarks, found, strict=True)),
    )


def _normal(benchmark: Benchmark, result: Result | None) -> Fraction | None:
    return None if result is None else normal(benchmark, result.score)


def _certainty(result: Result | None, sampling: Sampling, name: str) -> tuple[object, ...]:
    """Least certain first: no standard error, then a large one; then by what else is recorded, names at the end."""
    if result is None:
        return (0,)
    error, measured = sampling.error(result), result.measurement
    return (
        1 if error is None else 2,
        -(error or 0.0),
        (measured.harness, measured.harness_version, measured.mode, measured.measured_by, measured.date),
        name,
    )
