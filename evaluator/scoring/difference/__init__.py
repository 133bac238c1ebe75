"""What differs between two evaluations, and what of it can be shown to have moved whom. Pure and exact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evaluator.errors import InputProblems
from evaluator.model.cross_check import CrossCheck
from evaluator.model.difference import (
    CrossCheckChange,
    Difference,
    InputChange,
    MarkChanges,
    Recalculated,
    Recalculation,
    RuleChange,
    Seats,
    SeatsChange,
    SecondOpinion,
    Separation,
    Side,
)
from evaluator.model.evaluation import CutLine, Evaluation
from evaluator.model.round import Round
from evaluator.scoring.difference.causes import Compared
from evaluator.scoring.difference.listing import Listing, Pairing
from evaluator.scoring.difference.marks import mark_changes
from evaluator.scoring.difference.recalculation import Evaluate, recalculated
from evaluator.scoring.difference.registers import input_changes, round_changes, support_changes, value_changes
from evaluator.scoring.difference.rules import rule_changes
from evaluator.scoring.difference.separation import inputs_under
from evaluator.scoring.difference.standings import applicant_changes


def difference(
    before: Evaluation, after: Evaluation, evaluate: Evaluate, *, recorded: tuple[bool, bool] = (True, True)
) -> Difference:
    """Everything that differs, by ids: the order of rows, applicants, reviewers and criteria does not matter.

    ``recorded`` says of each side whether it was read from a record: then its own inputs are evaluated again, and
    causes are looked for between what the inputs give, so that a figure somebody changed is nobody else's doing. Where
    rules and inputs both differ, the inputs of ``before`` are evaluated under the rules of ``after`` too, to tell what
    the rules do from what the inputs do.
    """
    marks, inputs = mark_changes(before, after), input_changes(before, after)
    rules = rule_changes(before.rubric, after.rubric)
    ids, people = (
        [{item.id for item in getattr(e, name)} for e in (before, after)] for name in ("applicants", "reviewers")
    )
    entered = ids[0] ^ ids[1]
    sound, found = zip(
        *(
            recalculated(e, evaluate) if read else (e, Recalculated())
            for e, read in zip((before, after), recorded, strict=True)
        ),
        strict=True,
    )
    same = not (len(marks) or entered or _count(inputs))
    base, separation = _base(sound, rules, evaluate, same=same)
    pairing = Pairing(Listing(before), Listing(after))
    compared = Compared(
        before=sound[0],
        after=sound[1],
        base=base,
        same_totals=not any(rule.stage == "total" for rule in rules),
        own=frozenset(_own(marks, inputs)),
        decided=frozenset(i.applicant for i in inputs if i.kind == "decision" and i.subject == "tie" and i.counts),
        gated=frozenset(i.applicant for i in inputs if i.kind == "gate" and i.counts),
    )
    return Difference(
        before=_side(before),
        after=_side(after),
        common=len(ids[0] & ids[1]),
        effect=pairing.effect,
        separation=separation,
        recalculation=Recalculation(before=found[0], after=found[1]),
        applicants_added=tuple(sorted(ids[1] - ids[0])),
        applicants_removed=tuple(sorted(ids[0] - ids[1])),
        reviewers_added=tuple(sorted(people[1] - people[0])),
        reviewers_removed=tuple(sorted(people[0] - people[1])),
        applicants=applicant_changes(compared, pairing),
        cut_line=_cut_line(before.cut_line, after.cut_line),
        marks=marks,
        inputs=inputs,
        rules=rules,
        round=round_changes(before, after),
        cross_checks=tuple(_cross_checks(before, after, same=not rules and _same_ranked(before, after))),
        support=support_changes(before, after),
        files=value_changes(dict(before.provenance.inputs), dict(after.provenance.inputs)),
        software=value_changes(dict(before.provenance.software), dict(after.provenance.software)),
    )


def _base(
    sides: tuple[Evaluation | None, ...], rules: tuple[RuleChange, ...], evaluate: Evaluate, *, same: bool
) -> tuple[Evaluation | None, Separation]:
    """The evaluation from which on only inputs differ, see ``Compared``. ``same``: no input that counts differs."""
    before, after = sides
    if not any(rule.stage != "none" for rule in rules):
        return before, Separation(kind="same_rules")
    if same:
        return after, Separation(kind="same_inputs")
    if before is None or after is None:
        return None, Separation(kind="impossible", why=("recorded",))
    round_ = inputs_under(before, after.rubric)
    if not isinstance(round_, Round):
        return None, Separation(kind="impossible", why=round_)
    try:
        between = evaluate(after.rubric, round_)
    except InputProblems:
        return None, Separation(kind="impossible", why=("decisions",))
    if not between.rankable:
        return None, Separation(kind="impossible", why=("unresolved",))
    one, middle, other = (Listing(e) for e in (before, between, after))
    rules_alone, then = Pairing(one, middle).effect, Pairing(middle, other).effect
    return between, Separation(kind="computed", rules=rules_alone, inputs=then)


def _count(inputs: tuple[InputChange, ...]) -> int:
    return sum(change.counts for change in inputs)


def _own(marks: MarkChanges, inputs: tuple[InputChange, ...]) -> Iterator[str]:
    """Applicants some input of whose own, that counts, differs."""
    for place in np.unique(marks.applicant).tolist():
        yield marks.applicants[place]
    for change in inputs:
        if change.counts and change.applicant not in {"", "*"}:
            yield change.applicant


def _side(evaluation: Evaluation) -> Side:
    return Side(
        round=evaluation.round.id,
        status=evaluation.round.status,
        rubric=evaluation.rubric.id,
        version=evaluation.rubric.version,
        rubric_sha256=evaluation.rubric_sha256,
        applicants=len(evaluation.applicants),
        reviewers=len(evaluation.reviewers),
        marks=len(evaluation.marks.marks),
        unresolved=len(evaluation.unresolved),
    )


def _cut_line(before: CutLine | None, after: CutLine | None) -> SeatsChange | None:
    if before == after:
        return None
    return SeatsChange(before=_seats(before), after=_seats(after))


def _seats(cut: CutLine | None) -> Seats | None:
    if cut is None:
        return None
    return Seats(
        places=cut.places,
        filled=cut.filled,
        last_selected=cut.last_selected,
        first_not_selected=cut.first_not_selected,
        margin=cut.margin,
    )


def _same_ranked(before: Evaluation, after: Evaluation) -> bool:
    """Whether both rank the same applicants alike, with the same points."""
    pairing = Pairing(Listing(before), Listing(after))
    one, other = pairing.ranks
    return not ((one != other) | (pairing.figures_differ & (one > 0))).any()


def _cross_checks(before: Evaluation, after: Evaluation, *, same: bool) -> Iterator[CrossCheckChange]:
    """The methods whose tau, reason or ranks differ, by name. ``same``: all that they are made of is the same."""
    sides = [{(check.method, check.settings): check for check in e.cross_checks} for e in (before, after)]
    for method, settings in sorted(sides[0].keys() | sides[1].keys()):
        one, other = (side.get((method, settings)) for side in sides)
        moved = 0
        if one is not None and other is not None:
            old, new = _ranks_of(before, one), _ranks_of(after, other)
            moved = sum(old[applicant] != new[applicant] for applicant in old.keys() & new.keys())
        told = [_second_opinion(check) for check in (one, other)]
        if moved or told[0] != told[1]:
            yield CrossCheckChange(
                method=method, settings=settings, before=told[0], after=told[1], ranks=moved, unexplained=same
            )


def _ranks_of(evaluation: Evaluation, check: CrossCheck) -> dict[str, int]:
    # Those with a rank stand first.
    return dict(zip(Listing(evaluation).columns.applicants, check.ranks.tolist(), strict=False))


def _second_opinion(check: CrossCheck | None) -> SecondOpinion | None:
    return None if check is None else SecondOpinion(tau=check.tau, why=check.why or check.tau_why)
