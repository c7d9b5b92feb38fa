"""Synthetic heads of label maps that a model has not learnt from, in every contrast that is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.volumes import Reorientation, Volume, read_volume
from med3dtrain.synthesis.contrasts import CONTRASTS
from med3dtrain.synthesis.head import draw_head
from med3dtrain.synthesis.label_table import LabelTable

CONTRAST_NAMES = ("T1", "T1 with contrast agent", "T2", "FLAIR")


@dataclass(frozen=True)
class HeldOutHead:
    """An image, and the label ids (K, J, I) of the map it was drawn from, on the map's own spacing; both RAS."""

    name: str
    contrast: str
    image: Volume
    ids_kji: NDArray[np.integer]


def held_out_heads(
    folder: Path, names: Iterable[str], table: LabelTable, block_voxel: int = 1
) -> Iterator[HeldOutHead]:
    """One head a label map and contrast, always the same ones, at block_voxel times the spacing of the label maps."""
    for number, name in enumerate(names):
        label_map = read_volume(folder / name)
        ids = Reorientation.to(label_map.grid, "RAS").apply(label_map.array_kji)
        for contrast in CONTRASTS:
            if contrast.name in CONTRAST_NAMES:
                generator = np.random.default_rng((number, CONTRAST_NAMES.index(contrast.name)))
                image = draw_head(label_map, table, contrast, generator, block_voxel)
                yield HeldOutHead(name, contrast.name, image, ids)
