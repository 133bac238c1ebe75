"""Documents as models: pydantic's findings, by their type, become problems with a place."""

from __future__ import annotations

import datetime
import re
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from evaluator.errors import Loc, show_loc
from evaluator.files.checks import is_date
from evaluator.files.problems import MAX_PER_FILE, Problems, nearest, shorten
from evaluator.files.yaml_source import Document
from evaluator.model.cross_check import is_not_offered
from evaluator.model.numbers import MAX_DECIMALS, MAX_INTEGER_DIGITS, Limit, show
from evaluator.model.text import Text

_NUMBERS: dict[Any, str] = {Fraction: "value.not_a_number", Limit: "value.not_a_percentage"}
"""The types of numbers, and what is said about a text that is none."""

_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(?:\.([0-9]+))?%?")

# Stand-ins for required values that are missing or wrong, so that the rest of the document can still be checked.
_STAND_INS: dict[str, Any] = {"schema": 1, "version": "?", "title": "?", "points": Fraction(1)}


M = TypeVar("M", bound=BaseModel)

_MENDED = 200
"""How many faults of one document are worked around; with more, what else is wrong is not looked for."""


@dataclass(frozen=True, slots=True)
class Checked(Generic[M]):
    """A document as a model.

    ``model`` is None where no model can be made of it. Where ``spoilt`` is not empty, problems were noted at those
    places and the model holds stand-ins there: good for further checks, not for use.
    """

    model: M | None
    spoilt: frozenset[Loc] = field(default_factory=frozenset)

    def is_spoilt(self, loc: Loc) -> bool:
        """Whether something at, inside or around a place is already known to be wrong."""
        return overlaps(loc, self.spoilt)


def overlaps(loc: Loc, others: Iterable[Loc]) -> bool:
    """Whether a place is inside one of the others, or one of them inside it."""
    return any(loc[: len(other)] == other or other[: len(loc)] == loc for other in others)


def validate(model_type: type[M], document: Document, found: Problems) -> Checked[M]:
    """Check a document against a model and note every problem where it stands.

    What is wrong is left out or replaced by a stand-in, and the rest is checked again, until nothing new turns up:
    a mistyped key does not hide that the points do not add up.
    """
    spoilt = set(document.spoilt)
    data = _with_days(document.data, model_type)
    for code, loc, value in list(_odd_numbers(data, model_type, ())):
        found.add(code, document.file, document.place(loc), show_loc(loc), value=shorten(value))
        spoilt.add(loc)
        data = _mend(data, loc, model_type, "") if len(spoilt) <= _MENDED else None
    for _ in range(10):
        if data is None:
            break
        try:
            return Checked(model_type.model_validate(data, strict=True), frozenset(spoilt))
        except ValidationError as error:
            found.add_unlisted(document.file, error.error_count() - MAX_PER_FILE)
            for item in error.errors(include_url=False)[:MAX_PER_FILE]:
                loc = typed = item["loc"]
                if _is_supplied(loc, document):
                    loc = loc[:-1]
                if not overlaps(loc, spoilt):
                    options = _choices(_type_at(model_type, typed))
                    _note(item["type"], loc, item.get("ctx", {}), model_type, options, document, found)
                spoilt.add(loc[:-1] if loc[-1:] == ("[key]",) else loc)
                if item["type"] == "extra_forbidden":
                    spoilt.update((*loc[:-1], part) for part in _split_number(loc, document))
                data = _mend(data, loc, model_type, item["type"]) if len(spoilt) <= _MENDED else None
    return Checked(None, frozenset(spoilt))


def _odd_numbers(value: Any, kind: Any, loc: Loc) -> Iterator[tuple[str, Loc, str]]:  # noqa: ANN401 -- plain values
    """Text that stands for a number but is not written plainly: ``012``, ``1/3``, more decimals than are read.

    The types read such text, because records hold exact ratios; a file people write may not. Comes as the code of the
    problem, the place and the text.
    """
    kind = _bare(kind)
    if kind in _NUMBERS:
        if not _plain_number(value):
            yield _NUMBERS[kind], loc, describe(value)
    elif isinstance(value, dict) and get_origin(kind) is dict:
        of_key, of_value = map(_bare, get_args(kind))
        for key, inside in value.items():
            if of_key in _NUMBERS and not _plain_number(key):
                yield _NUMBERS[of_key], (*loc, key), key
            else:
                yield from _odd_numbers(inside, of_value, (*loc, key))
    elif isinstance(value, dict) and _is_model(kind):
        fields = _fields(kind)
        for key, inside in value.items():
            if key in fields:
                yield from _odd_numbers(inside, fields[key].annotation, (*loc, key))
    elif isinstance(value, tuple) and get_origin(kind) is tuple:
        for i, inside in enumerate(value):
            yield from _odd_numbers(inside, get_args(kind)[0], (*loc, i))


