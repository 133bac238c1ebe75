"""How open a licence is: one of six kinds, from an SPDX expression or from a record of a licence's conditions.

open: on a list of the ladder's definition. conditional: commercial use is allowed, with conditions on the use, the
users, the naming or the redistribution. non_commercial: research or other non-commercial use only. closed: nobody may
use it without a contract. none: there is no licence. unknown: nobody says what it allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluator.model.licences import (
    CONDITIONAL,
    NON_COMMERCIAL,
    OPEN_CODE,
    OPEN_DATA,
    OPEN_MODEL,
    Expression,
    Single,
    listed,
    parse_expression,
)
from evaluator.model.openness import NO_LICENCE, NOT_KNOWN, LicenceKind, LicenceRecord, Part

ORDER: tuple[LicenceKind, ...] = ("none", "unknown", "closed", "non_commercial", "conditional", "open")
"""From what allows least to what allows most; what nobody states cannot be relied on, so unknown is below closed."""

_CODE_FAMILIES = {"Permissive", "Public Domain", "Copyleft", "Copyleft Limited"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The kind of a licence and what led to it, as codes: own_licence, unlisted, software_licence, data_licence."""

    kind: LicenceKind
    notes: tuple[str, ...] = ()


def rank(kind: LicenceKind) -> int:
    """How much a kind allows; more is more open."""
    return ORDER.index(kind)


def most_open(kinds: Iterable[LicenceKind]) -> LicenceKind:
    """The kind that allows most."""
    return max(kinds, key=rank)


def least_open(kinds: Iterable[LicenceKind]) -> LicenceKind:
    """The kind that allows least."""
    return min(kinds, key=rank)


def judge(licence: str | None, own: Mapping[str, LicenceRecord], part: Part | None = None) -> Judgement:
    """How open a licence expression is.

    Where one of several may be chosen (OR) the most open counts, where all hold at once (AND) the least open; an
    exception (WITH) adds permissions and changes nothing. ``own`` are the records of licences that are on no list.
    With ``part`` it is noted where every open licence offered is made for another kind of thing (a data licence for
    code, a software licence for data or documents): it counts, since it is open, as in the Model Openness Tool.
    """
    if licence is None or licence == NO_LICENCE:
        return Judgement("none")
    if licence == NOT_KNOWN:
        return Judgement("unknown")
    tree = parse_expression(licence)
    if tree is None:
        return Judgement("unknown")
    kind, ids = _weigh(tree, own)
    notes = [note for note in ("own_licence", "unlisted") if any(note in judge_id(id_, own).notes for id_ in ids)]
    if kind == "open" and part is not None and all(_made_for_other(id_, part) for id_ in ids):
        notes.append("data_licence" if part == "code" else "software_licence")
    return Judgement(kind, tuple(notes))


def _weigh(tree: Expression, own: Mapping[str, LicenceRecord]) -> tuple[LicenceKind, tuple[str, ...]]:
    """The kind of an expression, and the licences that decide it."""
    if isinstance(tree, Single):
        return judge_id(tree.id, own).kind, (tree.id,)
    weighed = [_weigh(part, own) for part in tree.parts]
    choose = most_open if tree.operator == "OR" else least_open
    kind = choose(kind for kind, _ in weighed)
    return kind, tuple(id_ for other, ids in weighed if other == kind for id_ in ids)


def judge_id(id_: str, own: Mapping[str, LicenceRecord]) -> Judgement:
    """How open a single licence is, by its SPDX id or by the applicant's record of it.

    A licence of the SPDX list that the definition of open does not name counts as conditional where it belongs to a
    family of free licences, since commercial use is allowed and nobody has confirmed that there is no condition;
    elsewhere it is unknown, and a record of its conditions is needed.
    """
    if id_ in own:
        return Judgement(_recorded(own[id_]), ("own_licence",))
    if id_ in OPEN_CODE or id_ in OPEN_DATA or id_ in OPEN_MODEL:
        return Judgement("open")
    if id_.startswith(NON_COMMERCIAL):
        return Judgement("non_commercial")
    if id_.startswith(CONDITIONAL):
        return Judgement("conditional")
    known = listed().get(id_)
    if known is not None and known.instead:
        return judge_id(known.instead, {})
    if known is not None and known.family in _CODE_FAMILIES:
        return Judgement("conditional", ("unlisted",))
    return Judgement("unknown", ("unlisted",) if known else ())


def _recorded(record: LicenceRecord) -> LicenceKind:
    """How open a licence is by its recorded conditions.

    Never open: nobody but the lists says what is open, least of all the record of whom it benefits.
    """
    if not record.public:
        return "closed"
    return "conditional" if record.commercial_use else "non_commercial"


def _made_for_other(id_: str, part: Part) -> bool:
    """Whether a licence is made for another kind of thing: data licences for code, software licences for the rest.

    Weights are neither, so that any will do.
    """
    if part == "model" or id_ in OPEN_MODEL:
        return False
    return id_ in OPEN_DATA if part == "code" else id_ in OPEN_CODE
