"""A bundle that is evaluated."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle, HeadKind, ModelCard

from .errors import EvaluationError

_DOES = {HeadKind.SEGMENTATION: "segment", HeadKind.CLASSIFICATION: "classify"}


@dataclass(frozen=True)
class ModelFacts:
    """What a report says about a bundle."""

    name: str
    version: str
    title: str
    weights_sha256: str


class EvaluatedModel:
    """A bundle whose network is loaded when the first case needs it.

        model = EvaluatedModel(bundle, HeadKind.SEGMENTATION, Device.AUTO)
        model.session.segment(volume).labels

    Raises BundleError if the weights are damaged, EvaluationError if the bundle has another head.
    """

    def __init__(self, bundle: Bundle, head: HeadKind, device: Device) -> None:
        if bundle.card.architecture.head != head:
            raise EvaluationError(f"the model does not {_DOES[head]}", bundle.folder, "choose a bundle that does")
        bundle.verify_weights()
        self._bundle = bundle
        self._device = device

    @property
    def card(self) -> ModelCard:
        """What the bundle says about itself."""
        return self._bundle.card

    @property
    def facts(self) -> ModelFacts:
        """Name, version and hash."""
        return ModelFacts(self.card.name, self.card.version, self.card.title, self.card.weights_sha256)

    @property
    def identity(self) -> str:
        """A hash of everything in the bundle that decides what it says of a volume."""
        card = self.card
        values = [segment.label_value for segment in card.segments]
        how = [card.largest_part_only, card.mirrored_average]
        told = [card.weights_sha256, asdict(card.architecture), asdict(card.recipe), values, how]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode("ascii")).hexdigest()

    @cached_property
    def session(self) -> Session:
        """What users would analyse volumes with."""
        return Session.open(self._bundle, self._device)
