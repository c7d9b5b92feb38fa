"""Slices as panels of a picture."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, withStroke
from numpy.typing import NDArray

from Med3DInsightLib.captions.pictures.radiological_view import SIDES
from Med3DInsightLib.volumes import Plane

HALO: list[AbstractPathEffect] = [withStroke(linewidth=2.6, foreground="black")]
"""Lets lines and letters stand out from any grey."""


@dataclass(frozen=True, eq=False)
class SlicePanel:
    """Grey values (rows, columns) as in a RadiologicalSlice, and how far apart rows and columns are in mm."""

    array: NDArray[np.float64]
    row_mm: float
    column_mm: float
    plane: Plane

    @property
    def height_mm(self) -> float:
        """From the upper to the lower side."""
        return float(self.array.shape[0] * self.row_mm)

    @property
    def width_mm(self) -> float:
        """From the left to the right side."""
        return float(self.array.shape[1] * self.column_mm)

    def show(self, axes: Axes, title: str) -> None:
        """Draw it in true proportions, with the directions in the patient; title must be our own: a font lacks letters.

        Black is the .5th, white the 99.5th percentile.
        """
        low, high = np.percentile(self.array, [0.5, 99.5])
        axes.imshow(self.array, cmap="gray", vmin=low, vmax=max(high, low + 1e-6), interpolation="nearest")
        axes.set_aspect(self.row_mm / self.column_mm)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_title(title, fontsize=11)
        places = ((0.03, 0.5), (0.97, 0.5), (0.5, 0.97), (0.5, 0.03))
        for letter, (x, y) in zip(SIDES[self.plane], places, strict=True):
            style: dict[str, Any] = {"color": "#ffd166", "ha": "center", "va": "center", "fontsize": 10}
            axes.text(x, y, letter, transform=axes.transAxes, path_effects=HALO, **style)


def figure_of(width_inches: float, height_inches: float) -> Figure:
    """An empty figure that no window shows."""
    figure = Figure(figsize=(width_inches, height_inches), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def png_of(figure: Figure) -> bytes:
    """The figure as a PNG that is the same whenever it is drawn."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100, metadata={"Software": None})
    return stream.getvalue()
