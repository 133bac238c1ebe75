"""A rubric's rules in words, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from evaluator.model.basis import Basis
from evaluator.model.numbers import Limit
from evaluator.model.rubric import DECISION, Criterion, Panel, Rubric, Rule, allowed_scale
from evaluator.report.figures import number
from evaluator.report.methods import rule_text
from evaluator.report.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule as printed. ``assumed`` rules carry a mark; ``source`` and ``note`` may be empty."""

    title: str
    text: str
    basis: str
    assumed: bool
    source: str
    note: str


def criterion_numbers(rubric: Rubric) -> dict[str, str]:
    """Criterion id to its place in the rubric: 1, 1.1, 1.2, 2 ..."""
    numbers: dict[str, str] = {}

    def walk(nodes: tuple[Criterion, ...], prefix: str) -> None:
        for position, node in enumerate(nodes, start=1):
            numbers[node.id] = f"{prefix}{position}"
            walk(node.children, f"{numbers[node.id]}.")

    walk(rubric.criteria, "")
    return numbers


def titles(rubric: Rubric, words: Words) -> dict[str, str]:
    """Criterion id to its title in the report's language."""
    return {node.id: node.title.in_(words.lang) for node in rubric.nodes()}


def is_assumed(basis: Basis | None) -> bool:
    """Whether a rule is marked as assumed."""
    return basis is not None and basis.status == "assumed"


def basis_word(words: Words, basis: Basis | None) -> str:
    """The printed word for where a rule comes from; empty where the rubric does not say."""
    return words(f"basis.{basis.status}") if basis else ""


def limit_text(words: Words, limit: Limit, maximum: Fraction) -> str:
    """``24 points (60 % of 40)`` or plain points."""
    least = number(limit.of(maximum))
    if limit.percent:
        return words("limit.percent", points=least, percent=number(limit.value), full=number(maximum))
    return words("limit.points", points=least)


def panel_title(words: Words, rubric: Rubric, panel: Panel) -> str:
    """A panel's printed name; the general word where the rubric gives none."""
    if panel.title:
        return panel.title.in_(words.lang)
    return words("panel.one") if len(rubric.all_panels) == 1 else panel.id


def panel_rule(words: Words, rubric: Rubric, panel: Panel) -> str:
    """How the marks of one panel's reviewers become one score, in sentences."""
    by_sheet = panel.level == "reviewer_total"
    parts = [words(f"panel.{panel.order}_{'sheet' if by_sheet else 'mark'}")]
    if panel.aggregate == "trimmed_mean" and panel.trim is not None:
        parts.append(
            words(
                "panel.trimmed_sheet" if by_sheet else "panel.trimmed_mark",
                high=panel.trim.high,
                low=panel.trim.low,
                least=panel.trim.least,
            )
        )
        parts.append(words("panel.equal_extremes"))
    elif panel.aggregate == "median":
        parts.append(words("panel.median"))
    else:
        parts.append(words("panel.mean_sheet" if by_sheet else "panel.mean_mark"))
    if panel.order == "consensus_first" and rubric.rounding.consensus is not None:
        parts.append(words("panel.consensus_rounded", decimals=rubric.rounding.consensus))
    parts.append(words("panel.abstained_sheet" if by_sheet else "panel.abstained_mark"))
    parts.append(words("panel.quorum_sheet" if by_sheet else "panel.quorum_mark", quorum=panel.quorum))
    return " ".join(parts)


def rounding_rule(words: Words, rubric: Rubric) -> str:
    """Which stages are rounded, to how many decimals and how."""
    rounding = rubric.rounding
    stages = [
        words(f"rounding.{stage}", decimals=decimals)
        for stage, decimals in (
            ("consensus", rounding.consensus),
            ("points", rounding.points),
            ("total", rounding.total),
        )
        if decimals is not None
    ]
    if not stages:
        return words("rounding.none")
    return words("rounding.some", stages=words("rounding.join").join(stages), mode=words(f"rounding.{rounding.mode}"))


