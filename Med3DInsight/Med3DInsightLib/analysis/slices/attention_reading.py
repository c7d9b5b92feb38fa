"""From the features of windows to attention on one lattice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...errors import UserError
from ...networks.psat.attention_maps import AttentionMaps
from ...networks.psat.psat import PSAT
from ...volumes import Grid, SlicePlace
from ...volumes.cells import cell_grid, part_covering
from ...volumes.slices import place_in
from ..windows.feature_cache import WindowFeatures
from .attention_choice import AttentionChoice
from .covering_windows import CoveringWindows
from .token_stitching import TokenStitching

_SLICES_AT_ONCE = 16


@torch.inference_mode()
def read_attention(
    psat: PSAT,
    windows: CoveringWindows,
    features: WindowFeatures,
    places: Sequence[SlicePlace],
    choice: AttentionChoice,
    device: torch.device,
    on_window: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[NDArray[np.float32], Grid]:
    """How much the read-out of each slice took from each token, (S, k, j, i), and the grid of the tokens.

    The grid is the lattice of the finest attended level, cropped to what covers the input volume; coarser
    levels are brought to it and added, and windows are averaged (see TokenStitching). on_window is told
    (windows done, windows in all); an exception it raises stops the work.
    """
    stitching = TokenStitching(windows, len(places), psat.tokens.strides)
    for window in range(windows.count):
        on_window(window, windows.count)
        shares = windows.shares(window, places)
        field = windows.field_of_view(window)
        crossing = np.flatnonzero(shares)
        if not len(crossing):
            continue
        memory = psat.remember([level.to(device) for level in features[windows.tiling.representative[window]]], [field])
        for first in range(0, len(crossing), _SLICES_AT_ONCE):
            numbers = crossing[first : first + _SLICES_AT_ONCE]
            maps = psat.attention(memory, [[place_in(field, places[int(number)]) for number in numbers]])
            levels = memory.as_maps(chosen_attention(maps, choice, psat.read_out.rows))
            stitching.add(window, numbers, shares[numbers], [level.float().cpu().numpy() for level in levels])
    on_window(windows.count, windows.count)
    lattice = cell_grid(windows.grid, psat.tokens.strides[0])
    inside = part_covering(lattice, windows.input_grid)
    return np.ascontiguousarray(inside.apply(stitching.on_finest())), inside.target


def chosen_attention(maps: AttentionMaps, choice: AttentionChoice, rows: int) -> Tensor:
    """The attention of the read-out on tokens, (S, N), of the first volume: the mean of the first rows queries.

    Raises UserError if there is no such layer or head.
    """
    layers, heads = maps.on_tokens.shape[0], maps.on_tokens.shape[3]
    for name, wanted, count in (("layer", choice.layer, layers), ("head", choice.head, heads)):
        if wanted is not None and not 0 <= wanted < count:
            raise UserError(f"the model has no {name} {wanted}", next_step=f"choose one of 0 to {count - 1}")
    if choice.rollout:
        return maps.rollout()[0, :, :rows].mean(dim=1)
    of_read_out = maps.on_tokens[:, 0, :, :, :rows].mean(dim=3)
    of_layer = of_read_out.mean(dim=0) if choice.layer is None else of_read_out[choice.layer]
    return of_layer.mean(dim=1) if choice.head is None else of_layer[:, choice.head]
