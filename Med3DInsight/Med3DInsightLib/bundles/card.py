"""What a bundle says about its model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import ConfigDict

from ..volumes.recipe import Recipe
from ..volumes.segments import Segment
from ..volumes.sides import has_side, twins
from .psat_settings import PsatSettings

FORMAT_VERSION = 1
"""The version of the bundle format that this code writes and the newest that it reads."""


class HeadKind(StrEnum):
    """What the network returns."""

    SEGMENTATION = "segmentation"
    CLASSIFICATION = "classification"
    NONE = "none"


@dataclass(frozen=True)
class Architecture:
    """How to build the network: a backbone of the registry, its arguments, the head, and PSAT if any.

    Only an encoder without a head carries a PSAT: fine-tuning changes the features it was trained to read. Of several
    members, networks that segment and differ in their weights alone, the scores are averaged. A network that classifies
    averages over the mirror images along mirrored_axes_kji (0 is K, 1 J, 2 I); one that segments is told to by
    ModelCard.mirrored_average.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    backbone: str
    backbone_arguments: dict[str, Any]
    head: HeadKind
    classes: int = 0
    psat: PsatSettings | None = None
    members: int = 1
    mirrored_axes_kji: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        axes = self.mirrored_axes_kji
        if axes and self.head != HeadKind.CLASSIFICATION:
            raise ValueError(f"a network with the head '{self.head}' has no mirrored_axes_kji")
        if len(set(axes)) != len(axes) or not set(axes) <= {0, 1, 2}:
            raise ValueError(f"mirrored_axes_kji are {list(axes)}, not some of 0, 1 and 2")
        if self.members < 1 or (self.members > 1 and self.head != HeadKind.SEGMENTATION):
            raise ValueError(f"a network with the head '{self.head}' cannot have {self.members} members")
        if self.psat is not None and self.head != HeadKind.NONE:
            raise ValueError(f"a network with the head '{self.head}' has no psat")


@dataclass(frozen=True)
class Measurement:
    """A measured result and the command that prints it again."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    dataset: str
    measure: str
    value: float
    command: str


@dataclass(frozen=True)
class ModelCard:
    """Everything a user should know before trusting a model, and everything needed to run it.

    segments lists the structures by label value 1, 2, ...; class 0 is background. class_names are those of
    a network that classifies whole volumes, by number from 0 on. No two have one name, by which results
    are told. weights_sha256 is
    the hash of model.safetensors. teacher is the image-text model, as id@revision, into whose space
    PSAT maps slices; it is empty in a bundle without PSAT. vocabulary_sha256 is the hash of
    vocabulary.safetensors, phrases embedded by the teacher (see Vocabulary); it is empty without one.
    learnt_from and measured_with are the SHA-256 hashes of image files, so that nobody tests with what was
    learnt; file names stay where they are, they may name patients. With largest_part_only, what does not belong to
    the largest connected part of all segments together is background. With mirrored_average, scores are the mean of
    those of a volume and of its mirror image, in which left and right structures are exchanged; each segment with a
    side in its name then needs its twin.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    format_version: int
    name: str
    version: str
    title: str
    description: str
    modalities: tuple[str, ...]
    architecture: Architecture
    recipe: Recipe
    segments: tuple[Segment, ...]
    trained_on: str
    licence: str
    citation: str
    results: tuple[Measurement, ...]
    observations: tuple[str, ...]
    weights_sha256: str
    teacher: str = ""
    vocabulary_sha256: str = ""
    learnt_from: tuple[str, ...] = ()
    measured_with: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    largest_part_only: bool = False
    mirrored_average: bool = False

    def __post_init__(self) -> None:
        values = [segment.label_value for segment in self.segments]
        classes = self.architecture.classes
        if self.architecture.head == HeadKind.SEGMENTATION and values != list(range(1, classes)):
            raise ValueError(f"{classes} classes need label values 1 to {classes - 1}, not {values}")
        named = classes if self.architecture.head == HeadKind.CLASSIFICATION else 0
        if len(self.class_names) != named:
            raise ValueError(f"there are {len(self.class_names)} class names for {named} classes")
        if (self.architecture.psat is not None) != bool(self.teacher):
            raise ValueError("psat and the name of its teacher belong together; one of them is missing")
        if self.vocabulary_sha256 and self.architecture.psat is None:
            raise ValueError("a vocabulary needs psat, whose read-outs it is compared with")
        names = [segment.name for segment in self.segments]
        _require_distinct(names)
        _require_distinct(self.class_names)
        alone = _without_twin(names)
        if self.mirrored_average and alone:
            raise ValueError(f"mirrored_average needs both sides of a structure, and '{alone[0]}' has no twin")


def _require_distinct(names: Sequence[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"'{name}' is the name of several structures or classes")


def _without_twin(names: list[str]) -> list[str]:
    """Names with a side that stand for no structure of the other side; a mirror image would mix up their sides."""
    return [name for index, name in enumerate(names) if has_side(name) and twins(names)[index] == index]
