"""Attention of the slice in view, as an overlay of its volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....analysis.computing.device import Device
from ....analysis.requests import AttentionRequest
from ....analysis.slices.attention_choice import AttentionChoice
from ....analysis.slices.attention_stack import AttentionStack
from ....bundles import ModelCard
from ....engine.remote_insight import RemoteInsight
from ....engine.signal import Signal
from ....mrml.insight.overlay_node import overlay_of, overwrite_voxels, show_overlay
from ....mrml.insight.overlay_subject import OverlaySubject
from ....mrml.volume_nodes import volume_from_node
from ....mrml.voxel_changes import VoxelWatch
from ....volumes import Grid, Plane, SlicePlace
from ...job_in_hand import JobInHand
from .overlay_turns import OverlayTurns

METHOD = "attention"


@dataclass(frozen=True, eq=False)
class AttentionSource:
    """Whose attention is wanted: a model, by name or folder, with its card, looking at a volume node."""

    volume_node: Any
    model: str
    card: ModelCard
    device: Device
    choice: AttentionChoice

    def subject(self, place: SlicePlace) -> OverlaySubject:
        """What an overlay says about the attention of a slice."""
        choice, card = self.choice, self.card
        of_slice = place.plane, place.index
        return OverlaySubject(
            METHOD, card.name, card.weights_sha256, *of_slice, choice.layer, choice.head, choice.rollout
        )


class AttentionTask:
    """Asks for the attention of all slices of a plane once, and shows that of one slice after the other.

        task = AttentionTask(insight, turns)
        task.on_shown.connect(tell)             # (overlay node, SlicePlace)
        task.on_outdated.connect(tell)          # the volume has other voxels now, and is followed no more
        task.hand.on_failed.connect(tell)       # a UserError
        task.choose(AttentionSource(volume_node, model, card, Device.AUTO, AttentionChoice()))
        task.show(place)                        # asks the worker if it must; the slice asked for last is shown

    What was answered is kept until something else is chosen or the voxels of the volume change: some megabytes a
    plane, on the grid of tokens. It is not drawn if another overlay was asked for meanwhile.
    """

    def __init__(self, insight: RemoteInsight, turns: OverlayTurns) -> None:
        self.on_shown = Signal()
        self.on_outdated = Signal()
        self.hand = JobInHand(insight.client)
        self._insight = insight
        self._turns = turns
        self._source: AttentionSource | None = None
        self._watch: VoxelWatch | None = None
        self._stacks: dict[Plane, tuple[AttentionStack, Grid]] = {}
        self._wanted: SlicePlace | None = None

    @property
    def source(self) -> AttentionSource | None:
        """What slices are followed with; None if they are not."""
        return self._source

    def choose(self, source: AttentionSource) -> None:
        """Show this attention from now on; what was kept of another is forgotten."""
        self.forget()
        self._source = source
        self._watch = VoxelWatch(source.volume_node, self._onVoxelsChanged)
        self._turns.take(self, source.volume_node)

    def show(self, place: SlicePlace) -> None:
        """Show the attention of a slice; of planes that were not asked for yet, when the worker has answered.

        Raises VolumeError if the volume cannot be analysed or has left the scene, EngineError if no worker starts.
        """
        if self._source is None:
            return
        self._wanted = place
        if place.plane in self._stacks:
            self._draw(self._source, place)
        elif not self.hand.busy:
            self._ask(self._source, place.plane)

    def forget(self) -> None:
        """Follow nothing any more; an overlay that is there stays as it is."""
        self.hand.abandon()
        self._turns.give_back(self)
        self._stacks.clear()
        if self._watch is not None:
            self._watch.close()
        self._source = self._wanted = self._watch = None

    def _onVoxelsChanged(self) -> None:
        self.forget()
        self.on_outdated.emit()

    def _ask(self, source: AttentionSource, plane: Plane) -> None:
        volume = volume_from_node(source.volume_node)
        request = AttentionRequest(source.model, plane, choice=source.choice, device=source.device)

        def done(stack: AttentionStack) -> None:
            self._stacks[plane] = stack, volume.grid
            if self._wanted is not None and self._turns.has(self, source.volume_node):
                self.show(self._wanted)

        self.hand.take(self._insight.attention(request, volume), done)

    def _draw(self, source: AttentionSource, place: SlicePlace) -> None:
        stack, grid = self._stacks[place.plane]
        values, subject = stack.map_of(place.index, grid), source.subject(place)
        node = overlay_of(source.volume_node)
        if node is not None and node.GetImageData() is not None:
            overwrite_voxels(node, source.volume_node, values, subject)
        else:
            node = show_overlay(source.volume_node, values, subject)
        self.on_shown.emit(node, place)