def _with_days(value: Any, kind: Any) -> Any:  # noqa: ANN401 -- plain values
    """The data with text that names a day, where a day is needed, as that day. Other text is left to be refused."""
    kind = _bare(kind)
    if kind is datetime.date:
        return datetime.date.fromisoformat(value) if isinstance(value, str) and is_date(value) else value
    if isinstance(value, dict) and _is_model(kind):
        fields = _fields(kind)
        return {k: _with_days(v, fields[k].annotation) if k in fields else v for k, v in value.items()}
    if isinstance(value, dict) and get_origin(kind) is dict:
        return {k: _with_days(v, get_args(kind)[1]) for k, v in value.items()}
    if isinstance(value, tuple) and get_origin(kind) is tuple:
        return tuple(_with_days(v, get_args(kind)[0]) for v in value)
    return value


def _plain_number(value: Any) -> bool:  # noqa: ANN401 -- plain values
    """Whether this is a plain number, or something of another kind that the types refuse anyway."""
    if isinstance(value, bool):
        return True
    if isinstance(value, Fraction | int):
        value = show(Fraction(value))
    if not isinstance(value, str):
        return True
    match = _NUMBER.fullmatch(value)
    return match is not None and len(match[1]) <= MAX_INTEGER_DIGITS and len(match[2] or "") <= MAX_DECIMALS


def _is_supplied(loc: Loc, document: Document) -> bool:
    """Whether the last key of a place was supplied by the types.

    Plain text stands for both languages, a name for a method without settings: what is wrong is what was written, not
    a key that nobody wrote.
    """
    written = isinstance(_value_at(document.data, loc[:-1]), dict | None)
    return isinstance(loc[-1], str) and loc[-1] != "[key]" and not written


def _note(
    kind: str,
    loc: Loc,
    ctx: dict[str, Any],
    model_type: type[BaseModel],
    words: list[str],
    document: Document,
    found: Problems,
) -> None:
    """One of pydantic's errors as a problem; ``words`` are the choices there are where it is about a choice."""
    file = document.file
    if kind == "missing":
        found.add("yaml.key_missing", file, document.place(loc[:-1]), show_loc(loc), key=loc[-1])
        return
    if kind == "extra_forbidden":
        key = str(loc[-1])
        if (parts := _split_number(loc, document)) and parts[1] == key:
            first = describe(_value_at(document.data, (*loc[:-1], parts[0])))
            params = {"value": ",".join([first, *parts[1:]]), "plain": "".join([first, *parts[1:]])}
            found.add("yaml.comma_in_number", file, document.place(loc, key=True), show_loc(loc), **params)
        if parts:
            return
        allowed = _keys(_type_at(model_type, loc[:-1]))
        near = nearest(key, allowed)
        code = "yaml.key_unknown_near" if near else "yaml.key_unknown"
        found.add(
            code,
            file,
            document.place(loc, key=True),
            show_loc(loc),
            key=shorten(key),
            near=near,
            allowed=", ".join(allowed),
        )
        return
    if loc[-1:] == ("[key]",):
        loc = loc[:-1]
        key, options = str(loc[-1]), _choices(_type_at(model_type, loc[:-1]))
        if options:
            found.add(
                "value.not_a_choice",
                file,
                document.place(loc, key=True),
                show_loc(loc),
                value=shorten(key),
                allowed=", ".join(options),
            )
        else:
            found.add("value.not_a_number", file, document.place(loc, key=True), show_loc(loc), value=shorten(key))
        return
    value = _value_at(document.data, loc)
    place, path, shown = document.place(loc), show_loc(loc), describe(value)
    if value is None:
        found.add("value.none", file, place, path, key=loc[-1] if loc else "")
    elif kind == "literal_error" and is_not_offered(shown) and "promethee2" in words:
        found.add("method.not_offered", file, place, path, value=shown, allowed=", ".join(words))
    elif kind == "literal_error":
        near = nearest(shown, words)
        code = "value.not_a_choice_near" if near else "value.not_a_choice"
        found.add(code, file, place, path, value=shown, allowed=", ".join(words), near=near)
    elif kind in {"string_too_long", "greater_than_equal", "less_than_equal"}:
        limit = ctx.get("max_length", ctx.get("ge", ctx.get("le")))
        codes = {
            "string_too_long": "value.too_long",
            "greater_than_equal": "value.too_small",
            "less_than_equal": "value.too_large",
        }
        length = len(value) if isinstance(value, str) else 0
        found.add(codes[kind], file, place, path, value=shown, limit=f"{limit:,}", length=f"{length:,}")
    elif kind in {"model_type", "model_attributes_type", "dict_type"}:
        is_text = _type_at(model_type, loc) is Text
        found.add("value.not_text_or_languages" if is_text else "value.not_a_map", file, place, path, value=shown)
    elif kind == "string_type" and isinstance(value, int | Fraction):
        found.add("value.number_for_text", file, place, path, value=shown)
    else:
        found.add(_BY_TYPE.get(kind, "value.wrong"), file, place, path, value=shown)


