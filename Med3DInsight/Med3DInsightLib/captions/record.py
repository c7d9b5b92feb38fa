"""One caption of one slice, as it is kept."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

from ..volumes import Plane
from .inert_text import is_inert
from .window import Window

FORMAT_VERSION = 1
"""The version of the captions format that this code writes and reads."""

_HASH = re.compile("[0-9a-f]{64}")


class Flag(StrEnum):
    """What is suspicious about a caption; flagged captions stay in the file."""

    REFUSAL = "refusal"
    EMPTY = "empty"
    CUT_OFF = "cut_off"
    REPEATS = "repeats"
    WRONG_PLANE = "wrong_plane"
    WRONG_MODALITY = "wrong_modality"
    IMPOSSIBLE_STRUCTURE = "impossible_structure"
    NEAR_DUPLICATE = "near_duplicate"
    TEACHER_DISAGREES = "teacher_disagrees"
    CONTROL_CHARACTERS = "control_characters"
    """There were characters that must not be shown; each is U+FFFD now."""
    TOO_LONG = "too_long"
    """The end was left out: see dropped_characters."""


@dataclass(frozen=True)
class CaptionSource:
    """Who wrote a caption: backend, model with its revision, and the prompt that asked for it.

    Two sources may describe the same slice; one source describes it once.
    """

    backend: str
    model: str = ""
    model_revision: str = ""
    prompt: str = ""

    def remarked(self, remark: str) -> CaptionSource:
        """The source with a remark about its pictures, such as "defaced", told with the prompt; itself without one."""
        return replace(self, prompt=f"{self.prompt} [{remark}]") if remark else self


@dataclass(frozen=True)
class CaptionKey:
    """What only one caption of a file may have: the slice and the source."""

    volume_hash: str
    plane: Plane
    index: int
    source: CaptionSource


@dataclass(frozen=True)
class Caption:
    """A line of a captions file.

    volume_id is the user's name for the volume, volume_hash what volume_hash() says. index numbers the
    slices of plane as the array does, from 0; position_mm is where the slice is along the normal of the
    plane, which points to the right, to anterior or superior (RAS). text is inert: see InertText;
    dropped_characters is how many of its end the limit cost. score is from 0 to 1. window is None if the
    backend did not look at a picture; tokens are None if it does not count them.

    Raises ValueError for an entry that cannot be.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    format_version: int
    volume_id: str
    volume_hash: str
    plane: Plane
    index: int
    position_mm: float
    text: str
    backend: str
    model: str
    model_revision: str
    prompt: str
    score: float
    flags: tuple[Flag, ...]
    window: Window | None
    tokens_in: int | None = None
    tokens_out: int | None = None
    dropped_characters: int = 0

    def __post_init__(self) -> None:
        _require(
            self.format_version == FORMAT_VERSION, f"format_version is {self.format_version}, not {FORMAT_VERSION}"
        )
        _require(_HASH.fullmatch(self.volume_hash) is not None, "volume_hash is not 64 hexadecimal digits")
        _require(self.plane != Plane.OBLIQUE, "an oblique plane has no slices with an index of their own")
        _require(self.index >= 0, f"index is {self.index}")
        _require(math.isfinite(self.position_mm), f"position_mm is {self.position_mm}")
        _require(0 <= self.score <= 1, f"score is {self.score}, not from 0 to 1")
        _require(self.dropped_characters >= 0, f"dropped_characters is {self.dropped_characters}")
        for name in ("volume_id", "text", "backend", "model", "model_revision", "prompt"):
            _require(is_inert(getattr(self, name)), f"{name} has control characters")

    @property
    def source(self) -> CaptionSource:
        """Who wrote it."""
        return CaptionSource(self.backend, self.model, self.model_revision, self.prompt)

    @property
    def key(self) -> CaptionKey:
        """What no other caption of the file has."""
        return CaptionKey(self.volume_hash, self.plane, self.index, self.source)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)
