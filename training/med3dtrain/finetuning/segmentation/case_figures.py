"""What was measured in every case, beside the means of the card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from Med3DInsightLib.storage import write_whole

from ..errors import FineTuningError

CASE_FIGURES = "case_figures.json"

CaseFigures = Mapping[str, Mapping[str, float]]
"""Figures by name of the case and of the figure; what has no value in a case is left out."""


def write_case_figures(folder: Path, figures: CaseFigures) -> None:
    """Write them into the folder of a run."""
    text = json.dumps({case: dict(of_case) for case, of_case in figures.items()}, indent=2)
    write_whole(folder / CASE_FIGURES, text.encode() + b"\n")


def read_case_figures(folder: Path) -> CaseFigures:
    """What a run wrote, empty if it measures no single cases; raises FineTuningError for a damaged file."""
    path = folder / CASE_FIGURES
    try:
        return TypeAdapter(dict[str, dict[str, float]]).validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise FineTuningError(
            "the figures of the cases cannot be read", path, "remove the folder of the run"
        ) from error
