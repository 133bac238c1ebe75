"""Public AI access: what applicants claim, and the levels their evidence carries.

A level is evidenced where every kind of evidence that it and each level below it needs (``Level.evidence``) is there.
The level that counts is the lower of the claim and the highest evidenced level, so a claim falls to what is evidenced
and evidence nobody claims earns nothing. Plans and what exists are judged apart, on one difference: what exists also
backs a plan, a plan never shows that something exists.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from evaluator.model.access import (
    AccessDeclaration,
    AccessDerivation,
    AccessRule,
    AccessStep,
    Evidence,
    EvidenceItem,
    Indicator,
)
from evaluator.model.access_kinds import BINDING, CONFORMING, FIGURED, MEASURED, MUST_BE_MET
from evaluator.model.openness import Delivery
from evaluator.model.rubric import Criterion


def derive_access(
    leaves: Sequence[Criterion],
    declarations: Mapping[str, AccessDeclaration],
    evaluation_date: datetime.date | None,
) -> list[AccessDerivation]:
    """The derivation of every leaf with an access rule for every applicant that declares something.

    By leaf in the order given, then by applicant id. An indicator that an applicant does not declare is level 0. All
    applicants are needed at once, because the same evidence is flagged wherever it is used again. Evidence that ran
    out before ``evaluation_date`` and reports that do not confirm what their kind confirms do not count, and a promise
    whose day is past is backed by nothing but what was delivered. Everything else that is odd counts and is flagged,
    for the panel to judge. Names and order decide nothing.
    """
    alike = _Alike(declarations)
    found = []
    for leaf in leaves:
        if leaf.access is not None:
            for applicant, declaration in sorted(declarations.items()):
                found.append(_derive(leaf, leaf.access, applicant, declaration, alike, evaluation_date))
    return found


def _derive(
    leaf: Criterion,
    rule: AccessRule,
    applicant: str,
    declaration: AccessDeclaration,
    alike: _Alike,
    evaluation_date: datetime.date | None,
) -> AccessDerivation:
    name = rule.indicator or leaf.id
    indicator = next((given for given in declaration.indicators if given.id == name), Indicator(id=name))
    needs = _needs(leaf)
    asked = {kind for kinds in needs.values() for kind in kinds}
    items = tuple(
        _item(piece, applicant, name, alike, asked, evaluation_date)
        for piece in sorted(indicator.evidence, key=lambda piece: piece.id)
    )
    delivered = {item.kind for item in items if item.counts and item.delivery == "delivered"}
    overdue = _is_overdue(indicator, evaluation_date)
    covered: dict[Delivery, set[str]] = {
        "delivered": delivered,
        "promised": delivered if overdue else {item.kind for item in items if item.counts},
    }
    claimed: dict[Delivery, int] = {
        "promised": indicator.promised.level if indicator.promised else 0,
        "delivered": indicator.delivered.level if indicator.delivered else 0,
    }
    level = {way: _level(needs, covered[way], claimed[way]) for way in covered}
    counts = rule.counts
    return AccessDerivation(
        applicant=applicant,
        criterion=leaf.id,
        indicator=name,
        counts=counts,
        level=level[counts],
        promised=level["promised"],
        delivered=level["delivered"],
        claimed_promised=claimed["promised"],
        claimed_delivered=claimed["delivered"],
        by=indicator.promised.by.isoformat() if indicator.promised else "",
        missing=_missing(needs, covered[counts], claimed[counts]),
        steps=tuple(
            AccessStep(
                level=value,
                needs=kinds,
                promised_missing=tuple(kind for kind in kinds if kind not in covered["promised"]),
                delivered_missing=tuple(kind for kind in kinds if kind not in covered["delivered"]),
            )
            for value, kinds in needs.items()
        ),
        evidence=items,
        flags=tuple(_flags(indicator, counts, level, claimed, items, overdue=overdue)),
    )


def _is_overdue(indicator: Indicator, evaluation_date: datetime.date | None) -> bool:
    """Whether the day of the promise is past, so that only what was delivered backs it."""
    promise = indicator.promised
    return promise is not None and evaluation_date is not None and promise.by < evaluation_date


# Levels


def _needs(leaf: Criterion) -> dict[int, tuple[str, ...]]:
    """The kinds of evidence of each level above 0, from the lowest level up."""
    levels = sorted((level for level in leaf.levels if level.value > 0), key=lambda level: level.value)
    return {int(level.value): level.evidence for level in levels}


def _level(needs: Mapping[int, tuple[str, ...]], covered: set[str], claimed: int) -> int:
    """The highest level, not above the claim, that is evidenced with all below it; 0 where none is.

    A level that names no evidence is never evidenced: a bare claim earns nothing.
    """
    reached = 0
    for value, kinds in needs.items():
        if value > claimed or not kinds or not covered.issuperset(kinds):
            break
        reached = value
    return reached


def _missing(needs: Mapping[int, tuple[str, ...]], covered: set[str], claimed: int) -> tuple[str, ...]:
    """The kinds not covered among those of the claimed level and all below it, each once, from the lowest up."""
    wanted = [kind for value, kinds in needs.items() if value <= claimed for kind in kinds]
    return tuple(kind for kind in dict.fromkeys(wanted) if kind not in covered)


def _flags(
    indicator: Indicator,
    counts: Delivery,
    level: Mapping[Delivery, int],
    claimed: Mapping[Delivery, int],
    items: Sequence[EvidenceItem],
    *,
    overdue: bool,
) -> Iterator[str]:
    promise = indicator.promised
    if not claimed[counts]:
        yield "no_claim"
    if level[counts] < claimed[counts]:
        yield "claim_reduced"
    if indicator.delivered is not None and level["delivered"] < level["promised"]:
        yield "delivered_below_promised"
    if promise is not None and promise.level < level["delivered"]:
        yield "promised_below_delivered"
    if promise is None or promise.level <= level["delivered"]:
        return
    if overdue:
        yield "promise_overdue"
    elif not any(item.counts and item.kind in BINDING for item in items):
        yield "not_binding"


# Evidence


def _item(
    piece: Evidence,
    applicant: str,
    indicator: str,
    alike: _Alike,
    asked: set[str],
    evaluation_date: datetime.date | None,
) -> EvidenceItem:
    same = alike.of(applicant, indicator, piece)
    flags = [*same.flags(indicator), *_own_flags(piece, evaluation_date)]
    if piece.kind not in asked:
        flags.append("not_asked")
    figure = piece.figure
    period = figure.period if figure is not None else None
    return EvidenceItem(
        id=piece.id,
        kind=piece.kind,
        title=piece.title,
        place=piece.url or piece.file or "",
        pages=piece.pages or "",
        date=piece.date.isoformat(),
        issuer=piece.issuer or "",
        valid_until=piece.valid_until.isoformat() if piece.valid_until else "",
        figure=str(figure) if figure is not None else "",
        unit=figure.unit if figure is not None else "",
        currency=(figure.currency or "") if figure is not None else "",
        period=f"{period.from_.isoformat()}~{period.to.isoformat()}" if period is not None else "",
        conforms=tuple((said.standard, said.result) for said in piece.conforms),
        delivery=piece.delivery,
        sha256=piece.sha256 or "",
        counts="expired" not in flags and "not_conforming" not in flags,
        flags=tuple(flags),
        alike=same.names(),
    )


def _own_flags(piece: Evidence, evaluation_date: datetime.date | None) -> Iterator[str]:
    """What is odd about a piece of evidence by itself."""
    if piece.valid_until is None:
        if piece.kind == "certification":
            yield "no_end_date"
    elif evaluation_date is None:
        yield "validity_not_checked"
    elif piece.valid_until < evaluation_date:
        yield "expired"
    if piece.kind in FIGURED and piece.figure is None:
        yield "no_figure"
    if piece.kind in MEASURED and piece.delivery == "delivered":
        if piece.figure is None or piece.figure.period is None:
            yield "no_period"
    if piece.kind in MUST_BE_MET and not _conforms(piece):
        yield "not_conforming"


def _conforms(piece: Evidence) -> bool:
    """Whether a report finds met, in every group of standards its kind must report on, at least one."""
    met = {said.standard for said in piece.conforms if said.result == "met"}
    return all(met.intersection(group) for group in CONFORMING[piece.kind])


# The same evidence elsewhere


OTHERS_NAMED = 20
"""How many pieces of evidence of other applicants with the same content are named; one is enough for the flag."""


class _Use(NamedTuple):
    """One place where a piece of evidence is listed."""

    applicant: str
    indicator: str
    id: str


@dataclass(frozen=True, slots=True)
class _Same:
    """Where else what a piece of evidence holds is listed: by the same applicant, and by the first of the others."""

    own: tuple[_Use, ...]
    others: tuple[_Use, ...]

    def flags(self, indicator: str) -> Iterator[str]:
        if any(use.indicator == indicator for use in self.own):
            yield "cited_again"
        if any(use.indicator != indicator for use in self.own):
            yield "used_twice"
        if self.others:
            yield "used_by_others"

    def names(self) -> tuple[str, ...]:
        own = (f"{use.indicator}/{use.id}" for use in self.own)
        return (*own, *(f"{use.applicant}:{use.indicator}/{use.id}" for use in self.others))


class _Alike:
    """Which evidence of all applicants has the same content.

    The same content is the same file (by hash), the same address, or the same title, issuer and date. Pages make no
    difference: who cites two parts of one document is flagged as well, and counts.
    """

    def __init__(self, declarations: Mapping[str, AccessDeclaration]) -> None:
        self._uses: dict[tuple[str, ...], dict[str, list[_Use]]] = {}
        for applicant, declaration in sorted(declarations.items()):
            for indicator in declaration.indicators:
                for piece in indicator.evidence:
                    for key in _keys(piece):
                        by_applicant = self._uses.setdefault(key, {})
                        by_applicant.setdefault(applicant, []).append(_Use(applicant, indicator.id, piece.id))
        for by_applicant in self._uses.values():
            for uses in by_applicant.values():
                uses.sort()

    def of(self, applicant: str, indicator: str, piece: Evidence) -> _Same:
        """The other uses of what a piece of evidence holds."""
        own: set[_Use] = set()
        others: set[_Use] = set()
        for by_applicant in (self._uses[key] for key in _keys(piece)):
            own.update(by_applicant[applicant])
            theirs = (use for name, uses in by_applicant.items() if name != applicant for use in uses)
            others.update(islice(theirs, OTHERS_NAMED))
        own.discard(_Use(applicant, indicator, piece.id))
        return _Same(tuple(sorted(own)), tuple(sorted(others)[:OTHERS_NAMED]))


def _keys(piece: Evidence) -> Iterator[tuple[str, ...]]:
    """What makes a piece of evidence the same as another."""
    if piece.sha256:
        yield ("file", piece.sha256)
    if piece.url:
        yield ("url", same_address(piece.url))
    if piece.issuer:
        yield ("title", _plain(piece.title), _plain(piece.issuer), piece.date.isoformat())


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def same_address(url: str) -> str:
    """A web address in the form in which it is compared.

    Scheme, ``www.``, standard ports, capitals in the host, a slash at the end and the fragment make no difference.
    """
    rest = re.sub(r"^https?://", "", url.strip(), flags=re.IGNORECASE).partition("#")[0]
    host, slash, path = rest.partition("/")
    host = re.sub(r":(80|443)$", "", host.casefold()).removeprefix("www.")
    return (host + slash + path).rstrip("/")
