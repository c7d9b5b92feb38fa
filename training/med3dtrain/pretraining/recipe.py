"""Everything that decides what a pretrained encoder becomes."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from Med3DInsightLib.bundles import ModelCard
from Med3DInsightLib.storage import write_whole
from Med3DInsightLib.volumes import Modality

from ..alignment.settings import AlignmentSettings
from ..datasets.bad_input import OnBadInput
from ..reconstruction.settings import ReconstructionSettings
from ..runs.recipe_file import recipe_file
from ..teachers.registry import TeacherSettings
from .errors import PretrainingError
from .learning.training_step import ObjectiveSettings
from .measuring.held_out import HeldOutSettings
from .samples.draws import DrawSettings
from .settings import PretrainingOptimisation, PretrainingPace


@dataclass(frozen=True)
class SourceSettings:
    """What is learnt from. Paths are as seen from the working directory."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    volumes: Path
    """A folder of volumes, or a text file with one path a line."""

    captions: Path
    """The captions file (JSON Lines) of these volumes."""

    vocabulary: Path | None = None
    """Phrases, one a line, whose embeddings the bundle brings along, so that slices are found without the teacher."""

    modality: Modality | None = None
    """How the volumes were made, where the files and the list do not say."""

    least_score: float = 0.5
    """Captions with a lower quality score are left out."""

    held_out: float = 0.1
    """Share of the volumes that is measured with and not learnt from."""

    on_bad_input: OnBadInput = OnBadInput.STOP
    """Whether to stop at, or to skip, a volume or caption that cannot be used."""

    cache: Path | None = None
    """Where prepared volumes and the teacher's embeddings are kept; without it, in the output folder."""

    cached_only: bool = False
    """Compute no embedding: all must be in the cache already."""

    def __post_init__(self) -> None:
        if not 0 <= self.held_out < 1:
            raise ValueError("held_out is a share of the volumes below 1")


@dataclass(frozen=True)
class PretrainingRecipe:
    """What python training/pretrain.py does: one TOML file, and changes on the command line.

        recipe = PretrainingRecipe.read(Path("training/configs/pretrain_small_cpu.toml"))
        recipe.write(output / "recipe.json")            # can be read again

    card is the model card of the result; its hash and measured results are filled in at the end, and the
    revision of the teacher is added to its name.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    seed: int
    source: SourceSettings
    teacher: TeacherSettings
    card: ModelCard
    sampling: DrawSettings = field(default_factory=DrawSettings)
    alignment: AlignmentSettings = field(default_factory=AlignmentSettings)
    reconstruction: ReconstructionSettings = field(default_factory=ReconstructionSettings)
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
    optimisation: PretrainingOptimisation = field(default_factory=PretrainingOptimisation)
    pace: PretrainingPace = field(default_factory=PretrainingPace)
    held_out: HeldOutSettings = field(default_factory=HeldOutSettings)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError("seed is not negative")

    @classmethod
    def read(cls, path: Path) -> PretrainingRecipe:
        """Read a TOML or JSON file; raises PretrainingError naming the file and the first wrong entry."""
        with recipe_file(path, PretrainingError):
            text = path.read_text(encoding="utf-8")
            entries = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
            return TypeAdapter(cls).validate_python(entries)

    def write(self, path: Path) -> None:
        """Write all entries as JSON, replacing an older file in one step."""
        write_whole(path, TypeAdapter(PretrainingRecipe).dump_json(self, indent=2) + b"\n")

    def what_decides(self) -> dict[str, Any]:
        """The entries that a run must keep when it is taken up again, by name and value."""
        entries = asdict(self)
        entries["sampling"].pop("workers")
        parts = ("sampling", "alignment", "reconstruction", "objective", "optimisation")
        flat = {f"{part}.{name}": value for part in parts for name, value in entries[part].items()}
        of_card = {f"card.{name}": entries["card"][name] for name in ("architecture", "recipe")}
        return {"seed": self.seed, "source.held_out": self.source.held_out, **flat, **of_card}
