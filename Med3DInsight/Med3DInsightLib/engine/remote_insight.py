"""The insight of a worker, asked like the one in process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..analysis.describing.requests import AskRequest, DescribeRequest
from ..analysis.requests import (
    AttentionRequest,
    ClassifyRequest,
    ExplainClassRequest,
    FindRequest,
    OccludeClassRequest,
    OccludePhraseRequest,
)
from ..volumes import LabelLayer, Volume
from .client import EngineClient
from .exchange import LayerReference, VolumeReference
from .job import ClientJob, Decode
from .payloads.codec import from_body, to_body
from .payloads.describing import (
    ASK,
    DESCRIBE,
    SLICES_TO_SHOW,
    AnswerBody,
    DescribeBody,
    DescribedBody,
    PlacesBody,
)
from .payloads.insight import (
    ATTENTION,
    CLASSIFY,
    EXPLAIN_CLASS,
    FIND,
    OCCLUDE_CLASS,
    OCCLUDE_PHRASE,
    PHRASES,
    AttentionStackBody,
    ClassificationBody,
    ExplainedBody,
    FindResultBody,
    PhrasesBody,
    PhrasesResultBody,
    SaliencyBody,
)
from .payloads.on_volume import OnVolumeBody


class RemoteInsight:
    """Turns calls into requests to a worker; every call returns a job at once, before files are written.

    insight = RemoteInsight(client)
    job = insight.attention(AttentionRequest("small-encoder"), volume)
    stack = client.wait(job)        # an AttentionStack

    A volume that cannot be handed over is the error of the job; EngineError is raised if no worker starts.
    """

    def __init__(self, client: EngineClient) -> None:
        self.client = client

    def classify(self, request: ClassifyRequest, volume: Volume) -> ClientJob:
        """A job whose result is the ClassificationResult of volume."""
        return self._submit(CLASSIFY, request, volume, lambda answer: from_body(ClassificationBody, answer).result)

    def explain_class(self, request: ExplainClassRequest, volume: Volume) -> ClientJob:
        """A job whose result is an ExplainedClassification."""
        return self._submit(EXPLAIN_CLASS, request, volume, lambda answer: from_body(ExplainedBody, answer).explained())

    def occlude_class(self, request: OccludeClassRequest, volume: Volume) -> ClientJob:
        """A job whose result is the SaliencyMap of a class."""
        return self._submit(OCCLUDE_CLASS, request, volume, _saliency)

    def attention(self, request: AttentionRequest, volume: Volume) -> ClientJob:
        """A job whose result is an AttentionStack."""
        return self._submit(ATTENTION, request, volume, lambda answer: from_body(AttentionStackBody, answer).result())

    def find(self, request: FindRequest, volume: Volume) -> ClientJob:
        """A job whose result is a FindResult."""
        return self._submit(FIND, request, volume, lambda answer: from_body(FindResultBody, answer).result())

    def occlude_phrase(self, request: OccludePhraseRequest, volume: Volume) -> ClientJob:
        """A job whose result is the SaliencyMap of a phrase."""
        return self._submit(OCCLUDE_PHRASE, request, volume, _saliency)

    def phrases(self, model: str) -> ClientJob:
        """A job whose result is the tuple of phrases that a model can look for by itself."""
        body = to_body(PhrasesBody(model))
        return self.client.submit(PHRASES, lambda: body, lambda answer: from_body(PhrasesResultBody, answer).phrases)

    def describe(self, request: DescribeRequest, volume: Volume, layers: Sequence[LabelLayer] = ()) -> ClientJob:
        """A job whose result is DescribedSlices; its parts are captions, see caption_told()."""
        folder = self.client.exchange.new()

        def encode() -> dict[str, Any]:
            stored = [LayerReference.store(layer, folder / f"layer{n}.nrrd") for n, layer in enumerate(layers)]
            volume_stored = VolumeReference.store(volume, folder / "volume.nrrd")
            return to_body(DescribeBody(request, volume_stored, tuple(stored)))

        return self.client.submit(DESCRIBE, encode, lambda answer: from_body(DescribedBody, answer).result(), folder)

    def ask(self, request: AskRequest, volume: Volume) -> ClientJob:
        """A job whose result is an Answer; its parts are pieces of text, see piece_told()."""
        return self._submit(ASK, request, volume, lambda answer: from_body(AnswerBody, answer).answer)

    def slices_to_show(self, request: AskRequest, volume: Volume) -> ClientJob:
        """A job whose result is the tuple of SlicePlace that ask() would show; nothing is sent to a server."""
        return self._submit(SLICES_TO_SHOW, request, volume, lambda answer: from_body(PlacesBody, answer).places)

    def _submit(self, kind: str, request: Any, volume: Volume, decode: Decode) -> ClientJob:
        folder = self.client.exchange.new()

        def encode() -> dict[str, Any]:
            return to_body(OnVolumeBody(request, VolumeReference.store(volume, folder / "volume.nrrd")))

        return self.client.submit(kind, encode, decode, folder)


def _saliency(answer: dict[str, Any]) -> Any:
    return from_body(SaliencyBody, answer).result()
