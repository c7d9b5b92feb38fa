"""Reading embeddings that were computed before."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .compartment import Compartment
from .content_keys import Keys
from .errors import CacheError
from .key_index import KeyIndex
from .shard import DamagedShardError


class EmbeddingReader:
    """Finds embeddings by key; needs no teacher.

        reader = EmbeddingReader(Compartment(cache_folder, tower.identity, torch.float16))
        reader.read(keys)       # (N, width), float32, of length 1

    Open it in the process that reads: memory-mapped shards are shared between processes, but would be
    copied if the object itself were sent to another.
    """

    def __init__(self, compartment: Compartment) -> None:
        self._compartment = compartment
        self.refresh()

    def refresh(self) -> None:
        """See what other processes have added."""
        self._shards = self._compartment.shards()
        self._index = KeyIndex([shard.keys for shard in self._shards])

    def read(self, keys: Keys) -> Tensor:
        """Embeddings (N, width) in float32, of length 1, for keys (N, KEY_BYTES).

        Raises CacheError if some have none, and says of which other teachers the cache has embeddings.
        """
        embeddings, missing = self.gather(keys)
        if missing.any():
            self.refresh()
            embeddings, missing = self.gather(keys)
        if missing.any():
            others = self._compartment.neighbours()
            holds = f"it has some by {', '.join(others)}" if others else "it has none by another teacher"
            raise CacheError(
                f"{int(missing.sum())} of {len(keys)} {self._compartment.identity.kind} have no embedding by "
                f"{self._compartment.identity} in this cache; {holds}",
                self._compartment.folder,
                "compute them first, or choose the teacher that the cache was made with",
            )
        return embeddings

    def gather(self, keys: Keys) -> tuple[Tensor, NDArray[np.bool_]]:
        """Embeddings (N, width) as read() gives them, and where (N) there is none."""
        while True:
            places = self._index.find(keys)
            stored = torch.zeros(len(keys), self._compartment.identity.width, dtype=self._compartment.dtype)
            damaged = None
            for number in np.unique(places.shards[~places.missing]):
                wanted = np.flatnonzero(places.shards == number)
                try:
                    stored[torch.from_numpy(wanted)] = self._shards[number].rows(places.rows[wanted])
                except DamagedShardError as error:
                    damaged = self._shards[number]
                    self._compartment.set_aside(damaged.path, error)
                    break
            if damaged is None:
                break
            self._shards = [shard for shard in self._shards if shard is not damaged]
            self._index = KeyIndex([shard.keys for shard in self._shards])
        embeddings = stored.float()
        if stored.dtype != torch.float32:
            embeddings = functional.normalize(embeddings, dim=1)
        return embeddings, places.missing
