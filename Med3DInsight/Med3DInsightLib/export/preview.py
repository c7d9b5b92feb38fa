"""A picture of a segmentation: three planes with outlines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..analysis.segmentations.segmentation_result import SegmentationResult
from ..volumes import Reorientation, Volume
from .outline_colors import outline_colors

# Plane: (array axis of KJI that is fixed, name, letters at left, right, top, bottom of the picture).
# Radiological convention: the patient's right is on the left of axial and coronal pictures.
_PLANES = ((0, "axial", "RLAP"), (1, "coronal", "RLSI"), (2, "sagittal", "APSI"))
_DARK, _LIGHT = "#101418", "#e8ecf0"
_FILLED_FROM, _OPACITY = 7, 0.45  # outlines alone are hard to follow where there are many
_SMALL_LETTERS_FROM = 13
_MOST_LEGEND_ENTRIES = 48


def write_preview(volume: Volume, result: SegmentationResult, path: Path) -> None:
    """Write a PNG of the axial, coronal and sagittal slices that show the most of the segments.

    Pixels have their true proportions. volume and result share a grid.
    """
    # Axes that grow to L, P and S, with rows drawn upwards for S, give the radiological view.
    turn = Reorientation.to(volume.grid, "LPS")
    image, labels = turn.apply(volume.array_kji), turn.apply(result.labels.array_kji)
    spacing_kji = turn.target.spacing_ijk_mm[::-1]
    slices_kji = _fullest_slices(labels)
    extent_mm = np.array(labels.shape) * spacing_kji
    window = np.percentile(image[::2, ::2, ::2], [1.0, 99.5])
    widths = [extent_mm[2], extent_mm[2], extent_mm[1]]
    height = 5.2 if len(result.segments) < _SMALL_LETTERS_FROM else 6.2
    figure = Figure(figsize=(13.5, height), facecolor=_DARK, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 3, width_ratios=[max(width, 0.2 * max(widths)) for width in widths])
    for axis, (fixed, name, letters) in zip(axes, _PLANES, strict=True):
        _draw_plane(axis, image.take(slices_kji[fixed], fixed), labels.take(slices_kji[fixed], fixed), result, window)
        rows_mm, columns_mm = np.delete(spacing_kji, fixed)
        axis.set_aspect(rows_mm / columns_mm)
        if fixed != 0:
            axis.invert_yaxis()
        position = turn.target.ras_of(slices_kji[::-1])[2 - fixed]
        axis.set_title(f"{name}  {'RAS'[2 - fixed]} {position:.0f} mm", color=_LIGHT, fontsize=11)
        _mark_sides(axis, letters)
    _add_legend(figure, result)
    figure.savefig(path, dpi=100, facecolor=_DARK)


def _fullest_slices(labels: np.ndarray) -> tuple[int, int, int]:
    """The slice index along K, J and I that shows the most of the segments, or the central one."""
    found = labels > 0
    if not found.any():
        return (labels.shape[0] // 2, labels.shape[1] // 2, labels.shape[2] // 2)
    counts = [found.sum(axis=tuple(other for other in range(3) if other != axis)) for axis in range(3)]
    k, j, i = (int(count.argmax()) for count in counts)
    return (k, j, i)


def _draw_plane(
    axis: Axes, image: np.ndarray, labels: np.ndarray, result: SegmentationResult, window: np.ndarray
) -> None:
    axis.imshow(image, cmap="gray", vmin=window[0], vmax=max(window[1], window[0] + 1e-6), interpolation="nearest")
    many = len(result.segments) >= _FILLED_FROM
    filled = np.zeros((*labels.shape, 4), dtype=np.float32)
    for segment, color in zip(result.segments, outline_colors(result.segments), strict=True):
        mask = labels == segment.label_value
        if not mask.any():
            continue
        filled[mask] = (*to_rgb(color), _OPACITY)
        if not mask.all() and min(mask.shape) > 1:
            axis.contour(mask, levels=[0.5], colors=[color], linewidths=0.5 if many else 0.9)
    if many:
        axis.imshow(filled, interpolation="nearest")
    axis.set_xticks([])
    axis.set_yticks([])


def _mark_sides(axis: Axes, letters: str) -> None:
    places = ((0.02, 0.5), (0.98, 0.5), (0.5, 0.98), (0.5, 0.02))
    for letter, (x, y) in zip(letters, places, strict=True):
        axis.text(x, y, letter, transform=axis.transAxes, color="#ffd166", ha="center", va="center", fontsize=10)


def _add_legend(figure: Figure, result: SegmentationResult) -> None:
    volumes = result.volumes_ml()
    colored = zip(result.segments, outline_colors(result.segments), strict=True)
    found = [(segment, color) for segment, color in colored if volumes[segment.name] > 0][:_MOST_LEGEND_ENTRIES]
    handles = [Line2D([], [], color=color, linewidth=3) for _, color in found]
    digits = 0 if len(result.segments) < _FILLED_FROM else 1
    names = [f"{segment.name}  {volumes[segment.name]:.{digits}f} ml" for segment, _ in found]
    if not found:
        handles, names = [Line2D([], [], color="none")], ["no structure of this model was found"]
    size, columns = (10, 6) if len(found) < _SMALL_LETTERS_FROM else (8, 5)
    legend = figure.legend(handles, names, loc="outside lower center", ncols=columns, frameon=False, fontsize=size)
    for text in legend.get_texts():
        text.set_color(_LIGHT)
