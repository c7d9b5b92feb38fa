"""Letting this process do the work of a command."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..analysis.computing.fast_import import fast_import
from ..analysis.computing.kept_pages import keep_pages
from ..analysis.computing.progress import Cancellation, ProgressCallback
from ..analysis.requests import SegmentRequest
from ..analysis.segmentations.segmentation_result import SegmentationResult
from ..catalog.installed import InstalledModels
from ..volumes import Volume

if TYPE_CHECKING:
    from ..analysis.service import AnalysisService


class LocalAnalysis:
    """An AnalysisService that imports torch, which takes seconds, only when there is something to compute.

    result = LocalAnalysis().segment(request, volume, progress, cancel)
    result = LocalAnalysis().service.classify(other_request, volume)

    With keep_features, the encoder runs once for several questions about a volume, in memory that is free now.
    """

    def __init__(self, keep_features: bool = False) -> None:
        self._keep_features = keep_features

    def segment(
        self, request: SegmentRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> SegmentationResult:
        """See AnalysisService.segment."""
        return self.service.segment(request, volume, progress, cancel)

    @cached_property
    def service(self) -> AnalysisService:
        """All that can be asked; the first use imports torch."""
        keep_pages()
        with fast_import():
            from ..analysis.service import AnalysisService
            from ..analysis.windows.feature_cache import usual_feature_bytes

        return AnalysisService(InstalledModels().find, usual_feature_bytes() if self._keep_features else 0)
