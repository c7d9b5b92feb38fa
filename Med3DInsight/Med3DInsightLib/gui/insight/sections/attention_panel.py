"""The section "Attention": where the encoder looks for the slice in view."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ....analysis.slices.attention_choice import AttentionChoice
from ....errors import UserError
from ....mrml.insight.overlay_node import overlay_of
from ....mrml.insight.overlay_subject import subject_of
from ....mrml.node_grid import grid_of_node
from ....volumes import Plane, SlicePlace, slice_of
from ...selectors import fill, select_value
from ...words import plane_word
from ..tasks.attention_task import METHOD, AttentionSource, AttentionTask
from .chosen_input import ChosenInput
from .overlay_controls import OverlayControls, is_shown
from .slices_in_view import SlicesInView
from .task_section import TaskSection

_MEAN, _ROLLED_OUT = -1, -2
_ANY_PLANE = ""


class AttentionPanel(TaskSection):
    """Connects the widgets of Med3DInsightAttention.ui with a task and the slice views.

    panel = AttentionPanel(ui, chosen, task, views, overlays)
    panel.setParameterNode(parameterNode)
    panel.cleanup()
    """

    def __init__(
        self, ui: Any, chosen: ChosenInput, task: AttentionTask, views: SlicesInView, overlays: OverlayControls
    ) -> None:
        super().__init__(chosen, task.hand, ui.attentionStatus, ui.cancelAttentionButton)
        self.ui = ui
        self.task = task
        self._views = views
        self._overlays = overlays
        self._parameterNode: Any = None
        planes = {_("the view that was moved last"): _ANY_PLANE}
        planes |= {plane_word(plane): str(plane) for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)}
        fill(ui.attentionPlaneSelector, planes, _ANY_PLANE)
        ui.attentionButton.connect("clicked(bool)", self.onShow)
        ui.hideOverlayButton.connect("clicked(bool)", self.onHide)
        ui.attentionPlaneSelector.connect("currentIndexChanged(int)", self.onPlane)
        ui.layerSelector.connect("currentIndexChanged(int)", self.onChoice)
        ui.headSelector.connect("currentIndexChanged(int)", self.onChoice)
        ui.opacitySlider.connect("valueChanged(double)", self.onDisplay)
        ui.thresholdSlider.connect("valueChanged(double)", self.onDisplay)
        views.on_moved.connect(self.onMoved)
        task.on_shown.connect(self.onShown)
        task.on_outdated.connect(self.onOutdated)
        self.onChosen()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while the scene closes."""
        self._parameterNode = parameterNode
        if parameterNode is not None:
            select_value(self.ui.attentionPlaneSelector, parameterNode.attentionPlane)
            self.onChosen()

    def closeScene(self) -> None:
        """Stop what runs and follow nothing any more."""
        super().closeScene()
        self.task.forget()

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted."""
        super().cleanup()
        self.task.forget()
        self._views.on_moved.disconnect(self.onMoved)

    def show(self) -> None:
        """Ask for attention of the slice in view with what is chosen; raises UserError if it cannot begin."""
        chosen = self._chosen
        self.task.choose(
            AttentionSource(chosen.volumeNode, chosen.model, chosen.requireCard(), chosen.device, self._choice())
        )
        self._status.text = _("Reading slices")
        self.task.show(self._place())
        self.refresh()

    def refresh(self) -> None:
        """Enable what can be done now; a rollout has no heads to choose from."""
        super().refresh()
        node = self._chosen.volumeNode
        able = self._chosen.readsSlices and node is not None
        self.ui.attentionButton.enabled = able and not self.task.hand.busy
        self.ui.layerSelector.enabled = able
        self.ui.headSelector.enabled = able and self.ui.layerSelector.itemData(self._layerIndex()) != _ROLLED_OUT
        self.ui.hideOverlayButton.enabled = node is not None and overlay_of(node) is not None

    def onChosen(self) -> None:
        """Offer the layers and heads of the chosen model; attention of another model or volume is followed no more."""
        card, kept = self._chosen.card, self._parameterNode
        psat = None if card is None else card.architecture.psat
        layers = {_("mean of all"): _MEAN, _("rolled out"): _ROLLED_OUT}
        layers |= {str(n + 1): n for n in range(0 if psat is None else psat.layers)}
        heads = {_("mean of all"): _MEAN} | {str(n + 1): n for n in range(0 if psat is None else psat.heads)}
        fill(self.ui.layerSelector, layers, _MEAN if kept is None else kept.layer)
        fill(self.ui.headSelector, heads, _MEAN if kept is None else kept.head)
        source = self.task.source
        if source is not None and not (
            source.volume_node is self._chosen.volumeNode and source.model == self._chosen.model
        ):
            self.task.forget()
            self._status.text = ""
        self.refresh()

    def onPlane(self) -> None:
        """Follow the slices of another plane."""
        if self._parameterNode is not None:
            self._parameterNode.attentionPlane = self._plane()
        self._follow()

    def onChoice(self) -> None:
        """Remember layer and head, and show them if attention is on the screen."""
        if self._parameterNode is not None:
            self._parameterNode.layer = self.ui.layerSelector.itemData(self._layerIndex())
            self._parameterNode.head = self.ui.headSelector.itemData(self.ui.headSelector.currentIndex)
        if self.task.source is not None:
            self.onShow()
        self.refresh()

    def onShow(self) -> None:
        """Show attention of the slice in view."""
        try:
            self.show()
        except UserError as error:
            self.onFailed(error)

    def onHide(self) -> None:
        """Take the overlay from the views, and follow slices no more."""
        self.task.forget()
        self._overlays.hide(self._chosen.volumeNode)
        self._status.text = ""

    def onDisplay(self) -> None:
        """Draw the overlay as the sliders say."""
        self._overlays.adjust(self._chosen.volumeNode)

    def onMoved(self, view: Any, place: SlicePlace) -> None:
        """A view shows another slice; attention follows, if it is attention that is shown."""
        if self.ui.followCheckBox.checked and self._plane() in (_ANY_PLANE, place.plane) and self._isOnScreen():
            self._show(place)

    def onShown(self, overlayNode: Any, place: SlicePlace) -> None:
        """Tell which slice it is about."""
        if not is_shown(overlayNode):
            self._overlays.show(overlayNode)
        told: str = _("Where the encoder looks for {plane} slice {index}.")
        self._status.text = told.format(plane=plane_word(place.plane), index=place.index)
        self.refresh()

    def onOutdated(self) -> None:
        """Say that what is drawn is about voxels that are no more."""
        self._status.text = _("The voxels of the volume were changed; show attention again.")
        self.refresh()

    def _follow(self) -> None:
        if self._isOnScreen():
            self._show(self._place())

    def _show(self, place: SlicePlace) -> None:
        try:
            self.task.show(place)
        except UserError as error:
            self.onFailed(error)

    def _isOnScreen(self) -> bool:
        """Whether attention is followed, and no other overlay was put in its place."""
        node = overlay_of(self.task.source.volume_node) if self.task.source is not None else None
        return node is not None and is_shown(node) and subject_of(node).method == METHOD

    def _place(self) -> SlicePlace:
        """The slice in view of the chosen plane; without such a view the middle one."""
        planes = [Plane(self._plane())] if self._plane() else [Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL]
        shown = {place.plane: place for place in self._views.places()}
        found = next((shown[plane] for plane in planes if plane in shown), None)
        if found is not None:
            return found
        grid, plane = grid_of_node(self._chosen.volumeNode), planes[0]
        return slice_of(grid, plane, slice_of(grid, plane, 0).count // 2)

    def _choice(self) -> AttentionChoice:
        layer = self.ui.layerSelector.itemData(self._layerIndex())
        head = self.ui.headSelector.itemData(self.ui.headSelector.currentIndex)
        if layer == _ROLLED_OUT:
            return AttentionChoice(rollout=True)
        return AttentionChoice(None if layer == _MEAN else layer, None if head == _MEAN else head)

    def _plane(self) -> str:
        return str(self.ui.attentionPlaneSelector.itemData(self.ui.attentionPlaneSelector.currentIndex))

    def _layerIndex(self) -> int:
        return int(self.ui.layerSelector.currentIndex)
