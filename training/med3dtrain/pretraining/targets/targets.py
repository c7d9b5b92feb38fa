"""What the teacher says about every slice and caption of a run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from ...teachers.cache.content_keys import Keys
from ...teachers.cache.embedding_reader import EmbeddingReader
from .towers import IMAGE, TEXT

_CHECKED_AT_ONCE = 4096


class Targets:
    """The teacher's embeddings, found by the numbers of slices and the numbers of their descriptions.

        targets = Targets({"text": reader}, {"text": [keys_of_slice_0, keys_of_slice_1]})
        targets.read(slices, texts)["text"]         # (N, width), float32, of length 1

    Nothing is computed here: see TargetFilling. Embeddings are read from the cache at every step.
    """

    def __init__(self, readers: Mapping[str, EmbeddingReader], keys: Mapping[str, list[Keys]]) -> None:
        self._readers = dict(readers)
        self._keys = {term: np.concatenate(of_slices) for term, of_slices in keys.items()}
        self._first = {
            term: np.cumsum([0, *(len(of_slice) for of_slice in of_slices)]) for term, of_slices in keys.items()
        }

    def read(self, slices: Tensor, texts: Tensor) -> dict[str, Tensor]:
        """Embeddings (N, width) by term, of slices (N) and of one description of each (N).

        Raises CacheError if one is not in the cache any more.
        """
        rows = {IMAGE: np.zeros(len(slices), np.int64), TEXT: texts.numpy()}
        return {
            term: reader.read(self._keys[term][self._first[term][slices.numpy()] + rows[term]])
            for term, reader in self._readers.items()
        }

    def require_all(self) -> None:
        """Raise CacheError if one is not in the cache, before anything is trained."""
        for term, reader in self._readers.items():
            for first in range(0, len(self._keys[term]), _CHECKED_AT_ONCE):
                reader.read(self._keys[term][first : first + _CHECKED_AT_ONCE])
