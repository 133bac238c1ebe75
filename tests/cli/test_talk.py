"""What people and programs see: language, colour, width, encodings, problems, pipes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

from evaluator.cli.language import choose_language
from evaluator.cli.problems import SHOWN_OF_A_KIND, problem_lines, problems_json
from evaluator.errors import Problem
from evaluator.report.terminal import one_line
from evaluator.resources import message_catalogue
from tests.cli.conftest import EXAMPLES, Call, change


@pytest.mark.parametrize(
    ("asked", "of_round", "environ", "expected"),
    [
        ("en", "ko", {"EVALUATOR_LANG": "ko", "LANG": "ko_KR.UTF-8"}, "en"),
        (None, "ko", {"EVALUATOR_LANG": "en", "LANG": "ko_KR.UTF-8"}, "en"),
        (None, "ko", {"EVALUATOR_LANG": "fr", "LANG": "C"}, "ko"),
        (None, "en", {"LANG": "ko_KR.UTF-8"}, "en"),
        (None, None, {"LANG": "ko_KR.UTF-8"}, "ko"),
        (None, None, {"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, "en"),
        (None, None, {"LC_MESSAGES": "ko", "LANG": "en_US.UTF-8"}, "ko"),
        (None, None, {}, "en"),
    ],
)
def test_language(asked: str | None, of_round: str | None, environ: dict[str, str], expected: str) -> None:
    assert choose_language(asked, lambda: of_round, environ) == expected


def test_the_round_s_own_language_is_spoken(call: Call, folder: Path) -> None:
    assert "no problems" in call("check", folder).out
    change(folder / "round.yaml", "language: en", "language: ko")
    assert "문제가 없습니다" in call("check", folder).out
    assert "no problems" in call("check", folder, "--lang", "en").out


def test_a_language_before_the_command_is_that_of_the_command(call: Call, folder: Path) -> None:
    assert "문제가 없습니다" in call("--lang", "ko", "check", folder).out
    assert "no problems" in call("--lang", "ko", "check", folder, "--lang", "en").out
    assert "배점" in call("--lang", "ko", "rubric", "list").out
    assert "평가위원" in call("--lang", "ko", "--help").out
    assert call("--lang", "fr", "check", folder).code == 2


def test_warnings_are_as_wide_as_the_terminal(call: Call) -> None:
    for language in ("ko", "en"):
        told = call("check", EXAMPLES / "k-ai-selection", "--lang", language).out
        assert "scores.csv" in told
        # The last line names the folder, whose path is as long as it is.
        *warnings, last = told.splitlines()
        assert str(EXAMPLES / "k-ai-selection") in last
        assert len(warnings) > 2
        assert all(cell_len(line) <= 80 for line in warnings)


def test_both_catalogues_say_the_same_things() -> None:
    korean, english = (message_catalogue("terminal", lang) for lang in ("ko", "en"))
    assert {s: sorted(korean[s]) for s in korean} == {s: sorted(english[s]) for s in english}
    for section, sentences in korean.items():
        for key, sentence in sentences.items():
            fields = [sorted(set(re.findall(r"{(\w+)}", text))) for text in (sentence, english[section][key])]
            assert fields[0] == fields[1], f"{section}.{key}"


def problems(count: int, code: str = "file.missing", file: str = "scores.csv") -> list[Problem]:
    return [Problem(code=code, file=file, line=i + 2, column=3, path="score") for i in range(count)]


def test_a_problem_has_place_found_and_what_to_do() -> None:
    lines = problem_lines([Problem(code="file.missing", file="scores.csv", line=14, column=4, path="score")], "en")
    assert lines[0] == "scores.csv:14:4  score"
    assert lines[1].startswith("  ")
    assert lines[2].startswith("    to do")
    assert lines[-1] == "1 problem"


def test_many_of_one_kind_are_counted_and_never_hidden() -> None:
    many = [*problems(50), *problems(3, code="file.empty"), *problems(1, file="office.csv")]
    lines = problem_lines(many, "en")
    places = [line for line in lines if re.match(r"scores.csv:\d+:3  score", line)]
    assert len(places) == SHOWN_OF_A_KIND + 3
    (more,) = [line for line in lines if "more of this kind" in line]
    assert "30 more of this kind (line 22, line 23" in more
    # The next of them says which kind, not the name we have for it.
    at = lines.index(more)
    assert lines[at - 2 : at] == ["scores.csv  score", "  Like this one: The file is missing."]
    assert "--all" in more
    assert lines[-1] == "54 problems: office.csv: 1, scores.csv: 53"
    everything = problem_lines(many, "en", show_all=True)
    assert sum("scores.csv:" in line for line in everything if line.endswith("score")) == 53
    assert len(problems_json(many, "en")) == 54


def test_one_more_than_shown_is_shown_too() -> None:
    lines = problem_lines(problems(SHOWN_OF_A_KIND + 1), "en")
    assert not any("more of this kind" in line for line in lines)


def test_nothing_a_file_holds_reaches_the_terminal_as_a_command() -> None:
    problem = Problem(code="file.missing", file="a\x1b[31m\nb.csv", path="x\x07\u202ey")
    assert problem_lines([problem], "en")[0] == "a[31m b.csv  xy"
    assert one_line("가\u200b\t나\r\n") == "가 나  "


def test_markup_in_a_name_is_shown_as_it_is(call: Call, folder: Path, tmp_path: Path) -> None:
    told = call("rank", folder, "-o", tmp_path / "out")
    assert "First [red]team[/red]" in told.out
    change(folder / "applicants.csv", "First [red]team[/red]", "[/] [bold]:smile: [link=http://a]")
    told = call("rank", folder, "-o", tmp_path / "out")
    assert "[/] [bold]:smile: [link=http://a]" in told.out


def test_colour_only_where_it_is_wanted(
    call: Call, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in call("rank", folder, "-o", tmp_path / "out").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1m" in call("rank", folder, "-o", tmp_path / "out").out
    change(folder / "scores.csv", "r1,a1,plan,50", "r1,a1,plan,x")
    assert "\x1b[1m" in call("check", folder).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in call("check", folder).out


def test_a_wide_terminal_shows_the_points_of_the_parts(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = call("rank", EXAMPLES / "k-ai-selection", "-o", tmp_path / "out").out
    assert "35.48" not in narrow
    monkeypatch.setenv("COLUMNS", "160")
    wide = call("rank", EXAMPLES / "k-ai-selection", "-o", tmp_path / "out").out
    assert "35.48" in wide


def test_the_cut_line_runs_between_selected_and_others(call: Call, tmp_path: Path) -> None:
    lines = call("rank", EXAMPLES / "k-ai-selection", "-o", tmp_path / "out", "--lang", "ko").out.splitlines()
    (cut,) = [i for i, line in enumerate(lines) if "── 선정 경계" in line]
    assert "0.07" in lines[cut]
    assert any("t04" in line for line in lines[cut - 4 : cut])
    assert "t03" in lines[cut + 1]


def run(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON", "EVALUATOR"))} | environ
    command = [sys.executable, "-m", "evaluator", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, env=env, timeout=120, check=False)


@pytest.mark.parametrize(
    "environ",
    [
        {"LANG": "C", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "cp1252"},
    ],
    ids=["ascii", "C", "cp1252"],
)
def test_a_terminal_that_is_not_utf8_does_not_crash_anything(tmp_path: Path, environ: dict[str, str]) -> None:
    told = run("rank", EXAMPLES / "procurement", "-o", tmp_path / "out", "--lang", "ko", **environ)
    assert told.returncode == 0, told.stderr
    assert b"84" in told.stdout
    told = run("rank", EXAMPLES / "procurement", "-o", tmp_path / "out", "--json", **environ)
    assert told.stdout == (tmp_path / "out" / "evaluation.json").read_bytes()
    assert json.loads(told.stdout.decode("utf-8"))


@pytest.mark.parametrize("arguments", [("--lang", "ko"), ("--json",)])
def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "evaluator", "rank", str(EXAMPLES / "k-ai-selection"), "-o", str(tmp_path / "out")]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(60) == 0
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
    assert (tmp_path / "out" / "evaluation.json").is_file()


def test_help_is_instant() -> None:
    assert _takes_less_than(0.3, "--help")


def test_check_of_the_example_takes_less_than_a_second_and_a_half_of_processor_time() -> None:
    assert _takes_less_than(1.5, "check", str(EXAMPLES / "k-ai-selection"))


def _takes_less_than(limit: float, *arguments: str) -> bool:
    """Whether one of a few calls does: what other programs do on the machine at the moment is no fault of this one."""
    return any(_seconds(*arguments) < limit for _ in range(6))


def _seconds(*arguments: str) -> float:
    """Processor time of one call, its children's time included."""
    before = os.times()
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "evaluator", *arguments], capture_output=True, check=True, timeout=60)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return used or time.perf_counter() - started


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from evaluator.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    modules = set(done.stdout.decode().split())
    assert not modules & {"numpy", "pydantic", "rich", "pyarrow", "xlsxwriter", "weasyprint", "ruamel.yaml", "jinja2"}
