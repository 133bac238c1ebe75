"""support.yaml and support.csv: what selected teams get under a policy, and what they ask for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from fractions import Fraction

from evaluator.errors import Loc, show_loc
from evaluator.files.checks import Reading, cell, check_known, check_repeats, note
from evaluator.files.folder import Folder
from evaluator.files.numerals import read_number
from evaluator.files.problems import nearest, shorten
from evaluator.files.sources import YAML_BYTES
from evaluator.files.tables import MAX_ID, MAX_TEXT, Column, Table
from evaluator.files.validation import validate
from evaluator.files.yaml_source import Document, read_yaml
from evaluator.model.findings import Finding
from evaluator.model.numbers import show
from evaluator.model.round import Applicant
from evaluator.model.rubric import Criterion
from evaluator.model.support import BUDGET, KRW, MOST_MATCH, SupportItem, SupportPolicy, SupportRequest

SUPPORT_POLICY = "support.yaml"
SUPPORT_REQUESTS = "support.csv"
COLUMNS = (
    Column("applicant", needed=True, filled=True, limit=MAX_ID),
    Column("item", needed=True, filled=True, limit=MAX_ID),
    Column("asked", needed=True, filled=True),
    Column("note", limit=MAX_TEXT, free=True),
)

_MULTIPLE = r"(?:[십백천만억조]|thousand|million|billion|trillion|mn|bn|[kmb])*"
_CURRENCY = (
    r"(?:원화?|krw|won|달러|불|usd|dollars?|유로화?|euros?|eur|엔화?|yen|jpy|위안화?|yuan|cny|rmb|"
    r"파운드화?|pounds?|gbp|억|백만|천만)"
)
_MONEY = re.compile(f"{_MULTIPLE}{_CURRENCY}(?:{_MULTIPLE}{_CURRENCY}?)*")


def read_support(
    files: Folder, reading: Reading, applicants: Sequence[Applicant]
) -> tuple[SupportPolicy | None, tuple[SupportRequest, ...]]:
    """The support policy of a round and what applicants ask for; (None, ()) where there is no policy.

    Every applicant that is not withdrawn needs a size and level for which the policy has a share, because anybody may
    be selected: that is checked here for sizes, and for each level from 0 to 6.
    """
    if SUPPORT_POLICY not in files.names:
        if SUPPORT_REQUESTS in files.names:
            files.found.add("support.no_policy", SUPPORT_REQUESTS)
        return None, ()
    source = files.source(SUPPORT_POLICY, YAML_BYTES)
    document = None if source is None else read_yaml(source, files.found)
    policy = None
    if document is not None:
        checked = validate(SupportPolicy, document, files.found)
        policy = checked.model
        if policy is not None:
            for finding in (*_policy_findings(policy), *_round_findings(policy, reading, applicants)):
                if not any(checked.is_spoilt(loc) for loc in (finding.loc, *finding.needs)):
                    place = document.place(finding.loc)
                    files.found.add(finding.code, document.file, place, show_loc(finding.loc), **finding.params)
    table = files.table(SUPPORT_REQUESTS, COLUMNS)
    requests = () if table is None else _requests(table, reading, policy)
    if policy is not None and document is not None:
        _check_outsiders(policy, document, reading, files)
    return policy, requests


def is_money(unit: str) -> bool:
    """Whether a unit is a way of writing money, such as 백만원, won or US$: a currency, with or without a multiple.

    Width, case, blanks, digits and punctuation do not matter; any sign of a currency does.
    """
    text = unicodedata.normalize("NFKC", unit).casefold()
    if any(unicodedata.category(char) == "Sc" for char in text):
        return True
    return _MONEY.fullmatch("".join(char for char in text if char.isalpha())) is not None


def _policy_findings(policy: SupportPolicy) -> Iterator[Finding]:
    """What is wrong with a policy by itself."""
    seen: dict[str, int] = {}
    for i, item in enumerate(policy.items):
        loc: Loc = ("items", i)
        if item.id in seen or item.id == BUDGET:
            yield Finding("support.item_repeated", (*loc, "id"), {"item": item.id})
        seen.setdefault(item.id, i)
        yield from _item_findings(policy, item, loc)
    if not policy.items:
        yield Finding("support.no_items", ("items",))
    if policy.budget is not None and policy.budget < 0:
        yield Finding("support.negative", ("budget",), {"key": "budget", "value": show(policy.budget)})
    if policy.shares is None:
        return
    taken: set[tuple[str, int]] = set()
    for i, row in enumerate(policy.shares.rows):
        here: Loc = ("shares", "rows", i)
        for key, limit in (("own", row.own), ("cash", row.cash)):
            if limit is not None and (not limit.percent or (key == "own" and limit.value >= 100)):
                yield Finding("support.not_a_share", (*here, key), {"key": key, "value": str(limit)})
        for level in row.levels:
            if (row.size, level) in taken:
                params = {"size": row.size, "level": str(level)}
                yield Finding("support.share_twice", (*here, "levels"), params)
            taken.add((row.size, level))
    for size in dict.fromkeys(row.size for row in policy.shares.rows):
        missing = [str(level) for level in range(7) if (size, level) not in taken]
        if missing:
            params = {"size": size, "levels": ", ".join(missing)}
            yield Finding("support.share_missing", ("shares", "rows"), params)


def _item_findings(policy: SupportPolicy, item: SupportItem, loc: Loc) -> Iterator[Finding]:
    params = {"item": item.id, "kind": item.kind}
    yield from _reach_findings(item, loc)
    yield from _exclusion_findings(item, loc)
    for key in ("most", "least", "available"):
        value: Fraction | None = getattr(item, key)
        if value is not None and value < 0:
            yield Finding("support.negative", (*loc, key), {"key": key, "value": show(value)})
    if item.step <= 0:
        yield Finding("support.step", (*loc, "step"), {"value": show(item.step)})
    if item.most is not None and item.least is not None and item.least > item.most:
        params_ends = {"least": show(item.least), "most": show(item.most)}
        yield Finding("support.least_above_most", (*loc, "least"), params_ends)
    if item.kind == "shared" and policy.shares is None:
        yield Finding("support.no_shares", (*loc, "kind"), params, (("shares",),))
    if item.unit != KRW and (item.kind in {"shared", "matched"} or is_money(item.unit)):
        code = "support.unit" if item.kind in {"shared", "matched"} else "support.unit_money"
        yield Finding(code, (*loc, "unit"), {**params, "unit": item.unit})
    if (item.kind == "matched") != (item.match is not None):
        code = "support.match_missing" if item.match is None else "support.match_not_used"
        yield Finding(code, loc if item.match is None else (*loc, "match"), params)
    if item.match is not None and not (item.match.percent and 0 <= item.match.value <= MOST_MATCH):
        yield Finding("support.match_range", (*loc, "match"), {"value": str(item.match), "most": str(MOST_MATCH)})
    if item.kind == "joint":
        if item.available is None:
            yield Finding("support.joint_amount", loc, params)
        for key in ("most", "least", "step", "not_for", "reason", "over"):
            if key in item.model_fields_set:
                yield Finding("support.joint_key", (*loc, key), {**params, "key": key})


def _reach_findings(item: SupportItem, loc: Loc) -> Iterator[Finding]:
    """Steps and leasts with which no team can get anything, and steps that would cut what cannot be cut."""
    if item.step <= 0 or item.kind == "joint":
        return
    if item.step.denominator != 1 and (item.kind == "units" or item.unit == KRW):
        yield Finding("support.step_whole", (*loc, "step"), {"value": show(item.step)})
    for key, most in (("most", item.most), ("available", item.available)):
        if most is None or most < 0:
            continue
        reach = most // item.step * item.step
        params = {"item": item.id, "key": key, "value": show(most), "step": show(item.step), "reach": show(reach)}
        if not reach:
            yield Finding("support.step_too_large", (*loc, key), params)
        elif item.least is not None and reach < item.least and not (key == "most" and most < item.least):
            yield Finding("support.least_out_of_reach", (*loc, "least"), {**params, "least": show(item.least)})


def _exclusion_findings(item: SupportItem, loc: Loc) -> Iterator[Finding]:
    """Exclusions are told to the team, so each has a reason; and a reason excludes somebody."""
    if item.kind == "joint":
        return
    seen: set[str] = set()
    for j, who in enumerate(item.not_for):
        if who in seen:
            yield Finding("support.not_for_repeated", (*loc, "not_for", j), {"applicant": shorten(who)})
        seen.add(who)
    if item.not_for and item.reason is None:
        yield Finding("support.reason_missing", (*loc, "not_for"), {"item": item.id})
    if item.reason is not None and not item.not_for:
        yield Finding("support.reason_unused", (*loc, "reason"), {"item": item.id})


def _round_findings(policy: SupportPolicy, reading: Reading, applicants: Sequence[Applicant]) -> Iterator[Finding]:
    """Whether the policy fits the rubric and the applicants of the round."""
    shares, rubric = policy.shares, reading.rubric
    if shares is None:
        return
    if rubric is not None and reading.trusts("criteria"):
        leaf = next((leaf for leaf in rubric.leaves() if leaf.id == shares.criterion), None)
        if leaf is None:
            near = nearest(shares.criterion, [leaf.id for leaf in rubric.leaves()])
            code = "support.criterion_unknown_near" if near else "support.criterion_unknown"
            yield Finding(code, ("shares", "criterion"), {"criterion": shares.criterion, "near": near})
        elif not _has_levels(leaf):
            yield Finding("support.criterion_levels", ("shares", "criterion"), {"criterion": shares.criterion})
        elif leaf.source == "panel":
            # The mean of marks need not be a level, and no rule says which of its neighbours would count.
            yield Finding("support.criterion_panel", ("shares", "criterion"), {"criterion": shares.criterion})
    sizes = {row.size for row in shares.rows}
    for applicant in applicants:
        if not applicant.withdrawn and applicant.size not in sizes:
            params = {
                "applicant": applicant.id,
                "size": applicant.size,
                "allowed": ", ".join(sorted(sizes)),
            }
            code = "support.size_unknown" if applicant.size else "support.size_empty"
            yield Finding(code, ("shares", "rows"), params)


def _has_levels(leaf: Criterion) -> bool:
    """Whether a criterion has the levels 0 to 6, and no figure beside or between them can be given."""
    levels, scale = list(range(7)), leaf.scale
    whole = scale is None or (
        scale.min in levels and scale.max in levels and scale.step is not None and scale.step.denominator == 1
    )
    return whole and sorted(level.value for level in leaf.levels) == levels


def _check_outsiders(policy: SupportPolicy, document: Document, reading: Reading, files: Folder) -> None:
    known = reading.known("applicant")
    if known is None:
        return
    for i, item in enumerate(policy.items):
        for j, who in enumerate(item.not_for):
            if who not in known:
                loc: Loc = ("items", i, "not_for", j)
                near = nearest(who, known)
                code = "id.unknown_applicant_near" if near else "id.unknown_applicant"
                place = document.place(loc)
                files.found.add(code, document.file, place, show_loc(loc), value=shorten(who), near=near)


def _requests(table: Table, reading: Reading, policy: SupportPolicy | None) -> tuple[SupportRequest, ...]:
    found = reading.found
    check_known(table, "applicant", reading)
    check_repeats(table, ("applicant", "item"), found)
    items = None if policy is None else {item.id: item for item in policy.items}
    done = []
    for row in range(table.rows):
        text, name = table.get(row, "asked"), table.get(row, "item")
        value = read_number(text) if text else None
        if isinstance(value, tuple):
            note(table, row, "asked", value, found)
        elif value is not None and value < 0:
            note(table, row, "asked", ("support.negative", {"key": "asked", "value": show(value)}), found)
        if name and items is not None and name not in items:
            near = nearest(name, items)
            code = "support.item_unknown_near" if near else "support.item_unknown"
            note(table, row, "item", (code, {"item": shorten(name), "near": near}), found)
        elif name and items is not None and items[name].kind == "joint":
            note(table, row, "item", ("support.item_joint", {"item": name}), found)
        if isinstance(value, Fraction):
            done.append(
                SupportRequest(
                    applicant=cell(table, row, "applicant"),
                    item=name or "",
                    asked=value,
                    note=cell(table, row, "note"),
                )
            )
    return tuple(done)
