"""From what one file says to a measurement: what the applicant declared is put beside it, and the figure is checked.

Order of belief for model, version, mode, measurer, date and harness: the entry of the file in performance.yaml, then
the file itself, then the head of performance.yaml. Where an entry and its file both speak they must agree
(``results.contradicts``, ``results.other_model``), with two exceptions for the model's name:

- a file that does not name the model, but only where it lay or that there was none (a path, ``dummy``, a mock), takes
  the name of its entry or else that of the head, and what the file says stays in ``source``;
- an entry with ``model_in_file`` says under which name the file knows the model: figures under that name take the
  declared one (again with the file's own in ``source``), the others of the file keep theirs.

The head's version and mode are those of the head's model: figures of another model do not take them.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from fractions import Fraction

from evaluator.errors import Loc
from evaluator.files.problems import shorten
from evaluator.files.results.json_text import MAX_NAME
from evaluator.files.results.nodes import Origin
from evaluator.files.sources import banned_character, character_name
from evaluator.model.numbers import show
from evaluator.model.performance import (
    DeclaredFile,
    Direction,
    MeasuredBy,
    Measurement,
    PerformanceDeclaration,
)
from evaluator.model.text import Text

FRACTION: tuple[Fraction, Fraction] = (Fraction(0), Fraction(1))
PERCENT: tuple[Fraction, Fraction] = (Fraction(0), Fraction(100))

_PLACEHOLDERS = {"dummy", "mockllm/model", "none", "unknown", "n/a", "local", "model"}
# Never merely two slashes: openai/azure/gpt-4o names a model.
_PATH = re.compile(r"[./~\\]|[A-Za-z]:[\\/]|file:|.*\\|.*\.(gguf|bin|safetensors|pt|pth)$", re.DOTALL)


@dataclass(slots=True, kw_only=True)
class Figure:
    """One figure as its file has it; what the file does not say is empty or None.

    ``loc`` is its place inside the file; ``notes`` are what the file says besides (``task version=1``) and end up in
    the measurement's source. ``anonymous``: the file's name of the model means nothing, whatever it looks like.
    ``free_mode``: the mode is somebody's note in free words, which an entry may put in its own.
    """

    benchmark: str
    metric: str
    score: Fraction
    loc: Loc = ()
    path: str = ""
    model: str = ""
    anonymous: bool = False
    version: str = ""
    mode: str = ""
    free_mode: bool = False
    scale: tuple[Fraction, Fraction] | None = None
    direction: Direction | None = None
    n: int | None = None
    items: int | None = None
    stderr: Fraction | None = None
    harness: str = ""
    harness_version: str = ""
    measured_by: MeasuredBy | None = None
    date: str = ""
    partial: list[str] = field(default_factory=list)
    members: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Declared:
    """What performance.yaml says about one file: its head, and the entry of the file or of a folder around it."""

    head: PerformanceDeclaration
    entry: DeclaredFile | None = None


Placed = tuple[Measurement, tuple[int, int]]
"""A measurement, and the line and column it stands at (0 where they are not known)."""


def measurements(figures: list[Figure], origin: Origin, declared: Declared) -> list[Placed]:
    """The measurements of one file; what is wrong with a figure is noted and the figure left out."""
    entry = declared.entry
    if entry and entry.model_in_file and figures and all(f.model != entry.model_in_file for f in figures):
        named = ", ".join(sorted({f.model for f in figures if f.model})) or "-"
        origin.note("results.alias_unknown", name=shorten(entry.model_in_file), named=shorten(named, 200))
    made = [(_measurement(figure, origin, declared), origin.place(figure.loc)) for figure in figures]
    return [(measurement, place) for measurement, place in made if measurement is not None]


def _measurement(figure: Figure, origin: Origin, declared: Declared) -> Measurement | None:
    before = origin.told.total()
    head = declared.head
    entry = declared.entry
    if entry and entry.model_in_file and figure.model != entry.model_in_file:
        # The entry speaks of another model of the same file.
        entry = None
    model = _model(figure, entry, head, origin)
    measured_by = _measured_by(figure, entry, head, origin)
    low, high = _scale(figure, entry, origin)
    _check(figure, low, high, origin)
    fallback = head if model == head.model else None
    source = [*figure.notes]
    if figure.model and figure.model != model:
        source.insert(0, f"model={figure.model}")
    if entry and entry.source:
        source.insert(0, _plain(entry.source))
    made = Measurement(
        benchmark=figure.benchmark,
        metric=figure.metric,
        model=model,
        version=_agreed("version", figure.version, entry.version if entry else None, figure, origin)
        or (fallback.version if fallback else ""),
        mode=_agreed(
            "mode",
            "" if figure.free_mode and entry and entry.mode else figure.mode,
            entry.mode if entry else None,
            figure,
            origin,
        )
        or (fallback.mode if fallback else ""),
        score=figure.score,
        low=low,
        high=high,
        direction=figure.direction,
        n=figure.n,
        items=figure.items,
        stderr=figure.stderr,
        harness=_agreed("harness", figure.harness, entry.harness if entry else None, figure, origin),
        harness_version=_agreed(
            "harness_version", figure.harness_version, entry.harness_version if entry else None, figure, origin
        ),
        measured_by=measured_by,
        date=_agreed("date", figure.date, entry.date.isoformat() if entry and entry.date else None, figure, origin),
        file=origin.name,
        sha256=origin.sha256,
        path=figure.path,
        partial="; ".join(figure.partial),
        members=figure.members,
        source="; ".join(source),
    )
    _check_text(made, figure.loc, origin)
    return made if origin.told.total() == before else None


def _plain(text: Text) -> str:
    korean, english = text.in_("ko"), text.in_("en")
    return korean if korean == english else f"{korean} / {english}"


def _contradiction(key: str, own: str, declared: str, figure: Figure, origin: Origin) -> None:
    code = "results.other_model" if key == "model" else "results.contradicts"
    # Where lines are known each has its own model; elsewhere the whole file has one, and one message will do.
    row = (*figure.loc[:1], key) if len(figure.loc) == 2 else figure.loc
    loc = row if origin.place(row) != (0, 0) else ()
    origin.note(code, loc, key=key, own=shorten(own), declared=shorten(declared))


def _agreed(key: str, own: str, declared: str | None, figure: Figure, origin: Origin) -> str:
    form = _form if key == "harness" else str.casefold
    if declared and own and form(declared) != form(own):
        _contradiction(key, own, declared, figure, origin)
    return declared or own


def _model(figure: Figure, entry: DeclaredFile | None, head: PerformanceDeclaration, origin: Origin) -> str:
    own = figure.model
    nameless = figure.anonymous or says_no_model(own)
    if entry is None or not entry.model:
        return head.model if nameless or same_model(own, head.model) else own
    if not (entry.model_in_file or nameless or same_model(own, entry.model)):
        _contradiction("model", own, entry.model, figure, origin)
    return entry.model


def says_no_model(name: str) -> bool:
    """Whether a file's name of the model says only where it lay, or that there was none."""
    return not name or name.casefold() in _PLACEHOLDERS or bool(_PATH.match(name))


