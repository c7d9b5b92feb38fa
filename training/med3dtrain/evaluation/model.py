"""A bundle that is evaluated."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property

from Med3DInsightLib.analysis.device import Device
from Med3DInsightLib.analysis.progress import Cancellation, ProgressCallback
from Med3DInsightLib.analysis.segmentation_result import SegmentationResult
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle, HeadKind
from Med3DInsightLib.volumes import Segment, Volume

from .errors import EvaluationError


@dataclass(frozen=True)
class ModelFacts:
    """What a report says about a bundle."""

    name: str
    version: str
    title: str
    weights_sha256: str


class EvaluatedModel:
    """A bundle whose network is loaded when the first case needs it.

        model = EvaluatedModel(bundle, Device.AUTO)
        model.segment(volume).labels

    Raises BundleError if the weights are damaged, EvaluationError if the bundle does not segment.
    """

    def __init__(self, bundle: Bundle, device: Device) -> None:
        if bundle.card.architecture.head != HeadKind.SEGMENTATION:
            raise EvaluationError("the model does not segment", bundle.folder, "choose a bundle that does")
        bundle.verify_weights()
        self._bundle = bundle
        self._device = device

    @property
    def facts(self) -> ModelFacts:
        """Name, version and hash."""
        card = self._bundle.card
        return ModelFacts(card.name, card.version, card.title, card.weights_sha256)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The structures it segments."""
        return self._bundle.card.segments

    @property
    def identity(self) -> str:
        """A hash of everything in the bundle that decides what it says of a volume."""
        card = self._bundle.card
        values = [segment.label_value for segment in card.segments]
        told = [card.weights_sha256, asdict(card.architecture), asdict(card.recipe), values]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode("ascii")).hexdigest()

    def segment(
        self, volume: Volume, progress: ProgressCallback | None = None, cancel: Cancellation | None = None
    ) -> SegmentationResult:
        """What a session of the bundle says; raises as Session.segment() does."""
        return self._session.segment(volume, progress, cancel)

    @cached_property
    def _session(self) -> Session:
        return Session.open(self._bundle, self._device)


def require_same_segments(first: EvaluatedModel, second: EvaluatedModel) -> None:
    """Raise EvaluationError unless both models give the same values to the same structures."""
    sides = [{each.label_value: each.name.strip().casefold() for each in model.segments} for model in (first, second)]
    if sides[0] != sides[1]:
        told = " beside ".join(", ".join(f"{value} {name}" for value, name in side.items()) for side in sides)
        raise EvaluationError(
            f"'{first.facts.name}' and '{second.facts.name}' segment different structures ({told})",
            next_step="compare models with the same structures and label values",
        )