def conversion_rule(words: Words, leaf: Criterion) -> str:
    """How a score on a leaf's scale becomes points, in general."""
    convert, scale = leaf.convert, allowed_scale(leaf)
    kind = convert.kind if convert else "linear"
    low, full = number(scale.min), number(leaf.points)
    high = number(scale.max) if scale.max is not None else ""
    at = number(convert.at) if convert and convert.at is not None else ""
    best = words(f"convert.best_{scale.direction}")
    zero = "_zero" if scale.min == 0 else ""
    key = f"convert.linear{zero}_{scale.direction}" if kind == "linear" else f"convert.{kind}"
    grades = ""
    if convert and convert.grades:
        grades = " · ".join(f"{number(level)} → {number(share)} %" for level, share in convert.grades.items())
    return words(key, full=full, low=low, high=high, at=at, best=best, grades=grades)


def conversion_formula(words: Words, leaf: Criterion, score: Fraction) -> str:
    """The conversion of one score with its figures put in, before rounding.

    The best figure of the field, which ``relative_to_best`` divides by, is named but not printed: it is another
    applicant's.
    """
    convert, scale = leaf.convert, allowed_scale(leaf)
    kind = convert.kind if convert else "linear"
    full, x = number(leaf.points), number(score)
    if kind == "grades" and convert and convert.grades:
        return f"{full} × {number(convert.grades[score])} %" if score in convert.grades else ""
    if kind == "target" and convert and convert.at is not None:
        return words("formula.target", full=full, x=x, at=number(convert.at))
    if kind == "relative_to_best":
        return words(f"formula.best_{scale.direction}", full=full, x=x)
    high = scale.max if scale.max is not None else Fraction(0)
    if kind == "proportional":
        return f"{full} × {x} ÷ {number(high)}"
    if scale.direction == "lower":
        above = f"({number(high)} – {x})"
    else:
        above = x if scale.min == 0 else f"({x} – {number(scale.min)})"
    below = number(high) if scale.min == 0 else f"({number(high)} – {number(scale.min)})"
    return f"{full} × {above} ÷ {below}"


def is_identity(leaf: Criterion) -> bool:
    """Whether a score is its points: a linear scale from 0 to the criterion's points, higher is better."""
    scale = allowed_scale(leaf)
    plain = leaf.convert is None or leaf.convert.kind in {"linear", "proportional"}
    return plain and scale.min == 0 and scale.max == leaf.points and scale.direction == "higher"


def share_text(words: Words, share: str) -> str:
    """A vote's share such as ``>1/2`` or ``2/3`` in words."""
    if share.startswith(">") and not share.startswith(">="):
        return words("vote.more_than", share=share[1:])
    return words("vote.at_least", share=share.removeprefix(">="))


def tie_rule(words: Words, rubric: Rubric) -> str:
    """The tie-break chain in words."""
    names = titles(rubric, words)
    links = [words("tie.decision") if link == DECISION else names.get(link, link) for link in rubric.tie_break]
    if not links:
        return words("tie.none")
    return words("tie.chain", chain=" → ".join(links))


def selection_rule(words: Words, rubric: Rubric) -> str:
    """How many are selected and what becomes of vacant seats; empty where the rubric only ranks."""
    if rubric.decision:
        parts = [words("selection.places", places=rubric.decision.places)]
        if rubric.decision.reserve:
            parts.append(words("selection.reserve", reserve=rubric.decision.reserve))
        return " ".join(parts)
    if not rubric.selection:
        return words("selection.none")
    parts = [words("selection.places", places=rubric.selection.places)]
    if rubric.selection.reserve:
        parts.append(words("selection.reserve", reserve=rubric.selection.reserve))
    if rubric.gates_when("after_ranking"):
        parts.append(words(f"selection.{rubric.selection.vacancy}"))
    return " ".join(parts)


