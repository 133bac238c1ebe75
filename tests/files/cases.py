"""Broken round folders: each case in ``tests/reject`` is a valid folder and what is done to it."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluator.errors import Problem, render
from evaluator.files import load_round
from evaluator.model.text import LANGUAGES
from evaluator.resources import message_catalogue

TESTS = Path(__file__).resolve().parent.parent
ACCEPT = TESTS / "accept"
REJECT = TESTS / "reject"
LABELS = {"ko": ("허용", "할 일"), "en": ("allowed", "to do")}


@dataclass(frozen=True)
class Case:
    """One case: the valid folder it starts from, and its changes in the order they are made.

    A change is one of: ``replace = [file, old, new]`` (old stands exactly once), ``write = [file, text]``,
    ``append = [file, text]``, ``repeat = [file, old, text, times]``, ``recode = [file, encoding]``,
    ``bytes = [file, old, new in hex]``, ``link = [file, target]``, ``folder = name``, ``delete = name``.
    """

    name: str
    base: str
    changes: tuple[dict[str, Any], ...]

    @property
    def golden(self) -> Path:
        return REJECT / f"{self.name}.txt"

    def build(self, parent: Path) -> Path:
        """The broken folder, made inside ``parent``."""
        folder = parent / "round"
        if self.base:
            shutil.copytree(ACCEPT / self.base, folder)
        else:
            folder.mkdir()
        for change in self.changes:
            for kind, told in change.items():
                _apply(kind, told, folder)
        return folder


def _apply(kind: str, told: Any, folder: Path) -> None:
    path = folder / (told if isinstance(told, str) else told[0])
    if kind == "replace":
        _replace(path, told[1].encode(), told[2].encode())
    elif kind == "repeat":
        _replace(path, told[1].encode(), (told[2] * told[3]).encode())
    elif kind == "bytes":
        _replace(path, told[1].encode(), bytes.fromhex(told[2]))
    elif kind == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(told[1], encoding="utf-8", newline="")
    elif kind == "append":
        path.write_bytes(path.read_bytes() + told[1].encode())
    elif kind == "recode":
        path.write_bytes(path.read_text(encoding="utf-8").encode(told[1]))
    elif kind == "link":
        path.symlink_to(told[1])
    elif kind == "folder":
        path.mkdir()
    elif kind == "delete":
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    else:
        raise ValueError(kind)


def _replace(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    if data.count(old) != 1:
        raise ValueError(f"{old!r} stands {data.count(old)} times in {path.name}")
    path.write_bytes(data.replace(old, new))


def cases() -> list[Case]:
    """Every case, by name."""
    found = []
    for path in sorted(REJECT.glob("**/*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        name = path.relative_to(REJECT).with_suffix("").as_posix()
        found.append(Case(name, told["base"], tuple(told["change"])))
    return found


def told(problems: tuple[Problem, ...]) -> str:
    """The problems as a person reads them, in every language."""
    lines = []
    for language in LANGUAGES:
        catalogue = message_catalogue("problems", language)
        lines += [f"[{language}]", ""]
        for problem in problems:
            found, allowed, fix = render(problem, catalogue)
            lines += [f"{problem.place}  {problem.path}".rstrip(), f"  {found}"]
            lines += [
                f"  {label}: {text}" for label, text in zip(LABELS[language], (allowed, fix), strict=True) if text
            ]
            lines.append("")
    return "\n".join(lines)


__all__ = ["ACCEPT", "REJECT", "Case", "cases", "load_round", "told"]
