"""A model that is ready to analyse volumes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..bundles import Bundle, HeadKind, ModelCard
from ..errors import UserError
from ..networks.ensemble import Segmenting
from ..networks.factory import load_network
from ..networks.fingerprint import fingerprint
from ..volumes import Grid, Preparation, Volume
from ..volumes.volume import require_content, require_finite
from .classes.classification_result import ClassificationResult
from .classes.classifier import Classifier
from .computing.device import Device, choose_device
from .computing.memory_fallback import release_memory, shortage
from .computing.out_of_memory import is_out_of_memory
from .computing.progress import Cancellation, ProgressCallback, ProgressTracker
from .computing.timing import timed
from .segmentations.connected_part import largest_connected_part
from .segmentations.segmentation_result import SegmentationResult
from .windows.compute_plan import ComputePlan
from .windows.estimate import Estimate, WindowCost, estimate_run
from .windows.feature_cache import FeatureCache
from .windows.mirroring import Mirror, mirrored_mean_scores
from .windows.score_restoration import labels_from_scores
from .windows.scoring import WindowScorer
from .windows.tiling import Tiling
from .windows.window_cost import available_bytes, window_cost

PREPARING, SEGMENTING, RESTORING = "preparing", "segmenting", "restoring"
_SHARES = {PREPARING: 0.05, SEGMENTING: 0.8, RESTORING: 0.15}
_LOG = logging.getLogger(__name__)


class Session:
    """Analyses volumes with one model; build it once and use it for many volumes.

        session = Session.open(InstalledModels().find("brain-structures"))
        result = session.segment(read_volume("t1.nii.gz"), progress=print)
        result.volumes_ml()      # {"CSF": ..., "grey matter": ..., "white matter": ...}

    features may be shared between sessions: models with the same encoder then run it once per volume.
    """

    def __init__(
        self,
        card: ModelCard,
        network: nn.Module,
        device: torch.device,
        overlap: float = 0.5,
        features: FeatureCache | None = None,
    ) -> None:
        self.card = card
        self.device = device
        self._network = network.eval()
        self._overlap = overlap
        self._features = features or FeatureCache(limit_bytes=0)

    @classmethod
    def open(cls, bundle: Bundle, device: Device = Device.AUTO, features: FeatureCache | None = None) -> Session:
        """A session for a bundle, whose weights are verified first.

        Raises BundleError if the bundle is damaged, UserError if the device is not there.
        """
        return cls(bundle.card, load_network(bundle), choose_device(device), features=features)

    def segment(
        self,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SegmentationResult:
        """Label every voxel of volume, on the volume's own grid.

        progress is called with the fraction done and the seconds left; cancel is looked at between
        windows. The class scores exist only on the model's grid (see score_restoration). When memory
        runs out, smaller plans are tried (see ComputePlan); result.adjustments tells which.

        Raises UserError if the model does not segment, VolumeError for voxels that are not finite or
        all the same, MemoryShortage if no plan fits, AnalysisCancelled if cancel was set.
        """
        network = self._segmentation_network()
        require_finite(volume)
        require_content(volume)
        tracker = ProgressTracker(_SHARES, progress, cancel)
        keeps_features = self._features.limit_bytes > 0
        plan: ComputePlan | None = ComputePlan.usual(self.device, self.card.recipe.patch_kji, keeps_features)
        adjustments: list[str] = []
        while plan is not None:
            try:
                return self._segment_as_planned(network, volume, plan, tracker, tuple(adjustments))
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                failed, plan = plan, plan.smaller(network.backbone)
            # Outside the handler, where the error no longer holds on to the tensors of the attempt.
            self._release()
            if plan is not None:
                adjustments.append(f"memory ran out with {failed}; going on with {plan}")
                _LOG.warning(adjustments[-1])
        raise shortage(volume.grid)

    def classify(self, volume: Volume) -> ClassificationResult:
        """See Classifier.classify(); raises UserError too if the model does not classify."""
        return Classifier(self.card, self._network, self.device).classify(volume)

    def estimate(self, grid: Grid) -> Estimate:
        """The time and memory that segmenting a volume on grid will probably take.

        The time of a window is measured by running two, the first time this is called; the faster one counts.
        """
        self._segmentation_network()
        free = available_bytes(self.device)
        return estimate_run(grid, self.card, self._overlap, self._window_cost, free)

    def _segmentation_network(self) -> Segmenting:
        if self.card.architecture.head == HeadKind.SEGMENTATION and isinstance(self._network, Segmenting):
            return self._network
        raise UserError(f"model '{self.card.name}' does not segment", next_step="choose another model")

    def _segment_as_planned(
        self,
        network: Segmenting,
        volume: Volume,
        plan: ComputePlan,
        tracker: ProgressTracker,
        adjustments: tuple[str, ...],
    ) -> SegmentationResult:
        seconds: dict[str, float] = {}
        tracker.report(PREPARING, 0, 1)
        with timed(seconds, PREPARING):
            prepared = Preparation.of(volume, self.card.recipe)
        with timed(seconds, SEGMENTING):
            scorer = WindowScorer(network.to(plan.device), self._fingerprint, self._features)
            scores, encoded = self._scores(
                scorer, prepared.array_kji, plan, lambda done, of: tracker.report(SEGMENTING, done, of)
            )
        with timed(seconds, RESTORING):
            turned = labels_from_scores(
                scores, prepared.positions(), lambda done, of: tracker.report(RESTORING, done, of)
            )
            labels = volume.with_array(prepared.turn.undo(turned))
            if self.card.largest_part_only:
                labels = volume.with_array(largest_connected_part(labels.array_kji, volume.grid.spacing_ijk_mm))
        return SegmentationResult(labels, self.card.segments, plan.device.type, seconds, encoded, adjustments)

    def _scores(
        self,
        scorer: WindowScorer,
        array_kji: NDArray[np.float32],
        plan: ComputePlan,
        on_window: Callable[[int, int], None],
    ) -> tuple[Tensor, int]:
        if self.card.mirrored_average:
            return mirrored_mean_scores(scorer, array_kji, Mirror.of(self.card), plan, self._overlap, on_window)
        return scorer.run(Tiling.of(array_kji, plan.window_kji, self._overlap), plan, on_window)

    @cached_property
    def _fingerprint(self) -> str:
        return fingerprint(self._segmentation_network().backbone) if self._features.limit_bytes else ""

    @cached_property
    def _window_cost(self) -> WindowCost:
        return window_cost(self._segmentation_network().to(self.device), self.card.recipe.patch_kji, self.device)

    def _release(self) -> None:
        self._features.clear()
        release_memory()
