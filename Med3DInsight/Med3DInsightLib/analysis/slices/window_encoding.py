"""The features of the windows of a volume, from the encoder or from the cache."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ...networks.backbones.backbone import Backbone
from ...networks.fingerprint import fingerprint
from ..windows.feature_cache import FeatureCache, FeatureKey, WindowFeatures
from ..windows.tiling import Tiling


class WindowEncoder:
    """Runs a backbone once for every distinct window and keeps its coarsest levels in a cache.

        encoder = WindowEncoder(network.backbone, levels=1, device=device, features=FeatureCache(10**9))
        features, encoded = encoder.run(windows.tiling)
        features[0]                     # the levels of window 0, finest first, each (1, C, k, j, i) on the CPU

    The cache holds only the levels that are attended, not the much larger finer ones; so its entries are not
    those of a segmentation with the same encoder. The backbone is in evaluation mode on the device.
    """

    def __init__(self, backbone: Backbone, levels: int, device: torch.device, features: FeatureCache) -> None:
        self._backbone = backbone
        self._levels = levels
        self._device = device
        self._features = features
        self._encoder = f"{fingerprint(backbone)}, last {levels}" if features.limit_bytes else ""

    @torch.inference_mode()
    def run(
        self, tiling: Tiling, on_window: Callable[[int, int], None] = lambda done, of: None
    ) -> tuple[WindowFeatures, int]:
        """The features of the distinct windows, and how many of them were encoded: none if they were kept.

        on_window is told (windows done, windows in all) before every window and at the end; an exception
        it raises stops the work, and nothing is kept.
        """
        key = FeatureKey.of(tiling, self._encoder, self._device.type) if self._features.limit_bytes else None
        distinct = tiling.distinct
        features = self._features.get(key) if key else None
        encoded = 0
        if features is None:
            features = {}
            for window in distinct:
                on_window(encoded, len(distinct))
                levels = self._backbone(tiling.batch([window]).to(self._device))[-self._levels :]
                features[window] = [level.cpu() for level in levels]
                encoded += 1
            if key:
                self._features.put(key, features)
        on_window(len(distinct), len(distinct))
        return features, encoded
