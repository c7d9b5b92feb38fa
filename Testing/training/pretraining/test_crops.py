"""A crop contains the slice that it was drawn for, and knows where it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from Med3DInsightLib.networks.psat.slice_batch import SliceBatch
from Med3DInsightLib.volumes import Framing, Plane, Preparation, Recipe, Volume, slice_of, slices_of
from Med3DInsightLib.volumes.slices import place_in, slice_axis
from med3dtrain.pretraining.samples.crops import centred_crop, contains, random_crop

from ...unit.volumes.strategies import grid_of, grids
from .parts import PLANES, a_recipe_of_volumes

_RULES = a_recipe_of_volumes().intensity
seeds = st.integers(0, 2**32 - 1)


@st.composite
def prepared_slices(draw):
    """A volume as a recipe prepares it, and any of its slices: any orientation, tilt and spacing."""
    grid = draw(grids())
    spacing = tuple(draw(st.floats(0.5, 5.0)) for _ in range(3))
    patch = tuple(draw(st.integers(1, 8)) for _ in range(3))
    assume(np.prod(np.array(grid.shape_ijk) * grid.spacing_ijk_mm / spacing + 1) < 20000)
    volume = Volume(np.zeros(grid.shape_kji, np.float32), grid)
    recipe = Recipe(draw(st.sampled_from(["RAS", "LPS", "SAL"])), spacing, _RULES, patch)
    plane = draw(st.sampled_from(PLANES))
    index = draw(st.integers(0, grid.shape_ijk[slice_axis(grid, plane)] - 1))
    return Preparation.of(volume, recipe).model_grid, patch, slice_of(grid, plane, index)


@given(prepared_slices(), seeds)
def test_the_position_of_a_slice_lies_inside_its_crop(prepared, seed):
    grid, patch, place = prepared
    for box in (
        random_crop(grid, patch, place.position_ras_mm, np.random.default_rng(seed)),
        centred_crop(grid, patch, place.position_ras_mm),
    ):
        assert box.target.shape_kji == patch
        assert contains(box.target, place.position_ras_mm)
        first, last = np.array(box.start_kji), np.array(box.start_kji) + patch
        assert (first >= 0).all()
        assert (last <= grid.shape_kji).all()


@given(prepared_slices(), seeds)
def test_a_place_in_a_crop_is_the_same_slice_of_the_patient(prepared, seed):
    grid, patch, place = prepared
    crop = random_crop(grid, patch, place.position_ras_mm, np.random.default_rng(seed)).target
    found = place_in(crop, place)
    assert (found.plane, found.normal_ras, found.position_ras_mm) == (
        place.plane,
        place.normal_ras,
        place.position_ras_mm,
    )
    numbered = slice_of(crop, place.plane, found.index)
    # The nearest slice of the crop is parallel, and at most half a voxel away.
    np.testing.assert_allclose(numbered.normal_ras, place.normal_ras, atol=1e-6)
    across_mm = crop.spacing_ijk_mm[slice_axis(crop, place.plane)]
    assert abs(numbered.offset_mm(place.position_ras_mm)) <= across_mm / 2 + 1e-3


@given(prepared_slices(), seeds)
def test_what_the_network_is_told_is_where_the_slice_is_in_the_crop(prepared, seed):
    grid, patch, place = prepared
    crop = random_crop(grid, patch, place.position_ras_mm, np.random.default_rng(seed)).target
    batch = SliceBatch.of([[place_in(crop, place)]], [crop])
    # Not beyond the outer faces of the crop's field of view.
    assert abs(float(batch.offsets_mm[0, 0])) <= float(batch.half_extents_mm[0, 0]) + 1e-3


def test_every_box_that_contains_the_position_is_drawn():
    grid = grid_of("RAS", (9, 5, 4), (1.0, 1.0, 1.0))
    place = slice_of(grid, Plane.AXIAL, 2)
    starts = {
        random_crop(grid, (4, 5, 4), place.position_ras_mm, np.random.default_rng(seed)).start_kji for seed in range(60)
    }
    assert starts == {(0, 0, 0), (1, 0, 0), (2, 0, 0)}


def test_a_crop_contains_what_lies_between_its_outer_faces():
    grid = grid_of("LPS", (30, 30, 30), (1.0, 2.0, 3.0))
    crop = Framing.box(grid, (5, 10, 15), (10, 10, 10)).target
    inside = [place.index for place in slices_of(grid, Plane.AXIAL) if contains(crop, place.position_ras_mm)]
    assert inside == list(range(5, 15))
    assert contains(grid, grid.ras_of((-0.5, 0, 0)))
    assert not contains(grid, grid.ras_of((-0.51, 0, 0)))
    with pytest.raises(ValueError, match="axial, coronal or sagittal"):
        place_in(crop, _oblique(grid))


def _oblique(grid):
    from Med3DInsightLib.volumes import oblique_slices

    return oblique_slices(grid, (1, 1, 0), 5.0)[0]
