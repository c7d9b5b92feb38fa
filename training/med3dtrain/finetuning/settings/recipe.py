"""Everything that decides what fine-tuning makes of a data set."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from Med3DInsightLib.storage import write_whole

from ...loops.settings import OptimisationSettings, PatientPaceSettings
from ...runs.recipe_file import recipe_file
from ..errors import FineTuningError
from .about import AboutSettings
from .augmentation import AugmentationSettings
from .cases import CasesSettings
from .network import NetworkSettings
from .plan import PlanSettings
from .sampling import SamplingSettings
from .start import StartSettings


@dataclass(frozen=True)
class FineTuningRecipe:
    """What python training/finetune.py does: all defaults, a TOML file, and changes on the command line.

    recipe = FineTuningRecipe.read(Path("training/configs/finetune_hippocampus.toml"))
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    seed: int = 0
    minutes: float = 0.0
    """Above 0: as many steps as this time allows on this computer, measured when the run begins."""
    members: int = 1
    """So many networks, which differ by their seed, learn one after another; the model averages their scores."""
    about: AboutSettings = field(default_factory=AboutSettings)
    cases: CasesSettings = field(default_factory=CasesSettings)
    plan: PlanSettings = field(default_factory=PlanSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    start: StartSettings = field(default_factory=StartSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    optimisation: OptimisationSettings = field(default_factory=OptimisationSettings)
    pace: PatientPaceSettings = field(default_factory=PatientPaceSettings)

    def __post_init__(self) -> None:
        if self.seed < 0 or self.minutes < 0:
            raise ValueError("seed and minutes are not negative")
        if self.members < 1:
            raise ValueError("members is at least 1")

    @classmethod
    def read(cls, path: Path) -> FineTuningRecipe:
        """Read a TOML or JSON file; raises FineTuningError naming the file and the first wrong entry."""
        with recipe_file(path, FineTuningError):
            text = path.read_text(encoding="utf-8")
            entries: Mapping[str, Any] = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
            return TypeAdapter(cls).validate_python(entries)

    def write(self, path: Path) -> None:
        """Write all entries as JSON, replacing an older file in one step."""
        write_whole(path, TypeAdapter(FineTuningRecipe).dump_json(self, indent=2) + b"\n")

    def what_decides(self) -> dict[str, Any]:
        """The entries that a run must keep when it is taken up again, by name and value."""
        entries = asdict(self)
        entries["sampling"].pop("workers")
        parts = ("plan", "network", "start", "sampling", "augmentation", "optimisation")
        flat = {f"{part}.{name}": value for part in parts for name, value in entries[part].items()}
        return {"seed": self.seed, "cases.modality": self.cases.modality, **flat}
