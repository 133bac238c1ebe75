"""pandas as a contestant: groupby-apply, and the aggregates that one takes who knows pandas.

Trimmed means in floating point; nothing is checked. Groupby-apply runs twice: as it says what is meant (sort, cut off
the ends, average), and as fast as a function of one group could be made (its numpy values, added up, less extremes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks._child import Work
from benchmarks._rounds import LEAVES

if TYPE_CHECKING:
    import pandas as pd


def plainly(marks: pd.Series) -> float:
    """The mean of what is left after sorting and cutting off both ends."""
    return marks.sort_values().iloc[1:-1].mean()


def quickly(marks: pd.Series) -> float:
    """The same without making another Series."""
    values = marks.to_numpy()
    return (values.sum() - values.min() - values.max()) / (len(values) - 2)


def groupby_apply(folder: str, quick: bool, tiny: str) -> Work:
    """A function for the trimmed mean, applied to every group of marks; ``tiny`` is a round to get warm with."""
    import pandas as pd

    trimmed = quickly if quick else plainly

    def work(place: str) -> pd.DataFrame:
        scores = pd.read_parquet(f"{place}/scores.parquet")
        scores["score"] = scores["score"].astype(float)
        return scores.groupby(["applicant", "criterion"])["score"].apply(trimmed).unstack()

    return Work(lambda _: work(folder), _answer, lambda: work(tiny))


def aggregates(folder: str, tiny: str) -> Work:
    """The same from three aggregates of all groups at once."""
    import pandas as pd

    def work(place: str) -> pd.DataFrame:
        scores = pd.read_parquet(f"{place}/scores.parquet")
        scores["score"] = scores["score"].astype(float)
        found = scores.groupby(["applicant", "criterion"])["score"].agg(["sum", "min", "max", "count"])
        return ((found["sum"] - found["min"] - found["max"]) / (found["count"] - 2)).unstack()

    return Work(lambda _: work(folder), _answer, lambda: work(tiny))


def _answer(table: pd.DataFrame) -> dict[str, Any]:
    return {"value": table.sort_index()[list(LEAVES)].to_numpy()}
