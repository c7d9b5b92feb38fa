"""Patches are pieces of the cases, to the voxel where nothing was moved."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from Med3DInsightLib.volumes import Grid
from med3dtrain.finetuning.segmentation.patches import Patches
from med3dtrain.finetuning.settings.augmentation import AugmentationSettings
from med3dtrain.finetuning.settings.sampling import SamplingSettings

STILL = AugmentationSettings(spatial=0.0, noise=0.0, blur=0.0, brightness=0.0, contrast=0.0, low_resolution=0.0)
SHAPE_KJI = (30, 31, 29)
CLASSES = 3


class CountedCase:
    """A case whose voxels have their numbers as values, from 1 on, and that modulo 3 as labels."""

    name = "counted"
    volume = SimpleNamespace(model_grid=Grid(SHAPE_KJI, np.eye(4)))
    places = {1: np.array([[15, 15, 15]], np.int32)}  # noqa: RUF012 - a case that nobody changes

    def read(self, box):
        image = np.arange(1, 1 + np.prod(SHAPE_KJI), dtype=np.float32).reshape(SHAPE_KJI)
        return box.apply(image), box.apply((image % CLASSES).astype(np.uint16))


def patches_of(patch_kji, **changes):
    settings = AugmentationSettings(**{**vars(STILL), **changes})
    return Patches([CountedCase()], patch_kji, (1.0, 1.0, 1.0), SamplingSettings(), settings, 0, CLASSES)


@pytest.mark.parametrize("patch_kji", [(8, 9, 10), (9, 10, 11), (10, 11, 8), (16, 16, 16)])
@pytest.mark.parametrize("soft_labels", [False, True])
def test_a_patch_that_is_not_moved_has_the_voxels_of_its_case(patch_kji, soft_labels):
    patches = patches_of(patch_kji, soft_labels=soft_labels)
    for number in range(20):
        example = patches[number]
        image = example.image[0]
        assert image.shape == patch_kji
        labels = example.target.argmax(0) if soft_labels else example.target
        inside = image > 0.5
        assert inside.any()
        assert torch.allclose(image, image.round(), atol=1e-2)
        assert torch.equal(labels[inside], image.round().long()[inside] % CLASSES)
        assert (labels[~inside] == 0).all()


def test_a_patch_is_the_same_whenever_it_is_drawn():
    first, again = (
        patches_of((8, 8, 8), spatial=1.0, soft_labels=True)[7],
        patches_of((8, 8, 8), spatial=1.0, soft_labels=True)[7],
    )
    assert torch.equal(first.image, again.image)
    assert torch.equal(first.target, again.target)