def _split_number(loc: Loc, document: Document) -> list[str]:
    """The keys among which the commas of a number have divided it: in ``{value: 9,900}`` value and 900.

    Empty where the key at ``loc`` is no part of such a number.
    """
    holder = _value_at(document.data, loc[:-1])
    keys = list(holder) if isinstance(holder, dict) else []
    at = keys.index(str(loc[-1])) if str(loc[-1]) in keys else 0
    if not at or not _is_cut_off(keys[at], holder):
        return []
    while at > 1 and _is_cut_off(keys[at - 1], holder):
        at -= 1
    end = at
    while end < len(keys) and _is_cut_off(keys[end], holder):
        end += 1
    return keys[at - 1 : end]


def _is_cut_off(key: str, holder: dict[str, Any]) -> bool:
    return holder[key] is None and _DIGITS.fullmatch(key) is not None


_DIGITS = re.compile(r"[0-9]{3}(\.[0-9]+)?")
"""What follows a comma between thousands."""

_BY_TYPE = {
    "string_type": "value.not_text",
    "string_too_short": "value.empty_text",
    "string_pattern_mismatch": "value.not_an_id",
    "int_type": "value.not_whole",
    "bool_type": "value.not_true_or_false",
    "tuple_type": "value.not_a_list",
    "exact_number": "value.not_a_number",
    "percentage": "value.not_a_percentage",
    "date_type": "value.not_a_date",
    "text_empty": "value.empty_text",
}


def describe(value: Any) -> str:  # noqa: ANN401 -- plain values
    """A value as a message shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{...}"
    if isinstance(value, tuple):
        return "[...]"
    if isinstance(value, Fraction):
        return show(value)
    return shorten(str(value))


def _mend(data: Any, loc: Loc, model_type: type[BaseModel], kind: str) -> Any:  # noqa: ANN401 -- plain values
    """The data without the error at a place; None where nothing can stand in for it."""
    if data is None:
        return None
    if loc[-1:] == ("[key]",):
        return _without(data, loc[:-1])
    if kind == "extra_forbidden":
        return _without(data, loc)
    for end in range(len(loc), 0, -1):
        key, holder = loc[end - 1], _type_at(model_type, loc[: end - 1])
        if not isinstance(key, str) or not _is_model(holder):
            continue
        info = _fields(holder).get(key)
        if info is not None and not info.is_required():
            return _without(data, loc[:end])
        if key == "id":
            number = "-".join(str(part) for part in loc if isinstance(part, int))
            return _with(data, loc[:end], f"unnamed-{number}")
        if end == len(loc) and key in _STAND_INS:
            return _with(data, loc, _STAND_INS[key])
        if key == "title":
            return _with(data, loc[:end], "?")
    return None


def _without(data: Any, loc: Loc) -> Any:  # noqa: ANN401 -- plain values
    if len(loc) == 1:
        return {key: value for key, value in data.items() if key != loc[0]} if isinstance(data, dict) else data
    return _change(data, loc, lambda inside: _without(inside, loc[1:]))


def _with(data: Any, loc: Loc, value: Any) -> Any:  # noqa: ANN401 -- plain values
    if len(loc) == 1:
        return {**data, loc[0]: value} if isinstance(data, dict) else data
    return _change(data, loc, lambda inside: _with(inside, loc[1:], value))


def _change(data: Any, loc: Loc, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 -- plain values
    if isinstance(data, dict) and loc[0] in data:
        return {key: change(value) if key == loc[0] else value for key, value in data.items()}
    if isinstance(data, tuple):
        return tuple(change(value) if i == loc[0] else value for i, value in enumerate(data))
    return data


def _value_at(data: Any, loc: Loc) -> Any:  # noqa: ANN401 -- plain values
    for part in loc:
        if isinstance(data, dict):
            data = data.get(str(part))
        elif isinstance(data, tuple) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _fields(model_type: Any) -> dict[str, FieldInfo]:  # noqa: ANN401 -- a type
    return {info.alias or name: info for name, info in model_type.model_fields.items()}


def _is_model(kind: Any) -> bool:  # noqa: ANN401 -- a type
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _keys(kind: Any) -> list[str]:  # noqa: ANN401 -- a type
    return list(_fields(kind)) if _is_model(kind) else []


def _choices(kind: Any) -> list[str]:  # noqa: ANN401 -- a type
    """The words of a Literal, or those that are keys of a map."""
    if get_origin(kind) is dict:
        kind = _bare(get_args(kind)[0])
    return [str(word) for word in get_args(kind)] if get_origin(kind) is Literal else []


def _type_at(kind: Any, loc: Loc) -> Any:  # noqa: ANN401 -- a type
    """The type of the value at a place of a model; None where the model has no such place."""
    for part in loc:
        kind = _bare(kind)
        if _is_model(kind):
            info = _fields(kind).get(str(part))
            kind = info.annotation if info else None
        elif get_origin(kind) is tuple:
            kind = get_args(kind)[0]
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:
            return None
    return _bare(kind)


def _bare(kind: Any) -> Any:  # noqa: ANN401 -- a type
    """A type without ``Annotated`` and without ``| None``."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in {Union, types.UnionType}:
            kind = next(inner for inner in get_args(kind) if inner is not types.NoneType)
        else:
            return kind
