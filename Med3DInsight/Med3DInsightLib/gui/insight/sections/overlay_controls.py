"""How overlays are drawn: opacity and threshold, for all methods alike."""

from __future__ import annotations

from typing import Any

from ....mrml.insight.overlay_display import legend_of, set_threshold_share, title_legend
from ....mrml.insight.overlay_node import overlay_of
from ....mrml.insight.overlay_subject import subject_of
from ....mrml.insight.overlay_views import hide_in_views, show_in_views
from ....mrml.insight.result_nodes import volume_of


class OverlayControls:
    """Puts overlays over their volume with what the sliders say.

    controls = OverlayControls(ui)
    controls.show(overlay_node)
    controls.hide(volume_node)
    """

    def __init__(self, ui: Any) -> None:
        self.ui = ui

    def show(self, overlayNode: Any) -> None:
        """Draw an overlay in all views of its volume, with its legend."""
        volumeNode = volume_of(overlayNode)
        if volumeNode is None:
            return
        set_threshold_share(overlayNode, float(self.ui.thresholdSlider.value))
        show_in_views(overlayNode, volumeNode, float(self.ui.opacitySlider.value))
        title_legend(overlayNode, subject_of(overlayNode).method)

    def adjust(self, volumeNode: Any) -> None:
        """Draw the overlay of a volume, if it has one that is shown, as the sliders say now."""
        overlayNode = None if volumeNode is None else overlay_of(volumeNode)
        if overlayNode is not None and overlayNode.GetDisplayNode() is not None and is_shown(overlayNode):
            self.show(overlayNode)

    def hide(self, volumeNode: Any) -> None:
        """Take the overlay of a volume from the views."""
        overlayNode = None if volumeNode is None else overlay_of(volumeNode)
        if overlayNode is not None:
            hide_in_views(overlayNode)
            legend = legend_of(overlayNode)
            if legend is not None:
                legend.SetVisibility(False)


def is_shown(overlay_node: Any) -> bool:
    """Whether an overlay is the foreground of a slice view."""
    scene, name = overlay_node.GetScene(), "vtkMRMLSliceCompositeNode"
    views = (scene.GetNthNodeByClass(n, name) for n in range(scene.GetNumberOfNodesByClass(name)))
    return any(view.GetForegroundVolumeID() == overlay_node.GetID() for view in views)
