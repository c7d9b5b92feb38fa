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
from Med3DInsightLib.volumes import Modality, Segment

from ..datasets.bad_input import OnBadInput
from ..loops.settings import OptimisationSettings, PatientPaceSettings
from ..runs.recipe_file import recipe_file
from .augmentation import AugmentationSettings
from .errors import FineTuningError
from .plan import PlanSettings
from .sampling import SamplingSettings

_FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class AboutSettings:
    """What the card says about the model that no computer knows."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    name: str = "model"
    """Name of the bundle and of its folder."""
    version: str = "0.1.0"
    title: str = ""
    description: str = ""
    modalities: tuple[Modality, ...] = ()
    """What kinds of images it is for; else those that the files of training cases tell."""
    trained_on: str = ""
    licence: str = "unknown"
    """Of the weights, as the data demand it."""
    citation: str = ""
    observations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name or set(self.name) & set('/\\:*?"<>|') or self.name.startswith("."):
            raise ValueError(f"'{self.name}' cannot be the name of a folder")


@dataclass(frozen=True)
class CasesSettings:
    """Which cases are learnt from and measured with."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    modality: Modality | None = None
    """How the images were made, where the files do not say."""
    structures: dict[int, str] = field(default_factory=dict)
    """Names by label value; else those of dataset.json, else numbers."""
    segments: tuple[Segment, ...] = ()
    """Instead of names: with colours and codes."""
    classes: tuple[str, ...] = ()
    """Names of classes in order of their numbers, for data sets that only number them."""
    validation: float = 0.2
    """Share of the cases to measure with."""
    folds: int = 0
    """Cross-validation: so many parts, each measured once; 0 for a single split."""
    fold: int = 0
    """Which part is measured with."""
    split: Path | None = None
    """CSV with the columns name,split (train, validation) instead of a split by the hash of the images."""
    test: Path | None = None
    """Cases that must not be learnt from: a folder or CSV like the source; images found in both are refused."""
    share: float = 1.0
    """Share of the training cases to learn from, as if there were no others."""
    on_bad_input: OnBadInput = OnBadInput.STOP
    """Whether to stop at, or to leave out, a case that cannot be used."""
    cache: Path | None = None
    """Where prepared cases are kept; without it, in the output folder."""

    def __post_init__(self) -> None:
        if not 0 < self.validation < 1 or not 0 < self.share <= 1:
            raise ValueError("validation and share are parts of the cases, from 0 to 1")
        if self.folds == 1 or self.folds < 0 or (self.folds and not 0 <= self.fold < self.folds):
            raise ValueError(f"there is no fold {self.fold} of {self.folds}")


@dataclass(frozen=True)
class StartSettings:
    """What the encoder knows already, and how it is taught on."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    bundle: str | None = None
    """A bundle whose encoder is taken over, by its folder or by the name of an installed model."""
    checkpoint: Path | None = None
    """Weights of another program (.safetensors) for the backbone of the recipe."""
    key_map: Path | None = None
    """TOML file with a table [prefixes]: how beginnings of names in the checkpoint are called in the backbone."""
    layer_decay: float = 1.0
    """Each block of the encoder learns so many times as fast as the next one."""
    frozen_steps: int = 0
    """For so many steps only what is new learns; as many as there are steps is a probe of the encoder."""
    rank: int = 0
    """Above 0: the encoder learns by low-rank updates of its matrices alone (LoRA, arXiv 2106.09685)."""

    def __post_init__(self) -> None:
        if self.bundle is not None and self.checkpoint is not None:
            raise ValueError("the encoder can start from a bundle or from a checkpoint, not from both")
        if not 0 < self.layer_decay <= 1 or self.frozen_steps < 0 or self.rank < 0:
            raise ValueError("layer_decay is from 0 to 1, frozen_steps and rank are not negative")


@dataclass(frozen=True)
class NetworkSettings:
    """The encoder, if it does not come from a bundle; arguments that are left out are planned or the backbone's own."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    backbone: str = "segresnet"
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FineTuningRecipe:
    """What python training/finetune.py does: all defaults, a TOML file, and changes on the command line.

    recipe = FineTuningRecipe.read(Path("training/configs/finetune_hippocampus.toml"))
    """

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

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
