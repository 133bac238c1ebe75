"""Evaluator as a contestant: a round folder in, an exact ranking out; and what writing the results takes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks._child import Lap, Work
from benchmarks._rounds import LEAVES

if TYPE_CHECKING:
    from evaluator.model.evaluation import Evaluation


def load_and_evaluate(folder: str, tiny: str) -> Work:
    """Everything between the files and the ranks: reading, every check, hashes, consensus, totals, ties, places.

    ``tiny`` is a round to get warm with, large enough to be read the way large ones are.
    """
    from evaluator.files.rounds import load_round
    from evaluator.workflow import evaluate

    def work(lap: Lap, place: str) -> Evaluation:
        rubric, round_ = load_round(Path(place))
        lap("load")
        evaluation = evaluate(rubric, round_)
        lap("rank")
        return evaluation

    return Work(lambda lap: work(lap, folder), consensus, lambda: work(lambda _: None, tiny))


def outputs(folder: str, tiny: str) -> Work:
    """What ``evaluator rank`` writes, each file timed apart, made and written, after loading and ranking."""
    from evaluator.files.ranking_csv import ranking_csv
    from evaluator.files.ranking_parquet import ranking_parquet
    from evaluator.files.record import canonical, write_record
    from evaluator.files.workbook import workbook_bytes

    def work(lap: Lap, round_: str) -> None:
        evaluation = canonical(load_and_evaluate(round_, tiny).run(lap))
        lap("canonical order")
        with tempfile.TemporaryDirectory() as place:
            write_record(evaluation, Path(place))
            lap("record")
            Path(place, "ranking.csv").write_bytes(ranking_csv(evaluation))
            lap("ranking.csv")
            Path(place, "ranking.parquet").write_bytes(ranking_parquet(evaluation))
            lap("ranking.parquet")
            Path(place, "ranking.xlsx").write_bytes(workbook_bytes(evaluation, "en"))
            lap("workbook")

    return Work(lambda lap: work(lap, folder), lambda _: {}, lambda: work(lambda _: None, tiny))


def command(words: list[str]) -> Work:
    """A whole command in this process, its imports included."""

    def work(_: Lap) -> None:
        from evaluator.cli import UNRESOLVED, main

        code = main(words)
        if code not in {0, UNRESOLVED}:
            raise AssertionError(f"evaluator {' '.join(words)} ended with {code}")

    return Work(work, lambda _: {})


def consensus(evaluation: Evaluation) -> dict[str, Any]:
    """The exact consensus scores of all applicants, sorted by id, as numerators and denominators."""
    import numpy as np

    standings = sorted(evaluation.ranking, key=lambda standing: standing.applicant)
    if any(standing.rank is None for standing in standings):
        raise AssertionError("every applicant of a made round is ranked")
    scores = [standing.criteria[leaf].consensus for standing in standings for leaf in LEAVES]
    shape = (len(standings), len(LEAVES))
    return {
        "num": np.array([score.numerator for score in scores], np.int64).reshape(shape),
        "den": np.array([score.denominator for score in scores], np.int64).reshape(shape),
    }
