"""Left and right in the patient."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..pictures.foreground import BodyWidth

_CLEARLY = 0.7
_NEAR_SHARE = 0.05
_FEW = 0.05


class Side(StrEnum):
    """Where a structure lies in the patient, seen from the middle of the body."""

    LEFT = "left"
    RIGHT = "right"
    MIDLINE = "midline"
    """Close to the middle, or across it."""
    BOTH = "both sides"
    """To the left and to the right with hardly anything between, as the kidneys are."""


def side_of(right_mm: NDArray[Any], body: BodyWidth) -> Side:
    """The side on which voxels with these R coordinates (RAS, mm) lie; at least one.

    Near the middle is what is closer to it than 5 % of the width of the body. In this order:

    1. at least 30 % of the voxels are on either side, and less than 5 % near the middle: both sides;
    2. at least 30 % are on either side, or their mean is near the middle: midline;
    3. the side on which most of them are.
    """
    offset_mm = np.asarray(right_mm, dtype=np.float64) - body.middle_mm
    near_mm = _NEAR_SHARE * body.width_mm
    right = float((offset_mm > 0).mean() + 0.5 * (offset_mm == 0).mean())
    is_clear = max(right, 1.0 - right) > _CLEARLY
    if not is_clear and float((np.abs(offset_mm) < near_mm).mean()) < _FEW:
        return Side.BOTH
    if not is_clear or abs(float(offset_mm.mean())) < near_mm:
        return Side.MIDLINE
    return Side.RIGHT if right > 0.5 else Side.LEFT
