"""The command line: arguments, language, progress and exit codes. What is done lies below.

Data goes to standard output, talk to standard error. Exit codes: 0 done; 1 problems in the input; 2 wrong usage;
3 valid, but something is unresolved; 4 ``diff --check`` found a difference; 130 interrupted. Nothing heavy is imported
before a command needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from evaluator.cli.language import LANGUAGES, environment_language, language_of_arguments
from evaluator.cli.output import prepare_streams
from evaluator.resources import message_catalogue

OK, PROBLEMS, USAGE, UNRESOLVED, VERIFICATION, INTERRUPTED = 0, 1, 2, 3, 4, 130


class _Group(click.Group):
    """Commands in the order in which they are needed, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Our own bugs end in an ordinary traceback."""
    prepare_streams()
    args = sys.argv[1:] if args is None else args
    asked = _asked_language(args)
    try:
        code = build(asked or environment_language()).main(args=args, prog_name="evaluator", standalone_mode=False)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as error:
        code = _usage(error, language_of_arguments(asked, args))
    except (click.Abort, KeyboardInterrupt):
        spoken = language_of_arguments(asked, args)
        click.echo(message_catalogue("terminal", spoken)["talk"]["interrupted"], err=True)
        code = INTERRUPTED
    return code if isinstance(code, int) else OK


def _asked_language(args: Sequence[str]) -> str | None:
    """What ``--lang`` says first, wherever it stands: usage errors are told before the options are read."""
    for i, arg in enumerate(args):
        value = args[i + 1] if arg == "--lang" and i + 1 < len(args) else arg.removeprefix("--lang=")
        if value in LANGUAGES and arg.startswith("--lang"):
            return value
    return None


def build(lang: str) -> click.Group:
    """The commands, described in one language."""
    words = message_catalogue("terminal", lang)
    helps, options, context = words["help"], words["option"], _context(words["heading"])

    def command(name: str, action: str, *params: click.Parameter) -> click.Command:
        def call(**arguments: Any) -> int:  # noqa: ANN401 -- as each command names them
            from evaluator.cli import commands

            do: Callable[..., int] = getattr(commands, action)
            return do(**arguments)

        made = click.Command(name, params=list(params), callback=call, help=helps[action], short_help=helps[action])
        return _helped(made, options["help"], context)

    def option(*names: str, text: str, **settings: Any) -> click.Option:  # noqa: ANN401 -- click's own
        return click.Option(names, help=options[text], **settings)

    def folder() -> click.Argument:
        return click.Argument(["round_folder"], metavar="ROUND", type=_existing(files=False))

    def source() -> click.Argument:
        return click.Argument(["source"], metavar="ROUND_OR_RECORD", type=_existing(files=True))

    def out(text: str = "out") -> click.Option:
        return option("-o", "--out", text=text, metavar="OUT", type=click.Path(path_type=Path, file_okay=False))

    def language() -> click.Option:
        return option("--lang", text="lang", type=click.Choice(LANGUAGES))

    def as_json(text: str = "json") -> click.Option:
        return option("--json", "as_json", text=text, is_flag=True)

    def show_all() -> click.Option:
        return option("--all", "show_all", text="all", is_flag=True)

    def jobs() -> click.Option:
        return option("--jobs", text="jobs", metavar="N", type=click.IntRange(1, 256))

    def chosen() -> tuple[click.Option, ...]:
        return (
            option("--applicant", "applicants", text="applicant", metavar="ID", multiple=True),
            option("--panel-only", text="panel_only", is_flag=True),
        )

    rubric = _Group(
        "rubric",
        help=helps["rubric"],
        commands=[
            command("list", "rubric_list", language()),
            command("show", "rubric_show", _rubric_argument(), language()),
            command("check", "rubric_check", _rubric_argument(), as_json(), show_all(), language()),
            command(
                "schema",
                "rubric_schema",
                click.Argument(["name"], required=False, metavar="[NAME]"),
                option(
                    "--output", text="schema_output", metavar="DIR", type=click.Path(path_type=Path, file_okay=False)
                ),
                language(),
            ),
        ],
    )
    _helped(rubric, options["help"], context)
    whole = _Group(
        "evaluator",
        help=helps["evaluator"],
        epilog=helps["exit_codes"],
        commands=[
            command(
                "new",
                "new",
                click.Argument(["folder"], metavar="DIR", type=click.Path(path_type=Path, file_okay=False)),
                option("--rubric", text="new_rubric", metavar="ID"),
                option("--example", text="new_example", metavar="ID"),
                language(),
            ),
            command("check", "check", folder(), as_json(), show_all(), language()),
            command("rank", "rank", folder(), out(), as_json("json_record"), show_all(), language()),
            command("evidence", "evidence", folder(), out(), as_json("json_evidence"), show_all(), language()),
            command("explain", "explain", source(), click.Argument(["applicant"], metavar="APPLICANT"), language()),
            command(
                "report",
                "report",
                source(),
                out("out_report"),
                *chosen(),
                jobs(),
                show_all(),
                language(),
            ),
            command("run", "run", folder(), out(), *chosen(), jobs(), show_all(), language()),
            command(
                "diff",
                "diff",
                click.Argument(["before"], metavar="A", type=_existing(files=True)),
                click.Argument(["after"], metavar="B", type=_existing(files=True)),
                option("--check", text="diff_check", is_flag=True),
                as_json("json_diff"),
                option("--all", "show_all", text="all_diff", is_flag=True),
                language(),
            ),
            rubric,
            command("doctor", "doctor", as_json(), language()),
        ],
        params=[
            click.Option(
                ["--lang"],
                type=click.Choice(LANGUAGES),
                expose_value=False,
                callback=_for_all_commands,
                help=options["lang"],
            ),
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_version,
                help=options["version"],
            ),
        ],
    )
    _helped(whole, options["help"], context)
    return whole


def _context(headings: Mapping[str, str]) -> type[click.Context]:
    """What click lays out help with, its own headings in the language of the rest."""

    class Formatter(click.HelpFormatter):
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            del prefix
            super().write_usage(prog, args, f"{headings['usage']} ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(headings.get(heading.lower(), heading))

    class Context(click.Context):
        formatter_class = Formatter

    return Context


def _helped(command: click.Command, text: str, context: type[click.Context]) -> click.Command:
    """The command with its ``--help`` in the language of the rest."""
    command.context_class = context
    option = command.get_help_option(click.Context(command))
    if option is not None:
        option.help = text
    return command


def _existing(*, files: bool) -> click.Path:
    return click.Path(exists=True, file_okay=files, path_type=Path)


def _rubric_argument() -> click.Argument:
    return click.Argument(["reference"], metavar="ID_OR_FILE")


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from evaluator import __version__

        click.echo(f"evaluator {__version__}")
        context.exit()


def _for_all_commands(context: click.Context, _: click.Parameter, lang: str | None) -> None:
    """A language that is asked for before the command is that of the command, unless it is asked for another."""

    def asked(group: click.Group) -> dict[str, Any]:
        return {
            name: asked(command) if isinstance(command, click.Group) else {"lang": lang}
            for name, command in group.commands.items()
        }

    if lang is not None and isinstance(context.command, click.Group):
        context.default_map = asked(context.command)


def _usage(error: click.ClickException, lang: str) -> int:
    """One line about what is wrong with the command, and where to read how it is used."""
    from evaluator.report.words import fill

    words = message_catalogue("terminal", lang)["usage"]

    def tell(key: str, **params: object) -> str:
        return fill(words[key], params)

    context = getattr(error, "ctx", None)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return USAGE
    click.echo(f"evaluator: {_usage_text(error, tell)}", err=True)
    if isinstance(error, click.UsageError) and context:
        click.echo(tell("see_help", command=f"{context.command_path} --help"), err=True)
    return USAGE


def _usage_text(error: click.ClickException, tell: Callable[..., str]) -> str:
    if isinstance(error, click.NoSuchOption):
        near = ", ".join(error.possibilities or ())
        return tell("no_option", option=error.option_name) + (tell("meant", near=near) if near else "")
    if isinstance(error, click.exceptions.NoSuchCommand):
        near = ", ".join(error.possibilities or ())
        return tell("no_command", name=error.command_name) + (tell("meant", near=near) if near else "")
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return tell("missing", name=error.param.make_metavar(error.ctx) if error.ctx else error.param.name)
    if isinstance(error, click.BadParameter) and isinstance(error.param, click.Parameter):
        kind, name = error.param.type, error.param.opts[0] if error.param.param_type_name == "option" else ""
        if isinstance(kind, click.Path):
            path = _given(error)
            key = "not_folder" if not kind.file_okay and Path(path).is_file() else "no_path"
            return tell(key, path=path)
        if isinstance(kind, click.Choice):
            return tell("no_choice", option=name, choices=", ".join(map(str, kind.choices)))
        if isinstance(kind, click.IntRange):
            return tell("no_count", option=name, least=kind.min, most=kind.max)
    return error.format_message()


def _given(error: click.BadParameter) -> str:
    """The path that was typed; click puts it between quotation marks into its own sentence."""
    message = error.message
    return message[message.index("'") + 1 : message.rindex("'")] if message.count("'") >= 2 else message
