"""Training recipes: one TOML file per published model."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from Med3DInsightLib.bundles import ModelCard

from .loops.segmentation import LoopConfig
from .synthesis.images import SynthesisRule


@dataclass(frozen=True)
class LabelMapRecipe:
    """Everything that decides what a model trained from label maps becomes.

    tissue_table is a CSV file beside the recipe. card is the model card of the result; its hash
    and measured results are filled in later.
    """

    seed: int
    tissue_table: Path
    loop: LoopConfig
    synthesis: SynthesisRule
    card: ModelCard

    @classmethod
    def read(cls, path: Path) -> LabelMapRecipe:
        """Read a TOML file; raises ValueError naming the file and the first wrong entry."""
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        entries["tissue_table"] = path.parent / entries["tissue_table"]
        try:
            return TypeAdapter(cls).validate_python(entries)
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
