"""What can be said about the structures of volumes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..captions.label_maps.label_names import read_label_names
from ..errors import UserError
from ..volumes import LabelLayer, read_volume


@dataclass(frozen=True)
class StructureOptions:
    """What label maps mean, and how it is told."""

    names: Path | None = None
    """Names of the values of label maps: JSON, or lines that begin with a value and a name."""

    detailed: int = 6
    """How many structures the backend labels tells about in a sentence of their own."""


@dataclass(frozen=True)
class LabelOptions(StructureOptions):
    """What is known about the structures of the volume."""

    labels: Path | None = None
    """Label map of the volume. The backend labels describes it; with other backends it finds captions with structures
    that cannot be there."""

    def layers(self) -> list[LabelLayer]:
        """The label map with its names, if it is given; raises UserError if one of both is missing or broken."""
        if self.labels is None and self.names is None:
            return []
        if self.labels is None or self.names is None:
            raise UserError("--labels and --names go together", next_step="give both, or neither")
        names = read_label_names(self.names)
        return [LabelLayer(read_volume(self.labels), names)]
