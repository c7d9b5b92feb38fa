"""Which of a transformer's attention weights are wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AttentionChoice:
    """One layer and head, or the mean of all (None), or attention rolled out through all layers.

    Raises ValueError if a layer or head is chosen of a rollout, which has none.
    """

    layer: int | None = None
    head: int | None = None
    rollout: bool = False

    def __post_init__(self) -> None:
        if self.rollout and (self.layer is not None or self.head is not None):
            raise ValueError("a rollout goes through all layers and heads; none can be chosen")