def same_model(one: str, other: str) -> bool:
    """Whether two names are one but for capitals, blanks, hyphens, underscores and the organisation before a slash."""
    return _form(one.rpartition("/")[2]) == _form(other.rpartition("/")[2])


def _form(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


def _measured_by(
    figure: Figure, entry: DeclaredFile | None, head: PerformanceDeclaration, origin: Origin
) -> MeasuredBy:
    own = figure.measured_by
    if entry is None or entry.measured_by is None:
        return own or head.measured_by
    # An agency that reproduces is a third party to the file.
    if own and own != entry.measured_by and (own, entry.measured_by) != ("third_party", "agency"):
        _contradiction("measured_by", own, entry.measured_by, figure, origin)
    return entry.measured_by


def _scale(figure: Figure, entry: DeclaredFile | None, origin: Origin) -> tuple[Fraction | None, Fraction | None]:
    own = figure.scale
    told = (entry.scale.min, entry.scale.max) if entry and entry.scale else None
    for ends in (own, told):
        if ends and ends[0] >= ends[1]:
            origin.note("results.scale_empty", figure.loc, min=show(ends[0]), max=show(ends[1]))
    if own and told and own != told:
        _contradiction("scale", f"{show(own[0])}..{show(own[1])}", f"{show(told[0])}..{show(told[1])}", figure, origin)
    ends = told or own
    return ends or (None, None)


def _check(figure: Figure, low: Fraction | None, high: Fraction | None, origin: Origin) -> None:
    """Note what a figure cannot be: off its scale, more items scored than there are, an impossible standard error.

    The standard error of a mean of at least two values between ``low`` and ``high`` is at most half the distance.
    """
    if low is not None and high is not None and low < high:
        if not low <= figure.score <= high:
            _off("results.off_scale", figure.score, low, high, figure, origin)
        elif figure.stderr is not None and figure.stderr > (high - low) / 2:
            _off("results.stderr_too_large", figure.stderr, low, high, figure, origin)
    if figure.stderr is not None and figure.stderr < 0:
        origin.note("results.stderr_negative", figure.loc, value=show(figure.stderr))
    if figure.n is not None and figure.items is not None and figure.n > figure.items:
        origin.note("results.more_than_all", figure.loc, n=f"{figure.n:,}", items=f"{figure.items:,}")


def _off(code: str, value: Fraction, low: Fraction, high: Fraction, figure: Figure, origin: Origin) -> None:
    origin.note(code, figure.loc, value=show(value), min=show(low), max=show(high))


def _check_text(made: Measurement, loc: Loc, origin: Origin) -> None:
    """Note words that could not be printed, or are none: they come from keys as well as from values."""
    for name in ("benchmark", "metric"):
        text = getattr(made, name)
        if not text.strip():
            origin.note("results.key_missing", loc, key=name)
        elif len(text) > MAX_NAME:
            origin.note("results.text_too_long", loc, length=f"{len(text):,}", limit=f"{MAX_NAME:,}")
    words = (made.model, made.version, made.mode, made.harness, made.harness_version, made.partial, made.source)
    names = (made.benchmark, made.metric, *made.members)
    if banned_character("".join((*words, *names))) < 0:
        return
    whole_file = loc if origin.place(loc) != (0, 0) else ()
    for text in names:
        _check_visible(text, loc, origin)
    for text in words:
        _check_visible(text, whole_file, origin)


def _check_visible(text: str, loc: Loc, origin: Origin) -> None:
    hidden = banned_character(text)
    if hidden >= 0:
        origin.note("text.control", loc, char=character_name(text[hidden]))


def run_of(n: int | None, items: int | None) -> list[str]:
    """Why a run on ``n`` of ``items`` is partial: nothing, or how many of how many."""
    return [f"{n:,}/{items:,}"] if n is not None and items is not None and n < items else []


def day_of_epoch(seconds: Fraction) -> str:
    """The day (UTC) of a Unix time; empty where it is none of this century."""
    if not 946_684_800 <= seconds < 4_102_444_800:
        return ""
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).date().isoformat()


