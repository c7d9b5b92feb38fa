"""What a volume is, and why."""

from __future__ import annotations

from dataclasses import dataclass

from ..classes.classification_result import ClassificationResult
from .saliency_map import SaliencyMap


@dataclass(frozen=True, eq=False)
class ExplainedClassification:
    """The probabilities of all classes, and where the volume speaks for one of them."""

    result: ClassificationResult
    saliency: SaliencyMap
