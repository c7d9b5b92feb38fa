"""Which model a result comes from."""

from __future__ import annotations

from dataclasses import dataclass

from ...bundles import ModelCard


@dataclass(frozen=True)
class ModelReference:
    """The name of a bundle and the hash of its weights: what a result keeps when the bundle is gone."""

    name: str
    weights_sha256: str

    @classmethod
    def of(cls, card: ModelCard) -> ModelReference:
        """The model of a card."""
        return cls(card.name, card.weights_sha256)
