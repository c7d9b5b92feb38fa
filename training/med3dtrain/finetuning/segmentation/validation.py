"""What a segmentation network is worth on the cases that are measured with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

import torch
from torch import nn

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import ModelCard
from Med3DInsightLib.volumes import read_volume

from ...datasets.inspection import KnownCase
from ...datasets.truth import read_truth
from ...evaluation.segmentation.measures import dice_by_value

SCORE = "score"
MEAN = "mean Dice"
"""What the score is called in a card."""


class SegmentationValidation:
    """Measures a network as a user will meet it: a session segments the files themselves, on their own grids.

        validation = SegmentationValidation(cases, card, device)
        validation(network)         # {"score": 0.88, "Dice anterior": 0.89, "Dice posterior": 0.87}

    Figures are means over the cases that have the structure, in the truth or in what was found; score is the mean over
    the structures.
    """

    def __init__(self, cases: Sequence[KnownCase], card: ModelCard, device: torch.device) -> None:
        self._cases = list(cases)
        self._card = card
        self._device = device

    def __call__(self, network: nn.Module) -> dict[str, float]:
        """All figures by name."""
        return mean_figures(self.by_case(network).values())

    def by_case(self, network: nn.Module) -> dict[str, dict[str, float]]:
        """Figures by name of the case and of the figure; those of structures that a case does not have are left out."""
        session = Session(self._card, network, self._device)
        return {each.case.name: self._dices(session, each) for each in self._cases}

    def _dices(self, session: Session, each: KnownCase) -> dict[str, float]:
        segments = self._card.segments
        volume = read_volume(each.case.image, each.found.modality)
        predicted = session.segment(volume).labels.array_kji
        truth = read_truth(each.case.label, volume.grid, segments).labels.array_kji
        dices = dice_by_value(predicted, truth, [segment.label_value for segment in segments])
        return {f"Dice {segment.name}": dice for segment, dice in zip(segments, dices, strict=True) if dice is not None}


def mean_figures(cases: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Means of the figures of cases, and their mean, the score."""
    found: dict[str, list[float]] = {}
    for each in cases:
        for name, value in each.items():
            found.setdefault(name, []).append(value)
    means = {name: fmean(values) for name, values in found.items()}
    return {SCORE: fmean(means.values()) if means else 0.0, **means}
