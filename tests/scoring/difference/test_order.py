"""Who passed whom."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evaluator.scoring.difference.order import crossings


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=24))
def test_who_passed_whom_is_counted_as_pairs_are(ranks: list[tuple[int, int]]) -> None:
    before, after = (np.array([pair[i] for pair in ranks], np.int64) for i in (0, 1))
    ahead, behind = crossings(before, after)
    one, other = ([rank or 99 for rank in side.tolist()] for side in (before, after))
    everybody = range(len(ranks))
    for i in everybody:
        assert ahead[i] == sum(one[j] >= one[i] and other[j] < other[i] for j in everybody if j != i)
        assert behind[i] == sum(one[j] < one[i] and other[j] >= other[i] for j in everybody if j != i)
