"""A command that is interrupted or killed leaves the old result or none, never half of one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from evaluator.files import load_round
from evaluator.files.record import write_record
from evaluator.files.record_read import read_record
from evaluator.workflow import evaluate
from tests.cli.conftest import EXAMPLES, Call, change

# Stops the process, as the power going off would, in the middle of writing the n-th file of the results.
KILLED = """
import os, sys, time
from pathlib import Path
from evaluator.cli import main
left = int(sys.argv[1])
opened = Path.open
class Half:
    def __init__(self, file):
        self.file = file
    def __enter__(self):
        return self
    def __exit__(self, *_):
        pass
    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        os.kill(os.getpid(), int(sys.argv[2]))
        time.sleep(5)
def half(self, mode="r", *rest, **named):
    global left
    left -= mode == "wb"
    file = opened(self, mode, *rest, **named)
    return Half(file) if mode == "wb" and left == 0 else file
Path.open = half
sys.exit(main(sys.argv[3:]))
"""


def results(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not any(part.startswith(".evaluator-") for part in p.relative_to(folder).parts)
    }


@pytest.mark.parametrize("file", [1, 2, 3, 4])
def test_killed_in_the_middle_of_any_file(call: Call, folder: Path, tmp_path: Path, file: int) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-c", KILLED, str(file), str(int(signal.SIGKILL)), "rank", str(folder), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not out.exists()
    assert call("rank", folder, "-o", out).code == 0
    before = results(out)
    change(folder / "scores.csv", "r1,a1,plan,50", "r1,a1,plan,20")
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert results(out) == before
    assert call("rank", folder, "-o", out).code == 0
    assert results(out) != before


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("file", [1, 4])
def test_marks_of_the_record_before_stay_until_all_is_written(
    folder: Path, tmp_path: Path, file: int, sign: int
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    write_record(evaluate(*load_round(folder)), out, inline_marks=0)
    before = results(out)
    assert sorted(before) == ["evaluation.json", "marks.parquet"]
    command = [sys.executable, "-c", KILLED, str(file), str(int(sign)), "rank", str(folder), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: 130}[signal.Signals(sign)]
    assert results(out) == before
    assert read_record(out).ranking


@pytest.mark.parametrize("file", [1, 2, 3, 4])
def test_interrupted_in_the_middle_of_any_file(call: Call, folder: Path, tmp_path: Path, file: int) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-c", KILLED, str(file), str(int(signal.SIGINT)), "rank", str(folder), "-o", str(out)]
    for has_results in (False, True):
        if has_results:
            assert call("rank", folder, "-o", out).code == 0
            change(folder / "scores.csv", "r1,a1,plan,50", "r1,a1,plan,20")
        before = results(out) if has_results else {}
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        assert done.returncode == 130
        assert b"Traceback" not in done.stderr
        assert (results(out) if out.exists() else {}) == before
        assert not list(tmp_path.rglob(".evaluator-*"))


def test_killed_at_any_moment(call: Call, folder: Path, tmp_path: Path) -> None:
    out, rng = tmp_path / "out", Random(5)
    assert call("rank", folder, "-o", out).code == 0
    old = results(out)
    change(folder / "scores.csv", "r1,a1,plan,50", "r1,a1,plan,20")
    assert call("rank", folder, "-o", tmp_path / "new").code == 0
    new = results(tmp_path / "new")
    command = [sys.executable, "-m", "evaluator", "rank", str(folder), "-o", str(out)]
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, timeout=60, check=True)
    whole = time.perf_counter() - started
    for _ in range(4):
        for name, content in old.items():
            (out / name).write_bytes(content)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * rng.uniform(0.5, 1.05))
        process.kill()
        process.wait(30)
        found = results(out)
        assert set(found) == set(old)
        assert all(content in {old[name], new[name]} for name, content in found.items())
        assert json.loads(found["evaluation.json"])


def test_interrupted_while_reports_are_drawn(folder: Path, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "out"
    assert call("run", folder, "-o", out).code == 0
    before = results(out)
    command = [
        sys.executable,
        "-m",
        "evaluator",
        "run",
        str(EXAMPLES / "k-ai-selection"),
        "-o",
        str(out),
        "--jobs",
        "1",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    # The table is printed before the reports are drawn.
    assert process.stdout.readline()
    time.sleep(0.8)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said.decode()
    assert "중단되었습니다" in said.decode() or "Interrupted" in said.decode()
    assert results(out) == before
    assert not [p for p in out.iterdir() if p.name.startswith(".")]


def test_a_bug_of_ours_is_an_ordinary_traceback(folder: Path) -> None:
    code = (
        "import sys, evaluator.workflow as w\n"
        "def broken(*_, **__): raise ZeroDivisionError\n"
        "w.evaluate = broken\n"
        "from evaluator.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    env = {**os.environ, "EVALUATOR_LANG": "en"}
    command = [sys.executable, "-c", code, "check", str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False, env=env)
    assert done.returncode == 1
    assert b"Traceback" in done.stderr
    assert b"ZeroDivisionError" in done.stderr
