"""Which label maps sentences were made from, as a part of their source."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...volumes import LabelLayer
from ..inert_text import InertText
from ..record import Caption

_DIGITS = 8


@dataclass(frozen=True)
class LabelMapSource:
    """Names label maps in captions that were made from them, so that those of others do not pass for theirs.

        source = LabelMapSource.of("brain-structures", layers)
        source.named(caption).model          # "label map 'brain-structures'"

    digest is 8 hexadecimal digits of what the label maps hold: voxels, names and grids. The revision of a caption ends
    in it, so that a map that was changed is another source, too.
    """

    name: str
    digest: str

    @classmethod
    def of(cls, name: str, layers: Sequence[LabelLayer]) -> LabelMapSource:
        """Of the label maps that a file or a segmentation of that name holds."""
        digest = hashlib.blake2b(digest_size=_DIGITS // 2)
        for layer in layers:
            grid = layer.volume.grid
            digest.update(repr((grid.shape_kji, grid.ijk_to_ras.tolist(), sorted(layer.names.items()))).encode())
            for plane in layer.volume.array_kji:
                digest.update(np.ascontiguousarray(plane.astype("<i4")).data)
        return cls(" ".join(InertText.of(name).text.split()), digest.hexdigest())

    def named(self, caption: Caption) -> Caption:
        """A caption of the labels backend, with its label maps as model and revision."""
        revision = f"{caption.model_revision}-{self.digest}"
        return replace(caption, model=f"label map '{self.name}'", model_revision=revision)

    def replaces(self, caption: Caption) -> bool:
        """Whether a caption was made from label maps of this name when they held something else."""
        return caption.model == f"label map '{self.name}'" and not caption.model_revision.endswith(f"-{self.digest}")