def day_of_text(text: str) -> str:
    """The day (UTC, where the text names its zone) of an ISO date or time; empty where the text is something else."""
    try:
        moment = datetime.datetime.fromisoformat(text)
        return (moment.astimezone(datetime.UTC) if moment.tzinfo else moment).date().isoformat()
    except (ValueError, OverflowError):
        return ""


def is_fraction(metric: str) -> bool:
    """Whether a metric is, in every program that is read here, a share of 1 and better when higher."""
    name = metric.partition(",")[0].casefold()
    return name in _FRACTIONS or bool(_AT.fullmatch(name))


_AT = re.compile(r"(pass|maj|g-pass)@[0-9]+(:.*)?")


_FRACTIONS = {
    "acc", "acc_bytes", "acc_mutual_info", "acc_norm", "accuracy", "em", "exact_match", "exact_match@5",
    "extractive_match", "f1", "f1_score", "inst_level_loose_acc", "inst_level_strict_acc", "macro_f1", "mc1", "mc2",
    "micro_f1", "pass_at_1", "pem", "pqem", "precision", "prefix_exact_match", "prefix_exact_match@5",
    "prompt_level_loose_acc", "prompt_level_strict_acc", "qem", "quasi_exact_match", "quasi_exact_match@5",
    "quasi_prefix_exact_match", "quasi_prefix_exact_match@5", "recall",
}  # fmt: skip
