"""What must not change while a run is taken up again and again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from ..loops.same_run import EarlierRun, recipe_fact
from .recipe import PretrainingRecipe
from .samples.captioned import CaptionedSlice, CaptionedVolume
from .targets.towers import Towers

_RECIPE, _TEACHER, _SAMPLES = "recipe", "teacher", "samples"


def run_facts(recipe: PretrainingRecipe, towers: Towers, volumes: Sequence[CaptionedVolume]) -> dict[str, str]:
    """The recipe's deciding entries, the teacher, and a digest of volumes, captions and windows, as text."""
    digest = hashlib.sha256()
    for each in volumes:
        slices = [_described(one) for one in each.slices]
        digest.update(json.dumps([each.volume.volume_hash, each.volume.modality.value, slices]).encode())
    identities = {term: [identity.key, str(identity)] for term, identity in towers.identities.items()}
    return {
        _RECIPE: recipe_fact(recipe.what_decides()),
        _TEACHER: json.dumps(identities, sort_keys=True),
        _SAMPLES: f"{len(volumes)} volumes, {sum(len(each.slices) for each in volumes)} slices, {digest.hexdigest()}",
    }


def require_same_run(checkpoint: Path, facts: Mapping[str, str]) -> None:
    """Raise OtherRunError if a checkpoint is there and belongs to a run with other facts, or is damaged."""
    earlier = EarlierRun.of(checkpoint)
    if earlier is None:
        return
    teachers = (_named(earlier.facts.get(_TEACHER)), _named(facts[_TEACHER]))
    earlier.require(facts, _TEACHER, "the run began with the teacher {}, not {}".format(*teachers))
    counts = (_counted(earlier.facts.get(_SAMPLES, "")), _counted(facts[_SAMPLES]))
    changed = "volumes or captions have changed since the run began ({} then, {} now)".format(*counts)
    earlier.require(facts, _SAMPLES, changed)
    earlier.require_entries(facts, _RECIPE)


def _described(one: CaptionedSlice) -> list[object]:
    window = None if one.window is None else asdict(one.window)
    return [str(one.place.plane), one.place.index, one.texts, window]


def _named(teacher: str | None) -> str:
    return " and ".join(name for _, name in json.loads(teacher or "{}").values())


def _counted(samples: str) -> str:
    return samples.rpartition(",")[0] or "other volumes"
