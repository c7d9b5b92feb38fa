"""What a slice loses of its likeness to a phrase when parts of the volume are hidden."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ...networks.pretrained_encoder import PretrainedEncoder
from ...volumes import Framing, Grid, SlicePlace
from ...volumes.slices import place_in
from ..slices.covering_windows import CoveringWindows
from .occlusion import hidden_drops

_CUBES_ALONG = 6


def phrase_drops(
    network: PretrainedEncoder,
    windows: CoveringWindows,
    place: SlicePlace,
    phrase_embedding: NDArray[np.float32],
    cube: int,
    device: torch.device,
    on_cubes: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[NDArray[np.float32], Grid]:
    """How much the cosine of a slice and a phrase (D,) drops when each cube is hidden; see hidden_drops().

    The slice is read in the windows that it crosses, as read_embeddings() does it, and only cubes in them are
    hidden; the encoder runs on each of the windows for every cube. A cube of 0 voxels stands for usual_cube().
    """
    crossing = [window for window in range(windows.count) if windows.shares(window, [place])[0] > 0]
    corners = np.array([windows.tiling.corners[window] for window in crossing])
    first = corners.min(axis=0)
    crossed = corners.max(axis=0) + windows.tiling.window_kji - first
    cube = cube or usual_cube(int(crossed.max()), network.backbone.strides[-1])
    k, j, i = (cube * -(-int(size) // cube) for size in crossed)  # the last cubes may be partly outside
    box = Framing.box(windows.grid, (int(first[0]), int(first[1]), int(first[2])), (k, j, i))
    x = torch.from_numpy(np.ascontiguousarray(box.apply(windows.tiling.array_kji.numpy())))[None, None].to(device)
    phrase = torch.from_numpy(phrase_embedding).to(device)

    @torch.inference_mode()
    def cosine(hidden: Tensor) -> Tensor:
        total = torch.zeros(len(hidden), len(phrase), device=device)
        for window, corner in zip(crossing, corners - first, strict=True):
            field = windows.field_of_view(window)
            at_k, at_j, at_i = (
                slice(int(at), int(at) + size) for at, size in zip(corner, windows.tiling.window_kji, strict=True)
            )
            seen = hidden[:, :, at_k, at_j, at_i]
            read = network(seen, [field] * len(hidden), [[place_in(field, place)]] * len(hidden))[:, 0]
            share = float(windows.shares(window, [place])[0])
            total += share * functional.normalize(read.float(), dim=-1)
        return functional.normalize(total, dim=-1) @ phrase

    return hidden_drops(x, box.target, windows.input_grid, cube, cosine, 1, on_cubes)


def usual_cube(longest: int, coarsest_stride: int) -> int:
    """The side in voxels of cubes of which about six lie along so many voxels, a multiple of the coarsest stride.

    Cubes as small as tokens would take thousands of passes of the encoder.
    """
    return coarsest_stride * -(-longest // (_CUBES_ALONG * coarsest_stride))
