"""What tells slices apart, and what must not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from Med3DInsightLib.networks.psat.conditioning import NoConditioning
from Med3DInsightLib.networks.psat.continuous_conditioning import ContinuousConditioning
from Med3DInsightLib.networks.psat.joint_table import JointTable
from Med3DInsightLib.networks.psat.queries import LearnableQueries
from Med3DInsightLib.networks.psat.slice_batch import SliceBatch
from Med3DInsightLib.volumes import Grid
from Med3DInsightLib.volumes.slices import Plane, SlicePlace, oblique_slices, slice_of, slices_of

from .parts import GRIDS, all_axial, oblique, one_of_each_plane, straight_grid

PLANES = [Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL]
unit = st.floats(-1, 1)
normals = st.tuples(unit, unit, unit).filter(lambda normal: np.linalg.norm(normal) > 0.1)


@pytest.fixture
def continuous():
    torch.manual_seed(0)
    return ContinuousConditioning(width=256).eval()


def place_of(normal, position_ras_mm, index=0, count=1) -> SlicePlace:
    normal = np.array(normal) / np.linalg.norm(normal)
    return SlicePlace(Plane.OBLIQUE, tuple(normal.tolist()), tuple(position_ras_mm), index, count)


def test_the_table_has_one_vector_for_every_two_slices_of_a_plane():
    table = JointTable(width=3)
    assert table.table.shape == (3, 128, 3)
    assert table.table.std().item() == pytest.approx(1.0, rel=0.1)
    grid = Grid((256, 4, 4), np.eye(4))
    condition = table(SliceBatch.of([slices_of(grid, Plane.AXIAL)], [grid]))
    assert torch.equal(condition[0, 0::2], table.table[0])
    assert torch.equal(condition[0, 1::2], table.table[0])
    places = [[slice_of(grid, plane, 3) for plane in PLANES]]
    assert torch.equal(table(SliceBatch.of(places, [grid]))[0], table.table[:, 1])


def test_queries_start_from_a_normal_distribution_and_get_the_vector_of_their_slice():
    torch.manual_seed(0)
    queries = LearnableQueries(count=300, width=64)
    assert queries.vectors.std().item() == pytest.approx(1.0, rel=0.05)
    assert queries.vectors.mean().item() == pytest.approx(0.0, abs=0.05)
    condition = torch.randn(2, 3, 64)
    assert torch.allclose(queries(condition)[1, 2] - queries.vectors, condition[1, 2].expand(300, 64), atol=1e-6)


def test_the_table_refuses_what_it_has_no_place_for():
    table = JointTable(width=3, positions=4, slices_per_position=2)
    grid = straight_grid()
    with pytest.raises(ValueError, match="ends at slice 7, and slice 8"):
        table(SliceBatch.of([[slice_of(grid, Plane.AXIAL, 8)]], [grid]))
    with pytest.raises(ValueError, match="axial, coronal, sagittal; use the continuous"):
        table(SliceBatch.of([oblique_slices(grid, (0, 1, 1), 10)], [grid]))


@torch.inference_mode()
@given(normal=normals, position=st.tuples(*[st.floats(-100, 100)] * 3))
def test_both_normals_of_a_plane_give_the_same_vector(normal, position):
    torch.manual_seed(0)
    conditioning = ContinuousConditioning(width=16).eval()
    place = place_of(normal, position)
    mirrored = replace(place, normal_ras=tuple(-part for part in place.normal_ras))
    batch = SliceBatch.of([[place], [mirrored]], [straight_grid()] * 2)
    assert batch.offsets_mm[0] == -batch.offsets_mm[1]
    first, second = conditioning.terms(batch)
    assert torch.equal(first, second)
    # Rows of one product may be summed in different orders; what goes in is equal to the bit.
    first, second = conditioning(batch)
    torch.testing.assert_close(first, second)


@torch.inference_mode()
def test_the_vector_changes_smoothly_when_a_plane_turns_through_a_whole_circle(continuous):
    """Half a turn brings the plane back to itself, and no step of a degree is a jump."""
    grid = straight_grid()
    position = tuple(grid.ras_of((20, 30, 10)).tolist())
    degrees = np.arange(0, 361)
    turns = Rotation.from_rotvec(np.outer(np.deg2rad(degrees), [1, 0, 0])).apply([0.0, 0.6, 0.8])
    vectors = continuous(SliceBatch.of([[place_of(normal, position) for normal in turns]], [grid]))[0]
    steps = (vectors[1:] - vectors[:-1]).norm(dim=1)
    assert steps.max() < 6 * steps.median()
    assert torch.allclose(vectors[0], vectors[180], atol=1e-4)
    assert (vectors[0] - vectors[90]).norm() > 10 * steps.max()


@torch.inference_mode()
def test_slices_of_all_planes_and_positions_are_told_apart(continuous):
    grid = straight_grid()
    places = [place for plane in PLANES for place in slices_of(grid, plane)]
    vectors = continuous(SliceBatch.of([places], [grid]))[0]
    distances = torch.cdist(vectors, vectors) + 1e9 * torch.eye(len(places))
    assert distances.min() > 0.05


@torch.inference_mode()
def test_neighbours_are_alike_and_distant_slices_are_not(continuous):
    vectors = continuous(SliceBatch.of([slices_of(straight_grid(), Plane.AXIAL)], [straight_grid()]))[0]
    distances = torch.cdist(vectors, vectors)
    neighbours = distances.diagonal(1).mean()
    assert neighbours < 0.5 * distances.diagonal(16).mean()
    assert vectors.std().item() == pytest.approx(1.0, rel=0.05)


@torch.inference_mode()
@given(shift=st.tuples(*[st.floats(-500, 500)] * 3), plane=st.sampled_from(PLANES))
def test_where_the_scanner_has_its_origin_does_not_matter(shift, plane):
    torch.manual_seed(0)
    conditioning = ContinuousConditioning(width=16).eval()
    here = straight_grid()
    affine = here.ijk_to_ras.copy()
    affine[:3, 3] += shift
    there = Grid(here.shape_kji, affine)
    batch = SliceBatch.of([slices_of(here, plane), slices_of(there, plane)], [here, there])
    first, second = conditioning(batch)
    assert torch.allclose(first, second, atol=1e-4)


@torch.inference_mode()
def test_the_numbering_of_slices_does_not_matter_to_the_continuous_conditioning(continuous):
    """The same slices of a volume of half the slice thickness: other index, same place, same vector."""
    coarse = straight_grid()
    affine = coarse.ijk_to_ras @ np.diag([1.0, 1.0, 1 / 3, 1.0])
    affine[:3, 3] = coarse.ras_of((0, 0, -1 / 3))
    fine = Grid((96, 48, 64), affine)
    of_coarse = slices_of(coarse, Plane.AXIAL)
    of_fine = slices_of(fine, Plane.AXIAL)[1::3]
    first, second = continuous(SliceBatch.of([of_coarse, of_fine], [coarse, fine]))
    assert of_coarse[5].index != of_fine[5].index
    assert torch.allclose(first, second, atol=1e-4)


def test_without_conditioning_all_slices_read_the_same():
    batch = SliceBatch.of(one_of_each_plane(), GRIDS)
    assert torch.equal(NoConditioning(width=4)(batch), torch.zeros(2, 3, 4))


def test_a_batch_holds_offsets_from_the_centre_of_what_was_seen():
    batch = SliceBatch.of(all_axial(), GRIDS)
    assert batch.slices == 32
    assert batch.offsets_mm[0, 0].item() == pytest.approx(-15.5 * 3.0, abs=1e-4)
    assert batch.offsets_mm[1, 0].item() == pytest.approx(15.5 * 2.5, abs=1e-4)
    assert batch.half_extents_mm[:, 0].tolist() == pytest.approx([48.0, 40.0], abs=1e-4)
    pieces = list(batch.chunks(10))
    assert [piece.slices for piece in pieces] == [10, 10, 10, 2]
    assert torch.equal(torch.cat([piece.normals_ras for piece in pieces], dim=1), batch.normals_ras)


def test_volumes_with_different_numbers_of_slices_are_refused():
    axial = all_axial()
    with pytest.raises(ValueError, match="do not fit"):
        SliceBatch.of([axial[0], axial[1][:3]], GRIDS)
    with pytest.raises(ValueError, match="do not fit"):
        SliceBatch.of(axial, GRIDS[:1])
    with pytest.raises(ValueError, match="do not fit"):
        SliceBatch.of([[], []], GRIDS)
    assert SliceBatch.of(oblique(), GRIDS).slices == 4
