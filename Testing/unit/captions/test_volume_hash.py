"""A volume has one hash, whatever holds it, and every other volume another."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from Med3DInsightLib.captions import volume_hash
from Med3DInsightLib.volumes import Grid, Reorientation, Volume, read_volume, write_volume

from .parts import a_trunk

_ELSEWHERE = """
import numpy as np
from Med3DInsightLib.captions import volume_hash
from Med3DInsightLib.volumes import Grid, Volume
print(volume_hash(Volume(np.arange(24).reshape(2, 3, 4), Grid((2, 3, 4), np.diag([1.0, 2.0, 3.0, 1.0])))))
"""


def a_small_volume(dtype=np.int64):
    return Volume(np.arange(24, dtype=dtype).reshape(2, 3, 4), Grid((2, 3, 4), np.diag([1.0, 2.0, 3.0, 1.0])))


def test_another_process_finds_the_same():
    done = subprocess.run([sys.executable, "-c", _ELSEWHERE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == volume_hash(a_small_volume())


def test_it_does_not_change_from_one_version_to_the_next():
    """Captions of years are found by it."""
    assert volume_hash(a_small_volume()) == "9dc61b3a35b2c0459399d630a118faa62872b0dfcdbd6d3cf5d9833888d699c5"


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64, ">i2", ">f4"])
def test_the_type_that_holds_the_values_makes_no_difference(dtype):
    assert volume_hash(a_small_volume(dtype)) == volume_hash(a_small_volume())


@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd", ".mha"])
def test_the_file_format_makes_no_difference(ending, tmp_path, a_volume):
    path = tmp_path / f"v{ending}"
    write_volume(a_volume, path)
    assert volume_hash(read_volume(path)) == volume_hash(a_volume)


def test_zero_has_no_sign_and_memory_no_order():
    volume = a_small_volume(np.float32)
    assert volume_hash(volume.map(lambda array: np.where(array == 0, -0.0, array))) == volume_hash(volume)
    assert volume_hash(volume.map(np.asfortranarray)) == volume_hash(volume)
    turn = Reorientation.to(volume.grid, "LPI")
    twice = Volume(turn.undo(turn.apply(volume.array_kji)), volume.grid)
    assert volume_hash(twice) == volume_hash(volume)


def test_a_voxel_a_shift_a_spacing_and_an_orientation_make_another_volume():
    volume, _ = a_trunk()
    hashes = {volume_hash(volume)}
    array = volume.array_kji.copy()
    array[3, 2, 1] += 1
    hashes.add(volume_hash(volume.with_array(array)))
    for row, column, step in ((0, 3, 0.01), (2, 2, 0.01)):
        affine = volume.grid.ijk_to_ras.copy()
        affine[row, column] += step
        hashes.add(volume_hash(Volume(volume.array_kji, Grid(volume.grid.shape_kji, affine))))
    hashes.add(volume_hash(Reorientation.to(volume.grid, "RAS").volume(volume)))
    flat = Grid((1, 24, 1), np.eye(4))
    hashes |= {volume_hash(Volume(np.zeros(grid.shape_kji), grid)) for grid in (flat, Grid((1, 1, 24), np.eye(4)))}
    assert len(hashes) == 7
