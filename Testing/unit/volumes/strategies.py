"""Random grids for property tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from Med3DInsightLib.volumes import Grid
from Med3DInsightLib.volumes.orientation import ALL_AXIS_CODES

_DIRECTIONS = {"R": (1, 0, 0), "L": (-1, 0, 0), "A": (0, 1, 0), "P": (0, -1, 0), "S": (0, 0, 1), "I": (0, 0, -1)}

sizes = st.integers(min_value=1, max_value=12)
spacings = st.floats(min_value=0.3, max_value=6.0)


def grid_of(axis_codes: str, shape_kji: tuple[int, int, int], spacing_ijk: tuple[float, float, float]) -> Grid:
    """A grid whose axes point exactly in the named directions, away from the origin."""
    affine = np.eye(4)
    affine[:3, :3] = np.array([_DIRECTIONS[code] for code in axis_codes]).T * np.array(spacing_ijk)
    affine[:3, 3] = [11.0, -7.0, 133.0]
    return Grid(shape_kji, affine)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Any axis order and flips, tilted by up to 40 degrees, anisotropic, down to one slice thick."""
    grid = grid_of(
        draw(st.sampled_from(ALL_AXIS_CODES)),
        (draw(sizes), draw(sizes), draw(sizes)),
        (draw(spacings), draw(spacings), draw(spacings)),
    )
    tilt_deg = [draw(st.floats(min_value=-40.0, max_value=40.0)) for _ in range(3)]
    affine = grid.ijk_to_ras.copy()
    affine[:3, :3] = Rotation.from_euler("xyz", tilt_deg, degrees=True).as_matrix() @ affine[:3, :3]
    affine[:3, 3] = [draw(st.floats(min_value=-300.0, max_value=300.0)) for _ in range(3)]
    return Grid(grid.shape_kji, affine)


def one_hot(shape_kji: tuple[int, int, int], place_kji: tuple[int, int, int]) -> np.ndarray:
    """Zeros with a single 1, to follow one voxel."""
    array = np.zeros(shape_kji, np.uint8)
    array[place_kji] = 1
    return array
