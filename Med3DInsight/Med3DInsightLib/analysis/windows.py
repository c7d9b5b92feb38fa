"""Covering a volume with overlapping windows and putting their scores together."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Indices = tuple[int, int, int]

_GAUSSIAN_SIGMA = 0.125  # of the window's size, as in nnU-Net (Isensee et al. 2021) and MONAI
_SMALLEST_WEIGHT = 1e-3


def window_starts(size: int, window: int, overlap: float) -> list[int]:
    """First voxels of the windows along an axis; the last window ends with the axis.

    size must be at least window; neighbours share at least the fraction overlap.
    """
    step = max(1, int(window * (1.0 - overlap)))
    count = math.ceil((size - window) / step) + 1
    return [min(index * step, size - window) for index in range(count)]


def window_corners(shape_kji: Indices, window_kji: Indices, overlap: float) -> list[Indices]:
    """First voxels (k, j, i) of all windows, k slowest."""
    axes = [window_starts(size, window, overlap) for size, window in zip(shape_kji, window_kji, strict=True)]
    return [(k, j, i) for k, j, i in product(*axes)]


def gaussian_importance(window_kji: Indices) -> Tensor:
    """Weights (K, J, I) that trust the middle of a window more than its border; at most 1."""
    weights = torch.ones(())
    for size in window_kji:
        offsets = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
        axis = torch.exp(-0.5 * (offsets / (_GAUSSIAN_SIGMA * size)) ** 2)
        weights = weights[..., None] * axis
    return weights.clamp_min(_SMALLEST_WEIGHT)


class WindowedInference:
    """Runs a segmentation network window by window and averages the scores where windows overlap.

        inference = WindowedInference(network, classes=4, window_kji=(80, 80, 80))
        scores = inference.run(array_kji)       # (4, K, J, I), float32, on the CPU

    The network must be on device, in evaluation mode.
    """

    def __init__(
        self,
        network: nn.Module,
        classes: int,
        window_kji: Indices,
        overlap: float = 0.5,
        device: torch.device | None = None,
    ) -> None:
        self._network = network
        self._classes = classes
        self._window_kji = window_kji
        self._overlap = overlap
        self._device = device or torch.device("cpu")

    @torch.inference_mode()
    def run(self, array_kji: NDArray[np.float32], on_window: Callable[[int, int], None] | None = None) -> Tensor:
        """Mean scores before softmax, (classes, K, J, I), of an array at least one window large.

        on_window is told (windows done, windows in all) before every window and at the end; an
        exception it raises stops the work.
        """
        volume = torch.from_numpy(array_kji)
        shape = (int(volume.shape[0]), int(volume.shape[1]), int(volume.shape[2]))
        corners = window_corners(shape, self._window_kji, self._overlap)
        importance = gaussian_importance(self._window_kji)
        scores = torch.zeros((self._classes, *shape))
        weights = torch.zeros(shape)
        for done, corner in enumerate(corners):
            if on_window is not None:
                on_window(done, len(corners))
            place = tuple(slice(first, first + size) for first, size in zip(corner, self._window_kji, strict=True))
            window = volume[place][None, None].to(self._device)
            predicted = self._network(window)[0].float().cpu()
            scores[(slice(None), *place)].addcmul_(predicted, importance)
            weights[place] += importance
        scores /= weights
        if on_window is not None:
            on_window(len(corners), len(corners))
        return scores
