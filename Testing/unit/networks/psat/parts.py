"""Sizes and places that the tests of PSAT share."""

from __future__ import annotations

import numpy as np

from Med3DInsightLib.bundles import PsatSettings
from Med3DInsightLib.volumes import Grid
from Med3DInsightLib.volumes.slices import Plane, oblique_slices, slice_of, slices_of

CHANNELS, STRIDES = (6, 12, 20), (4, 8, 16)
FEATURES_KJI = ((8, 12, 16), (4, 6, 8), (2, 3, 4))
SMALL = PsatSettings(layers=3, heads=2, width=24, feed_forward=40, queries=5, embedding=7, table_positions=40)


def straight_grid() -> Grid:
    affine = np.diag([2.0, 2.0, 3.0, 1.0])
    affine[:3, 3] = [-60.0, -40.0, 900.0]
    return Grid((32, 48, 64), affine)


def tilted_grid() -> Grid:
    """Other spacing, turned by 20 degrees about R, superior first."""
    angle = np.deg2rad(20.0)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag([-1.0, 1.5, -2.5])
    affine[:3, 3] = [35.0, 10.0, -20.0]
    return Grid((32, 48, 64), affine)


GRIDS = (straight_grid(), tilted_grid())


def all_axial():
    """The 32 axial slices of both volumes."""
    return [slices_of(grid, Plane.AXIAL) for grid in GRIDS]


def one_of_each_plane():
    """Three anatomical slices of each volume."""
    chosen = ((Plane.AXIAL, 3), (Plane.CORONAL, 40), (Plane.SAGITTAL, 17))
    return [[slice_of(grid, plane, index) for plane, index in chosen] for grid in GRIDS]


def oblique():
    """Four slices across each volume in no anatomical plane."""
    return [oblique_slices(grid, (1.0, 2.0, -1.0), step_mm=10.0)[:4] for grid in GRIDS]
