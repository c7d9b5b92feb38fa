"""The log of a run as a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .errors import RunError
from .run_log import LOG

_PANEL_INCHES = (4.2, 3.4)
_WINDOW = 15  # steps whose mean is drawn: single steps jump

Curves = Mapping[str, tuple[list[int], list[float]]]
"""Steps and values by name of the figure."""


def read_log(folder: Path) -> Curves:
    """All figures of the steps in a run's log; raises RunError if there is none."""
    try:
        lines = (folder / LOG).read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise RunError(
            f"the log cannot be read ({error})", folder / LOG, "choose the output folder of a run"
        ) from error
    curves: dict[str, tuple[list[int], list[float]]] = {}
    for entry in entries:
        for name, value in entry.items():
            if "step" in entry and name not in {"step", "time"} and isinstance(value, int | float):
                steps, values = curves.setdefault(name, ([], []))
                steps.append(int(entry["step"]) + 1)
                values.append(float(value))
    if not curves:
        raise RunError("the log has no steps", folder / LOG, "wait for the first one")
    return curves


def draw_log(curves: Curves, panels: Sequence[Sequence[str]], path: Path) -> None:
    """Write the figures named in each panel beside each other as PNG; those that a run does not have are left out.

    Figures of every step are drawn as means over 15 steps.
    """
    shown = [[name for name in panel if name in curves] for panel in panels]
    shown = [panel for panel in shown if panel]
    width, height = _PANEL_INCHES
    figure = Figure(figsize=(width * max(1, len(shown)), height), layout="constrained")
    for axes, names in zip(figure.subplots(1, max(1, len(shown)), squeeze=False)[0], shown, strict=True):
        for name in names:
            steps, values = curves[name]
            dense = len(steps) > 2 * _WINDOW and steps[-1] - steps[0] < 2 * len(steps)
            drawn = _smooth(values) if dense else np.asarray(values)
            axes.plot(steps[len(steps) - len(drawn) :], drawn, label=name, marker="" if dense else "o", markersize=3)
        axes.set(xlabel="steps")
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _smooth(values: Sequence[float]) -> NDArray[np.float64]:
    return np.convolve(values, np.full(_WINDOW, 1 / _WINDOW), mode="valid")
