"""How an overlay is drawn: colours, the values they stand for, threshold and legend."""

from __future__ import annotations

from typing import Any

import slicer

_COLOURS = ("vtkMRMLColorTableNodeFileInferno.txt", "vtkMRMLColorTableNodeIron", "vtkMRMLColorTableNodeGrey")
"""Inferno is perceptually uniform; Slicer ships it as a file. The next best stand in where it is missing."""

_SHARE = "Med3DInsight.ThresholdShare"
_DEFAULT_SHARE = 0.5
_SMALLEST_RANGE = 1e-12
_LEGEND_SIZE, _LEGEND_POSITION, _LEGEND_LETTERS = (0.1, 0.4), (0.97, 0.5), 11


def give_display(node: Any) -> list[Any]:
    """Give an overlay node in the scene its displays, if it has none, and return those that were made."""
    if node.GetDisplayNode() is not None:
        return []
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetAutoWindowLevel(False)
    display.SetAutoThreshold(False)
    scene = node.GetScene()
    colours = [name for name in _COLOURS if scene.GetNodeByID(name) is not None]
    if colours:
        display.SetAndObserveColorNodeID(colours[0])
    display.SetAttribute(_SHARE, str(_DEFAULT_SHARE))
    legend = _legend_of(node)
    return [display] if legend is None else [display, legend]


def show_range(node: Any, highest: float) -> None:
    """Draw values up to highest, the brightest colour, and nothing below the threshold; one event at most."""
    display = node.GetDisplayNode()
    top = max(highest, _SMALLEST_RANGE)
    modifying = display.StartModify()
    try:
        display.SetWindowLevelMinMax(0.0, top)
        display.SetThreshold(threshold_share(node) * top, top)
        display.SetApplyThreshold(True)
    finally:
        display.EndModify(modifying)


def threshold_share(node: Any) -> float:
    """Below which share of the highest value, from 0 to 1, an overlay node draws nothing."""
    return float(node.GetDisplayNode().GetAttribute(_SHARE) or _DEFAULT_SHARE)


def set_threshold_share(node: Any, share: float) -> None:
    """Draw nothing below a share of the highest value; raises ValueError unless it is from 0 to 1."""
    if not 0 <= share <= 1:
        raise ValueError(f"a share is from 0 to 1, not {share}")
    display = node.GetDisplayNode()
    display.SetAttribute(_SHARE, str(share))
    show_range(node, display.GetWindowLevelMax())


def legend_of(node: Any) -> Any:
    """The colour legend of a node; None if it has none."""
    displays = (node.GetNthDisplayNode(n) for n in range(node.GetNumberOfDisplayNodes()))
    return next((each for each in displays if each is not None and each.IsA("vtkMRMLColorLegendDisplayNode")), None)


def _legend_of(node: Any) -> Any:
    """A legend for the node, in Slicers that have them."""
    if not hasattr(slicer, "vtkMRMLColorLegendDisplayNode") or not hasattr(slicer, "vtkSlicerColorLogic"):
        return None
    legend = slicer.vtkSlicerColorLogic.AddDefaultColorLegendDisplayNode(node)
    if legend is not None:
        legend.SetSize(*_LEGEND_SIZE)
        legend.SetPosition(*_LEGEND_POSITION)
        legend.SetLabelFormat("%.2g")
        for style in (legend.GetTitleTextProperty(), legend.GetLabelTextProperty()):
            style.SetFontSize(_LEGEND_LETTERS)
    return legend


def rename_legend(node: Any, title: str) -> None:
    """Say in the legend of a node, if it has one, what the colours mean from now on; nothing if it says so already."""
    legend = legend_of(node)
    if legend is not None and legend.GetTitleText() != title:
        title_legend(node, title)


def title_legend(node: Any, title: str) -> None:
    """Say in the legend of a node, if it has one, what the colours mean, and show it where the node is shown."""
    legend = legend_of(node)
    if legend is not None:
        legend.SetTitleText(title)
        legend.SetVisibility(True)
        legend.Modified()  # it may have been visible before its volume was in a view
