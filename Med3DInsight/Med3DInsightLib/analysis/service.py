"""All models at once: what a worker, the Python console and the command line ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..bundles import Bundle, HeadKind
from ..bundles.vocabulary import Vocabulary
from ..captions.pictures.faces import BRAIN_MODEL, without_face
from ..volumes import Grid, LabelLayer, SlicePlace, Volume
from .classes.classification_result import ClassificationResult
from .computing.progress import Cancellation, ProgressCallback
from .describing.asker import QuestionAsker, TellPiece
from .describing.describer import SliceDescriber, TellCaption
from .describing.requests import AskRequest, DescribeRequest
from .describing.results import Answer, DescribedSlices
from .describing.slices_asked import RelevantSlices
from .opened_models import OpenedModels
from .requests import (
    AttentionRequest,
    ClassifyRequest,
    EstimateRequest,
    ExplainClassRequest,
    FindRequest,
    OccludeClassRequest,
    OccludePhraseRequest,
    ReadSlicesRequest,
    SegmentRequest,
)
from .saliency.class_explainer import ClassExplainer
from .saliency.explained_classification import ExplainedClassification
from .saliency.phrase_explainer import PhraseExplainer
from .saliency.saliency_map import SaliencyMap
from .segmentations.segmentation_result import SegmentationResult
from .slices.attention_stack import AttentionStack
from .slices.finding import FindResult, similar_slices
from .slices.slice_embeddings import SliceReadings
from .windows.estimate import Estimate


class AnalysisService:
    """Answers requests, keeping models and features between them.

        service = AnalysisService(InstalledModels().find, feature_bytes=2 * 10**9)
        result = service.segment(SegmentRequest("brain-structures"), volume)

    See OpenedModels for what is kept. Every method that names a model raises BundleError too if there is none or it is
    damaged.
    """

    def __init__(self, find_bundle: Callable[[str], Bundle], feature_bytes: int = 0) -> None:
        self._models = OpenedModels(find_bundle, feature_bytes)

    def segment(
        self,
        request: SegmentRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SegmentationResult:
        """See Session.segment; raises BundleError too if there is no such model or it is damaged."""
        return self._models.session(request.model, request.device).segment(volume, progress, cancel)

    def estimate(self, request: EstimateRequest, grid: Grid) -> Estimate:
        """What a run of a model of any kind will cost: see Session, SliceReader and Classifier."""
        architecture = self.bundle(request.model).card.architecture
        if architecture.psat is not None:
            return self._models.reader(request.model, request.device).estimate(grid)
        if architecture.head == HeadKind.CLASSIFICATION:
            return self._models.classifier(request.model, request.device).estimate(grid)
        return self._models.session(request.model, request.device).estimate(grid)

    def bundle(self, model: str) -> Bundle:
        """The bundle of a model; raises BundleError if there is none."""
        return self._models.bundle(model)

    def classify(
        self,
        request: ClassifyRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> ClassificationResult:
        """See Classifier.classify."""
        return self._models.classifier(request.model, request.device).classify(volume, progress, cancel)

    def explain_class(
        self,
        request: ExplainClassRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> ExplainedClassification:
        """See ClassExplainer.explain."""
        explainer = ClassExplainer(self._models.classifier(request.model, request.device))
        return explainer.explain(volume, request.class_name, request.level, progress, cancel)

    def occlude_class(
        self,
        request: OccludeClassRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SaliencyMap:
        """See ClassExplainer.occlude."""
        explainer = ClassExplainer(self._models.classifier(request.model, request.device))
        return explainer.occlude(volume, request.class_name, request.cube_tokens, progress, cancel)

    def read_slices(
        self,
        request: ReadSlicesRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SliceReadings:
        """See SliceReader.read."""
        return self._models.reader(request.model, request.device).read(volume, request.planes, progress, cancel)

    def attention(
        self,
        request: AttentionRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> AttentionStack:
        """See SliceReader.attention."""
        reader = self._models.reader(request.model, request.device)
        return reader.attention(volume, request.plane, request.indices, request.choice, progress, cancel)

    def find(
        self,
        request: FindRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> FindResult:
        """How well a phrase fits every slice; see SliceReader.read, phrase_of and plane_similarity."""
        reader = self._models.reader(request.model, request.device)
        phrase = self._models.phrase(request.model, request.phrase, request.text_tower, reader)
        readings = reader.read(volume, request.planes, progress, cancel)
        return similar_slices(phrase, readings, request.temperature)

    def occlude_phrase(
        self,
        request: OccludePhraseRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SaliencyMap:
        """See PhraseExplainer.occlude and phrase_of."""
        reader = self._models.reader(request.model, request.device)
        phrase = self._models.phrase(request.model, request.phrase, request.text_tower, reader)
        return PhraseExplainer(reader).occlude(
            volume, request.plane, request.index, phrase, request.cube_tokens, progress, cancel
        )

    def describe(
        self,
        request: DescribeRequest,
        volume: Volume,
        layers: Sequence[LabelLayer] = (),
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
        tell: TellCaption | None = None,
    ) -> DescribedSlices:
        """See SliceDescriber.describe; layers are what is known of the volume's structures."""
        faceless = self.without_face(volume, cancel) if request.deface else None
        return SliceDescriber(self._models.backends).describe(request, volume, layers, progress, cancel, tell, faceless)

    def without_face(self, volume: Volume, cancel: Cancellation | None = None) -> Volume:
        """What is drawn for a request to deface; see captions.pictures.faces.without_face."""
        return without_face(volume, lambda head: self.segment(SegmentRequest(BRAIN_MODEL), head, None, cancel).labels)

    def ask(
        self,
        request: AskRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
        tell: TellPiece | None = None,
    ) -> Answer:
        """See QuestionAsker.ask."""
        return QuestionAsker(self._models.backends, self._find_for).ask(request, volume, progress, cancel, tell)

    def slices_to_show(
        self,
        request: AskRequest,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> tuple[SlicePlace, ...]:
        """See QuestionAsker.slices_to_show."""
        return QuestionAsker(self._models.backends, self._find_for).slices_to_show(request, volume, progress, cancel)

    def phrases(self, model: str) -> tuple[str, ...]:
        """The phrases that a model can look for without its teacher's text tower; raises BundleError."""
        vocabulary = Vocabulary.of(self.bundle(model))
        return () if vocabulary is None else vocabulary.phrases

    def release_memory(self) -> None:
        """Forget all models and features; the next request loads what it needs."""
        self._models.clear()

    def _find_for(
        self,
        chosen: RelevantSlices,
        phrase: str,
        volume: Volume,
        progress: ProgressCallback | None,
        cancel: Cancellation | None,
    ) -> FindResult:
        request = FindRequest(chosen.model, phrase, chosen.planes, text_tower=chosen.text_tower, device=chosen.device)
        return self.find(request, volume, progress, cancel)
