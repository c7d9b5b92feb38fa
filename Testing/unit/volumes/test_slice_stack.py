"""A DICOM series is read only if its slices are one straight and even stack."""

from __future__ import annotations

import math

import numpy as np
import pytest

from Med3DInsightLib.volumes import VolumeError, read_volume

from .dicom_files import AXIAL, write_series

SAGITTAL = "0\\1\\0\\0\\0\\-1"
OBLIQUE = "0.8\\0.6\\0\\-0.6\\0.8\\0"


def a_stack(slices, beside_mm=0.0):
    """Positions 2 mm apart in z, every one of them beside_mm further along y than the one before."""
    return [(-5.0, 10.0 + beside_mm * k, 2.0 * k) for k in range(slices)]


def refused(folder, match):
    with pytest.raises(VolumeError, match=match) as caught:
        read_volume(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("orientation", [AXIAL, OBLIQUE])
def test_a_straight_stack_is_read_where_it_lies(tmp_path, orientation):
    write_series(tmp_path / "series", a_stack(5), [orientation])
    grid = read_volume(tmp_path / "series").grid
    assert grid.shape_kji == (5, 12, 12)
    assert np.allclose(grid.ras_of([0, 0, 4]), (5.0, -10.0, 8.0))


@pytest.mark.parametrize("degrees", [-18.0, 5.0])
def test_slices_of_a_tilted_gantry_are_refused(tmp_path, degrees):
    write_series(tmp_path / "series", a_stack(6, 2.0 * math.tan(math.radians(degrees))))
    refused(tmp_path / "series", rf"tilted gantry \({abs(degrees)} degrees\)\. Resample it to a straight grid")


def test_a_stack_of_two_slices_can_be_tilted_too(tmp_path):
    write_series(tmp_path / "series", a_stack(2, 1.0))
    refused(tmp_path / "series", "tilted gantry")


def test_rounded_directions_are_no_tilt(tmp_path):
    write_series(tmp_path / "series", a_stack(6, 0.08))
    assert read_volume(tmp_path / "series").grid.shape_kji == (6, 12, 12)


def test_a_slice_seen_many_times_is_a_series_over_time(tmp_path):
    write_series(tmp_path / "series", [(0, 0, 7)] * 5)
    refused(tmp_path / "series", "several time points.*its 5 slices lie at one position. Export one time point")


def test_time_points_of_a_whole_stack_are_named_as_such(tmp_path):
    write_series(tmp_path / "series", a_stack(4) * 3)
    refused(tmp_path / "series", "several time points.*its 12 slices lie at only 4 positions")


def test_slices_that_are_not_parallel_are_refused(tmp_path):
    write_series(tmp_path / "series", a_stack(6), [AXIAL, SAGITTAL])
    refused(tmp_path / "series", "not parallel")


def test_a_missing_slice_is_said_to_be_missing(tmp_path):
    write_series(tmp_path / "series", [*a_stack(4), (-5.0, 10.0, 10.0)])
    refused(tmp_path / "series", r"4\.00 mm between slices 4 and 5, usually 2\.00 mm")


def test_a_single_slice_is_read(tmp_path):
    write_series(tmp_path / "series", a_stack(1))
    assert read_volume(tmp_path / "series").grid.shape_kji == (1, 12, 12)
