"""Keys are found where they are, also those that agree in their first half."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from med3dtrain.teachers.cache.key_index import KeyIndex, first_rows

# Few different bytes, so that halves of keys coincide all the time.
halves = st.sampled_from([b"\0" * 8, b"\0" * 7 + b"\1", b"\1" + b"\0" * 7, b"\xff" * 8])
some_keys = st.lists(st.builds(lambda first, second: first + second, halves, halves), max_size=12)


def as_array(keys):
    return np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 16)


@given(shards=st.lists(some_keys, max_size=4), wanted=some_keys)
def test_a_key_is_found_exactly_if_it_is_there(shards, wanted):
    places = KeyIndex([as_array(keys) for keys in shards]).find(as_array(wanted))
    for key, shard, row, missing in zip(wanted, places.shards, places.rows, places.missing, strict=True):
        assert missing == (not any(key in keys for keys in shards))
        assert missing or shards[shard][row] == key


@given(keys=some_keys)
def test_first_rows_are_those_of_every_key_once(keys):
    rows = first_rows(as_array(keys))
    assert list(rows) == sorted(rows)
    assert [keys[row] for row in rows] == list(dict.fromkeys(keys))


def test_twenty_thousand_random_keys_are_found():
    keys = np.random.default_rng(0).integers(0, 256, (20_000, 16), dtype=np.uint8)
    index = KeyIndex([keys[:5000], keys[5000:5001], keys[5001:]])
    places = index.find(keys)
    starts = np.array([0, 5000, 5001])
    assert np.array_equal(starts[places.shards] + places.rows, np.arange(20_000))
