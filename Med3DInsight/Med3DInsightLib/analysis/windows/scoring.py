"""From a prepared volume to class scores on the model grid, window by window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ...networks.ensemble import Segmenting
from .compute_plan import ComputePlan
from .feature_cache import FeatureCache, FeatureKey, WindowFeatures, bytes_of
from .tiling import ScoreSum, Tiling


class WindowScorer:
    """Runs encoder and decoder over the windows of a tiling and averages their scores.

        scorer = WindowScorer(network, "fingerprint", FeatureCache(0))
        scores, encoded = scorer.run(tiling, plan)      # (classes, K, J, I) on the CPU

    encoded counts the windows for which the encoder ran: none if their features were in the cache.
    The network must be in evaluation mode on the plan's device.
    """

    def __init__(self, network: Segmenting, fingerprint: str, features: FeatureCache) -> None:
        self._network = network
        self._fingerprint = fingerprint
        self._features = features

    @torch.inference_mode()
    def run(
        self, tiling: Tiling, plan: ComputePlan, on_window: Callable[[int, int], None] | None = None
    ) -> tuple[Tensor, int]:
        """Mean scores before softmax, float32, and the number of windows that were encoded.

        on_window is told (windows done, windows in all) before every batch of windows and at the end;
        an exception it raises stops the work.
        """
        tell = on_window or (lambda done, of: None)
        total = ScoreSum(tiling, self._network.classes)
        distinct, done = tiling.distinct, 0
        key = FeatureKey.of(tiling, self._fingerprint, plan.device.type) if plan.keeps_features else None
        cached = self._features.get(key) if key else None
        keep: WindowFeatures | None = {} if key and cached is None else None
        for windows in _chunks(distinct, plan.windows_at_once):
            tell(done, len(distinct))
            if cached is not None:
                levels = _joined([cached[window] for window in windows], plan.device)
            else:
                levels = self._network.backbone(tiling.batch(windows).to(plan.device))
                keep = self._collected(keep, windows, levels, len(distinct))
            for window, scores in zip(windows, self._network.decoder(levels), strict=True):
                total.add(window, scores)
            done += len(windows)
        if key and keep:
            self._features.put(key, keep)
        tell(len(distinct), len(distinct))
        return total.mean(), 0 if cached is not None else len(distinct)

    def _collected(
        self, keep: WindowFeatures | None, windows: list[int], levels: list[Tensor], count: int
    ) -> WindowFeatures | None:
        """Keep with the features of some windows added, or None once it is clear that all do not fit."""
        if keep is None:
            return None
        for index, window in enumerate(windows):
            keep[window] = [level[index : index + 1].to("cpu", copy=len(windows) > 1) for level in levels]
        return keep if bytes_of(keep) / len(keep) * count <= self._features.limit_bytes else None


def _joined(features: list[list[Tensor]], device: torch.device) -> list[Tensor]:
    """The levels of several windows, each as one batch on device."""
    levels = zip(*features, strict=True)
    return [(torch.cat(level) if len(level) > 1 else level[0]).to(device) for level in levels]


def _chunks(windows: list[int], size: int) -> Iterator[list[int]]:
    for first in range(0, len(windows), size):
        yield windows[first : first + size]
