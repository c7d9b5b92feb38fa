"""The slice of a case in which truth and prediction disagree most, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from Med3DInsightLib.captions.pictures.radiological_view import RadiologicalSlice, radiological_slice
from Med3DInsightLib.volumes import ANATOMICAL_PLANES, Plane, Segment, SlicePlace, Volume, slice_of
from Med3DInsightLib.volumes.slices import slice_axis

from ..pages.slice_panel import HALO, SlicePanel, figure_of, png_of

_ALONG = {Plane.AXIAL: "S", Plane.CORONAL: "A", Plane.SAGITTAL: "R"}  # where positions grow
_MARGIN_MM = 15.0
_PANEL_INCHES = 4.4
_LARGER = 1.2  # spacing by which an axis is thick


def slice_of_most_disagreement(predicted: Volume, truth: Volume) -> SlicePlace:
    """The slice with the most voxels that have different labels; one with the most labels where all are equal.

    It is axial, unless the voxels are clearly longest along another direction: then it is a slice as scanned.
    """
    grid = truth.grid
    spacing = {plane: float(grid.spacing_ijk_mm[slice_axis(grid, plane)]) for plane in ANATOMICAL_PLANES}
    plane = max(ANATOMICAL_PLANES, key=lambda each: spacing[each])
    if spacing[plane] < _LARGER * spacing[Plane.AXIAL]:
        plane = Plane.AXIAL
    across = 2 - slice_axis(grid, plane)
    others = tuple(axis for axis in range(3) if axis != across)
    counts = (predicted.array_kji != truth.array_kji).sum(axis=others)
    if not counts.any():
        counts = (truth.array_kji > 0).sum(axis=others)
    return slice_of(grid, plane, int(counts.argmax()))


def draw_disagreement(
    image: Volume, truth: Volume, predictions: Sequence[tuple[str, Volume]], segments: Sequence[Segment]
) -> bytes:
    """A PNG: the slice of most disagreement of the first prediction, with the outlines of the truth and of each.

    predictions have the titles that are drawn above them, which must be our own: a font lacks letters. All
    volumes share a grid. The view is radiological, in true proportions, cut to what is labelled and 15 mm
    around it; colours are those of segments.
    """
    place = slice_of_most_disagreement(predictions[0][1], truth)
    named = [("truth", truth), *predictions]
    view = radiological_slice(image, place)
    labels = [np.asarray(radiological_slice(volume, place).array) for _, volume in named]
    rows, columns = _labelled_box(labels, view)
    shown = np.asarray(view.array, dtype=np.float64)[rows, columns]
    panel = SlicePanel(shown, view.row_mm, view.column_mm, place.plane)
    inches = _PANEL_INCHES / max(panel.width_mm, panel.height_mm)
    figure = figure_of(max(2.0, inches * panel.width_mm) * len(named), max(1.0, inches * panel.height_mm) + 0.7)
    all_axes = np.atleast_1d(figure.subplots(1, len(named)))
    for axes, (name, _), array in zip(all_axes, named, labels, strict=True):
        panel.show(axes, name)
        _outline(axes, array[rows, columns], segments)
    position = f"{_ALONG[place.plane]} {place.offset_ras_mm:.0f} mm"
    figure.suptitle(f"{place.plane} slice {place.index} of 0..{place.count - 1}, {position}", fontsize=10)
    return png_of(figure)


def _labelled_box(labels: Sequence[NDArray[np.integer]], view: RadiologicalSlice) -> tuple[slice, slice]:
    """Rows and columns with a label, and the margin around them; everything where nothing is labelled."""
    found = np.any(np.stack(labels) > 0, axis=0)
    if not found.any():
        found = np.ones_like(found)
    sides = []
    for axis, mm in ((0, view.row_mm), (1, view.column_mm)):
        where = np.flatnonzero(found.any(axis=1 - axis))
        margin = round(_MARGIN_MM / mm)
        sides.append(slice(max(0, int(where[0]) - margin), int(where[-1]) + margin + 1))
    return sides[0], sides[1]


def _outline(axes: Axes, labels: NDArray[np.integer], segments: Sequence[Segment]) -> None:
    for segment in segments:
        # Padded, so that an outline at the border of the picture is closed, and one of a single row exists.
        mask = np.pad(labels == segment.label_value, 1).astype(np.float64)
        if mask.any():
            ys, xs = (np.arange(size) - 1 for size in mask.shape)
            lines = axes.contour(xs, ys, mask, levels=[0.5], colors=[_color(segment)], linewidths=1.3)
            lines.set_path_effects(HALO)
    axes.set_xlim(-0.5, labels.shape[1] - 0.5)
    axes.set_ylim(labels.shape[0] - 0.5, -0.5)


def _color(segment: Segment) -> tuple[float, float, float]:
    red, green, blue = (part / 255 for part in segment.color_rgb)
    return red, green, blue
