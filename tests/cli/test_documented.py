"""docs/commands.md and --help name the same commands, arguments and options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from evaluator.cli import build
from tests.cli.conftest import Call

DOCS = Path(__file__).parents[2] / "docs" / "commands.md"


def commands(group: click.Group, name: str = "evaluator") -> Iterator[tuple[str, click.Command]]:
    for key, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {key}")
        else:
            yield f"{name} {key}", command


def sections() -> dict[str, str]:
    parts = re.split(r"^## `(evaluator .+)`\n", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {heading: body.split("\n## ")[0] for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_command_has_its_section_with_every_option() -> None:
    found = {}
    for name, command in commands(build("en")):
        arguments = [p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)]
        options = {o for p in command.params if isinstance(p, click.Option) for o in p.opts}
        found[" ".join([name, *arguments])] = options
    documented = {}
    for heading, body in sections().items():
        table = [line.split("|")[1] for line in body.splitlines() if line.startswith("| `")]
        documented[heading] = {o for cell in table for o in re.findall(r"`(-[-a-z]+)", cell)}
    assert documented == found


def test_every_exit_code_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d+) \|", text, flags=re.MULTILINE) == ["0", "1", "2", "3", "4", "130"]


def test_help_of_every_command_in_both_languages(call: Call) -> None:
    for lang in ("ko", "en"):
        for _, command in commands(build(lang)):
            assert command.help
            assert all(p.help for p in command.params if isinstance(p, click.Option))
    for name, _ in commands(build("en")):
        told = call(*name.split()[1:], "--help")
        assert told.code == 0
        assert told.out.startswith(f"Usage: {name} [OPTIONS]")
    assert "Exit codes" in " ".join(call("--help").out.split())
