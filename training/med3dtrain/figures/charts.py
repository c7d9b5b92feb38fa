"""Curves over epochs, or over something else, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .confidence import estimate

_PANEL_INCHES = (4.2, 3.4)


@dataclass(frozen=True)
class Curve:
    """A value after each epoch (or at each place of another axis), for every seed."""

    name: str
    epochs: Sequence[float]
    seeds: Sequence[Sequence[float]]


@dataclass(frozen=True)
class Chart:
    """One panel of a picture: curves of the same measure."""

    title: str
    measure: str
    curves: Sequence[Curve]
    axis: str = "epochs"


def draw_charts(charts: Sequence[Chart], path: Path) -> None:
    """Write charts beside each other as PNG: means over seeds, with their 95 % intervals as bands."""
    width, height = _PANEL_INCHES
    figure = Figure(figsize=(width * len(charts), height), layout="constrained")
    names = list(dict.fromkeys(curve.name for chart in charts for curve in chart.curves))
    panels = figure.subplots(1, len(charts), squeeze=False)[0]
    for panel, chart in zip(panels, charts, strict=True):
        for curve in chart.curves:
            values = [estimate(of_epoch) for of_epoch in zip(*curve.seeds, strict=True)]
            means = np.array([value.mean for value in values])
            half_widths = np.nan_to_num([value.half_width for value in values])
            colour = f"C{names.index(curve.name)}"  # the same in all panels
            panel.plot(curve.epochs, means, color=colour, label=curve.name)
            panel.fill_between(
                curve.epochs, means - half_widths, means + half_widths, color=colour, alpha=0.15, linewidth=0
            )
        panel.set(title=chart.title, xlabel=chart.axis, ylabel=chart.measure)
        panel.grid(alpha=0.3)
        panel.legend(fontsize="small")
    figure.savefig(path, dpi=110)
