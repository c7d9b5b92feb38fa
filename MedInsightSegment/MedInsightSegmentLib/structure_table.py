"""Rows about structures as the columns of a table; units are part of the names of columns."""

from __future__ import annotations

from collections.abc import Sequence

from Med3DInsightLib.analysis.segmentations.comparison import Agreement
from Med3DInsightLib.analysis.segmentations.structure_statistics import StructureStatistics

Columns = dict[str, Sequence[str | float | None]]


def statistics_columns(rows: Sequence[StructureStatistics]) -> Columns:
    """Volume, mean intensity and surface of every structure."""
    return {
        "structure": [row.name for row in rows],
        "volume (ml)": [round(row.volume_ml, 3) for row in rows],
        "mean intensity": [None if row.mean_intensity is None else round(row.mean_intensity, 2) for row in rows],
        "surface (mm2)": [round(row.surface_mm2, 1) for row in rows],
    }


def agreement_columns(rows: Sequence[Agreement], tolerance_mm: float) -> Columns:
    """How well every structure agrees with its reference."""
    return {
        "structure": [row.name for row in rows],
        "Dice": [_rounded(row.dice, 4) for row in rows],
        "HD95 (mm)": [_rounded(row.hausdorff95_mm, 2) for row in rows],
        f"surface Dice at {tolerance_mm:g} mm": [_rounded(row.surface_dice, 4) for row in rows],
    }


def _rounded(figure: float | None, digits: int) -> float | None:
    return None if figure is None else round(figure, digits)
