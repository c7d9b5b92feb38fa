"""Recipes for learning from label maps alone: one TOML file per published model."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from Med3DInsightLib.bundles import ModelCard
from Med3DInsightLib.errors import UserError

from ..loops.settings import OptimisationSettings, PatientPaceSettings
from ..runs.recipe_file import recipe_file
from ..synthesis.images import SynthesisRule
from ..synthesis.label_table import LabelTable


@dataclass(frozen=True)
class LabelMapOptimisation(OptimisationSettings):
    """How to train, with how many images a step.

    head_rate is how many times as fast the layer of the scores learns: with many classes its few weights have far to
    go, and Adam moves all weights by about the same.
    """

    batch: int = 1
    head_rate: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch < 1 or not self.head_rate > 0:
            raise ValueError("batch is at least 1, head_rate positive")


@dataclass(frozen=True)
class LabelMapRecipe:
    """Everything that decides what a model trained from label maps becomes.

    label_table is a CSV file beside the recipe; what is learnt are the segments of card, the model card of the
    result, whose hash and measured results are filled in later. Recipes that learn the same share them: `segments`
    names a TOML file with them beside the recipe. held_out are the names of label maps that are kept for measuring.
    A recipe that differs from another one in a few entries names it, as `base`, and has these entries only.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    seed: int
    label_table: Path
    optimisation: LabelMapOptimisation
    synthesis: SynthesisRule
    card: ModelCard
    held_out: tuple[str, ...] = ()
    pace: PatientPaceSettings = field(default_factory=PatientPaceSettings)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError("seed is not negative")

    @classmethod
    def read(cls, path: Path) -> LabelMapRecipe:
        """Read a TOML file; raises UserError naming the file and the first wrong entry."""
        with recipe_file(path):
            entries = _read_entries(path)
            if "label_table" in entries:
                entries["label_table"] = _beside(path, entries, "label_table")
            if "segments" in entries:
                shared = tomllib.loads(_beside(path, entries, "segments").read_text(encoding="utf-8"))
                del entries["segments"]
                card = entries.setdefault("card", {})
                if isinstance(card, dict):  # or else it is refused below
                    card["segments"] = shared["segments"]
            return TypeAdapter(cls).validate_python(entries)

    def what_decides(self) -> dict[str, Any]:
        """The entries that a run must keep when it is taken up again, by name and value."""
        entries = asdict(self)
        parts = ("optimisation", "synthesis")
        flat = {f"{part}.{name}": value for part in parts for name, value in entries[part].items()}
        segments = [segment.name for segment in self.card.segments]
        network = entries["card"]["architecture"]
        return {"seed": self.seed, **flat, "card.architecture": network, "card.segments": segments}

    def read_label_table(self) -> LabelTable:
        """The label table, with the segments of the card as targets; raises UserError if they do not fit."""
        try:
            return LabelTable.read(self.label_table, [segment.name for segment in self.card.segments])
        except (OSError, KeyError, ValueError) as error:
            raise UserError(f"cannot be used as a label table ({error})", self.label_table) from error


def _read_entries(path: Path) -> dict[str, Any]:
    """The entries of a TOML file over those of its base, both from one folder."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    if "base" not in entries:
        return entries
    base = _beside(path, entries, "base")
    del entries["base"]
    return _merged(_read_entries(base), entries)


def _beside(path: Path, entries: Mapping[str, Any], name: str) -> Path:
    """The file beside path that an entry names; raises ValueError if it names none."""
    named = entries[name]
    if not isinstance(named, str):
        raise ValueError(f"{name} is {named!r}, not the name of a file")
    return path.parent / named


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged entry by entry; of everything else the one above counts."""
    both = {
        name: _merged(below[name], entry) if isinstance(entry, dict) and isinstance(below.get(name), dict) else entry
        for name, entry in above.items()
    }
    return below | both
