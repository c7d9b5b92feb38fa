"""What classification and search found, as JSON can hold it."""

from __future__ import annotations

from typing import Any

from ..analysis.classes.classification_result import ClassificationResult
from ..analysis.slices.finding import FindResult, PlaneSimilarity


def classes_facts(result: ClassificationResult) -> dict[str, Any]:
    """The probability of every class, and how far it can be trusted."""
    return {
        "probabilities": result.probabilities,
        "most_probable": result.most_probable,
        "unlikeness": result.unlikeness,
        "unlike_the_training_data": result.is_unfamiliar,
        "device": result.device,
        "seconds": result.seconds,
    }


def found_facts(found: FindResult) -> dict[str, Any]:
    """The similarity and the weight of every slice; positions are RAS in mm."""
    planes = {str(plane.plane): _slices_of(plane) for plane in found.planes}
    return {"phrase": found.phrase, "of_vocabulary": found.of_vocabulary, "slices": planes}


def _slices_of(plane: PlaneSimilarity) -> list[dict[str, Any]]:
    return [
        {
            "index": place.index,
            "position_ras_mm": [round(mm, 3) for mm in place.position_ras_mm],
            "similarity": round(float(similarity), 6),
            "weight": round(float(weight), 8),
        }
        for place, similarity, weight in zip(plane.places, plane.similarities, plane.weights, strict=True)
    ]
