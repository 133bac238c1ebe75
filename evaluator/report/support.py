"""What selection leads to, as strings and rows: each team's support, and the sum against the budget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from evaluator.model.basis import Basis
from evaluator.model.numbers import decimals_of
from evaluator.model.support import BUDGET, KRW, SupportLine, SupportOutcome, SupportTotal, TeamSupport
from evaluator.report.figures import number
from evaluator.report.frame import Frame
from evaluator.report.rules import basis_word, is_assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportRow:
    """One item of one team; amounts with thousands separators."""

    item: str
    unit: str
    asked: str
    granted: str
    government: str
    own: str
    cash: str
    rule: str
    cut: bool
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamView:
    """Everything printed about one team's support. ``policy`` says where the rules come from."""

    applicant: str
    name: str
    finding: str
    policy: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    rows: tuple[SupportRow, ...]
    government: str
    own: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalRow:
    """One item over all teams against what there is; ``over`` is whether it is more than that."""

    item: str
    unit: str
    granted: str
    government: str
    available: str
    left: str
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionTable:
    """The ways out where more of one item is asked for than there is: what each team would get from the government."""

    finding: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportView:
    """The support of a round for the panel."""

    finding: str
    policy: tuple[str, ...]
    totals: tuple[TotalRow, ...]
    options: tuple[OptionTable, ...]
    teams: tuple[TeamView, ...]


def amount(value: Fraction | None) -> str:
    """An amount with thousands separators; what has no short decimal form is cut, as everywhere."""
    if value is None:
        return "–"
    if decimals_of(value) is None:
        return number(value)
    whole, _, rest = number(value).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}" + (f".{rest}" if rest else "")


def percent(share: Fraction) -> str:
    """A share as a percentage."""
    return f"{number(share * 100)}%"


def applicant_support(frame: Frame, applicant: str) -> TeamView | None:
    """A selected team's support as it reads it; without a figure while more is asked for than there is.

    None for whoever is not selected, and where there is no policy.
    """
    found, team = frame.evaluation.support, frame.support.get(applicant)
    if found is None or team is None:
        return None
    view = team_view(frame, found, team)
    if found.status == "granted":
        return view
    return replace(view, finding=frame.words("support.team_open"), facts=(), rows=(), notes=())


def team_view(frame: Frame, found: SupportOutcome, team: TeamSupport) -> TeamView:
    """One team's support as printed for the panel."""
    words = frame.words
    open_sum = any(line.unit == KRW and line.granted is None for line in team.lines)
    facts = (
        (words("support_fact.size"), words.told("size", team.size) if team.size else ""),
        (words("support_fact.level"), "" if team.level is None else str(team.level)),
        (words("support_fact.own_share"), "" if team.own_share is None else percent(team.own_share)),
    )
    notes = [words.told("support_flag", code) for code in team.flags]
    notes += [
        f"{_item(frame, line.item)}: {_note(frame, line.item, code)}"
        for line in team.lines
        if line.granted is not None
        for code in line.notes
    ]
    return TeamView(
        applicant=team.applicant,
        name=frame.names.get(team.applicant, team.applicant),
        finding=_team_finding(frame, team),
        policy=_policy(frame, found),
        facts=tuple((label, value) for label, value in facts if value),
        rows=tuple(_row(frame, found, line) for line in team.lines),
        government=words("support.undecided") if open_sum else amount(team.government),
        own=words("support.undecided") if open_sum else amount(team.own),
        notes=tuple(notes),
    )


def _team_finding(frame: Frame, team: TeamSupport) -> str:
    """What a team gets in a sentence: money, then what is counted in other units; or what is not settled yet."""
    words, name = frame.words, frame.names.get(team.applicant, team.applicant)
    still = [_item(frame, line.item) for line in team.lines if line.granted is None]
    if still:
        return words("support.team_undecided", name=name, items=", ".join(still))
    others = [
        words("support.other_unit", item=_item(frame, line.item), n=amount(line.granted), unit=line_unit)
        for line in team.lines
        if line.unit != KRW and line.granted
        for line_unit in (unit_word(frame, line.unit),)
    ]
    return words(
        "support.team" if frame.confirmed else "support.team_proposed",
        name=name,
        government=", ".join((words("support.won", amount=amount(team.government)), *others)),
        own=amount(team.own),
    )


