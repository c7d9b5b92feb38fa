"""Rows about structures as the columns of a table; units are part of the names of columns."""

from __future__ import annotations

from collections.abc import Sequence

from Med3DInsightLib.analysis.comparison import Agreement
from Med3DInsightLib.analysis.structure_statistics import StructureStatistics

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
    """Dice, 95 % Hausdorff distance and surface Dice of every structure."""
    return {
        "structure": [row.name for row in rows],
        "Dice": [row.dice for row in rows],
        "Hausdorff 95 % (mm)": [row.hausdorff95_mm for row in rows],
        f"surface Dice at {tolerance_mm:g} mm": [row.surface_dice for row in rows],
    }
