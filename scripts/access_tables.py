"""Write the tables of docs/access.md: the evidence each level needs, the kinds of evidence, the units, the keys.

``python scripts/access_tables.py`` rewrites the document; with ``--check`` it only tells (exit 1) that it is out of
date. The levels come from the shipped rubric, the kinds and units from the model, their names from the catalogue.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from documents import keep
from reference import table

from evaluator.files import load_rubric
from evaluator.model.access import Evidence, Figure
from evaluator.model.access_kinds import CONFORMING, FIGURED, EvidenceKind, Unit
from evaluator.model.numbers import show
from evaluator.resources import message_catalogue

DOCUMENT = Path(__file__).parent.parent / "docs" / "access.md"
RUBRIC = "public-ai-access"
BLOCK = re.compile(r"(<!-- table of ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def levels() -> str:
    """One table an indicator: each level, what it means, and the evidence it needs beyond the levels below."""
    parts = []
    for leaf in load_rubric(RUBRIC).leaves():
        title = leaf.title
        parts += [f"### {title.in_('en')} ({title.in_('ko')}): `{leaf.id}`", ""]
        parts += ["| level | what it means | evidence it needs |", "|---|---|---|"]
        for level in leaf.levels:
            said = f"**{level.title.in_('en')}** ({level.title.in_('ko')}). "
            said += level.descriptor.in_("en") if level.descriptor else ""
            needs = ", ".join(f"`{kind}`" for kind in level.evidence) or "–"
            parts.append(f"| {show(level.value)} | {said.strip()} | {needs} |")
        parts.append("")
    return "\n".join(parts).rstrip()


def kinds() -> str:
    """The kinds of evidence by their names, and the levels that need them."""
    korean, english = (message_catalogue("report", lang)["evidence_kind"] for lang in ("ko", "en"))
    needed: dict[str, list[str]] = {}
    for leaf in load_rubric(RUBRIC).leaves():
        for level in leaf.levels:
            for kind in level.evidence:
                needed.setdefault(kind, []).append(f"{leaf.id} {show(level.value)}")
    lines = ["| kind | 한국어 | | needed for | has to say |", "|---|---|---|---|---|"]
    for kind in get_args(EvidenceKind):
        says = []
        if kind in FIGURED:
            says.append("a figure: " + ", ".join(f"`{unit}`" for unit in FIGURED[kind]))
        if kind in CONFORMING:
            says.append("`conforms`: " + " and ".join(" or ".join(group) for group in CONFORMING[kind]))
        if kind == "certification":
            says.append("`valid_until`")
        places = ", ".join(needed.get(kind, ()))
        lines.append(f"| `{kind}` | {korean[kind]} | {english[kind]} | {places} | {'; '.join(says)} |")
    return "\n".join(lines)


def units() -> str:
    """The units of figures."""
    korean, english = (message_catalogue("report", lang)["unit"] for lang in ("ko", "en"))
    lines = ["| unit | 한국어 | |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| `{unit}` | {korean[unit]} | {english[unit]} |" for unit in get_args(Unit))])


def keys_of_evidence() -> str:
    """The keys of a piece of evidence; the kinds stand in a table of their own."""
    return re.sub(
        r"(\| `kind` \*\*needed\*\* \| ).*?( \|)", r"\1a [kind of evidence](#kinds-of-evidence)\2", table(Evidence)
    )


def keys_of_figure() -> str:
    """The keys of a figure; the units stand in a table of their own."""
    return re.sub(r"(\| `unit` \*\*needed\*\* \| ).*?( \|)", r"\1a [unit](#units)\2", table(Figure))


TABLES: dict[str, Callable[[], str]] = {
    "levels": levels,
    "kinds": kinds,
    "units": units,
    "evidence keys": keys_of_evidence,
    "figure keys": keys_of_figure,
}


def rewritten(text: str) -> str:
    """The document with its tables made anew."""
    return BLOCK.sub(lambda m: f"{m[1]}{TABLES[m[2]]()}\n{m[3]}", text)


def main(*, check: bool) -> int:
    """Rewrite or check the document; the exit code."""
    new = rewritten(DOCUMENT.read_text("utf-8"))
    return keep(DOCUMENT, new, check=check, made_by="access_tables.py")


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
