"""Why a model classifies as it does."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ...errors import UserError
from ...networks.classification import ClassificationNetwork
from ...volumes import Volume
from ...volumes.cells import cell_grid
from ..classes.classification import classify_embedding, classify_input
from ..classes.classifier import CLASSIFYING, PREPARING, Classifier
from ..computing.memory_fallback import on_device_with_memory
from ..computing.progress import Cancellation, ProgressCallback, ProgressTracker
from ..computing.timing import timed
from .explained_classification import ExplainedClassification
from .grad_cam import features_and_embedding, grad_cam
from .occlusion import hidden_drops
from .saliency_map import SaliencyMap, saliency_within

EXPLAINING, HIDING = "explaining", "hiding"
_SHARES = {PREPARING: 0.2, CLASSIFYING: 0.6, EXPLAINING: 0.2}
_CUBES_AT_ONCE = {"cuda": 16}  # elsewhere one, as for the windows of a segmentation


class ClassExplainer:
    """Shows what in volumes speaks for a class.

    explainer = ClassExplainer(Classifier.open(bundle))
    explained = explainer.explain(volume)                   # one pass of the encoder
    explained.result.probabilities                          # those of Classifier.classify()
    explained.saliency.on_grid(volume.grid)                 # Grad-CAM of the most probable class
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def explain(
        self,
        volume: Volume,
        class_name: str = "",
        level: int = -1,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> ExplainedClassification:
        """Probabilities and the Grad-CAM of a class, of the most probable one without a name, in one pass.

        A network that averages over mirror images takes a pass for each of them too; its Grad-CAM is that of the
        volume itself.

        level is the level of the backbone whose features are weighed, from the finest on, or -1 for the
        coarsest. progress is told of each stage with the time left, cancel is looked at between them: the pass itself
        is one step. Raises VolumeError and MemoryShortage as Classifier.classify() does, UserError if there is no such
        class or level, AnalysisCancelled if cancel was set.
        """
        self._require_class(class_name)
        network, names = self._classifier.network, self._classifier.card.class_names
        strides = network.backbone.strides
        if not -1 <= level < len(strides):
            raise UserError(f"the model has no level {level}", next_step=f"choose one of -1 to {len(strides) - 1}")
        seconds: dict[str, float] = {}

        tracker = ProgressTracker(_SHARES, progress, cancel)

        def explain(device: torch.device) -> ExplainedClassification:
            tracker.report(PREPARING, 0, 1)
            x, grid = self._classifier.seen(volume, seconds)
            tracker.report(CLASSIFYING, 0, 1)
            with timed(seconds, CLASSIFYING):
                features, embedding = features_and_embedding(network.to(device), x.to(device), level)
                tracker.report(EXPLAINING, 0, 1)
                result = classify_embedding(network, _averaged(network, embedding, x), names, seconds)
                subject = class_name or result.most_probable
                cam = grad_cam(network, features, embedding, names.index(subject))
            saliency = saliency_within(subject, cam.float().cpu().numpy(), cell_grid(grid, strides[level]), volume.grid)
            return ExplainedClassification(result, saliency)

        return on_device_with_memory(self._classifier.device, volume.grid, explain)

    def occlude(
        self,
        volume: Volume,
        class_name: str = "",
        cube_tokens: int = 1,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SaliencyMap:
        """How much the probability of a class drops when cubes of cube_tokens coarsest tokens a side are hidden.

        See hidden_drops(). Without a name the class is the most probable one. cancel is looked at between
        passes of the encoder. Raises VolumeError as Classifier.classify() does, UserError if there is no such class
        or cubes of that size do not fill the patch, AnalysisCancelled if cancel was set.
        """
        self._require_class(class_name)
        network, card, device = self._classifier.network, self._classifier.card, self._classifier.device
        cube = cube_of(network.backbone.strides[-1], cube_tokens, card.recipe.patch_kji)
        tracker = ProgressTracker({PREPARING: 0.05, HIDING: 0.95}, progress, cancel)
        tracker.report(PREPARING, 0, 1)
        x, grid = self._classifier.seen(volume, {})
        x = x.to(device)
        subject = class_name or classify_input(network.to(device), x, card.class_names, {}).most_probable
        drops, cells = hidden_drops(
            x,
            grid,
            volume.grid,
            cube,
            _probability_of(card.class_names.index(subject), network),
            _CUBES_AT_ONCE.get(device.type, 1),
            lambda done, of: tracker.report(HIDING, done, of),
        )
        return SaliencyMap(subject, drops, cells)

    def _require_class(self, class_name: str) -> None:
        card = self._classifier.card
        if class_name and class_name not in card.class_names:
            known = ", ".join(card.class_names)
            raise UserError(f"model '{card.name}' has no class '{class_name}'", next_step=f"choose one of: {known}")


@torch.inference_mode()
def _averaged(network: ClassificationNetwork, embedding: Tensor, x: Tensor) -> Tensor:
    """What the network would give for x, without another pass for x itself, whose embedding is there."""
    return network.averaged(embedding.detach(), x.to(embedding.device))


def _probability_of(number: int, network: ClassificationNetwork) -> Callable[[Tensor], Tensor]:
    """The probability (B,) of a class for a batch (B, 1, K, J, I)."""

    @torch.inference_mode()
    def probability(x: Tensor) -> Tensor:
        scores: Tensor = network(x)
        return scores.double().softmax(-1)[:, number]

    return probability


def cube_of(stride: int, tokens: int, shape_kji: tuple[int, int, int]) -> int:
    """The side in voxels of cubes of tokens; raises UserError if such cubes do not fill a box of voxels."""
    cube = stride * tokens
    if tokens < 1 or any(size % cube for size in shape_kji):
        raise UserError(
            f"cubes of {tokens} tokens ({cube} voxels) do not fill {shape_kji} voxels",
            next_step="choose 1, or another number that does",
        )
    return cube
