"""From class scores on the model grid to labels on the input grid, without a full-size score volume.

The usual way interpolates the scores of all classes to the input grid and takes the arg-max there;
for a CT and 33 classes that is gigabytes and most of the run time. Here the input grid is filled
tile by tile, and most tiles need no interpolation at all, because linear interpolation never leaves
the range of its corners: if one class has a lower bound in a tile (its smallest corner score) that
another class's upper bound (its largest) does not reach, the other class cannot win anywhere in
that tile. Only the classes that are left are interpolated; if one is left, the tile is filled with
it. The result is that of the usual way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

TILE_VOXEL = 40
"""Output voxels along each side of a tile: small enough to exclude classes and to fit a cache."""

_MOST_CELLS = 16  # of the model grid along each side of a tile


@dataclass(frozen=True)
class _Span:
    """One tile along one axis: output[out] is weights @ source[src]."""

    out: slice
    src: slice
    weights: Tensor


@torch.inference_mode()
def labels_from_scores(
    scores: Tensor,
    positions: Sequence[NDArray[np.float64]],
    on_slab: Callable[[int, int], None] | None = None,
    tile_voxel: int = TILE_VOXEL,
) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """The class with the highest linearly interpolated score at every output voxel.

    scores is (C, K, J, I). positions gives for K, J and I where the output voxels lie, in voxels of
    scores, ascending and within it. The result has one voxel per combination of positions, as uint8
    for up to 256 classes. Ties go to the lower class. on_slab is told (slabs done, slabs in all) as they
    are finished, and at the end; an exception it raises stops the work.
    """
    if any(len(along) == 0 or np.any(np.diff(along) < 0) for along in positions):
        raise ValueError("positions must be ascending and not empty")
    spans = [_spans(along, size, tile_voxel) for along, size in zip(positions, scores.shape[1:], strict=True)]
    kind = torch.uint8 if scores.shape[0] <= 256 else torch.uint16
    labels = torch.empty([len(along) for along in positions], dtype=kind)
    tell = on_slab or (lambda done, of: None)
    with _one_thread_for_each_slab() as pool:
        slabs = [pool.submit(_fill_slab, labels, scores, span_k, spans[1], spans[2]) for span_k in spans[0]]
        try:
            for done, slab in enumerate(slabs):
                tell(done, len(slabs))
                slab.result()
        finally:
            pool.shutdown(cancel_futures=True)
    tell(len(slabs), len(slabs))
    return labels.numpy()


@contextmanager
def _one_thread_for_each_slab() -> Iterator[ThreadPoolExecutor]:
    """A pool of as many threads as torch uses, each of which computes alone.

    Tiles are too small to share one between threads, which then wait for each other at every step; on
    a busy computer that took ten times as long.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(threads, thread_name_prefix="slab") as pool:
            yield pool
    finally:
        torch.set_num_threads(threads)


@torch.inference_mode()
def _fill_slab(labels: Tensor, scores: Tensor, span_k: _Span, spans_j: list[_Span], spans_i: list[_Span]) -> None:
    """Write the winning classes of one slab of tiles into labels (K, J, I); scores is (C, k, j, i)."""
    slab = scores[:, span_k.src]
    for span_j in spans_j:
        row = slab[:, :, span_j.src]
        for span_i in spans_i:
            _fill(labels[span_k.out, span_j.out, span_i.out], row[:, :, :, span_i.src], span_k, span_j, span_i)


def _fill(target: Tensor, block: Tensor, span_k: _Span, span_j: _Span, span_i: _Span) -> None:
    """Write the winning classes of one tile into target (K, J, I); block is (C, k, j, i)."""
    low, high = torch.aminmax(block.flatten(1), dim=1)
    candidates = torch.nonzero(high >= low.max())[:, 0]
    if len(candidates) == 1:
        target.fill_(int(candidates[0]))
        return
    x = block[candidates]
    count, k, j, i = x.shape
    x = (span_k.weights @ x.reshape(count, k, j * i)).reshape(count, -1, j, i)
    x = span_j.weights @ x
    x = x @ span_i.weights.T
    target.copy_(_arg_max(x, candidates))


def _arg_max(x: Tensor, classes: Tensor) -> Tensor:
    """For each voxel the entry of classes whose score in x (C, ...) is highest, the first of equals."""
    best = x[0].clone()
    winner = torch.full(best.shape, int(classes[0]), dtype=torch.int16)
    for index in range(1, len(classes)):
        better = x[index] > best
        winner.masked_fill_(better, int(classes[index]))
        torch.maximum(best, x[index], out=best)
    return winner


def _spans(along: NDArray[np.float64], size: int, tile_voxel: int) -> list[_Span]:
    """The tiles along one axis of size source voxels for ascending output positions."""
    voxel_per_cell = len(along) / max(1.0, float(along[-1] - along[0]))
    tile_cells = min(_MOST_CELLS, max(1, round(tile_voxel / voxel_per_cell)))
    lower = np.clip(np.floor(along).astype(np.intp), 0, max(0, size - 2))
    fraction = np.clip(along - lower, 0.0, 1.0)
    tiles = lower // tile_cells
    spans = []
    for tile in np.unique(tiles):
        inside = np.flatnonzero(tiles == tile)
        out = slice(int(inside[0]), int(inside[-1]) + 1)
        src = slice(int(lower[inside[0]]), min(size, int(lower[inside[-1]]) + 2))
        weights = torch.zeros(len(inside), src.stop - src.start)
        rows = torch.arange(len(inside))
        first = torch.from_numpy(lower[inside] - src.start)
        share = torch.from_numpy(fraction[inside]).float()
        weights[rows, first] = 1.0 - share
        weights[rows, (first + 1).clamp_max(weights.shape[1] - 1)] += share
        spans.append(_Span(out, src, weights))
    return spans
