"""Draws have numbers, and a number always gives the same draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from Med3DInsightLib.volumes import Framing, slice_of
from med3dtrain.datasets.bad_input import BadInput, OnBadInput
from med3dtrain.datasets.volume_list import list_volumes
from med3dtrain.datasets.volume_store import VolumeStore
from med3dtrain.loops.errors import TrainingError
from med3dtrain.loops.numbered_batches import NumberedBatches
from med3dtrain.pretraining.samples.augmentation import IntensityAugmentation
from med3dtrain.pretraining.samples.batch import Batch
from med3dtrain.pretraining.samples.captioned import captioned_volumes
from med3dtrain.pretraining.samples.crops import contains
from med3dtrain.pretraining.samples.draws import CropDraws, DrawSettings

from . import parts

SETTINGS = DrawSettings(batch=3, slices_per_crop=4)
PLAIN = replace(SETTINGS, augmentation=IntensityAugmentation(probability=0.0))


@pytest.fixture(scope="module")
def volumes(heads, tmp_path_factory):
    store = VolumeStore(tmp_path_factory.mktemp("store"), parts.a_recipe_of_volumes())
    prepared = [store.get(each) for each in list_volumes(heads[0])]
    return captioned_volumes(heads[1], prepared, 0.5, BadInput(OnBadInput.STOP, print), print)


def draws_of(volumes, settings=SETTINGS, seed=0):
    return CropDraws(volumes, parts.PATCH, settings, seed)


def batches_of(draws, settings, process=0, processes=1):
    return NumberedBatches(draws, Batch.of, settings.batch, settings.workers, process, processes)


def same(first, second):
    return torch.equal(first.image, second.image) and (first.places, first.slices, first.texts, first.name) == (
        second.places,
        second.slices,
        second.texts,
        second.name,
    )


def test_a_number_gives_the_same_draw_and_another_seed_another(volumes):
    assert all(same(draws_of(volumes)[number], draws_of(volumes)[number]) for number in range(12))
    assert not any(same(draws_of(volumes)[number], draws_of(volumes, seed=1)[number]) for number in range(12))
    assert not same(draws_of(volumes)[0], draws_of(volumes)[len(volumes) * 3])


def test_the_slices_of_a_draw_are_distinct_and_inside_its_crop(volumes):
    draws = draws_of(volumes)
    for number in range(30):
        draw = draws[number]
        assert draw.image.shape == (1, *parts.PATCH)
        assert len(set(draw.slices)) == SETTINGS.slices_per_crop
        assert all(contains(draw.grid, place.position_ras_mm) for place in draw.places)


def test_a_draw_shows_the_voxels_at_its_grid_and_the_slices_it_numbers(volumes):
    draws = draws_of(volumes, PLAIN)
    by_number = {one.number: (each, one) for each in volumes for one in each.slices}
    for number in range(10):
        draw = draws[number]
        each, _ = by_number[draw.slices[0]]
        grid = each.volume.model_grid
        start = np.rint(grid.ijk_of(draw.grid.origin_ras_mm)).astype(int)[::-1]
        box = Framing.box(grid, tuple(int(first) for first in start), parts.PATCH)
        np.testing.assert_array_equal(draw.image[0].numpy(), each.volume.read(box))
        for slice_number, place in zip(draw.slices, draw.places, strict=True):
            owner, one = by_number[slice_number]
            assert owner is each
            assert place.position_ras_mm == one.place.position_ras_mm
            assert place.normal_ras == slice_of(owner.volume.input_grid, place.plane, one.place.index).normal_ras


def test_the_volumes_of_a_step_are_distinct_and_an_epoch_sees_each_once(volumes):
    draws = draws_of(volumes, replace(SETTINGS, batch=2))
    for epoch in range(5):
        steps = [draws.volumes_of_step(2 * epoch + number) for number in range(2)]
        assert sorted(steps[0] + steps[1]) == [0, 1, 2, 3]
    assert len({tuple(draws.volumes_of_step(step)) for step in range(20)}) > 5
    for step in range(20):
        assert len(set(draws_of(volumes).volumes_of_step(step))) == 3


def test_few_volumes_fill_a_large_batch_evenly(volumes):
    draws = draws_of(volumes, replace(SETTINGS, batch=10))
    counts = np.bincount(draws.volumes_of_step(7), minlength=4)
    assert counts.sum() == 10
    assert set(counts.tolist()) == {2, 3}


def test_a_volume_with_few_slices_repeats_them(volumes):
    few = [replace(each, slices=each.slices[:2]) for each in volumes]
    draw = draws_of(few)[0]
    assert len(draw.slices) == SETTINGS.slices_per_crop
    assert len(set(draw.slices)) <= 2


def test_workers_and_a_later_start_change_nothing(volumes):
    alone = list(batches_of(draws_of(volumes), SETTINGS)(0, 4))
    with_workers = list(batches_of(draws_of(volumes), replace(SETTINGS, workers=2))(0, 4))
    later = list(batches_of(draws_of(volumes), SETTINGS)(2, 4))
    assert len(alone) == 4
    for one, other in zip(alone + alone[2:], with_workers + later, strict=True):
        assert torch.equal(one.images, other.images)
        assert torch.equal(one.slices, other.slices)
        assert one.places == other.places
        assert all(mine.matches(its) for mine, its in zip(one.grids, other.grids, strict=True))


def test_processes_share_a_step_in_the_order_of_their_ranks(volumes):
    settings = replace(SETTINGS, batch=4)
    whole = next(batches_of(draws_of(volumes, settings), settings)(5, 6))
    parts_of_it = [next(batches_of(draws_of(volumes, settings), settings, rank, 2)(5, 6)) for rank in range(2)]
    assert torch.equal(whole.images, torch.cat([part.images for part in parts_of_it]))
    assert torch.equal(whole.slices, torch.cat([part.slices for part in parts_of_it]))
    with pytest.raises(TrainingError, match="a batch of 3 cannot be shared by 2 processes"):
        batches_of(draws_of(volumes), SETTINGS, 0, 2)


def test_intensities_vary_and_nothing_moves():
    array = np.random.default_rng(0).uniform(size=(8, 9, 10)).astype(np.float32)
    changed = [IntensityAugmentation(noise_sigma=0.0).apply(array, np.random.default_rng(seed)) for seed in range(20)]
    assert sum(not np.array_equal(array, each) for each in changed) > 8
    for each in changed:
        assert each.dtype == np.float32
        assert each.min() >= 0
        assert each.max() <= 1
        # Brighter voxels stay brighter: so every voxel is where it was.
        assert (np.diff(each.ravel()[np.argsort(array.ravel())]) >= 0).all()
    assert np.array_equal(IntensityAugmentation(probability=0.0).apply(array, np.random.default_rng(0)), array)
