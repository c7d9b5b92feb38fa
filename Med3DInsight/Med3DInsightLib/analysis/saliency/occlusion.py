"""What an answer loses when parts of the volume are hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ...volumes import Framing, Grid
from ...volumes.cells import cell_grid, part_covering


def hidden_drops(
    x: Tensor,
    grid: Grid,
    volume_grid: Grid,
    cube: int,
    scores_of: Callable[[Tensor], Tensor],
    cubes_at_once: int,
    on_cubes: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[NDArray[np.float32], Grid]:
    """How much the score of x (1, 1, K, J, I), seen on grid, drops when each cube is hidden, and the cubes' grid.

    Occlusion (Zeiler and Fergus 2014, arXiv 1311.2901, section 4.2) in three dimensions: cubes of that many voxels
    a side, side by side, are set to the mean of what belongs to the volume. Only cubes that cover part of
    the volume are hidden. scores_of gives the scores (B,) of a batch (B, 1, K, J, I). Negative values: hiding
    the cube raises the score. on_cubes is told (cubes done, cubes in all); an exception it raises stops the work.

    Raises ValueError if the cubes do not cover grid exactly.
    """
    inside = part_covering(cell_grid(grid, cube), volume_grid)
    places = [_voxels(inside, cell, cube) for cell in product(*map(range, inside.target.shape_kji))]
    mean = _mean_within(x, grid, volume_grid)
    whole = float(scores_of(x)[0])
    drops: list[float] = []
    for some in _chunks(places, cubes_at_once):
        on_cubes(len(drops), len(places))
        hidden = x.repeat(len(some), 1, 1, 1, 1)
        for number, place in enumerate(some):
            hidden[(number, 0, *place)] = mean
        drops.extend(whole - float(score) for score in scores_of(hidden))
    on_cubes(len(places), len(places))
    return np.array(drops, dtype=np.float32).reshape(inside.target.shape_kji), inside.target


def _mean_within(x: Tensor, grid: Grid, volume_grid: Grid) -> Tensor:
    box = part_covering(grid, volume_grid)
    k, j, i = (slice(first, first + size) for first, size in zip(box.start_kji, box.target.shape_kji, strict=True))
    return x[0, 0, k, j, i].mean()


def _voxels(inside: Framing, cell_kji: tuple[int, ...], cube: int) -> tuple[slice, slice, slice]:
    first = [(start + cell) * cube for start, cell in zip(inside.start_kji, cell_kji, strict=True)]
    return (
        slice(first[0], first[0] + cube),
        slice(first[1], first[1] + cube),
        slice(first[2], first[2] + cube),
    )


def _chunks(places: list[tuple[slice, slice, slice]], size: int) -> Iterator[list[tuple[slice, slice, slice]]]:
    for first in range(0, len(places), size):
        yield places[first : first + size]
