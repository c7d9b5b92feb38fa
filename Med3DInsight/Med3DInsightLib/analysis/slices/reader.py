"""A pretrained encoder that is ready to read slices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import torch
from torch import nn

from ...bundles import Bundle, ModelCard
from ...errors import UserError
from ...networks.factory import load_network
from ...networks.pretrained_encoder import PretrainedEncoder
from ...volumes import ANATOMICAL_PLANES, Grid, Plane, Volume, slice_of, slices_of
from ...volumes.volume import require_content, require_finite
from ..computing.device import Device, choose_device
from ..computing.progress import Cancellation, ProgressCallback, ProgressTracker
from ..computing.timing import timed
from ..windows.estimate import Estimate, estimate_windows, model_shape
from ..windows.feature_cache import FeatureCache, WindowFeatures
from ..windows.window_cost import available_bytes, window_cost
from .attention_choice import AttentionChoice
from .attention_reading import read_attention
from .attention_stack import AttentionStack
from .covering_windows import CoveringWindows
from .embedding_reading import read_embeddings
from .slice_embeddings import SliceEmbeddings, SliceReadings
from .window_encoding import WindowEncoder

PREPARING, ENCODING, READING = "preparing", "encoding", "reading"
_SHARES = {PREPARING: 0.1, ENCODING: 0.6, READING: 0.3}


class SliceReader:
    """Reads the slices of volumes with one encoder that has PSAT; build it once and use it for many volumes.

        reader = SliceReader.open(bundle, features=FeatureCache(2 * 10**9))
        readings = reader.read(volume)                              # the encoder runs
        stack = reader.attention(volume, Plane.AXIAL)               # it does not run again
        stack.map_of(80, volume.grid)

    Slices are those of the volume's own grid. features may be shared with sessions and other readers.
    Raises UserError if the model has no PSAT.
    """

    def __init__(
        self, card: ModelCard, network: nn.Module, device: torch.device, features: FeatureCache | None = None
    ) -> None:
        if not isinstance(network, PretrainedEncoder):
            raise UserError(
                f"model '{card.name}' has no plane-slice-aware transformer (PSAT), so it cannot read slices",
                next_step="choose a pretrained encoder",
            )
        self.card = card
        self.device = device
        self.network = network.eval().to(device)
        self._features = features or FeatureCache(limit_bytes=0)

    @classmethod
    def open(cls, bundle: Bundle, device: Device = Device.AUTO, features: FeatureCache | None = None) -> SliceReader:
        """A reader for a bundle, whose weights are verified first.

        Raises BundleError if the bundle is damaged, UserError if it has no PSAT or the device is not there.
        """
        if bundle.card.architecture.psat is None:
            return cls(bundle.card, nn.Identity(), torch.device("cpu"))  # raises before anything is loaded
        return cls(bundle.card, load_network(bundle), choose_device(device), features)

    def estimate(self, grid: Grid) -> Estimate:
        """The time and memory that reading a volume on grid will probably take, most of it by the encoder."""
        backbone, patch = self.network.backbone, self.card.recipe.patch_kji
        windows = CoveringWindows.count_for(grid, self.card.recipe, backbone.strides[-1])
        kept = 4 * math.prod(model_shape(grid, self.card.recipe))
        cost = window_cost(backbone, patch, self.device)
        return estimate_windows(grid, windows, kept, cost, available_bytes(self.device))

    def read(
        self,
        volume: Volume,
        planes: Sequence[Plane] = ANATOMICAL_PLANES,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SliceReadings:
        """The embeddings of all slices of anatomical planes; see read_embeddings().

        progress is called with the fraction done; cancel is looked at between windows. Raises VolumeError for
        voxels that are not finite or all the same, AnalysisCancelled if cancel was set, ValueError for an
        oblique plane.
        """
        tracker = ProgressTracker(_SHARES, progress, cancel)
        seconds: dict[str, float] = {}
        places = [slices_of(volume.grid, plane) for plane in planes]
        windows, features, encoded = self._encode(volume, tracker, seconds)
        with timed(seconds, READING):
            together = read_embeddings(
                self.network.psat,
                windows,
                features,
                [place for of_plane in places for place in of_plane],
                self.device,
                lambda done, of: tracker.report(READING, done, of),
            )
        ends = [sum(len(of_plane) for of_plane in places[: number + 1]) for number in range(len(places))]
        of_planes = tuple(
            SliceEmbeddings(plane, of_plane, together[end - len(of_plane) : end])
            for plane, of_plane, end in zip(planes, places, ends, strict=True)
        )
        return SliceReadings(of_planes, encoded, self.device.type, seconds)

    def attention(
        self,
        volume: Volume,
        plane: Plane,
        indices: Sequence[int] | None = None,
        choice: AttentionChoice | None = None,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> AttentionStack:
        """What the read-out looked at for slices of a plane, all of them without indices; see read_attention().

        Without a choice it is the mean over layers and heads. Raises VolumeError as read() does and if there is
        no such slice, UserError if there is no such layer or head, AnalysisCancelled if cancel was set.
        """
        tracker = ProgressTracker(_SHARES, progress, cancel)
        choice = choice or AttentionChoice()
        places = slices_of(volume.grid, plane)
        if indices is not None:
            places = tuple(slice_of(volume.grid, plane, index) for index in indices)
        windows, features, encoded = self._encode(volume, tracker, {})
        maps, grid = read_attention(
            self.network.psat,
            windows,
            features,
            places,
            choice,
            self.device,
            lambda done, of: tracker.report(READING, done, of),
        )
        return AttentionStack(places, maps, grid, choice, encoded)

    def windows_of(self, volume: Volume) -> CoveringWindows:
        """The windows in which the encoder sees a volume; raises VolumeError if there is nothing to see."""
        require_finite(volume)
        require_content(volume)
        return CoveringWindows.of(volume, self.card.recipe, self.network.backbone.strides[-1])

    def _encode(
        self, volume: Volume, tracker: ProgressTracker, seconds: dict[str, float]
    ) -> tuple[CoveringWindows, WindowFeatures, int]:
        tracker.report(PREPARING, 0, 1)
        with timed(seconds, PREPARING):
            windows = self.windows_of(volume)
        with timed(seconds, ENCODING):
            features, encoded = self._encoder.run(windows.tiling, lambda done, of: tracker.report(ENCODING, done, of))
        return windows, features, encoded

    @cached_property
    def _encoder(self) -> WindowEncoder:
        levels = len(self.network.psat.tokens.strides)
        return WindowEncoder(self.network.backbone, levels, self.device, self._features)
