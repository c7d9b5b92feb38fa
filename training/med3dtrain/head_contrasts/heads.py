"""Drawing heads of one class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from Med3DInsightLib.volumes import Framing, Grid, Volume

from ..synthesis.contrasts import CONTRASTS
from ..synthesis.field_of_view import cropped_field
from ..synthesis.images import SyntheticImages
from ..synthesis.label_table import LabelTable
from .settings import Scanner
from .whole_scale_ct import whole_scale_ct

_LEVELS = 1000


class Heads:
    """Heads of one class, drawn from label maps; the same number always gives the same head.

        heads = Heads(label_maps, table, scanner, "T1", seed=3)
        heads.draw(7)       # a Volume, int16, RAS

    label_maps are arrays of part indices (K, J, I) in RAS orientation (see read_label_maps).
    """

    def __init__(self, label_maps: list[Tensor], table: LabelTable, scanner: Scanner, name: str, seed: int) -> None:
        known = {contrast.name: contrast for contrast in (*CONTRASTS, whole_scale_ct(table))}
        self._contrasts = [known[each] for each in scanner.classes[name]]
        self._rule = scanner.synthesis
        self._seed = seed
        self._images = SyntheticImages(label_maps, table, replace(scanner.synthesis, crop_probability=0.0), self._seed)

    def draw(self, number: int) -> Volume:
        """Head number `number`, in thousandths of the scale of its contrast, int16; RAS mm with the middle at 0."""
        image, _ = self._images.draw(number, self._contrasts[number % len(self._contrasts)])
        array = np.rint(image.clamp(-1, 3).numpy() * _LEVELS).astype(np.int16)
        spacing = self._rule.spacing_mm
        affine = np.diag([spacing, spacing, spacing, 1.0])
        affine[:3, 3] = -spacing * (self._rule.crop_voxel - 1) / 2
        return self._cut(Volume(array, Grid(tuple(array.shape), affine)), number)

    def _cut(self, head: Volume, number: int) -> Volume:
        """Some heads have a smaller field of view. What is beyond it is not there at all, as in files."""
        generator = np.random.default_rng((self._seed, number, 1))
        if generator.uniform() >= self._rule.crop_probability:
            return head
        field = torch.zeros(head.grid.shape_kji)
        kept = cropped_field(field, generator).nonzero()
        start, stop = kept.amin(0).tolist(), (kept.amax(0) + 1).tolist()
        shape = [last - first for first, last in zip(start, stop, strict=True)]
        return Framing.box(head.grid, tuple(start), tuple(shape)).volume(head)
