"""Which slices of a volume are described.

A plane of an oblique volume is the one of its grid that is most parallel to the anatomical plane: see
volumes/slices.py. All functions return slices by index, none twice.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ...volumes import Grid, Plane, SlicePlace, Volume, slices_of
from ..label_maps.structures import LabelledVolume
from .body_by_slice import BodyBySlice


def uniform_slices(grid: Grid, plane: Plane, count: int) -> tuple[SlicePlace, ...]:
    """The slices in the middles of count equal parts of grid, or all if there are not so many."""
    return _evenly(slices_of(grid, plane), count)


def body_slices(body: BodyBySlice, plane: Plane, count: int, least_share: float) -> tuple[SlicePlace, ...]:
    """uniform_slices() of those with at least least_share of the body of the fullest slice; see BodyBySlice."""
    return _evenly(body.slices(plane, least_share), count)


def foreground_slices(volume: Volume, plane: Plane, count: int, seed: int) -> tuple[SlicePlace, ...]:
    """So many slices drawn without repeats, each as likely as it has foreground (see foreground()).

    The same seed draws the same slices. Slices without foreground are never drawn, so there may be fewer.
    """
    places = slices_of(volume.grid, plane)
    weights = BodyBySlice(volume).voxels(plane)
    candidates = int((weights > 0).sum())
    if not candidates:
        return ()
    generator = np.random.default_rng(seed)
    drawn = min(_positive(count), candidates)
    return _at(places, generator.choice(len(places), drawn, replace=False, p=weights / weights.sum()))


def structure_slices(labelled: LabelledVolume, plane: Plane, per_structure: int) -> tuple[SlicePlace, ...]:
    """per_structure slices of every structure of a label map, or all in which it is if there are not so many.

    Where a structure has more, they divide its volume into equal parts: the first choice of one is the
    slice with half of the structure before it.
    """
    _positive(per_structure)
    counts = labelled.voxels_by_slice(plane)
    chosen = {index for of_one in counts.values() for index in _spread(of_one, per_structure)}
    return _at(slices_of(labelled.grid, plane), chosen)


def _evenly(places: tuple[SlicePlace, ...], count: int) -> tuple[SlicePlace, ...]:
    """The middles of count equal parts of places, or all of them if there are not so many."""
    if _positive(count) >= len(places):
        return places
    middles = (np.arange(count) + 0.5) * len(places) / count
    return tuple(places[middle] for middle in middles.astype(int))


def _spread(voxels: NDArray[np.int64], count: int) -> list[int]:
    present = np.flatnonzero(voxels)
    if len(present) <= count:
        return present.tolist()
    before = np.cumsum(voxels)
    wanted = (np.arange(count) + 0.5) / count * before[-1]
    chosen = set(np.searchsorted(before, wanted).tolist())
    # Where one slice holds several of the parts, the largest of the others take their places.
    fullest = sorted(present.tolist(), key=lambda index: (-int(voxels[index]), index))
    chosen.update([index for index in fullest if index not in chosen][: count - len(chosen)])
    return sorted(chosen)


def _at(places: tuple[SlicePlace, ...], indices: Iterable[int]) -> tuple[SlicePlace, ...]:
    return tuple(places[index] for index in sorted(int(index) for index in indices))


def _positive(count: int) -> int:
    if count < 1:
        raise ValueError(f"{count} slices cannot be chosen")
    return count
