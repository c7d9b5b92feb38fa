"""Slices that a phrase fits best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...volumes import Plane, SlicePlace
from .phrases import Phrase
from .slice_embeddings import SliceEmbeddings, SliceReadings


@dataclass(frozen=True, eq=False)
class PlaneSimilarity:
    """For the slices of one plane, by index, how well a phrase fits.

    similarities (S,) are cosines of the phrase's and the slices' embeddings. weights (S,) sum to 1: how much
    each slice should count for a question about the phrase.
    """

    plane: Plane
    places: tuple[SlicePlace, ...]
    similarities: NDArray[np.float32]
    weights: NDArray[np.float32]

    @property
    def best(self) -> SlicePlace:
        """The slice that fits best; of equal ones the first."""
        return self.places[int(self.similarities.argmax())]


@dataclass(frozen=True, eq=False)
class FindResult:
    """How well a phrase fits every slice of some planes.

    of_vocabulary tells whether the phrase's embedding came with the model or from the teacher's text tower.
    """

    phrase: str
    of_vocabulary: bool
    planes: tuple[PlaneSimilarity, ...]

    @property
    def best(self) -> SlicePlace:
        """The slice that fits best in any plane."""
        plane = max(self.planes, key=lambda each: float(each.similarities.max()))
        return plane.best


def plane_similarity(
    of_plane: SliceEmbeddings, phrase_embedding: NDArray[np.float32], temperature: float
) -> PlaneSimilarity:
    """How well a phrase's embedding (D,) of length 1 fits the slices of a plane.

    The weights are those of the text-guided inter-slice scoring of Med-2E3 (Shi et al. 2024, arXiv 2411.12783):
    a softmax over slices of the product of text and slice features. There a learned layer brings the text to the
    slices' space; here both are in the teacher's space already, and the cosine is divided by temperature.

    Raises ValueError if temperature is not positive.
    """
    if not temperature > 0:
        raise ValueError(f"the temperature is {temperature}, not above 0")
    similarities = of_plane.embeddings @ phrase_embedding.astype(np.float32)
    scores = np.exp((similarities - similarities.max()) / np.float32(temperature))
    return PlaneSimilarity(of_plane.plane, of_plane.places, similarities, scores / scores.sum())


def similar_slices(phrase: Phrase, readings: SliceReadings, temperature: float) -> FindResult:
    """How well a phrase fits all slices that were read; see plane_similarity()."""
    planes = tuple(plane_similarity(each, phrase.embedding, temperature) for each in readings.planes)
    return FindResult(phrase.text, phrase.of_vocabulary, planes)
