"""Run the real tools on mock models, and put their result files into the fictional example.

    python make_results.py TOOLS [t01 ...]

TOOLS is a virtual environment with lm_eval and inspect_ai (see README.md). Every file is kept as the tool wrote it.
Without teams, all teams and the reference models are run, and references.csv is written from the latter's files.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import items

HERE = Path(__file__).parent
EXAMPLE = Path(os.environ.get("EXAMPLE", HERE.parent.parent / "examples" / "k-ai-selection"))
CRITERION = "attainment"
BENCHMARKS = {
    "ko_knowledge": "ko-knowledge",
    "ko_reading": "ko-reading",
    "math": "math",
    "code": "code",
    "en_knowledge": "en-knowledge",
    "instruction": "instruction",
}
SOURCE = "한빛누리 평가원 재현 시험 기록(가상), 2025년 7월"


def tool(environment: Path, day: str, folder: Path, *command: str) -> None:
    """Run a command of the tools' environment in a folder, offline, and on the day that it shall write down."""
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "INSPECT_EVAL_LOG_FILE_PATTERN": "{task}"}
    clock = ["faketime", "-f", f"@{day} 10:00:00"]
    name, *rest = command
    subprocess.run(  # noqa: S603 -- the commands are those below
        [*clock, str(environment / "bin" / name), *rest],
        cwd=folder,
        env=os.environ | offline,
        check=True,
        stdout=subprocess.DEVNULL if name == "lm_eval" else None,
        stderr=subprocess.DEVNULL,
    )


def prepared(folder: Path) -> None:
    """The tasks of lm_eval with their items."""
    tasks = folder / "tasks"
    tasks.mkdir()
    for path in (HERE / "lm_eval_tasks").glob("*.yaml"):
        shutil.copy(path, tasks)
    for name, made in items.GUESSED.items():
        lines = (json.dumps(item, ensure_ascii=False) for item in made())
        (tasks / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(environment: Path, model: dict[str, Any], formats: str = "eval") -> dict[str, Path]:
    """The files of one model by the name they shall have; they lie in a folder of their own."""
    folder = Path(tempfile.mkdtemp(prefix="example-evidence-"))
    prepared(folder)
    name, day = model["model"], model["day"]
    arguments = ["--model", "dummy", "--model_args", f"pretrained={name}", "--tasks", ",".join(items.GUESSED)]
    tool(
        environment, day, folder, "lm_eval", "run", *arguments,
        "--include_path", "tasks", "--seed", str(model["seed"]), "--output_path", "out/lm_eval.json",
    )  # fmt: skip
    (written,) = (folder / "out").glob("lm_eval_*.json")
    as_json = model.get("json", [])
    wanted = [
        f"{task}={count}:{'json' if task in as_json else formats}" for task, count in sorted(model["solved"].items())
    ]
    tool(environment, day, folder, "python", str(HERE / "run_inspect.py"), name, "logs", *wanted)
    files = {"lm_eval.json": written}
    for path in sorted((folder / "logs").iterdir()):
        task = path.stem.rpartition("_")[2].replace("-", "_")
        files[f"{task}{path.suffix}"] = path
    return files


def place(team: str, files: dict[str, Path]) -> None:
    """Copy a team's files into its evidence folder, in place of what a former run left."""
    folder = EXAMPLE / "evidence" / team / "performance"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.suffix in {".json", ".eval"}:
            old.unlink()
    for name, path in files.items():
        shutil.copyfile(path, folder / name)


def reference_rows(model: dict[str, Any], files: dict[str, Path]) -> list[list[str]]:
    """A reference model's rows of references.csv: the figures as its files write them."""
    rows = {}
    first = [model["model"], model["organisation"], model["released"], SOURCE, CRITERION]
    for name, path in files.items():
        read = json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
        if name == "lm_eval.json":
            for task in items.GUESSED:
                result = read["results"][task]
                figures = [result["acc,none"], "0", "1", read["n-samples"][task]["effective"]]
                tail = [result["acc_stderr,none"], "lm-evaluation-harness", read["lm_eval_version"]]
                rows[task] = ["acc", *figures, *tail]
        else:
            metrics = read["results"]["scores"][0]["metrics"]
            figures = [metrics["accuracy"]["value"], "0", "1", read["results"]["completed_samples"]]
            tail = [metrics["stderr"]["value"], "inspect_ai", read["eval"]["packages"]["inspect_ai"]]
            rows[read["eval"]["task"]] = ["accuracy", *figures, *tail]
    last = ["2025.1", "standard", "agency", model["day"]]
    return [[*first, name, *rows[task], *last] for task, name in BENCHMARKS.items()]


def main() -> None:
    """Run what is named."""
    environment, teams = Path(sys.argv[1]).resolve(), sys.argv[2:]
    plan = tomllib.loads((HERE / "plan.toml").read_text(encoding="utf-8"))
    for team in plan["team"]:
        if not teams or team["id"] in teams:
            place(team["id"], run(environment, team))
    if teams:
        return
    header = (
        "model,organisation,released,source,criterion,benchmark,metric,score,min,max,n,stderr,harness,"
        "harness_version,version,mode,measured_by,date"
    )
    rows = [header.split(",")]
    for model in plan["reference"]:
        rows += reference_rows(model, run(environment, model, "json"))
    with (EXAMPLE / "references.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
