"""The encoder's features of the last volumes, so that a second head does not run the encoder again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

import psutil
from torch import Tensor

from .tiling import Tiling

_MOST_BYTES = 4 * 10**9

WindowFeatures = dict[int, list[Tensor]]
"""For every distinct window of a tiling the features of all levels, each (1, C, k, j, i), on the CPU."""


@dataclass(frozen=True)
class FeatureKey:
    """What decides the features: the voxels the encoder sees, the encoder, and how it is run.

    content is the hash of the prepared array, so it covers the volume and the recipe.
    """

    content: str
    encoder: str
    tiling: tuple[object, ...]
    device: str

    @classmethod
    def of(cls, tiling: Tiling, encoder: str, device: str) -> FeatureKey:
        """The key for the windows of tiling read by the encoder with that fingerprint."""
        content = hashlib.sha256(tiling.array_kji.numpy().data).hexdigest()
        return cls(content, encoder, (tiling.window_kji, tiling.corners), device)


class FeatureCache:
    """Keeps features up to a number of bytes; what was not used for longest goes first.

    cache = FeatureCache(limit_bytes=2 * 10**9)
    cache.put(key, features)
    cache.get(key)           # None if it was dropped
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._entries: OrderedDict[FeatureKey, WindowFeatures] = OrderedDict()

    @property
    def size_bytes(self) -> int:
        """The memory of all features that are kept."""
        return sum(bytes_of(features) for features in self._entries.values())

    def get(self, key: FeatureKey) -> WindowFeatures | None:
        """The features under key, which counts as a use."""
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    def put(self, key: FeatureKey, features: WindowFeatures) -> None:
        """Keep features, dropping older ones to make room; too large ones are not kept."""
        if bytes_of(features) > self.limit_bytes:
            return
        self._entries[key] = features
        while self.size_bytes > self.limit_bytes:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()


def bytes_of(features: WindowFeatures) -> int:
    """The memory of features in bytes."""
    return sum(level.nbytes for levels in features.values() for level in levels)


def usual_feature_bytes() -> int:
    """How much memory a process that serves many requests may keep features in: a part of what is free."""
    return min(_MOST_BYTES, int(psutil.virtual_memory().available) // 4)
