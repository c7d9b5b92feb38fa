"""Whether a checkpoint belongs to the run that wants to go on from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from Med3DInsightLib.errors import UserError

from .checkpoint import checkpoint_facts

_LONGEST = 60


class OtherRunError(UserError):
    """A checkpoint cannot be gone on from; the message is one line."""


class EarlierRun:
    """What a checkpoint says about the run that wrote it.

        run = EarlierRun.of(checkpoint)         # None if there is no checkpoint
        run.require(facts, "cases", "the cases have changed since the run began")
        run.require_entries(facts, "recipe")

    of() raises OtherRunError if the checkpoint is damaged, the others if the facts differ.
    """

    def __init__(self, checkpoint: Path, facts: Mapping[str, str]) -> None:
        self._checkpoint = checkpoint
        self.facts = facts

    @classmethod
    def of(cls, checkpoint: Path) -> EarlierRun | None:
        """The run whose checkpoint is there."""
        if not checkpoint.exists():
            return None
        try:
            return cls(checkpoint, checkpoint_facts(checkpoint))
        except (SafetensorError, OSError, ValueError, TypeError) as error:
            raise OtherRunError(
                f"the checkpoint cannot be read ({error})", checkpoint, "remove it to begin anew"
            ) from error

    def require(self, facts: Mapping[str, str], name: str, otherwise: str) -> None:
        """Raise with the cause `otherwise` unless a fact is what it was."""
        if self.facts.get(name) != facts[name]:
            raise self._error(otherwise)

    def require_entries(self, facts: Mapping[str, str], name: str) -> None:
        """Raise for the first entry that is not what it was, in a fact that is a JSON object."""
        old = json.loads(self.facts.get(name, "{}"))
        for entry, value in json.loads(facts[name]).items():
            if old.get(entry) != value:
                raise self._error(f"the run began with {entry} = {_short(old.get(entry))}, not {_short(value)}")

    def _error(self, cause: str) -> OtherRunError:
        return OtherRunError(cause, self._checkpoint, "choose another output folder, or go on as the run began")


def recipe_fact(entries: Mapping[str, Any]) -> str:
    """The deciding entries of a recipe, by name and value, as a fact for require_entries()."""
    return json.dumps(entries, default=str, sort_keys=True)


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= _LONGEST else "other entries"
