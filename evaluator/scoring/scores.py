"""From consensus to totals for the applicants that are scored: figures, recorded decisions, bonuses, points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluator.errors import InputProblems, Problem
from evaluator.model.evaluation import Unresolved
from evaluator.model.exact import Column
from evaluator.model.numbers import decimals_of, parse_decimal, round_to, show
from evaluator.model.round import Decision, Round
from evaluator.model.rubric import Rubric
from evaluator.model.standings import Computed, CriterionColumns
from evaluator.scoring.consensus import Consensus
from evaluator.scoring.totals import Points, add_up, leaf_points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Everything computed about the applicants that are scored, each column in the order of ``ids``."""

    ids: tuple[str, ...]
    points: Points
    computed: Computed
    warnings: tuple[Problem, ...]


NOTHING_HANDED_IN = "nothing_handed_in"
"""Why there is no figure on a criterion fed by evidence: no evidence was handed in, and the office entered none."""

Figures = Mapping[tuple[str, str], Fraction]
"""The figures of office and evidence criteria, by applicant and criterion."""


def missing_figures(
    rubric: Rubric,
    round_: Round,
    active: tuple[str, ...],
    figures: Figures,
    why: Mapping[tuple[str, str], tuple[str, ...]],
) -> list[Unresolved]:
    """Office and evidence criteria without a figure (or a decision in its place) for an applicant that is scored.

    ``why`` says of derivations without a figure why there is none, by applicant and criterion; where nothing was
    derived, the reason is that nothing was handed in.
    """
    leaves = {leaf.id: leaf.source for leaf in rubric.leaves() if leaf.source != "panel"}
    if not leaves:
        return []
    known = {*figures, *((d.applicant, d.criterion) for d in round_.decisions if d.kind == "consensus")}
    return [
        Unresolved(
            kind="figure",
            applicant=a,
            criterion=leaf,
            why=() if source == "office" else why.get((a, leaf), (NOTHING_HANDED_IN,)),
        )
        for a in active
        for leaf, source in leaves.items()
        if (a, leaf) not in known
    ]


def check_figure_decisions(rubric: Rubric, round_: Round, active: tuple[str, ...], figures: Figures) -> None:
    """Check recorded decisions about figures of office and evidence, which are known before anything can be scored.

    Raises ``InputProblems`` as ``score`` does, for a decision whose ``before`` is not the figure.
    """
    given = _given(rubric, active, figures)
    computed = {leaf: Column.of(figures.get((a, leaf), Fraction(0)) for a in active) for leaf in given.leaves}
    decisions = tuple(d for d in round_.decisions if d.kind != "consensus" or d.criterion in given.leaves)
    _decided(decisions, active, computed, given)


def score(rubric: Rubric, round_: Round, active: tuple[str, ...], agreed: Consensus, figures: Figures) -> Scored:
    """Points and totals of the applicants that are scored.

    ``figures`` are those of the office and those derived from evidence.
    Under consensus_first the panel's consensus is rounded to ``rounding.consensus`` first. Then recorded consensus
    decisions replace what was calculated, scores become points, points add up. Raises ``InputProblems`` for a
    recorded decision whose ``before`` is not what was calculated.
    """
    order = {leaf.id: p.order for p in rubric.all_panels for leaf in rubric.leaves_of(p)}
    computed: dict[str, Column] = {}
    for leaf in rubric.leaves():
        if leaf.source != "panel":
            computed[leaf.id] = Column.of(figures.get((a, leaf.id), Fraction(0)) for a in active)
        elif order[leaf.id] == "consensus_first":
            computed[leaf.id] = agreed.scores[leaf.id].rounded(rubric.rounding.consensus, rubric.rounding.mode)
        else:
            computed[leaf.id] = agreed.scores[leaf.id]
    final, calculated, warnings = _decided(round_.decisions, active, computed, _given(rubric, active, figures))
    bonus, penalty = (_adjusted(round_, active, kind) for kind in ("bonus", "penalty"))
    extra = bonus.plus(penalty.times(Fraction(-1)))
    in_points = {leaf for leaf, first in order.items() if first == "convert_first"}
    points = add_up(rubric, leaf_points(rubric, final, in_points), extra)
    position = {a: row for row, a in enumerate(active)} if calculated else {}
    reviewers = tuple(r.id for r in round_.reviewers)
    computed_columns = Computed(
        total=points.total,
        ranking_total=points.ranking_total,
        raw_total=points.raw_total,
        bonus=bonus,
        penalty=penalty,
        criteria={
            node.id: CriterionColumns(
                consensus=final.get(node.id), raw=points.raw[node.id], points=points.points[node.id]
            )
            for node in rubric.nodes()
        },
        calculated={(position[a], leaf): value for (a, leaf), value in calculated.items()},
        sheets=tuple(sheets.columns(reviewers) for sheets in agreed.sheets),
    )
    return Scored(
        ids=active,
        points=points,
        computed=computed_columns,
        warnings=(*warnings, *_nothing_to_compare(rubric, final)),
    )


