"""A model that is ready to analyse volumes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from ..bundles import Bundle, HeadKind, ModelCard
from ..errors import UserError
from ..networks.factory import load_network
from ..volumes import Preparation, Volume
from ..volumes.volume import require_content, require_finite
from .device import Device, choose_device
from .progress import Cancellation, ProgressCallback, ProgressTracker
from .score_restoration import labels_from_scores
from .segmentation_result import SegmentationResult
from .windows import WindowedInference

PREPARING, SEGMENTING, RESTORING = "preparing", "segmenting", "restoring"
_SHARES = {PREPARING: 0.05, SEGMENTING: 0.8, RESTORING: 0.15}


class Session:
    """Analyses volumes with one model; build it once and use it for many volumes.

    session = Session.open(ShippedModels().find("brain-tissue"))
    result = session.segment(read_volume("t1.nii.gz"), progress=print)
    result.volumes_ml()      # {"CSF": ..., "grey matter": ..., "white matter": ...}
    """

    def __init__(self, card: ModelCard, network: nn.Module, device: torch.device, overlap: float = 0.5) -> None:
        self.card = card
        self.device = device
        self._network = network.to(device).eval()
        self._overlap = overlap

    @classmethod
    def open(cls, bundle: Bundle, device: Device = Device.AUTO) -> Session:
        """A session for a bundle, whose weights are verified first.

        Raises BundleError if the bundle is damaged, UserError if the device is not there.
        """
        return cls(bundle.card, load_network(bundle), choose_device(device))

    def segment(
        self,
        volume: Volume,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SegmentationResult:
        """Label every voxel of volume, on the volume's own grid.

        progress is called with the fraction done and the seconds left; cancel is looked at between
        windows. The class scores exist only on the model's grid (see score_restoration).

        Raises UserError if the model does not segment, VolumeError for voxels that are not finite or
        all the same, AnalysisCancelled if cancel was set.
        """
        if self.card.architecture.head != HeadKind.SEGMENTATION:
            raise UserError(f"model '{self.card.name}' does not segment", next_step="choose another model")
        require_finite(volume)
        require_content(volume)
        tracker = ProgressTracker(_SHARES, progress, cancel)
        seconds: dict[str, float] = {}
        tracker.report(PREPARING, 0, 1)
        with _timed(seconds, PREPARING):
            prepared = Preparation.of(volume, self.card.recipe)
        with _timed(seconds, SEGMENTING):
            inference = WindowedInference(
                self._network,
                self.card.architecture.classes,
                self.card.recipe.patch_kji,
                self._overlap,
                self.device,
            )
            scores = inference.run(prepared.array_kji, lambda done, of: tracker.report(SEGMENTING, done, of))
        with _timed(seconds, RESTORING):
            turned = labels_from_scores(
                scores, prepared.positions(), lambda done, of: tracker.report(RESTORING, done, of)
            )
            labels = volume.with_array(prepared.turn.undo(turned))
        return SegmentationResult(labels, self.card.segments, self.device.type, seconds)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    started_at = time.monotonic()
    yield
    seconds[stage] = round(time.monotonic() - started_at, 3)