def all_rules(words: Words, rubric: Rubric, *, compared: bool = True) -> tuple[RuleRow, ...]:
    """Every rule of a rubric other than its criteria, in the order in which they are applied.

    The methods it is ``compared`` with come last; an applicant's report leaves them out.
    """
    rows: list[RuleRow] = []

    def add(title: str, text: str, rule: Rule | None = None, own: Basis | None = None) -> None:
        basis = own or ((rubric.rule_basis or {}).get(rule) if rule else None)
        rows.append(
            RuleRow(
                title=title,
                text=text,
                basis=basis_word(words, basis),
                assumed=is_assumed(basis),
                source=basis.source.in_(words.lang) if basis and basis.source else "",
                note=basis.note.in_(words.lang) if basis and basis.note else "",
            )
        )

    for gate in rubric.gates_when("before_scoring"):
        text = gate.description.in_(words.lang) if gate.description else words("rule.gate_plain")
        add(words("rule.gate_before", gate=gate.title.in_(words.lang)), text, "gates", gate.basis)
    if rubric.decision:
        vote = rubric.decision
        text = words("vote.rule", quorum=share_text(words, vote.quorum), majority=share_text(words, vote.majority))
        none = words("vote.allow_none" if vote.allow_none else "vote.must_choose")
        add(words("rule.vote"), f"{text} {none}", "decision")
    else:
        for panel in rubric.all_panels:
            title = words("rule.panel", panel=panel_title(words, rubric, panel))
            add(title, panel_rule(words, rubric, panel), "panels", panel.basis)
        if rubric.method.method != "weighted_sum":
            add(words("official.title"), method_rule(words, rubric))
        add(words("rule.rounding"), rounding_rule(words, rubric), "rounding")
        if rubric.adjustments:
            add(words("rule.adjustments"), _adjustments_rule(words, rubric), "adjustments")
        if rubric.pass_mark:
            least = limit_text(words, rubric.pass_mark, rubric.full_total)
            text = words(f"rule.pass_{rubric.pass_compare}", least=least)
            add(words("rule.pass_mark"), text, "pass_mark")
        if any(leaf.ranking_weight not in (None, 1) for leaf in rubric.leaves()):
            add(words("rule.weights"), _weights_rule(words, rubric), "panels")
        add(words("rule.tie_break"), tie_rule(words, rubric), "tie_break")
    for gate in rubric.gates_when("after_ranking"):
        text = gate.description.in_(words.lang) if gate.description else words("rule.gate_plain")
        add(words("rule.gate_after", gate=gate.title.in_(words.lang)), text, "gates", gate.basis)
    add(words("rule.selection"), selection_rule(words, rubric), "selection")
    if compared and rubric.cross_checks:
        methods = ", ".join(rule_text(words, rule) for rule in rubric.cross_checks)
        add(words("official.others"), words("official.others_text", methods=methods))
    return tuple(rows)


def method_rule(words: Words, rubric: Rubric) -> str:
    """What the total is where the official method is not the weighted sum."""
    rule = rubric.method
    how = words("official.how", method=rule_text(words, rule), how=words(f"method_how.{rule.method}"))
    relative = words("official.pool" if rule.pool_relative else "official.own")
    return f"{how} {words('official.better')} {relative}"


def _adjustments_rule(words: Words, rubric: Rubric) -> str:
    limits = rubric.adjustments
    if limits is None:
        return ""
    parts = [
        words(f"adjust.{kind}_max", points=number(most)) if most is not None else words(f"adjust.{kind}_free")
        for kind, most in (("bonus", limits.bonus_max), ("penalty", limits.penalty_max))
    ]
    return " ".join([*parts, words("adjust.after")])


def _weights_rule(words: Words, rubric: Rubric) -> str:
    weighted = [
        f"{leaf.title.in_(words.lang)} × {number(leaf.ranking_weight)}"
        for leaf in rubric.leaves()
        if leaf.ranking_weight not in (None, 1) and leaf.ranking_weight is not None
    ]
    return words("rule.weights_text", weights=", ".join(weighted))
