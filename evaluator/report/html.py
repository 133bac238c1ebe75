"""Views to finished HTML pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from evaluator.model.text import Language
from evaluator.report.applicant import applicant_view
from evaluator.report.evidence_pages import evidence_view
from evaluator.report.frame import HASH_SHOWN, Frame, date_text
from evaluator.report.panel import panel_view
from evaluator.report.rules import RuleRow, all_rules, is_assumed
from evaluator.report.words import Words
from evaluator.resources import templates_dir

if TYPE_CHECKING:
    from jinja2 import Environment

_MARKUP = re.compile(r"(<[^>]*>)")
_TAG_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
_AS_IT_IS = frozenset({"title", "style", "script", "svg", "h2", "h3"})
"""Elements whose text goes elsewhere too (bookmarks, alternative text) or is no text."""
_WORD = re.compile(r"[0-9A-Za-z가-힣%.]*[가-힣][0-9A-Za-z가-힣%.]*(?:\([가-힣]{1,2}\)[가-힣]*)?")
_LONGEST_WORD = 14
_INSIDE = re.compile(r"(?<=[가-힣])(?=[0-9A-Za-z가-힣(%])|(?<=[0-9A-Za-z%)])(?=[가-힣])")
_JOINER = "\u2060"
_PANEL = "panel.html.j2"
PANEL = "panel"
"""The panel's report by its file name and in its number."""
EVIDENCE = "evidence"
"""The evidence document by its file name and in its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What stands around the content: titles, running head and foot."""

    title: str
    author: str
    orientation: str
    watermark: str
    confirmed: bool
    head_left: str
    head_right: str
    foot: str
    round_title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """The rules of the rubric and what is assumed in it."""

    finding: str
    rules: tuple[RuleRow, ...]
    assumed: bool
    told: bool


@cache
def _environment() -> Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_dir()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def keep_words_whole(text: str) -> str:
    """Text in which Korean words do not break inside: a word joiner between the letters of each word.

    Words of more than 14 letters stay breakable, so that a long name without a space still fits its column.
    """

    def joined(word: re.Match[str]) -> str:
        return word[0] if len(word[0]) > _LONGEST_WORD else _INSIDE.sub(_JOINER, word[0])

    return _WORD.sub(joined, text)


def join_words(html: str) -> str:
    """``keep_words_whole`` for the text of a finished page; markup, headings, titles and drawings stay as they are."""
    parts, held = _MARKUP.split(html), 0
    for i, part in enumerate(parts):
        if i % 2:
            name = _TAG_NAME.match(part)
            if name and name[1].lower() in _AS_IT_IS and not part.endswith("/>"):
                held += -1 if part.startswith("</") else 1
        elif not held:
            parts[i] = keep_words_whole(part)
    return "".join(parts)


def _render(template: str, frame: Frame, page: Page, values: Mapping[str, Any]) -> str:
    other: Language = "en" if frame.lang == "ko" else "ko"
    rubric = frame.evaluation.rubric
    gloss = Words(other)
    term = gloss("term.applicant")
    if rubric.terms and rubric.terms.applicant:
        term = rubric.terms.applicant.in_(other)
    gloss = gloss.with_(applicant=term, Applicant=term[:1].upper() + term[1:])
    html = (
        _environment()
        .get_template(template)
        .render(
            t=frame.words,
            gloss=gloss,
            lang=frame.lang,
            page=page,
            method=_method(frame, compared=template == _PANEL),
            **values,
        )
    )
    return join_words(html)


