"""The slices that are chosen are spread, repeatable, and where something is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from Med3DInsightLib.captions.label_maps.structures import LabelledVolume
from Med3DInsightLib.captions.pictures.foreground import BodyWidth, foreground
from Med3DInsightLib.captions.slices import body_slices, foreground_slices, structure_slices, uniform_slices
from Med3DInsightLib.captions.slices.body_by_slice import BodyBySlice
from Med3DInsightLib.volumes import LabelLayer, Modality, Plane, Volume, slices_of
from Med3DInsightLib.volumes.slices import slice_axis

from ...volumes.strategies import grid_of, grids
from ..parts import a_trunk, planes, sheared_grids


@given(grid=sheared_grids(), plane=planes, count=st.integers(1, 15))
def test_uniform_slices_are_slices_of_the_grid_and_evenly_spread(grid, plane, count):
    chosen = uniform_slices(grid, plane, count)
    places = slices_of(grid, plane)
    indices = [each.index for each in chosen]
    assert len(chosen) == min(count, len(places))
    assert all(places[each.index] == each for each in chosen)
    assert indices == sorted(set(indices))
    before, behind = indices[0], len(places) - 1 - indices[-1]
    gaps = np.diff(indices)
    assert gaps.size == 0 or gaps.max() - gaps.min() <= 1
    assert abs(before - behind) <= 1


def test_foreground_slices_are_drawn_where_the_body_is_and_again_by_the_same_seed():
    grid = grid_of("LPS", (50, 20, 20), (1.0, 1.0, 1.0))
    array = np.full(grid.shape_kji, -1000, np.int16)
    array[10:20] = 40
    array[30, :2, :2] = 40
    volume = Volume(array, grid, Modality.CT)
    chosen = foreground_slices(volume, Plane.AXIAL, 6, seed=3)
    assert len({each.index for each in chosen}) == 6
    assert {each.index for each in chosen} <= {*range(10, 20), 30}
    assert chosen == foreground_slices(volume, Plane.AXIAL, 6, seed=3)
    assert len({foreground_slices(volume, Plane.AXIAL, 6, seed=seed) for seed in range(10)}) > 5
    often = [each.index for seed in range(200) for each in foreground_slices(volume, Plane.AXIAL, 1, seed=seed)]
    assert often.count(30) < 10  # its share is 4 of 4004
    assert len(foreground_slices(volume, Plane.AXIAL, 99, seed=0)) == 11


@settings(max_examples=40)
@given(grid=grids(), plane=planes, count=st.integers(1, 5), share=st.floats(0.0, 1.0), seed=st.integers(0, 99))
def test_body_slices_are_spread_over_those_that_show_enough_of_the_body(grid, plane, count, share, seed):
    generator = np.random.default_rng(seed)
    array = np.where(generator.random(grid.shape_kji) < generator.random(), 40, -1000).astype(np.int16)
    array.flat[0] = -1000
    chosen = [each.index for each in body_slices(BodyBySlice(Volume(array, grid, Modality.CT)), plane, count, share)]
    by_slice = np.moveaxis(array, 2 - slice_axis(grid, plane), 0)
    body = [int((each > -300).sum()) for each in by_slice]
    enough = [index for index, voxels in enumerate(body) if voxels >= share * max(body)]
    assert len(chosen) == min(count, len(enough))
    numbers = [enough.index(index) for index in chosen]
    gaps = np.diff(numbers)
    assert (gaps > 0).all()
    assert gaps.size == 0 or gaps.max() - gaps.min() <= 1
    assert abs(numbers[0] - (len(enough) - 1 - numbers[-1])) <= 1


def test_air_beside_a_body_is_passed_over_and_a_volume_without_a_body_is_not():
    grid = grid_of("LPS", (50, 20, 20), (1.0, 1.0, 1.0))
    array = np.full(grid.shape_kji, -1000, np.int16)
    array[20:40, 2:18, 2:18] = 40
    array[0, 10, 10] = 40  # a speck
    for found, expected in ((array, range(20, 40)), (np.zeros_like(array), range(50))):
        body = BodyBySlice(Volume(found, grid, Modality.CT))
        assert [each.index for each in body_slices(body, Plane.AXIAL, 99, 0.02)] == [*expected]
    assert len(body_slices(body, Plane.AXIAL, 99, 0.0)) == 50


def test_the_foreground_of_mr_is_what_is_bright_and_of_nothing_is_nothing():
    grid = grid_of("LPS", (4, 20, 20), (1.0, 1.0, 1.0))
    array = np.random.default_rng(0).normal(10, 3, grid.shape_kji)
    array[:, 5:15, 5:15] += 200
    expected = np.zeros(grid.shape_kji, bool)
    expected[:, 5:15, 5:15] = True
    assert (foreground(Volume(array, grid, Modality.MR)) == expected).all()
    empty = Volume(np.zeros(grid.shape_kji), grid)
    assert not foreground(empty).any()
    assert foreground_slices(empty, Plane.AXIAL, 3, seed=0) == ()


@settings(max_examples=60)
@given(grid=grids(), plane=planes, count=st.integers(1, 4), seed=st.integers(0, 99))
def test_every_structure_is_in_as_many_of_its_slices_as_were_asked_for(grid, plane, count, seed):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 4, grid.shape_kji) * (generator.random(grid.shape_kji) < 0.2)
    layer = LabelLayer(Volume(labels, grid), {1: "a", 2: "b", 3: "c"})
    labelled = LabelledVolume([layer], grid, BodyWidth(-50.0, 50.0))
    chosen = [each.index for each in structure_slices(labelled, plane, count)]
    assert chosen == sorted(set(chosen))
    by_slice = np.moveaxis(labels, 2 - slice_axis(grid, plane), 0)
    present = {value: {n for n, of_slice in enumerate(by_slice) if (of_slice == value).any()} for value in (1, 2, 3)}
    for slices in present.values():
        assert len(slices & set(chosen)) >= min(count, len(slices))
    assert set(chosen) <= set().union(*present.values())
    assert len(chosen) <= 3 * count


def test_one_slice_of_a_structure_has_half_of_it_before():
    _, layer = a_trunk()
    liver = LabelLayer(layer.volume, {5: "liver"})
    labelled = LabelledVolume([liver], layer.volume.grid, BodyWidth(-100.0, 100.0))
    (chosen,) = structure_slices(labelled, Plane.AXIAL, 1)
    voxels = (layer.volume.array_kji == 5).sum(axis=(1, 2))
    assert voxels[: chosen.index].sum() < voxels.sum() / 2 <= voxels[: chosen.index + 1].sum()


def test_no_slices_cannot_be_chosen():
    volume, _ = a_trunk()
    with pytest.raises(ValueError, match="0 slices"):
        uniform_slices(volume.grid, Plane.AXIAL, 0)
    with pytest.raises(ValueError, match="-1 slices"):
        foreground_slices(volume, Plane.AXIAL, -1, seed=0)