def _adjusted(round_: Round, active: tuple[str, ...], kind: str) -> Column:
    """The sum of the bonuses or of the penalties of each applicant that is scored."""
    sums: dict[str, Fraction] = {}
    for adjustment in round_.adjustments:
        if adjustment.kind == kind:
            sums[adjustment.applicant] = sums.get(adjustment.applicant, Fraction(0)) + adjustment.points
    return Column.of(sums.get(a, Fraction(0)) for a in active) if sums else Column.zeros(len(active))


@dataclass(frozen=True, slots=True)
class _Given:
    """The criteria that reviewers do not mark (``leaves``), and where they have no figure (``nothing``)."""

    leaves: frozenset[str]
    nothing: frozenset[tuple[str, str]]


def _given(rubric: Rubric, active: tuple[str, ...], figures: Figures) -> _Given:
    leaves = frozenset(leaf.id for leaf in rubric.leaves() if leaf.source != "panel")
    return _Given(leaves, frozenset((a, leaf) for a in active for leaf in leaves if (a, leaf) not in figures))


def _decided(
    decisions: Sequence[Decision], active: tuple[str, ...], computed: Mapping[str, Column], given: _Given
) -> tuple[dict[str, Column], dict[tuple[str, str], Fraction], list[Problem]]:
    """The consensus scores with recorded decisions put in, what they replaced, and warnings.

    A decision about a criterion that reviewers do not mark names what it replaces: else nobody would notice that the
    figure it was taken on has become another, or that there is one by now.
    """
    changed, calculated = dict(computed), dict[tuple[str, str], Fraction]()
    warnings: list[Problem] = []
    problems: list[Problem] = []
    decisions = [d for d in decisions if d.kind == "consensus"]
    position = {a: i for i, a in enumerate(active)} if decisions else {}
    for decision in decisions:
        if decision.applicant not in position:
            warnings.append(_problem("decision.consensus_not_used", decision, "applicant"))
            continue
        row, after = position[decision.applicant], parse_decimal(decision.after)
        value = computed[decision.criterion].fractions()[row]
        before = parse_decimal(decision.before)
        replaces = (decision.applicant, decision.criterion) not in given.nothing
        shown = show(value) if decimals_of(value) is not None else show(round_to(value, 6))
        if not replaces and before is not None:
            problems.append(_problem("decision.nothing_before", decision, "before", before=decision.before))
        elif replaces and before is None and decision.criterion in given.leaves:
            problems.append(_problem("decision.before_missing", decision, "before", calculated=shown))
        elif replaces and before is not None and before != round_to(value, len(decision.before.partition(".")[2])):
            told = {"before": decision.before, "calculated": shown}
            problems.append(_problem("decision.consensus_stale", decision, "before", **told))
        if after is not None:
            if replaces:
                calculated[decision.applicant, decision.criterion] = value
            changed[decision.criterion] = changed[decision.criterion].replaced(row, after)
    if problems:
        raise InputProblems(problems)
    return changed, calculated, warnings


def _problem(code: str, decision: Decision, path: str, **params: str) -> Problem:
    return Problem(
        code=code,
        file="decisions.csv",
        line=decision.line,
        path=path,
        params={"applicant": decision.applicant, "criterion": decision.criterion, **params},
    )


def _nothing_to_compare(rubric: Rubric, scores: Mapping[str, Column]) -> list[Problem]:
    """Warnings: relative criteria on which the best value is 0, so that nobody has points."""
    return [
        Problem(code="relative.best_zero", params={"criterion": leaf.id})
        for leaf in rubric.leaves()
        if leaf.convert is not None
        and leaf.convert.kind == "relative_to_best"
        and len(scores[leaf.id]) > 0
        and bool((scores[leaf.id].compare(Fraction(0)) == 0).all())
    ]
