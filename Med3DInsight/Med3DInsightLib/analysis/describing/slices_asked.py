"""Which slices a request is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ...volumes import ANATOMICAL_PLANES, Plane
from ..computing.device import Device


@dataclass(frozen=True)
class SliceIndex:
    """A slice of a volume by its plane and its index in the array; see SlicePlace.

    Raises ValueError for an oblique plane, whose slices are not those of the array.
    """

    plane: Plane
    index: int

    def __post_init__(self) -> None:
        _refuse_oblique((self.plane,))


@dataclass(frozen=True)
class SpreadSlices:
    """So many slices of each plane, evenly spread over those with enough of the body; see body_slices().

    Raises ValueError for what leaves no slice, and for an oblique plane.
    """

    planes: tuple[Plane, ...] = ANATOMICAL_PLANES
    per_plane: int = 8
    least_body: float = 0.02
    kind: Literal["spread"] = "spread"

    def __post_init__(self) -> None:
        _refuse_oblique(self.planes)
        if not self.planes or self.per_plane < 1:
            raise ValueError(f"{self.per_plane} slices of {len(self.planes)} planes are none")
        if not 0 <= self.least_body <= 1:
            raise ValueError(f"the least share of the body is {self.least_body}, not from 0 to 1")


@dataclass(frozen=True)
class ListedSlices:
    """These slices, in this order. Raises ValueError if there is none."""

    slices: tuple[SliceIndex, ...]
    kind: Literal["listed"] = "listed"

    def __post_init__(self) -> None:
        if not self.slices:
            raise ValueError("no slice is named")


@dataclass(frozen=True)
class RelevantSlices:
    """The slices that a pretrained encoder finds most relevant; see FindRequest.

    model names its bundle. phrase is looked for, or the question itself if it is empty: what is not in the vocabulary
    needs the teacher's text_tower. Slices of one plane are at least apart_mm apart, as far as there are enough of
    them, since neighbours show nearly the same. Raises ValueError for what leaves no slice, and for an oblique plane.
    """

    model: str
    count: int = 4
    phrase: str = ""
    planes: tuple[Plane, ...] = ANATOMICAL_PLANES
    text_tower: str = ""
    apart_mm: float = 10.0
    device: Device = Device.AUTO
    kind: Literal["relevant"] = "relevant"

    def __post_init__(self) -> None:
        _refuse_oblique(self.planes)
        if not self.planes or self.count < 1:
            raise ValueError(f"{self.count} slices of {len(self.planes)} planes are none")
        if not self.apart_mm >= 0:
            raise ValueError(f"slices cannot be {self.apart_mm} mm apart")


DescribedChoice = Annotated[SpreadSlices | ListedSlices, Field(discriminator="kind")]
"""The slices that are described."""

ShownChoice = Annotated[ListedSlices | RelevantSlices, Field(discriminator="kind")]
"""The slices that are shown with a question."""


def _refuse_oblique(planes: tuple[Plane, ...]) -> None:
    if Plane.OBLIQUE in planes:
        raise ValueError("an oblique plane has no slices with an index of their own")
