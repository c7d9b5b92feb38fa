"""What must not change while a run is taken up again and again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...loops.same_run import EarlierRun, recipe_fact
from ..settings.recipe import FineTuningRecipe

_RECIPE, _CASES = "recipe", "cases"


def run_facts(recipe: FineTuningRecipe, cases: str) -> dict[str, str]:
    """The recipe's deciding entries as text, and a digest of the cases."""
    return {_RECIPE: recipe_fact(recipe.what_decides()), _CASES: cases}


def require_same_run(checkpoint: Path, facts: Mapping[str, str]) -> None:
    """Raise OtherRunError if a checkpoint is there and belongs to a run with other facts, or is damaged."""
    earlier = EarlierRun.of(checkpoint)
    if earlier is not None:
        earlier.require(facts, _CASES, "the cases or their split have changed since the run began")
        earlier.require_entries(facts, _RECIPE)
