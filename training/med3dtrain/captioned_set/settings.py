"""What a set to pretrain with is put together from."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from Med3DInsightLib.volumes import Modality

from ..runs.recipe_file import recipe_file
from ..synthesis.deformation import DeformationRule

_MAY_CHANGE = ("images", "labels", "names", "label_table", "licence")


@dataclass(frozen=True)
class RealVolume:
    """A volume, and where the labels that describe it come from: a label map with names, or a shipped model."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    volume: Path
    modality: Modality
    licence: str
    labels: Path | None = None
    names: Path | None = None
    model: str = ""

    def __post_init__(self) -> None:
        if (self.labels is None or self.names is None) == (not self.model):
            raise ValueError(f"{self.volume} needs either labels and names, or a model")


@dataclass(frozen=True)
class SyntheticHeads:
    """A folder of FreeSurfer-style label maps, of which MR images are drawn in these contrasts.

    Without images, one is drawn of each label map. More go round again, in other contrasts; no label map is drawn
    twice in the same one. With deformation every image has a shape of its own. Label maps of the names left_out are
    not drawn at all. An image has block_voxel times the spacing of its label map. With around, it is not the head
    that is drawn but, for each of these label ids, the box around it and margin_mm more on every side.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    labels: Path
    names: Path
    label_table: Path
    contrasts: tuple[str, ...]
    licence: str
    images: int | None = None
    deformation: DeformationRule | None = None
    left_out: tuple[str, ...] = ()
    block_voxel: int = 2
    around: tuple[int, ...] = ()
    margin_mm: float = 10.0

    def __post_init__(self) -> None:
        if self.block_voxel < 1 or self.margin_mm < 0:
            raise ValueError("block_voxel is at least 1, margin_mm not negative")
        if self.deformation is not None and self.deformation.flip_probability:
            raise ValueError("captions say left and right, so deformation.flip_probability is 0")

    def what_decides(self) -> dict[str, Any]:
        """The entries that decide how a head looks, by name; how many there are, and names of files, do not."""
        entries: dict[str, Any] = TypeAdapter(SyntheticHeads).dump_python(self, mode="json")
        return {name: entry for name, entry in entries.items() if name not in _MAY_CHANGE}


@dataclass(frozen=True)
class CaptionedSetSettings:
    """Real volumes, synthetic heads, and how many slices of each plane are described in how many wordings.

    detailed is how many structures are told about in a sentence of their own; sentence encoders read 256 tokens.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    seed: int
    slices_per_plane: int
    wordings: int
    detailed: int
    real: tuple[RealVolume, ...] = ()
    heads: SyntheticHeads | None = None

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError("seed is not negative")

    @classmethod
    def read(cls, path: Path) -> CaptionedSetSettings:
        """Read a TOML file; raises UserError naming the file and the first wrong entry."""
        with recipe_file(path):
            return TypeAdapter(cls).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
