"""The colours of overlays and their legend."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from ..pages.inert_page import element
from ..pages.svg import svg, text
from ..pages.table import told

OPACITY, THRESHOLD_SHARE = 0.5, 0.1
"""Half transparent, and nothing below a tenth of the highest value of the map: it has one scale in all slices."""

_WIDTH, _HEIGHT, _CELLS = 240, 12, 24


def colour_ramp(steps: int) -> NDArray[np.float32]:
    """Inferno, which grows evenly to the eye, from the lowest to the highest value: (steps, 3) from 0 to 255."""
    from matplotlib import colormaps  # here, because matplotlib takes a while to import

    return np.asarray(colormaps["inferno"](np.linspace(0.0, 1.0, steps))[:, :3] * 255.0, dtype=np.float32)


def colour_legend(highest: float, about: str) -> Element:
    """Which colours stand for which values, from the threshold to highest."""
    ramp = colour_ramp(256)[np.linspace(THRESHOLD_SHARE * 255, 255, _CELLS).round().astype(int)]
    width = _WIDTH / _CELLS
    cells = [
        element(
            "rect",
            x=f"{number * width:.1f}",
            y="0",
            width=f"{width + 0.5:.1f}",
            height=str(_HEIGHT),
            fill="#" + bytes(np.rint(colour).astype(np.uint8)).hex(),
        )
        for number, colour in enumerate(ramp)
    ]
    lowest = THRESHOLD_SHARE * highest
    texts = [text(0, _HEIGHT + 14, told(lowest), "start"), text(_WIDTH, _HEIGHT + 14, told(highest), "end")]
    label = f"Colours of {about}: from {told(lowest)}, dark violet, to {told(highest)}, pale yellow"
    return svg(_WIDTH, _HEIGHT + 18, *cells, *texts, label=label)
