"""Embeddings that are computed when they are first needed, and never again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from Med3DInsightLib.networks.text_towers.tower import Tower

from ..pictures import Picture
from .compartment import Compartment
from .content_keys import KEY_BYTES, Keys, content_keys
from .embedding_reader import EmbeddingReader

ItemT = TypeVar("ItemT", bound=str | Picture)


class EmbeddingCache(Generic[ItemT]):
    """The embeddings of one tower, on disk.

        texts = EmbeddingCache(Path("cache"), teacher.texts)
        keys = texts.fill(captions)         # runs the teacher for what is new only
        target = texts.read(keys[batch])    # (B, width), in every training step

    Items are found by their content: a changed caption is computed anew, alone. After every batch what was
    computed is safe on disk, whatever happens to the process. If several processes train together, let
    one fill the cache before the others read.

    dtype is how embeddings are stored: float16 halves the space, and changes a cosine by less than .001.
    Raises CacheError if the folder cannot be written.
    """

    def __init__(self, folder: Path, tower: Tower[ItemT], dtype: torch.dtype = torch.float16, batch: int = 64) -> None:
        if dtype not in (torch.float16, torch.float32):
            raise ValueError(f"embeddings are stored as float16 or float32, not {dtype}")
        self._tower = tower
        self._batch = batch
        self._compartment = Compartment(folder, tower.identity, dtype)
        self._reader = EmbeddingReader(self._compartment)

    def fill(self, items: Iterable[ItemT], on_progress: Callable[[int], None] = lambda done: None) -> Keys:
        """Compute what is not in the cache yet, and return the keys of all items, (N, KEY_BYTES).

        Items are taken one batch at a time, so that pictures can be drawn as they are needed. What is in the cache
        is checked, and computed again if it is damaged. on_progress is told how many items are done.
        """
        keys = [np.zeros((0, KEY_BYTES), np.uint8)]
        computed: set[bytes] = set()
        waiting: dict[bytes, ItemT] = {}
        seen = 0
        remaining = iter(items)
        while chunk := list(islice(remaining, self._batch)):
            keys.append(content_keys(chunk))
            seen += len(chunk)
            for number in np.flatnonzero(self._reader.gather(keys[-1])[1]):
                key = keys[-1][number].tobytes()
                if key not in computed:
                    waiting[key] = chunk[number]
            if len(waiting) >= self._batch:
                computed |= self._compute(waiting)
                waiting = {}
            on_progress(seen - len(waiting))
        if waiting:
            computed |= self._compute(waiting)
            on_progress(seen)
        if computed:
            self._reader.refresh()
        return np.concatenate(keys)

    def read(self, keys: Keys) -> Tensor:
        """Embeddings (N, width) of what fill() returned keys for; see EmbeddingReader.read."""
        return self._reader.read(keys)

    def embed(self, items: Sequence[ItemT]) -> Tensor:
        """Embeddings (N, width) of items, computed where necessary."""
        return self.read(self.fill(items))

    def _compute(self, waiting: dict[bytes, ItemT]) -> set[bytes]:
        keys = np.frombuffer(b"".join(waiting), dtype=np.uint8).reshape(-1, KEY_BYTES)
        self._compartment.add(keys, self._tower.embed(list(waiting.values())))
        return set(waiting)
