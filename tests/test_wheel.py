"""The wheel does the whole job in an empty folder, with the checkout out of reach."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluator import __version__, resources

CHECKOUT = Path(__file__).resolve().parent.parent


def run(command: Sequence[str | Path], cwd: Path, timeout: int = 120) -> str:
    """Standard output of a command that has to succeed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Installed:
    wheel: Path
    prefix: Path

    def bin(self, name: str) -> Path:
        """A command of the virtual environment that the wheel was installed into."""
        return self.prefix / ("Scripts" if os.name == "nt" else "bin") / name


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"], cwd=CHECKOUT)
    (wheel,) = (folder / "dist").glob("*.whl")

    here = Installed(wheel, folder / "venv")
    venv.create(here.prefix, with_pip=False, symlinks=os.name != "nt")
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", here.bin("python"), "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", "--no-index", "--no-deps", wheel], cwd=folder)

    # What Evaluator depends on is lent by the environment that runs the tests. A folder named in a .pth file is
    # only searched: the .pth file in it that leads to the checkout is not read.
    site_packages = run(
        [here.bin("python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], cwd=folder
    ).strip()
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(site_packages, "lent.pth").write_text("\n".join(sorted(lent)), encoding="utf-8")
    return here


def shipped_files() -> set[str]:
    """The files of the checkout that have to be in the wheel, by their names there."""
    return {
        f"evaluator/_shipped/{file.relative_to(CHECKOUT).as_posix()}"
        for folder in ("rubrics", "templates", "examples")
        for file in (CHECKOUT / folder).rglob("*")
        if file.is_file() and not file.name.startswith(".")
    }


def test_the_wheel_holds_the_product_and_nothing_else(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    assert {name for name in names if name.startswith("evaluator/_shipped/")} == shipped_files()
    assert {"evaluator/py.typed", f"evaluator-{__version__}.dist-info/licenses/LICENSE"} <= names
    assert {name.split("/")[0] for name in names} == {"evaluator", f"evaluator-{__version__}.dist-info"}


def test_a_round_is_evaluated_away_from_the_checkout(installed: Installed, tmp_path: Path) -> None:
    evaluator = installed.bin("evaluator")
    where = run([installed.bin("python"), "-c", "import evaluator; print(evaluator.__file__)"], cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.prefix)

    assert __version__ in run([evaluator, "--version"], cwd=tmp_path)
    listed = run([evaluator, "rubric", "list"], cwd=tmp_path)
    assert [rubric_id for rubric_id in resources.rubric_ids() if rubric_id not in listed] == []

    run([evaluator, "new", "demo", "--example", "procurement"], cwd=tmp_path)
    run([evaluator, "run", "demo", "-o", "out"], cwd=tmp_path)

    record = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    assert [line["outcome"] for line in record["ranking"]].count("selected") == 1
    reports = sorted((tmp_path / "out").rglob("*.pdf"))
    # One for the panel and one for each applicant.
    assert len(reports) == 1 + len(record["ranking"])
    assert all(report.read_bytes().startswith(b"%PDF-") for report in reports)
