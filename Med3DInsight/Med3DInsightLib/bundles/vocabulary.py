"""Phrases whose embeddings a bundle brings along, so that slices can be searched for without the teacher."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ..storage import write_whole
from .bundle import FETCH_AGAIN, Bundle, BundleError, sha256_of

VOCABULARY_FILE = "vocabulary.safetensors"
_EMBEDDINGS, _PHRASES = "embeddings", "phrases"


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """N phrases and the embeddings (N, D) that the teacher's text tower gives them, float32 and of length 1.

        vocabulary = Vocabulary.of(bundle)          # None if the bundle has none
        vocabulary.embeddings @ read_out            # cosine of every phrase with a slice

    Raises ValueError if there are not as many phrases as embeddings, none at all, or a phrase twice.
    """

    phrases: tuple[str, ...]
    embeddings: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.embeddings.ndim != 2 or len(self.embeddings) != len(self.phrases):
            raise ValueError(f"{len(self.phrases)} phrases do not fit embeddings of shape {self.embeddings.shape}")
        if not self.phrases or len(set(self.phrases)) < len(self.phrases):
            raise ValueError("a vocabulary needs phrases, each of them once")

    @classmethod
    def of(cls, bundle: Bundle) -> Vocabulary | None:
        """The vocabulary of a bundle, after its hash was checked; None if the card names none.

        Raises BundleError if it is missing, damaged or of another width than PSAT's read-outs.
        """
        card = bundle.card
        if not card.vocabulary_sha256 or card.architecture.psat is None:
            return None
        path = bundle.folder / VOCABULARY_FILE
        if not path.is_file():
            raise BundleError(f"the bundle has no {VOCABULARY_FILE}", bundle.folder, FETCH_AGAIN)
        if sha256_of(path) != card.vocabulary_sha256:
            raise BundleError("the vocabulary is not the one the card was written for", path, FETCH_AGAIN)
        try:
            vocabulary = cls._read(path)
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise BundleError(f"the vocabulary cannot be read ({error})", path, FETCH_AGAIN) from error
        width = card.architecture.psat.embedding
        if vocabulary.embeddings.shape[1] != width:
            raise BundleError(
                f"the vocabulary has {vocabulary.embeddings.shape[1]} dimensions, psat reads {width}", path, FETCH_AGAIN
            )
        return vocabulary

    def write(self, folder: Path) -> str:
        """Write the file of a bundle, replacing an old one in one step, as float16; its SHA-256 hash is returned."""
        phrases = json.dumps(self.phrases, ensure_ascii=False)
        content = save({_EMBEDDINGS: self.embeddings.astype(np.float16)}, {_PHRASES: phrases})
        write_whole(folder / VOCABULARY_FILE, content)
        return sha256_of(folder / VOCABULARY_FILE)

    @classmethod
    def _read(cls, path: Path) -> Vocabulary:
        with safe_open(path, framework="numpy") as stream:
            phrases = json.loads(stream.metadata()[_PHRASES])
            embeddings = stream.get_tensor(_EMBEDDINGS).astype(np.float32)
        if not isinstance(phrases, list) or not all(isinstance(phrase, str) for phrase in phrases):
            raise ValueError("the phrases are not a list of texts")
        lengths = np.linalg.norm(embeddings, axis=-1, keepdims=True)
        if not np.all(lengths > 0) or not np.all(np.isfinite(lengths)):
            raise ValueError("an embedding has no direction")
        return cls(tuple(phrases), embeddings / lengths)
