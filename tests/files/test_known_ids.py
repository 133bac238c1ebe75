from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.files import known_ids
from evaluator.files.known_ids import KnownIds

IDS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20), unique=True, max_size=30)


@given(IDS, st.lists(st.text(max_size=20), max_size=20))
def test_texts_are_found_where_the_ids_stand(ids: list[str], others: list[str]) -> None:
    known = KnownIds(ids)
    rows = [ids[i % len(ids)] for i in range(40)] if ids else []
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        found = known.find(pa.array(rows, kind))
        assert found is not None
        assert found.tolist() == [ids.index(row) for row in rows]
    for other in others:
        column = pa.array([*rows, other, *rows])
        assert (known.find(column) is None) == (other not in ids)
        sliced = known.find(column[: len(rows)])
        assert sliced is not None
        assert len(sliced) == len(rows)


@pytest.mark.parametrize("form", ["{:07d}", "{}", "2026-서울-{:05d}", "{:064d}", "a{:0>31}"])
def test_very_many_ids_of_every_length(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_ids, "_AT_A_TIME", 1_000)
    ids = [form.format(i) for i in range(20_000)]
    order = np.random.default_rng(1).permutation(len(ids))
    column = pa.chunked_array(
        [pa.array(ids).take(pa.array(order[:7_000])), pa.array(ids).take(pa.array(order[7_000:]))]
    )
    found = KnownIds(ids).find(column)
    assert found is not None
    assert found.tolist() == order.tolist()
    assert KnownIds(ids[:-1]).find(column) is None


@pytest.mark.parametrize("text", ["a\x00", "ab", "", "a" * 9, None])
def test_what_only_looks_like_an_id_is_not_found(text: str | None) -> None:
    known = KnownIds(["a", "b", "abcdefgh"])
    assert known.find(pa.array(["a", text, "b"])) is None


def test_ids_that_crowd_together_are_found_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_ids, "_MOST_STEPS", 1)
    ids = [f"{i}" for i in range(300)]
    found = KnownIds(ids).find(pa.array(ids[::-1]))
    assert found is not None
    assert found.tolist() == list(range(300))[::-1]
    assert KnownIds(ids).find(pa.array(["x"])) is None
