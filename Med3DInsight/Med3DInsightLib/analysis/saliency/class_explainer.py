"""A classifying model that says why."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from ...bundles import Bundle, HeadKind, ModelCard
from ...errors import UserError
from ...networks.classification import ClassificationNetwork
from ...networks.factory import load_network
from ...volumes import Grid, Volume
from ...volumes.cells import cell_grid
from ...volumes.volume import require_content, require_finite
from ..classes.classification import classify_embedding, classify_input, seen_patch
from ..classes.classification_result import ClassificationResult
from ..computing.device import Device, choose_device
from ..computing.memory_fallback import on_device_with_memory
from ..computing.progress import Cancellation, ProgressCallback, ProgressTracker
from ..computing.timing import timed
from ..windows.estimate import Estimate, estimate_windows, model_shape
from ..windows.window_cost import available_bytes, window_cost
from .explained_classification import ExplainedClassification
from .grad_cam import features_and_embedding, grad_cam
from .occlusion import hidden_drops
from .saliency_map import SaliencyMap, saliency_within

PREPARING, CLASSIFYING, EXPLAINING, HIDING = "preparing", "classifying", "explaining", "hiding"
_SHARES = {PREPARING: 0.2, CLASSIFYING: 0.6, EXPLAINING: 0.2}
_CUBES_AT_ONCE = {"cuda": 16}  # elsewhere one, as for the windows of a segmentation


class ClassExplainer:
    """Classifies volumes with one model and shows what speaks for a class; build it once, use it for many volumes.

        explainer = ClassExplainer.open(bundle)
        explained = explainer.explain(volume)                   # one pass of the encoder
        explained.result.probabilities
        explained.saliency.on_grid(volume.grid)                 # Grad-CAM of the most probable class

    Raises UserError if the model does not classify.
    """

    def __init__(self, card: ModelCard, network: nn.Module, device: torch.device) -> None:
        if card.architecture.head != HeadKind.CLASSIFICATION or not isinstance(network, ClassificationNetwork):
            raise UserError(f"model '{card.name}' does not classify", next_step="choose another model")
        self.card = card
        self.device = device
        self._network = network.eval()

    @classmethod
    def open(cls, bundle: Bundle, device: Device = Device.AUTO) -> ClassExplainer:
        """For a bundle, whose weights are verified first.

        Raises BundleError if the bundle is damaged, UserError if it does not classify or the device is not there.
        """
        if bundle.card.architecture.head != HeadKind.CLASSIFICATION:
            return cls(bundle.card, nn.Identity(), torch.device("cpu"))  # raises before anything is loaded
        return cls(bundle.card, load_network(bundle), choose_device(device))

    def estimate(self, grid: Grid) -> Estimate:
        """The time and memory that classifying a volume on grid will probably take; it is seen in one window."""
        cost = window_cost(self._network.to(self.device), self.card.recipe.patch_kji, self.device)
        kept = 4 * math.prod(model_shape(grid, self.card.recipe))
        return estimate_windows(grid, 1, kept, cost, available_bytes(self.device))

    def classify(
        self, volume: Volume, progress: ProgressCallback | None = None, cancel: Cancellation | None = None
    ) -> ClassificationResult:
        """The probability of every class, as Session.classify() gives it; for progress and cancel see explain()."""
        seconds: dict[str, float] = {}
        tracker = ProgressTracker({stage: _SHARES[stage] for stage in (PREPARING, CLASSIFYING)}, progress, cancel)

        def classify(device: torch.device) -> ClassificationResult:
            tracker.report(PREPARING, 0, 1)
            x, _ = self._seen(volume, seconds)
            tracker.report(CLASSIFYING, 0, 1)
            with timed(seconds, CLASSIFYING):
                return classify_input(self._network.to(device), x.to(device), self.card.class_names, seconds)

        return on_device_with_memory(self.device, volume.grid, classify)

    def explain(
        self,
        volume: Volume,
        class_name: str = "",
        level: int = -1,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> ExplainedClassification:
        """Probabilities and the Grad-CAM of a class, of the most probable one without a name, in one pass.

        level is the level of the backbone whose features are weighed, from the finest on, or -1 for the
        coarsest. progress is told of each stage with the time left, cancel is looked at between them: the pass itself
        is one step. Raises VolumeError and MemoryShortage as Session.classify() does, UserError if there is no such
        class or level, AnalysisCancelled if cancel was set.
        """
        self._require_class(class_name)
        strides = self._network.backbone.strides
        if not -1 <= level < len(strides):
            raise UserError(f"the model has no level {level}", next_step=f"choose one of -1 to {len(strides) - 1}")
        seconds: dict[str, float] = {}

        tracker = ProgressTracker(_SHARES, progress, cancel)

        def explain(device: torch.device) -> ExplainedClassification:
            tracker.report(PREPARING, 0, 1)
            x, grid = self._seen(volume, seconds)
            tracker.report(CLASSIFYING, 0, 1)
            with timed(seconds, CLASSIFYING):
                features, embedding = features_and_embedding(self._network.to(device), x.to(device), level)
                tracker.report(EXPLAINING, 0, 1)
                result = classify_embedding(self._network, embedding.detach(), self.card.class_names, seconds)
                subject = class_name or result.most_probable
                cam = grad_cam(self._network, features, embedding, self.card.class_names.index(subject))
            saliency = saliency_within(subject, cam.float().cpu().numpy(), cell_grid(grid, strides[level]), volume.grid)
            return ExplainedClassification(result, saliency)

        return on_device_with_memory(self.device, volume.grid, explain)

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
        passes of the encoder. Raises VolumeError as Session.classify() does, UserError if there is no such class
        or cubes of that size do not fill the patch, AnalysisCancelled if cancel was set.
        """
        self._require_class(class_name)
        cube = cube_of(self._network.backbone.strides[-1], cube_tokens, self.card.recipe.patch_kji)
        tracker = ProgressTracker({PREPARING: 0.05, HIDING: 0.95}, progress, cancel)
        tracker.report(PREPARING, 0, 1)
        x, grid = self._seen(volume, {})
        self._network.to(self.device)
        x = x.to(self.device)
        subject = class_name or classify_input(self._network, x, self.card.class_names, {}).most_probable
        drops, cells = hidden_drops(
            x,
            grid,
            volume.grid,
            cube,
            self._probability(self.card.class_names.index(subject)),
            _CUBES_AT_ONCE.get(self.device.type, 1),
            lambda done, of: tracker.report(HIDING, done, of),
        )
        return SaliencyMap(subject, drops, cells)

    def _probability(self, number: int) -> Callable[[Tensor], Tensor]:
        @torch.inference_mode()
        def probability(x: Tensor) -> Tensor:
            scores: Tensor = self._network(x)
            return scores.double().softmax(-1)[:, number]

        return probability

    def _require_class(self, class_name: str) -> None:
        if class_name and class_name not in self.card.class_names:
            known = ", ".join(self.card.class_names)
            raise UserError(
                f"model '{self.card.name}' has no class '{class_name}'", next_step=f"choose one of: {known}"
            )

    def _seen(self, volume: Volume, seconds: dict[str, float]) -> tuple[Tensor, Grid]:
        require_finite(volume)
        require_content(volume)
        with timed(seconds, PREPARING):
            x, grid = seen_patch(volume, self.card.recipe)
        return x, grid


def cube_of(stride: int, tokens: int, shape_kji: tuple[int, int, int]) -> int:
    """The side in voxels of cubes of tokens; raises UserError if such cubes do not fill a box of voxels."""
    cube = stride * tokens
    if tokens < 1 or any(size % cube for size in shape_kji):
        raise UserError(
            f"cubes of {tokens} tokens ({cube} voxels) do not fill {shape_kji} voxels",
            next_step="choose 1, or another number that does",
        )
    return cube
