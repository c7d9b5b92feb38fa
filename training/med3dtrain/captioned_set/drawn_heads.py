"""The synthetic heads of a set, each with the label map that describes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from Med3DInsightLib.captions.label_maps.label_names import read_label_names
from Med3DInsightLib.captions.slices import CaptionSubject
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.storage import whole_file
from Med3DInsightLib.volumes import Framing, LabelLayer, Modality, Volume, read_volume, write_volume

from ..synthesis.contrasts import CONTRASTS, Contrast
from ..synthesis.deformed_labels import deformed_labels
from ..synthesis.head import draw_head
from ..synthesis.label_table import LabelTable
from ..synthesis.same_images import require_same_images
from .settings import SyntheticHeads

_SHAPE, _PLACE = 1, 2
"""What the numbers behind seed and number of a head are for."""


class DrawnHeads:
    """Draws heads and describes where their structures are.

        heads = DrawnHeads(settings.heads, Path("../shared/data"), Path("training/configs"), seed=0)
        for path, subject in heads.subjects(Path("runs/small-set/heads")): ...

    A head is decided by its number: one whose file is there is not drawn again.
    """

    def __init__(self, settings: SyntheticHeads, volumes: Path, configs: Path, seed: int) -> None:
        self._settings = settings
        self._folder = volumes / settings.labels
        self._configs = configs
        self._seed = seed

    def subjects(self, folder: Path) -> Iterator[tuple[Path, CaptionSubject]]:
        """Write every head into folder, one after the other; raises UserError if that cannot be done."""
        table = LabelTable.read(self._configs / self._settings.label_table)
        names = read_label_names(self._configs / self._settings.names)
        contrasts = [_contrast(name) for name in self._settings.contrasts]
        paths = self._label_maps()
        decides = {"seed": self._seed, **self._settings.what_decides()}
        require_same_images(folder, decides, self._configs / self._settings.label_table, paths)
        for number in range(self._count(len(paths))):
            round_, which = divmod(number, len(paths))
            contrast, path = contrasts[(which + round_) % len(contrasts)], paths[which]
            name = path.name.replace("seg", contrast.name.replace(" ", "-"))
            for place, label_map in self._places(self._label_map(path, number), path):
                written = folder / (f"around-{place[-1]}_{name}" if place else name)
                if not written.exists():
                    generator = np.random.default_rng((self._seed, number, *place))
                    drawn = draw_head(label_map, table, contrast, generator, self._settings.block_voxel)
                    with whole_file(written, alone=True) as unfinished:
                        write_volume(drawn, unfinished)
                head = read_volume(written, Modality.MR)
                yield written, CaptionSubject(written.name, head, [LabelLayer(label_map, names)])

    def _places(self, label_map: Volume, path: Path) -> Iterator[tuple[tuple[int, ...], Volume]]:
        """What is drawn of a label map, and what tells it from others: all of it, or the boxes around some labels."""
        if not self._settings.around:
            yield (), label_map
        margin_voxel = round(self._settings.margin_mm / float(label_map.grid.spacing_ijk_mm.min()))
        for value in self._settings.around:
            mask = label_map.with_array((label_map.array_kji == value).astype(np.uint8))
            if not mask.array_kji.any():
                raise UserError(f"has no voxel of label {value}", path, "take it out of heads.around")
            yield (_PLACE, value), Framing.to_foreground(mask, 0, margin_voxel).volume(label_map)

    def _label_maps(self) -> list[Path]:
        paths = [path for path in sorted(self._folder.glob("*.nii.gz")) if path.name not in self._settings.left_out]
        if not paths:
            raise UserError("holds no label maps (.nii.gz)", self._folder, "choose another folder")
        return paths

    def _count(self, label_maps: int) -> int:
        contrasts = len(self._settings.contrasts)
        most = label_maps * contrasts
        count = label_maps if self._settings.images is None else self._settings.images
        if not 1 <= count <= most:
            raise UserError(
                f"{count} heads cannot be drawn of {label_maps} label maps in {contrasts} contrasts",
                self._folder,
                f"set images to a number from 1 to {most}",
            )
        return count

    def _label_map(self, path: Path, number: int) -> Volume:
        label_map, rule = read_volume(path), self._settings.deformation
        if rule is None:
            return label_map
        return deformed_labels(label_map, rule, np.random.default_rng((self._seed, number, _SHAPE)))


def _contrast(name: str) -> Contrast:
    for contrast in CONTRASTS:
        if contrast.name == name:
            return contrast
    raise UserError(f"there is no contrast '{name}'", next_step=f"choose from {', '.join(c.name for c in CONTRASTS)}")