def support_view(frame: Frame) -> SupportView | None:
    """The support of the whole round; None where the round has no support policy."""
    found = frame.evaluation.support
    if found is None:
        return None
    return SupportView(
        finding=support_finding(frame),
        policy=_policy(frame, found),
        totals=total_rows(frame, found.totals),
        options=tuple(_options(frame, total) for total in found.totals if total.options),
        teams=tuple(team_view(frame, found, team) for team in found.teams),
    )


def support_finding(frame: Frame) -> str:
    """The support of the round in a sentence."""
    found, words = frame.evaluation.support, frame.words
    if found is None:
        return ""
    if found.status == "not_computed":
        return words("support.not_computed")
    if found.status == "over":
        return words("support.over", n=len(found.teams), over=sum(total.over is not None for total in found.totals))
    return words("support.granted", n=len(found.teams))


def total_rows(frame: Frame, totals: Iterable[SupportTotal]) -> tuple[TotalRow, ...]:
    """Every item's sum against what there is, which the government's part must not exceed.

    While an item is undecided its part is what the government would pay for all that is wished; so it is in the sum of
    everything in won as long as some of it is undecided.
    """
    rows = []
    for total in totals:
        paid = total.wished if total.government is None or total.item == BUDGET else total.government
        rows.append(
            TotalRow(
                item=_item(frame, total.item),
                unit=unit_word(frame, total.unit),
                granted=frame.words("support.undecided") if total.granted is None else amount(total.granted),
                government=amount(paid),
                available="–" if total.available is None else amount(total.available),
                left="–" if total.available is None else amount(total.available - paid),
                over=total.over is not None,
            )
        )
    return tuple(rows)


def unit_word(frame: Frame, unit: str) -> str:
    """A unit as printed."""
    return frame.words.told("support_unit", unit)


def _item(frame: Frame, item: str) -> str:
    found = frame.evaluation.support
    if item == BUDGET:
        return frame.words("support.budget")
    return found.title(item, frame.lang) if found else item


def _note(frame: Frame, item: str, code: str) -> str:
    """The sentence of a note, with the policy's own reason where a team is excluded."""
    found, text = frame.evaluation.support, frame.words.told("support_note", code)
    reason = next((d.reason for d in found.declared.items if d.id == item), None) if found else None
    return f"{text} {reason.in_(frame.lang)}" if code == "not_for" and reason is not None else text


def _policy(frame: Frame, found: SupportOutcome) -> tuple[str, ...]:
    """The policy by its title, and where it and its table of shares come from."""
    words, declared = frame.words, found.declared
    named = words("support.policy", policy=declared.title.in_(frame.lang), version=found.version)
    shares = declared.shares.basis if declared.shares else None
    told = ((named, declared.basis), (words("support.shares"), shares))
    return tuple(_sourced(frame, text, basis) for text, basis in told if text == named or basis is not None)


def _sourced(frame: Frame, text: str, basis: Basis | None) -> str:
    if basis is None:
        return text
    parts = [part.in_(frame.lang) for part in (basis.source, basis.note) if part is not None]
    mark = "† " if is_assumed(basis) else ""
    return f"{text}: {mark}{' · '.join([basis_word(frame.words, basis), *parts])}"


def _row(frame: Frame, found: SupportOutcome, line: SupportLine) -> SupportRow:
    """One line; what is not settled has only what was asked for."""
    undecided, shares = frame.words("support.undecided"), found.declared.shares
    in_cash = line.rule == "shared" and shares is not None and any(row.cash is not None for row in shares.rows)

    def settled(value: Fraction | None) -> str:
        return undecided if value is None else amount(value)

    declared = next((item for item in found.declared.items if item.id == line.item), None)
    return SupportRow(
        item=_item(frame, line.item),
        unit=unit_word(frame, line.unit),
        asked=amount(line.asked),
        granted=settled(line.granted),
        government=settled(line.government),
        own=settled(line.own),
        cash=undecided if line.granted is None and in_cash else amount(line.cash),
        rule=frame.words.told("support_rule", line.rule) if line.rule else "",
        cut=line.granted is not None and line.asked is not None and line.granted < line.asked,
        assumed=declared is not None and is_assumed(declared.basis),
    )


def _options(frame: Frame, total: SupportTotal) -> OptionTable:
    words = frame.words
    teams = [applicant for applicant, _ in total.options[0].amounts]
    return OptionTable(
        finding=words(
            "support.options", item=_item(frame, total.item), over=amount(total.over), available=amount(total.available)
        ),
        columns=tuple(words(f"support_option.{option.kind}") for option in total.options),
        rows=tuple(
            (frame.names.get(team, team), *(amount(dict(option.amounts)[team]) for option in total.options))
            for team in teams
        ),
    )
