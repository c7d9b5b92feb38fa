"""All models at once: what a worker, the Python console and the command line ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from ..bundles import Bundle
from ..volumes import Grid, Volume
from .estimate import Estimate
from .feature_cache import FeatureCache
from .progress import Cancellation, ProgressCallback
from .requests import SegmentRequest
from .segmentation_result import SegmentationResult
from .session import Session

_MOST_SESSIONS = 3


class AnalysisService:
    """Answers requests, keeping models and features between them.

        service = AnalysisService(ShippedModels().find, feature_bytes=2 * 10**9)
        result = service.segment(SegmentRequest("brain-tissue"), volume)

    A model is loaded when it is first asked for and again when its weights change on disk.
    """

    def __init__(self, find_bundle: Callable[[str], Bundle], feature_bytes: int = 0) -> None:
        self._find_bundle = find_bundle
        self._features = FeatureCache(feature_bytes)
        self._sessions: OrderedDict[tuple[str, ...], Session] = OrderedDict()

    def segment(
        self,
        request: SegmentRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SegmentationResult:
        """See Session.segment; raises BundleError too if there is no such model or it is damaged."""
        return self._session(request).segment(volume, progress, cancel)

    def estimate(self, request: SegmentRequest, grid: Grid) -> Estimate:
        """See Session.estimate."""
        return self._session(request).estimate(grid)

    def bundle(self, request: SegmentRequest) -> Bundle:
        """The bundle of the model that a request names; raises BundleError if there is none."""
        return self._find_bundle(request.model)

    def release_memory(self) -> None:
        """Forget all models and features; the next request loads what it needs."""
        self._sessions.clear()
        self._features.clear()

    def _session(self, request: SegmentRequest) -> Session:
        bundle = self.bundle(request)
        key = (str(bundle.folder), bundle.card.weights_sha256, request.device.value)
        if key not in self._sessions:
            self._sessions[key] = Session.open(bundle, request.device, self._features)
        self._sessions.move_to_end(key)
        while len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return self._sessions[key]
