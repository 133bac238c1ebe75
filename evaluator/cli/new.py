"""A round folder to fill in: files with their headings, and comments that explain them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from evaluator.files import excuses, references
from evaluator.files.evidence import EVIDENCE
from evaluator.files.registers import COLUMNS
from evaluator.model.numbers import show
from evaluator.model.rubric import Criterion, Rubric, allowed_scale
from evaluator.model.text import ID_PATTERN, Language
from evaluator.report.terminal import TerminalWords, one_line
from evaluator.resources import examples_dir, templates_dir

OWN_RUBRIC = "rubric.yaml"
_TABLES = {**COLUMNS, "references.csv": references.COLUMNS, "excuses.csv": excuses.COLUMNS}


def round_id(folder: Path) -> str:
    """An id made of the folder's name, as far as that has letters, digits and hyphens an id may have."""
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.absolute().name.lower()).strip("-_")[:64]
    return name if re.fullmatch(ID_PATTERN, name) else f"round-{name}"[:64].strip("-_")


def fill_folder(stage: Path, target: Path, rubric_id: str | None, lang: Language) -> None:
    """Write the files of a new round into ``stage``; ``target`` is where they will stand in the end."""
    from evaluator.files import load_rubric, load_rubric_file

    names = {"id": round_id(target), "rubric": rubric_id or OWN_RUBRIC}
    _fill(stage / "round.yaml", f"round.{lang}.yaml", names)
    if rubric_id is None:
        _fill(stage / OWN_RUBRIC, f"rubric.{lang}.yaml", {"id": names["id"]})
        rubric = load_rubric_file(stage / OWN_RUBRIC)
    else:
        rubric = load_rubric(rubric_id)
    wanted = tables_for(rubric)
    for name in wanted:
        # The byte-order mark keeps spreadsheet programs from saving Korean in another encoding.
        headings = [c.name for c in _TABLES[name] if c.name != "panel" or len(rubric.all_panels) > 1]
        (stage / name).write_text(",".join(headings) + "\n", encoding="utf-8-sig")
    if any(leaf.is_derived for leaf in rubric.leaves()):
        (stage / EVIDENCE).mkdir()
        _fill(stage / EVIDENCE / "README.md", f"evidence.{lang}.md", None)
    (stage / "README.md").write_text(_readme(rubric, wanted, target, TerminalWords(lang)), encoding="utf-8")


def copy_example(example_id: str, stage: Path) -> None:
    """Copy the files of a shipped example."""
    for path in sorted((examples_dir() / example_id).iterdir()):
        if path.is_dir():
            shutil.copytree(path, stage / path.name)
        else:
            shutil.copyfile(path, stage / path.name)


def tables_for(rubric: Rubric) -> tuple[str, ...]:
    """The tables a round under this rubric is filled in with, in the order in which they are."""
    leaves = rubric.leaves()
    tables = ["applicants.csv", "reviewers.csv", "conflicts.csv"]
    if rubric.decision:
        tables.append("votes.csv")
    elif rubric.panel_leaves():
        tables.append("scores.csv")
    if any(leaf.source != "panel" for leaf in leaves):
        tables.append("office.csv")
    if any(leaf.performance for leaf in leaves):
        tables += ["references.csv", "excuses.csv"]
    if rubric.adjustments:
        tables.append("adjustments.csv")
    if rubric.gates:
        tables.append("gates.csv")
    return (*tables, "decisions.csv", "opinions.csv")


def _fill(path: Path, template: str, names: dict[str, str] | None) -> None:
    """Write a template, with ``names`` put in; None: as it is, braces and all."""
    text = (templates_dir() / "new" / template).read_text(encoding="utf-8")
    path.write_text(text if names is None else text.format_map(names), encoding="utf-8")


def _readme(rubric: Rubric, tables: Sequence[str], target: Path, words: TerminalWords) -> str:
    lines = [f"# {one_line(target.absolute().name)}", "", words("new.intro", command=f"evaluator check {target}"), ""]
    lines += [words("new.table_head"), "|---|---|---|"]
    lines.append(f"| `round.yaml` | | {words('new.round_yaml')} |")
    for name in tables:
        columns = ", ".join(f"`{c.name}`{'' if c.needed else '*'}" for c in _TABLES[name])
        about = words("new." + name.removesuffix(".csv"))
        lines.append(f"| `{name}` | {columns} | {about} |")
    if any(leaf.is_derived for leaf in rubric.leaves()):
        lines.append(f"| `{EVIDENCE}` | | {words('new.evidence')} |")
    lines += ["", words("new.optional"), ""]
    if rubric.leaves():
        lines += [f"## {words('new.criteria', title=rubric.title.in_(words.lang))}", ""]
        lines += [words("new.criteria_head"), "|---|---|---|---|---|"]
        lines += [_criterion(leaf, rubric, words) for leaf in rubric.leaves()]
        lines.append("")
    if rubric.gates:
        lines += [f"## {words('new.gate_list')}", ""]
        lines += [f"- `{g.id}`: {g.title.in_(words.lang)} ({words(f'new.{g.when}')})" for g in rubric.gates]
        lines.append("")
    return "\n".join(lines)


def _criterion(leaf: Criterion, rubric: Rubric, words: TerminalWords) -> str:
    panels = [p for p in rubric.all_panels if leaf in rubric.leaves_of(p)]
    source = f"{EVIDENCE}, office.csv" if leaf.is_derived else "office.csv"
    if leaf.source == "panel":
        source = "scores.csv" if len(rubric.all_panels) < 2 else f"scores.csv ({panels[0].id})"
    return (
        f"| `{leaf.id}` | {one_line(leaf.title.in_(words.lang))} | {show(leaf.points)} "
        f"| {scale_text(leaf, words)} | {source} |"
    )


def scale_text(leaf: Criterion, words: TerminalWords) -> str:
    """Which marks or figures are allowed on a criterion, in a few words."""
    scale = allowed_scale(leaf)
    if leaf.scale is None:
        return ", ".join(show(level.value) for level in leaf.levels)
    if scale.max is None:
        return words("new.scale_open", low=show(scale.min))
    text = words("new.scale", low=show(scale.min), high=show(scale.max))
    return text + (words("new.scale_step", step=show(scale.step)) if scale.step is not None else "")
