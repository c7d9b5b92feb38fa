"""The middle slices of a volume side by side."""

from __future__ import annotations

import numpy as np

from Med3DInsightLib.captions.pictures.radiological_view import radiological_slice
from Med3DInsightLib.volumes import ANATOMICAL_PLANES, Plane, Volume, slice_of
from Med3DInsightLib.volumes.slices import slice_axis

from ..pages.slice_panel import SlicePanel, figure_of, png_of

_INCHES = 2.4


def draw_middle(volume: Volume) -> bytes:
    """A PNG: the middle axial, coronal and sagittal slice, in a radiological view and true proportions."""
    panels = [_middle(volume, plane) for plane in ANATOMICAL_PLANES]
    inches = _INCHES / max(max(panel.width_mm, panel.height_mm) for panel in panels)
    widths = [max(0.8, inches * panel.width_mm) for panel in panels]
    height = max(0.8, max(inches * panel.height_mm for panel in panels))
    figure = figure_of(sum(widths), height + 0.35)
    all_axes = figure.subplots(1, len(panels), width_ratios=widths)
    for axes, panel in zip(all_axes, panels, strict=True):
        panel.show(axes, str(panel.plane))
    return png_of(figure)


def _middle(volume: Volume, plane: Plane) -> SlicePanel:
    count = volume.grid.shape_ijk[slice_axis(volume.grid, plane)]
    view = radiological_slice(volume, slice_of(volume.grid, plane, count // 2))
    return SlicePanel(np.asarray(view.array, dtype=np.float64), view.row_mm, view.column_mm, plane)
