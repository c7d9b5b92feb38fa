"""Which row of which shard has a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .content_keys import KEY_BYTES, Keys

_Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Places:
    """For N keys: the number of a shard and a row in it, both -1 for a key that is in none."""

    shards: NDArray[np.int64]
    rows: NDArray[np.int64]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """(N), where a key is in no shard."""
        return self.shards < 0


class KeyIndex:
    """Finds keys by bisection; 32 bytes of memory a key.

    index = KeyIndex([shard.keys for shard in shards])
    places = index.find(keys)       # a million keys: about a microsecond for each asked
    """

    def __init__(self, keys_of_shards: Sequence[Keys]) -> None:
        counts = [len(keys) for keys in keys_of_shards]
        high, low = _words(np.concatenate([np.zeros((0, KEY_BYTES), np.uint8), *keys_of_shards]))
        order = np.argsort(high, kind="stable")
        self._high, self._low = high[order], low[order]
        self._shards = np.repeat(np.arange(len(counts)), counts)[order]
        self._rows = np.concatenate([np.zeros(0, np.int64), *(np.arange(count) for count in counts)])[order]

    def find(self, keys: Keys) -> Places:
        """The places of keys (N, KEY_BYTES)."""
        places = Places(np.full(len(keys), -1), np.full(len(keys), -1))
        high, low = _words(keys)
        candidates = np.searchsorted(self._high, high)
        open_keys = np.arange(len(keys))
        # One round, unless two keys agree in their first half; then the next ones are looked at too.
        while len(open_keys):
            at = candidates[open_keys]
            inside = at < len(self._high)
            open_keys, at = open_keys[inside], at[inside]
            similar = self._high[at] == high[open_keys]
            open_keys, at = open_keys[similar], at[similar]
            same = self._low[at] == low[open_keys]
            places.shards[open_keys[same]] = self._shards[at[same]]
            places.rows[open_keys[same]] = self._rows[at[same]]
            open_keys = open_keys[~same]
            candidates[open_keys] += 1
        return places


def first_rows(keys: Keys) -> NDArray[np.int64]:
    """The row numbers of keys (N, KEY_BYTES) without repetitions."""
    high, low = _words(keys)
    order = np.lexsort((low, high))
    high, low = high[order], low[order]
    again = np.zeros(len(keys), dtype=np.bool_)
    again[1:] = (high[1:] == high[:-1]) & (low[1:] == low[:-1])
    return np.sort(order[~again])


def _words(keys: Keys) -> tuple[_Words, _Words]:
    """Both halves of keys (N, 16), each (N)."""
    words = np.ascontiguousarray(keys).view(np.uint64).reshape(-1, 2)
    return words[:, 0], words[:, 1]
