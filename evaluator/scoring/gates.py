"""Conditions apart from scores: who is scored at all, who stays out, what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evaluator.model.evaluation import Reason, Unresolved
from evaluator.model.round import GateOutcome, Round
from evaluator.model.rubric import GateTime, Rubric


@dataclass(frozen=True, slots=True)
class Gates:
    """How every applicant stands at every gate. A gate without a row is open."""

    rubric: Rubric
    outcomes: Mapping[tuple[str, str], GateOutcome]

    def having(self, applicant: str, when: GateTime, outcome: GateOutcome) -> list[str]:
        """The gates of one time at which an applicant has an outcome, in the rubric's order."""
        return [g.id for g in self.rubric.gates_when(when) if self.outcomes.get((applicant, g.id), "open") == outcome]


def gates_of(rubric: Rubric, round_: Round) -> Gates:
    """The recorded gate outcomes of a round."""
    return Gates(rubric, {(g.applicant, g.gate): g.outcome for g in round_.gates})


def out_before_scoring(gates: Gates, round_: Round) -> dict[str, tuple[Reason, ...]]:
    """The applicants that are not scored, with the reasons: withdrawn, then failed before_scoring gates."""
    failing = {a for (a, _), outcome in gates.outcomes.items() if outcome == "fail"}
    out = {}
    for a in round_.applicants:
        if a.withdrawn or a.id in failing:
            failed = gates.having(a.id, "before_scoring", "fail") if a.id in failing else []
            reasons = (
                *([Reason(kind="withdrawn")] if a.withdrawn else []),
                *(Reason(kind="gate_failed", subject=g) for g in failed),
            )
            if reasons:
                out[a.id] = reasons
    return out


def open_before_scoring(gates: Gates, active: tuple[str, ...]) -> list[Unresolved]:
    """Open before_scoring gates of the applicants that are scored."""
    if not gates.rubric.gates_when("before_scoring"):
        return []
    return [
        Unresolved(kind="gate", applicant=a, gate=g) for a in active for g in gates.having(a, "before_scoring", "open")
    ]
