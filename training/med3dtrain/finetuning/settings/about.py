"""What the card of a fine-tuned model says that no computer knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from Med3DInsightLib.volumes import Modality


@dataclass(frozen=True)
class AboutSettings:
    """What the card says about the model that no computer knows."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str = "model"
    """Name of the bundle and of its folder."""
    version: str = "0.1.0"
    title: str = ""
    description: str = ""
    modalities: tuple[Modality, ...] = ()
    """What kinds of images it is for; else those that the files of training cases tell."""
    trained_on: str = ""
    licence: str = "unknown"
    """Of the weights, as the data demand it."""
    citation: str = ""
    observations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name or set(self.name) & set('/\\:*?"<>|') or self.name.startswith("."):
            raise ValueError(f"'{self.name}' cannot be the name of a folder")
