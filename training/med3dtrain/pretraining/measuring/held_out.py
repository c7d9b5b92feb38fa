"""What a student is worth on volumes that it has not learnt from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from pydantic import ConfigDict
from torch import Tensor

from Med3DInsightLib.captions.slices import uniform_slices
from Med3DInsightLib.volumes import ANATOMICAL_PLANES, Framing, Grid
from Med3DInsightLib.volumes.framing import Indices
from Med3DInsightLib.volumes.slices import centre_ras_mm, place_in

from ...datasets.prepared_volume import PreparedVolume
from ..learning.student import Student, unit
from ..samples.captioned import CaptionedSlice, CaptionedVolume
from ..samples.crops import centred_crop, contains
from ..targets.targets import Targets
from .probes import ProbeSlices, linear_position_error, plane_accuracy, position_error
from .retrieval import recall_at, recall_of_read_outs_at


@dataclass(frozen=True)
class HeldOutSettings:
    """How much is measured: at most so many slices with captions, and slices of each plane for the probes.

    probe_volumes is how many volumes that were learnt from the probes are made from.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    slices: int = 2000
    probe_slices: int = 16
    probe_volumes: int = 32

    def __post_init__(self) -> None:
        if min(self.slices, self.probe_slices, self.probe_volumes) < 1:
            raise ValueError("slices, probe_slices and probe_volumes are at least 1")


class HeldOut:
    """Measures a student on held-out volumes.

        held_out = HeldOut(training, held_out_volumes, targets, patch_kji, device, HeldOutSettings())
        held_out.measure(student)
        # {'text R@1': 0.31, 'text R@10': 0.84, ..., 'plane accuracy': 1.0, 'position error': 0.01}

    R@k of a term is the share of slices whose own caption (text) or picture (image) is among the k nearest of
    all, by cosine; 'text slice R@k' is the other way round. 'gap' is the distance between the centroids of
    read-outs and targets. The probes read plane and position (as a share of the axis) from read-outs; they
    are made from volumes that were learnt from.
    """

    def __init__(
        self,
        training: Sequence[CaptionedVolume],
        held_out: Sequence[CaptionedVolume],
        targets: Targets,
        patch_kji: Indices,
        device: torch.device,
        settings: HeldOutSettings,
    ) -> None:
        self._training = list(training)[: settings.probe_volumes]
        self._held_out = list(held_out)
        self._targets = targets
        self._patch_kji = patch_kji
        self._device = device
        self._settings = settings

    @torch.no_grad()
    def measure(self, student: Student) -> dict[str, float]:
        """All figures by name; empty if nothing is held out."""
        if not self._held_out:
            return {}
        was_training = student.training
        student.eval()
        try:
            return self._retrieval(student) | self._probes(student)
        finally:
            student.train(was_training)

    def _retrieval(self, student: Student) -> dict[str, float]:
        read_outs: dict[str, list[Tensor]] = {term: [] for term in student.terms}
        numbers: list[int] = []
        for volume in self._held_out:
            for box, slices in crops_over(volume.volume.model_grid, self._patch_kji, volume.slices):
                if len(numbers) < self._settings.slices:
                    numbers.extend(each.number for each in slices)
                    places = [place_in(box.target, each.place) for each in slices]
                    for term, of_term in student(self._image(volume.volume, box), [box.target], [places]).items():
                        read_outs[term].append(unit(of_term).cpu())
        of_slices = torch.tensor(numbers)
        targets = self._targets.read(of_slices, torch.zeros_like(of_slices))
        figures = {"held-out slices": float(len(numbers))}
        for term, parts in read_outs.items():
            read, wanted = torch.cat(parts), unit(targets[term])
            for k in (k for k in (1, 10) if k < len(numbers)):
                figures[f"{term} R@{k}"] = recall_at(read, wanted, k)
                figures[f"{term} slice R@{k}"] = recall_of_read_outs_at(read, wanted, k)
            figures[f"{term} gap"] = float((read.mean(0) - wanted.mean(0)).norm())
        return figures

    def _probes(self, student: Student) -> dict[str, float]:
        train = self._probe_slices(student, self._training)
        test = self._probe_slices(student, self._held_out)
        return {
            "plane accuracy": plane_accuracy(train, test),
            "position error": position_error(train, test),
            "linear position error": linear_position_error(train, test),
        }

    def _probe_slices(self, student: Student, volumes: Sequence[CaptionedVolume]) -> ProbeSlices:
        embeddings, places = [], []
        for each in volumes:
            grid = each.volume.model_grid
            box = centred_crop(grid, self._patch_kji, centre_ras_mm(grid))
            count = self._settings.probe_slices
            chosen = [place for plane in ANATOMICAL_PLANES for place in uniform_slices(box.target, plane, count)]
            memory = student.encoder.psat.remember(
                student.encoder.backbone(self._image(each.volume, box)), [box.target]
            )
            embeddings.append(unit(student.encoder.psat.read(memory, [chosen])[0]).cpu())
            places.extend(chosen)
        return ProbeSlices.of(torch.cat(embeddings), places)

    def _image(self, volume: PreparedVolume, box: Framing) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(volume.read(box)))[None, None].to(self._device)


def crops_over(
    grid: Grid, size_kji: Indices, slices: Sequence[CaptionedSlice]
) -> Iterator[tuple[Framing, list[CaptionedSlice]]]:
    """Boxes of grid and the slices in each, so that every slice is in one of them; the middle box comes first."""
    remaining = list(slices)
    centre = centre_ras_mm(grid)
    while remaining:
        box = centred_crop(grid, size_kji, centre)
        inside = [each for each in remaining if contains(box.target, each.place.position_ras_mm)]
        if inside:
            yield box, inside
        remaining = [each for each in remaining if each not in inside]
        if remaining:
            centre = np.asarray(remaining[0].place.position_ras_mm)
