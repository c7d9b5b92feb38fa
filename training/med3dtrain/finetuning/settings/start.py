"""What the encoder knows already."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict


@dataclass(frozen=True)
class StartSettings:
    """What the encoder knows already, and how it is taught on."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    bundle: str | None = None
    """A bundle whose encoder is taken over, by its folder or by the name of an installed model."""
    checkpoint: Path | None = None
    """Weights of another program (.safetensors) for the backbone of the recipe."""
    key_map: Path | None = None
    """TOML file with a table [prefixes]: how beginnings of names in the checkpoint are called in the backbone."""
    layer_decay: float = 1.0
    """Each block of the encoder learns so many times as fast as the next one."""
    frozen_steps: int = 0
    """For so many steps only what is new learns; as many as there are steps is a probe of the encoder."""
    rank: int = 0
    """Above 0: the encoder learns by low-rank updates of its matrices alone (LoRA, arXiv 2106.09685)."""

    def __post_init__(self) -> None:
        if self.bundle is not None and self.checkpoint is not None:
            raise ValueError("the encoder can start from a bundle or from a checkpoint, not from both")
        if not 0 < self.layer_decay <= 1 or self.frozen_steps < 0 or self.rank < 0:
            raise ValueError("layer_decay is from 0 to 1, frozen_steps and rank are not negative")
