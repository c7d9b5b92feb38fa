"""From the features of windows to the embeddings of slices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ...networks.psat.psat import PSAT
from ...volumes import SlicePlace
from ...volumes.slices import place_in
from ..windows.feature_cache import WindowFeatures
from .covering_windows import CoveringWindows

_QUERIES_AT_ONCE = 1024  # enough to keep the processor busy: measured, more gain nothing


@torch.inference_mode()
def read_embeddings(
    psat: PSAT,
    windows: CoveringWindows,
    features: WindowFeatures,
    places: Sequence[SlicePlace],
    device: torch.device,
    on_window: Callable[[int, int], None] = lambda done, of: None,
) -> NDArray[np.float32]:
    """The embeddings (S, D) of slices, float32 and of length 1.

    A slice is read in each window that it crosses, as training reads it: numbered within the window, its
    position relative to the window's centre. What the windows say, each scaled to length 1, is averaged with
    the share of the slice's area in them as weights, and scaled again. on_window is told (windows done,
    windows in all); an exception it raises stops the work.
    """
    total = torch.zeros(len(places), psat.read_out.projection.out_features, device=device)
    for window in range(windows.count):
        on_window(window, windows.count)
        shares = windows.shares(window, places)
        crossing = np.flatnonzero(shares)
        if not len(crossing):
            continue
        field = windows.field_of_view(window)
        levels = [level.to(device) for level in features[windows.tiling.representative[window]]]
        memory = psat.remember(levels, [field])
        seen = [place_in(field, places[int(number)]) for number in crossing]
        read = psat.read(memory, [seen], max(1, _QUERIES_AT_ONCE // psat.queries.count))[0]
        weights = torch.from_numpy(shares[crossing]).to(device)[:, None]
        total[torch.from_numpy(crossing).to(device)] += weights * functional.normalize(read.float(), dim=-1)
    on_window(windows.count, windows.count)
    embeddings: NDArray[np.float32] = functional.normalize(total, dim=-1).cpu().numpy()
    return embeddings
