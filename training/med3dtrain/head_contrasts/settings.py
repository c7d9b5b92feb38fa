"""What a set of heads of known contrasts is drawn from."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from ..runs.recipe_file import recipe_file
from ..synthesis.contrasts import CONTRASTS
from ..synthesis.images import SynthesisRule
from . import whole_scale_ct

_FORBID = ConfigDict(extra="forbid")
_MAY_CHANGE = ("training_heads", "validation_heads", "label_table")
_NAMES = (*(contrast.name for contrast in CONTRASTS), whole_scale_ct.NAME)


@dataclass(frozen=True)
class Scanner:
    """Classes by name with the contrasts that their heads have, in turn, and how all of these are drawn.

    Of synthesis, crop_probability is the share of heads that are cut to a part of their field of view; contrasts do
    not come from its shares, and not step by step.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    classes: dict[str, tuple[str, ...]]
    synthesis: SynthesisRule

    def __post_init__(self) -> None:
        for name, contrasts in self.classes.items():
            unknown = [contrast for contrast in contrasts if contrast not in _NAMES]
            if unknown:
                raise ValueError(f"there is no contrast '{unknown[0]}'; choose from {', '.join(_NAMES)}")
            if not contrasts:
                raise ValueError(f"the class '{name}' has no contrast")
            if not name or set(name) & set('/\\:*?"<>|'):
                raise ValueError(f"'{name}' cannot be a part of the name of a file")
        if self.synthesis.shares:
            raise ValueError("shares are of no use here: every class has its contrasts")


@dataclass(frozen=True)
class HeadContrastSettings:
    """How many heads of each class are for training and for validation, and how they are drawn.

    label_table is a CSV file, relative to that of the settings. Validation heads are drawn from the label maps of the
    names held_out alone, training heads from all others.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    seed: int
    label_table: Path
    held_out: tuple[str, ...]
    training_heads: int
    validation_heads: int
    scanners: tuple[Scanner, ...]

    def __post_init__(self) -> None:
        if self.seed < 0 or min(self.training_heads, self.validation_heads) < 1:
            raise ValueError("training_heads and validation_heads are at least 1, seed is not negative")
        if len({scanner.synthesis.label_spacing_mm for scanner in self.scanners}) > 1:
            raise ValueError("all scanners draw from the same label maps, which have one label_spacing_mm")
        names = Counter(name for scanner in self.scanners for name in scanner.classes)
        if len(names) < 2:
            raise ValueError("at least two classes are needed")
        twice = [name for name, count in names.items() if count > 1]
        if twice:
            raise ValueError(f"two scanners have the class '{twice[0]}'")

    def what_decides(self) -> dict[str, Any]:
        """The entries that decide how a head looks, by name; how many there are, and the label table's name, do not."""
        entries: dict[str, Any] = TypeAdapter(HeadContrastSettings).dump_python(self, mode="json")
        return {name: entry for name, entry in entries.items() if name not in _MAY_CHANGE}

    @classmethod
    def read(cls, path: Path) -> HeadContrastSettings:
        """Read a TOML file; raises UserError naming the file and the first wrong entry."""
        with recipe_file(path):
            return TypeAdapter(cls).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
