"""Patches are varied as patients vary, whatever the shape of their voxels, and labels move with their image."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.transforms import Compose, RandAffined

from med3dtrain.finetuning.learning.augmentation import Augmentation
from med3dtrain.finetuning.settings.augmentation import AugmentationSettings

STILL = AugmentationSettings(
    spatial=1.0, rotation=0.0, scaling=0.0, noise=0.0, blur=0.0, brightness=0.0, contrast=0.0, low_resolution=0.0
)
ONLY_ROTATED = replace(STILL, rotation=0.35)
ONLY_WARPED = replace(STILL, elastic=1.0)
CUBES = (1.0, 1.0, 1.0)


def ramp_along_k(size):
    """An image whose values are voxels along K, with labels that say nothing."""
    image = torch.arange(float(size))[:, None, None].expand(size, size, size).contiguous()
    return image, torch.zeros_like(image, dtype=torch.int64)


def blobs(size):
    """A smooth image with values about 0, and where it is above 0."""
    k, j, i = torch.meshgrid(*[torch.linspace(0.0, 3.0 * math.pi, size)] * 3, indexing="ij")
    image = torch.sin(k) * torch.sin(j) * torch.sin(i)
    return image, (image > 0).long()


def dice(one, other):
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


def steepest_deg(spacing_kji_mm, axis):
    """By how much, at most, what lies along axis is turned into K in forty patches, whose values are mm along K."""
    vary = Augmentation(ONLY_ROTATED, (9, 9, 9), spacing_kji_mm)
    image, labels = ramp_along_k(21)
    found = []
    for seed in range(40):
        middle = vary(image * spacing_kji_mm[0], labels, seed)[0][3:6, 3:6, 3:6].numpy()
        rise_mm = np.abs(np.diff(middle, axis=axis)).mean()
        found.append(np.degrees(np.arctan(rise_mm / spacing_kji_mm[axis])))
    return max(found)


@pytest.mark.parametrize("axis", [1, 2])
def test_cubes_are_turned_by_the_angle_of_the_settings(axis):
    assert 10.0 < steepest_deg(CUBES, axis) < 45.0


@pytest.mark.parametrize("axis", [1, 2])
def test_thick_slices_are_not_sheared_by_more_than_that(axis):
    assert steepest_deg((5.0, 0.7, 0.7), axis) < 35.0


def test_labels_are_warped_with_their_image():
    vary = Augmentation(replace(ONLY_WARPED, rotation=0.35, scaling=0.2, elastic_voxel=4.0), (32, 32, 32), CUBES)
    image, labels = blobs(48)
    unmoved = labels[8:40, 8:40, 8:40] > 0
    moved = []
    for seed in range(10):
        seen, said = vary(image, labels, seed)
        inside = vary(torch.ones_like(image), labels, seed)[0] > 0.999  # what comes from outside is 0 in both
        assert dice((seen > 0) & inside, (said > 0) & inside) > 0.95
        moved.append(dice(said > 0, unmoved))
    assert max(moved) < 0.85


@pytest.mark.parametrize("elastic_voxel", [1.5, 4.0])
def test_two_deviations_of_displacements_are_elastic_voxel_where_they_are_largest(elastic_voxel):
    vary = Augmentation(replace(ONLY_WARPED, elastic_voxel=elastic_voxel), (32, 32, 32), CUBES)
    image, labels = ramp_along_k(64)
    middle = slice(12, 20)  # where the displacement was not smoothed with what lies outside the patch
    displacements = [
        vary(image, labels, seed)[0][middle, middle, middle] - image[28:36, 28:36, 28:36] for seed in range(60)
    ]
    deviation = float(torch.stack(displacements).square().mean().sqrt())
    # Magnitudes are drawn evenly from 0 to the largest, whose root mean square is 3^-1/2 of it; smoothness varies too.
    of_largest = deviation * math.sqrt(3.0 / 1.17)
    assert 2 * of_largest == pytest.approx(elastic_voxel, rel=0.25)


def test_the_share_of_patches_that_is_warped_is_that_of_the_settings():
    image, labels = ramp_along_k(32)

    def warped(**changes):
        vary = Augmentation(replace(STILL, **changes), (32, 32, 32), CUBES)
        return sum(not torch.allclose(vary(image, labels, seed)[0], image, atol=1e-3) for seed in range(40))

    assert warped(elastic=1.0) == 40
    assert 10 < warped(elastic=0.5) < 30
    assert warped(elastic=1.0, spatial=0.0) == 0
    assert warped(elastic=0.0) == 0


def test_without_warps_patches_are_those_of_a_plain_rotation_and_scaling():
    settings = replace(STILL, spatial=0.6, rotation=0.35, scaling=0.2)
    vary = Augmentation(settings, (12, 14, 16), CUBES)
    plain = Compose(
        [
            RandAffined(
                ("image", "labels"),
                spatial_size=(12, 14, 16),
                prob=0.6,
                rotate_range=(0.35, 0.35, 0.35),
                scale_range=(0.2, 0.2, 0.2),
                mode=("bilinear", "nearest"),
                padding_mode="zeros",
            )
        ]
    )
    image, labels = blobs(20)
    for seed in range(10):
        plain.set_random_state(seed)
        expected = plain({"image": image[None], "labels": labels[None].float()})
        seen, said = vary(image, labels, seed)
        assert torch.equal(seen, expected["image"][0].as_subclass(torch.Tensor))
        assert torch.equal(said.float(), expected["labels"][0].as_subclass(torch.Tensor))


@pytest.mark.parametrize(
    "wrong", [{"elastic": 1.5}, {"elastic": -0.1}, {"elastic_voxel": -1.0}, {"elastic_voxel": math.nan}]
)
def test_warps_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="elastic is a share, from 0 to 1, and elastic_voxel not negative"):
        AugmentationSettings(**wrong)


def test_shares_of_classes_move_with_their_image_and_are_not_rounded():
    """The blobs are warped and turned; where they end, a voxel belongs to them in part, as interpolation tells."""
    image, labels = blobs(47)
    shares = torch.nn.functional.one_hot(labels, 2).movedim(-1, 0)
    vary = Augmentation(replace(ONLY_WARPED, rotation=0.35, soft_labels=True), (36, 36, 36), CUBES)
    for seed in range(5):
        moved, found = vary(image, shares, seed)
        assert found.shape == (2, 36, 36, 36)
        assert torch.allclose(found.sum(0), torch.ones(()), atol=1e-5)
        assert 0.05 < float(((found[1] > 0.1) & (found[1] < 0.9)).float().mean()) < 0.6
        assert dice(found[1] > 0.5, moved > 0) > 0.95


def test_what_a_rotation_brings_in_from_outside_is_all_background():
    labels = torch.ones(21, 21, 21, dtype=torch.int64)
    shares = torch.nn.functional.one_hot(labels, 3).movedim(-1, 0)
    vary = Augmentation(replace(ONLY_ROTATED, scaling=0.5, soft_labels=True), (21, 21, 21), CUBES)
    brought_in = [vary(labels.float(), shares, seed)[1] for seed in range(20)]
    assert any(float(found[0].max()) > 0.99 for found in brought_in)
    assert all(torch.allclose(found.sum(0), torch.ones(()), atol=1e-5) for found in brought_in)
