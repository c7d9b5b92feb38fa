"""What a whole volume is, by a network that classifies."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from ...networks.classification import ClassificationNetwork
from ...volumes import Framing, Grid, Preparation, Recipe, Volume
from ...volumes.slices import centre_ras_mm
from .classification_result import ClassificationResult


def network_input(volume: Volume, recipe: Recipe) -> torch.Tensor:
    """The volume as a classifying network sees it, (1, 1, K, J, I): prepared by the recipe, and its middle patch.

    What is beyond the patch is not seen; where the volume is smaller there are zeros. Training uses this too.
    """
    return seen_patch(volume, recipe)[0]


def seen_patch(volume: Volume, recipe: Recipe) -> tuple[torch.Tensor, Grid]:
    """network_input(), and where it is in the patient."""
    prepared = Preparation.of(volume, recipe)
    grid, shape = prepared.model_grid, recipe.patch_kji
    middle_kji = grid.ijk_of(np.asarray(centre_ras_mm(grid))[None])[0][::-1]
    start = [round(at - (size - 1) / 2) for at, size in zip(middle_kji, shape, strict=True)]
    box = Framing.box(grid, (start[0], start[1], start[2]), shape)
    return torch.from_numpy(np.ascontiguousarray(box.apply(prepared.array_kji)))[None, None], box.target


@torch.inference_mode()
def classify_input(
    network: ClassificationNetwork, x: torch.Tensor, names: Sequence[str], seconds: dict[str, float]
) -> ClassificationResult:
    """The result for one input (1, 1, K, J, I), by a network in evaluation mode on the device of x."""
    return classify_embedding(network, network.embed(x), names, seconds)


@torch.inference_mode()
def classify_embedding(
    network: ClassificationNetwork, embedding: torch.Tensor, names: Sequence[str], seconds: dict[str, float]
) -> ClassificationResult:
    """The result for one embedding (1, W)."""
    probabilities = network.scores(embedding).double().softmax(-1)[0].tolist()
    unlikeness = float(network.familiarity.unlikeness(embedding)[0])
    return ClassificationResult(
        dict(zip(names, probabilities, strict=True)),
        None if math.isnan(unlikeness) else unlikeness,
        embedding.device.type,
        seconds,
    )