def _page(frame: Frame, *, title: str, part: str, disclosure: str, orientation: str) -> Page:
    words, info, lang = frame.words, frame.evaluation.round, frame.lang
    project = info.project.in_(lang) if info.project else ""
    round_title = info.title.in_(lang)
    stands = "draft" if info.status == "confirmed" and not frame.confirmed else info.status
    judged = frame.evaluation.rubric.use == "ranking"
    status = words(f"status.{stands}" if judged else f"evidence_status.{stands}")
    rubric = frame.evaluation.rubric
    foot = " · ".join(
        (
            words("footer.report", id=f"{info.id}/{part}"),
            words("footer.rubric", id=rubric.id, version=rubric.version),
            words("footer.record", hash=frame.record_sha256[:HASH_SHOWN]),
            words(f"disclosure.{disclosure}"),
        )
    )
    facts = [
        (words("fact.project"), project),
        (words("fact.round"), round_title if part not in {PANEL, EVIDENCE} else ""),
        (words("fact.stage"), info.stage.in_(lang) if info.stage else ""),
        (words("fact.organiser"), info.organiser.in_(lang) if info.organiser else ""),
        (words("fact.date"), date_text(lang, info.evaluation_date) if info.evaluation_date else ""),
    ]
    return Page(
        title=title,
        author=info.organiser.in_(lang) if info.organiser else "",
        orientation=orientation,
        watermark=stands if stands in {"rehearsal", "draft"} else "",
        confirmed=frame.confirmed,
        head_left=keep_words_whole(" · ".join(text for text in (project, round_title) if text)),
        head_right=keep_words_whole(status),
        foot=keep_words_whole(foot),
        round_title=round_title,
        facts=tuple((label, value) for label, value in facts if value),
    )


def _method(frame: Frame, *, compared: bool) -> Method:
    words, rubric = frame.words, frame.evaluation.rubric
    rules = all_rules(words, rubric, compared=compared)
    assumed_rules = sum(row.assumed for row in rules)
    assumed_criteria = sum(is_assumed(node.basis) for node in rubric.nodes())
    named: dict[str, object] = {"id": rubric.id, "version": rubric.version}
    if not frame.evaluation.rankable:
        finding = words("method.not_applied", **named)
    elif frame.method is not None:
        finding = words("official.finding", method=frame.method_name, decimals=rubric.rounding.total, **named)
    else:
        finding = words("method.finding", **named)
    if assumed_rules or assumed_criteria:
        finding += " " + words("method.assumed", rules=assumed_rules, criteria=assumed_criteria)
    else:
        finding += " " + words("method.none_assumed")
    return Method(
        finding=finding,
        rules=rules,
        assumed=bool(assumed_rules or assumed_criteria),
        told=any(row.source or row.note for row in rules),
    )


def applicant_html(frame: Frame, applicant: str) -> str:
    """The finished page of one applicant's report."""
    view = applicant_view(frame, applicant)
    words = frame.words
    title = words("title.document", name=view.name, title=words("title.applicant"))
    page = _page(frame, title=title, part=applicant, disclosure="applicant", orientation="portrait")
    return _render("applicant.html.j2", frame, page, {"v": view})


def panel_html(frame: Frame) -> str:
    """The finished pages of the panel's report."""
    words, info = frame.words, frame.evaluation.round
    title = words("title.document", name=info.title.in_(frame.lang), title=words("title.panel"))
    page = _page(frame, title=title, part=PANEL, disclosure="panel", orientation="landscape")
    return _render(_PANEL, frame, page, {"v": panel_view(frame)})


def evidence_html(frame: Frame) -> str:
    """The finished pages of the evidence document.

    Where applicants are compared it is for the panel; where nobody is, it is a public table of what was published.
    """
    words, info = frame.words, frame.evaluation.round
    view = evidence_view(frame)
    key = "title.evidence" if view.compared else "title.evidence_table"
    title = words("title.document", name=info.title.in_(frame.lang), title=words(key))
    shared = not view.compared and info.status in {"proposed", "confirmed"}
    disclosure = "public" if shared else "panel"
    page = _page(frame, title=title, part=EVIDENCE, disclosure=disclosure, orientation="portrait")
    return _render("evidence.html.j2", frame, page, {"v": view})
