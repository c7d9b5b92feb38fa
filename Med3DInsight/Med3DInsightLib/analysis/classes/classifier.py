"""A model that tells what a whole volume is."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ...bundles import Bundle, HeadKind, ModelCard
from ...errors import UserError
from ...networks.classification import ClassificationNetwork
from ...networks.factory import load_network
from ...volumes import Grid, Volume
from ...volumes.volume import require_content, require_finite
from ..computing.device import Device, choose_device
from ..computing.memory_fallback import on_device_with_memory
from ..computing.progress import Cancellation, ProgressCallback, ProgressTracker
from ..computing.timing import timed
from ..windows.estimate import Estimate, estimate_windows, model_shape
from ..windows.window_cost import available_bytes, window_cost
from .classification import classify_input, seen_patch
from .classification_result import ClassificationResult

PREPARING, CLASSIFYING = "preparing", "classifying"
_SHARES = {PREPARING: 0.25, CLASSIFYING: 0.75}


class Classifier:
    """Classifies volumes with one model; build it once, use it for many volumes.

        classifier = Classifier.open(bundle)
        classifier.classify(volume).most_probable

    Raises UserError if the model does not classify.
    """

    def __init__(self, card: ModelCard, network: nn.Module, device: torch.device) -> None:
        if card.architecture.head != HeadKind.CLASSIFICATION or not isinstance(network, ClassificationNetwork):
            raise UserError(f"model '{card.name}' does not classify", next_step="choose another model")
        self.card = card
        self.device = device
        self.network = network.eval()

    @classmethod
    def open(cls, bundle: Bundle, device: Device = Device.AUTO) -> Classifier:
        """For a bundle, whose weights are verified first.

        Raises BundleError if the bundle is damaged, UserError if it does not classify or the device is not there.
        """
        if bundle.card.architecture.head != HeadKind.CLASSIFICATION:
            return cls(bundle.card, nn.Identity(), torch.device("cpu"))  # raises before anything is loaded
        return cls(bundle.card, load_network(bundle), choose_device(device))

    def estimate(self, grid: Grid) -> Estimate:
        """The time and memory that classifying a volume on grid will probably take; it is seen in one window."""
        cost = window_cost(self.network.to(self.device), self.card.recipe.patch_kji, self.device)
        kept = 4 * math.prod(model_shape(grid, self.card.recipe))
        return estimate_windows(grid, 1, kept, cost, available_bytes(self.device))

    def classify(
        self, volume: Volume, progress: ProgressCallback | None = None, cancel: Cancellation | None = None
    ) -> ClassificationResult:
        """The probability of every class of the model, for the whole volume.

        progress is told of each stage with the time left, cancel is looked at between them: the pass of the network is
        one step. Where memory runs out on an accelerator, the CPU is tried; result.device tells which it was.

        Raises VolumeError for voxels that are not finite or all the same, MemoryShortage if memory runs out,
        AnalysisCancelled if cancel was set.
        """
        seconds: dict[str, float] = {}
        tracker = ProgressTracker(_SHARES, progress, cancel)

        def classify(device: torch.device) -> ClassificationResult:
            tracker.report(PREPARING, 0, 1)
            x, _ = self.seen(volume, seconds)
            tracker.report(CLASSIFYING, 0, 1)
            with timed(seconds, CLASSIFYING):
                return classify_input(self.network.to(device), x.to(device), self.card.class_names, seconds)

        return on_device_with_memory(self.device, volume.grid, classify)

    def seen(self, volume: Volume, seconds: dict[str, float]) -> tuple[Tensor, Grid]:
        """What the network sees of volume, (1, 1, K, J, I) on the CPU, and where it is; the time is noted in seconds.

        Raises VolumeError for voxels that are not finite or all the same.
        """
        require_finite(volume)
        require_content(volume)
        with timed(seconds, PREPARING):
            return seen_patch(volume, self.card.recipe)
