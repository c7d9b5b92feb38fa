"""Where a command gets what is known of a volume: from this process, or from the shared worker."""

from __future__ import annotations

from typing import Any, Protocol

from ..analysis.classes.classification_result import ClassificationResult
from ..analysis.computing.progress import Cancellation, ProgressCallback
from ..analysis.requests import AttentionRequest, ClassifyRequest, ExplainClassRequest, FindRequest, SegmentRequest
from ..analysis.saliency.explained_classification import ExplainedClassification
from ..analysis.segmentations.segmentation_result import SegmentationResult
from ..analysis.slices.attention_stack import AttentionStack
from ..analysis.slices.finding import FindResult
from ..engine.remote_insight import RemoteInsight
from ..volumes import Volume
from .local_analysis import LocalAnalysis
from .shared_worker import segment_with_shared_worker, with_shared_worker


class InsightSource(Protocol):
    """Answers several questions about one volume, the same wherever it computes; see AnalysisService."""

    def segment(
        self, request: SegmentRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> SegmentationResult:
        """Labels on the grid of volume."""

    def classify(
        self, request: ClassifyRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> ClassificationResult:
        """The probability of every class."""

    def explain_class(
        self, request: ExplainClassRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> ExplainedClassification:
        """Probabilities, and the Grad-CAM of a class."""

    def find(
        self, request: FindRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> FindResult:
        """How well a phrase fits every slice."""

    def attention(
        self, request: AttentionRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> AttentionStack:
        """What an encoder looked at for slices of a plane."""


class LocalInsight:
    """This process; the first question imports torch, and the encoder runs once for all that follow."""

    def __init__(self) -> None:
        self._local = LocalAnalysis(keep_features=True)

    def segment(
        self, request: SegmentRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> SegmentationResult:
        """See AnalysisService.segment."""
        return self._local.segment(request, volume, progress, cancel)

    def classify(
        self, request: ClassifyRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> ClassificationResult:
        """See AnalysisService.classify."""
        return self._local.service.classify(request, volume, progress, cancel)

    def explain_class(
        self, request: ExplainClassRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> ExplainedClassification:
        """See AnalysisService.explain_class."""
        return self._local.service.explain_class(request, volume, progress, cancel)

    def find(
        self, request: FindRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> FindResult:
        """See AnalysisService.find."""
        return self._local.service.find(request, volume, progress, cancel)

    def attention(
        self, request: AttentionRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> AttentionStack:
        """See AnalysisService.attention."""
        return self._local.service.attention(request, volume, progress, cancel)


class SharedInsight:
    """The worker that "med3dinsight serve" started, which keeps models and features."""

    def segment(
        self, request: SegmentRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> SegmentationResult:
        """See RemoteAnalysis.segment."""
        return segment_with_shared_worker(request, volume, progress, cancel)

    def classify(
        self, request: ClassifyRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> Any:
        """See RemoteInsight.classify."""
        return with_shared_worker(lambda c: RemoteInsight(c).classify(request, volume), progress, cancel)

    def explain_class(
        self, request: ExplainClassRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> Any:
        """See RemoteInsight.explain_class."""
        return with_shared_worker(lambda c: RemoteInsight(c).explain_class(request, volume), progress, cancel)

    def find(self, request: FindRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation) -> Any:
        """See RemoteInsight.find."""
        return with_shared_worker(lambda c: RemoteInsight(c).find(request, volume), progress, cancel)

    def attention(
        self, request: AttentionRequest, volume: Volume, progress: ProgressCallback, cancel: Cancellation
    ) -> Any:
        """See RemoteInsight.attention."""
        return with_shared_worker(lambda c: RemoteInsight(c).attention(request, volume), progress, cancel)
