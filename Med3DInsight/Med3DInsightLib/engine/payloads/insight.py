"""What a model sees in a volume: classes, attention, slices that fit a phrase, and what speaks for an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...analysis.classes.classification_result import ClassificationResult
from ...analysis.saliency.explained_classification import ExplainedClassification
from ...analysis.saliency.saliency_map import SaliencyMap
from ...analysis.slices.attention_choice import AttentionChoice
from ...analysis.slices.attention_stack import AttentionStack
from ...analysis.slices.finding import FindResult, PlaneSimilarity
from ...volumes import Plane, SlicePlace
from ..exchange import GriddedArrayReference

CLASSIFY, EXPLAIN_CLASS, OCCLUDE_CLASS = "classify", "explain_class", "occlude_class"
ATTENTION, FIND, OCCLUDE_PHRASE, PHRASES = "attention", "find", "occlude_phrase", "phrases"


@dataclass(frozen=True)
class PhrasesBody:
    """Tell which phrases a model can look for by itself."""

    model: str


@dataclass(frozen=True)
class PhrasesResultBody:
    """The phrases."""

    phrases: tuple[str, ...]


@dataclass(frozen=True)
class ClassificationBody:
    """A ClassificationResult."""

    result: ClassificationResult


@dataclass(frozen=True)
class SaliencyBody:
    """A SaliencyMap whose values are in a file."""

    subject: str
    values: GriddedArrayReference

    @classmethod
    def of(cls, saliency: SaliencyMap, values: GriddedArrayReference) -> SaliencyBody:
        """The body for saliency, whose values were stored."""
        return cls(saliency.subject, values)

    def result(self) -> SaliencyMap:
        """The map with its values read."""
        return SaliencyMap(self.subject, self.values.load(), self.values.grid)


@dataclass(frozen=True)
class ExplainedBody:
    """An ExplainedClassification."""

    result: ClassificationResult
    saliency: SaliencyBody

    def explained(self) -> ExplainedClassification:
        """The result with its map read."""
        return ExplainedClassification(self.result, self.saliency.result())


@dataclass(frozen=True)
class AttentionStackBody:
    """An AttentionStack whose maps are in a file."""

    places: tuple[SlicePlace, ...]
    maps: GriddedArrayReference
    choice: AttentionChoice
    encoded_windows: int

    @classmethod
    def of(cls, stack: AttentionStack, maps: GriddedArrayReference) -> AttentionStackBody:
        """The body for stack, whose maps were stored."""
        return cls(stack.places, maps, stack.choice, stack.encoded_windows)

    def result(self) -> AttentionStack:
        """The stack with its maps read."""
        return AttentionStack(self.places, self.maps.load(), self.maps.grid, self.choice, self.encoded_windows)


@dataclass(frozen=True)
class PlaneSimilarityBody:
    """A PlaneSimilarity; numbers of float32 survive JSON unchanged."""

    plane: Plane
    places: tuple[SlicePlace, ...]
    similarities: tuple[float, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, found: PlaneSimilarity) -> PlaneSimilarityBody:
        """The body for what was found in a plane."""
        return cls(found.plane, found.places, tuple(found.similarities.tolist()), tuple(found.weights.tolist()))

    def result(self) -> PlaneSimilarity:
        """What was found in the plane."""
        similarities, weights = (np.array(values, np.float32) for values in (self.similarities, self.weights))
        return PlaneSimilarity(self.plane, self.places, similarities, weights)


@dataclass(frozen=True)
class FindResultBody:
    """A FindResult."""

    phrase: str
    of_vocabulary: bool
    planes: tuple[PlaneSimilarityBody, ...]

    @classmethod
    def of(cls, found: FindResult) -> FindResultBody:
        """The body for what was found."""
        return cls(found.phrase, found.of_vocabulary, tuple(PlaneSimilarityBody.of(each) for each in found.planes))

    def result(self) -> FindResult:
        """What was found."""
        return FindResult(self.phrase, self.of_vocabulary, tuple(each.result() for each in self.planes))
