"""What a catalogue says about a model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from ..bundles.bundle import CARD_FILE, WEIGHTS_FILE
from ..bundles.vocabulary import VOCABULARY_FILE
from .licences import is_permissive
from .sources import Source
from .texts import Line, ModelName, Sha256

LARGEST_CARD_BYTES = 10_000_000


class Task(StrEnum):
    """What a model does."""

    SEGMENTATION = "segmentation"
    CLASSIFICATION = "classification"
    ENCODER = "encoder"


class BundleFile(StrEnum):
    """The only files that a bundle may have."""

    CARD = CARD_FILE
    WEIGHTS = WEIGHTS_FILE
    VOCABULARY = VOCABULARY_FILE


@dataclass(frozen=True)
class ModelFile:
    """A file of a bundle: its name, size in bytes and SHA-256 hash."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: BundleFile
    size_bytes: Annotated[int, Field(gt=0)]
    sha256: Sha256


@dataclass(frozen=True)
class CatalogueEntry:
    """A model: what it is for, under which licence, and where its files are.

    structures are what a segmentation labels, classes what a classification tells apart.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: ModelName
    version: Line
    title: Line
    task: Task
    modalities: tuple[Line, ...]
    licence: Line
    files: tuple[ModelFile, ...]
    source: Source
    structures: tuple[Line, ...] = ()
    classes: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        names = [file.name for file in self.files]
        if len(set(names)) != len(names):
            raise ValueError("a file is listed twice")
        missing = [name for name in (BundleFile.CARD, BundleFile.WEIGHTS) if name not in names]
        if missing:
            raise ValueError(f"{missing[0]} is not among the files")
        if self.file(BundleFile.CARD).size_bytes > LARGEST_CARD_BYTES:
            raise ValueError(f"{CARD_FILE} is larger than {LARGEST_CARD_BYTES} bytes")

    @property
    def size_bytes(self) -> int:
        """The size of all files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def must_be_accepted(self) -> bool:
        """Whether the licence has to be accepted before the model is fetched."""
        return not is_permissive(self.licence)

    def file(self, name: BundleFile) -> ModelFile:
        """The file of that name; raises StopIteration if the model has none."""
        return next(file for file in self.files if file.name == name)
