"""What must not change while a run is taken up again and again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError

from ..loops.checkpoint import checkpoint_facts
from .captioned import CaptionedVolume
from .errors import PretrainingError
from .recipe import PretrainingRecipe
from .towers import Towers

_RECIPE, _TEACHER, _SAMPLES = "recipe", "teacher", "samples"
_ELSEWHERE = "choose another output folder, or go on as the run began"


def run_facts(recipe: PretrainingRecipe, towers: Towers, volumes: Sequence[CaptionedVolume]) -> dict[str, str]:
    """The recipe's deciding entries, the teacher, and a digest of volumes and captions, as text."""
    digest = hashlib.sha256()
    for each in volumes:
        slices = [(str(one.place.plane), one.place.index, one.texts) for one in each.slices]
        digest.update(json.dumps([each.volume.volume_hash, slices]).encode())
    identities = {term: [identity.key, str(identity)] for term, identity in towers.identities.items()}
    return {
        _RECIPE: json.dumps(recipe.what_decides(), default=str, sort_keys=True),
        _TEACHER: json.dumps(identities, sort_keys=True),
        _SAMPLES: f"{len(volumes)} volumes, {sum(len(each.slices) for each in volumes)} slices, {digest.hexdigest()}",
    }


def require_same_run(checkpoint: Path, facts: Mapping[str, str]) -> None:
    """Raise PretrainingError if a checkpoint is there and belongs to a run with other facts, or is damaged."""
    if not checkpoint.exists():
        return
    try:
        before = checkpoint_facts(checkpoint)
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise PretrainingError(
            f"the checkpoint cannot be read ({error})", checkpoint, "remove it to begin anew"
        ) from error
    if before.get(_TEACHER) != facts[_TEACHER]:
        raise PretrainingError(
            f"the run began with the teacher {_named(before.get(_TEACHER))}, not {_named(facts[_TEACHER])}",
            checkpoint,
            _ELSEWHERE,
        )
    if before.get(_SAMPLES) != facts[_SAMPLES]:
        old, new = (text.rpartition(",")[0] or "other volumes" for text in (before.get(_SAMPLES, ""), facts[_SAMPLES]))
        raise PretrainingError(
            f"volumes or captions have changed since the run began ({old} then, {new} now)", checkpoint, _ELSEWHERE
        )
    old_entries, new_entries = json.loads(before.get(_RECIPE, "{}")), json.loads(facts[_RECIPE])
    for name, value in new_entries.items():
        if old_entries.get(name) != value:
            raise PretrainingError(
                f"the run began with {name} = {_short(old_entries.get(name))}, not {_short(value)}",
                checkpoint,
                _ELSEWHERE,
            )


def _named(teacher: str | None) -> str:
    return " and ".join(name for _, name in json.loads(teacher or "{}").values())


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else "other entries"
