"""What must not change while a run is taken up again and again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError

from ..loops.checkpoint import checkpoint_facts
from .errors import FineTuningError
from .recipe import FineTuningRecipe

_RECIPE, _CASES = "recipe", "cases"
_ELSEWHERE = "choose another output folder, or go on as the run began"


def run_facts(recipe: FineTuningRecipe, cases: str) -> dict[str, str]:
    """The recipe's deciding entries as text, and a digest of the cases."""
    return {_RECIPE: json.dumps(recipe.what_decides(), default=str, sort_keys=True), _CASES: cases}


def require_same_run(checkpoint: Path, facts: Mapping[str, str]) -> None:
    """Raise FineTuningError if a checkpoint is there and belongs to a run with other facts, or is damaged."""
    if not checkpoint.exists():
        return
    try:
        before = checkpoint_facts(checkpoint)
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise FineTuningError(
            f"the checkpoint cannot be read ({error})", checkpoint, "remove it to begin anew"
        ) from error
    if before.get(_CASES) != facts[_CASES]:
        raise FineTuningError("the cases or their split have changed since the run began", checkpoint, _ELSEWHERE)
    old, new = json.loads(before.get(_RECIPE, "{}")), json.loads(facts[_RECIPE])
    for name, value in new.items():
        if old.get(name) != value:
            raise FineTuningError(
                f"the run began with {name} = {json.dumps(old.get(name))}, not {json.dumps(value)}",
                checkpoint,
                _ELSEWHERE,
            )
