"""What every frozen encoder of pictures or texts can do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from torch import Tensor

Item = TypeVar("Item", contravariant=True)


class TowerKind(StrEnum):
    """What a tower reads."""

    PICTURES = "pictures"
    TEXTS = "texts"


@dataclass(frozen=True)
class TowerIdentity:
    """Which tower it is, exactly enough to know whether an embedding is one of its own.

    weights_sha256 is the hash of the weights, settings_sha256 that of everything else that decides the
    numbers: configuration, picture preparation or tokenizer, read-out, token limit and number format.
    name and revision are for people: a model copied to another folder is still the same model. width is the
    length of an embedding.
    """

    kind: TowerKind
    name: str
    revision: str
    weights_sha256: str
    settings_sha256: str
    width: int

    @property
    def key(self) -> str:
        """16 hexadecimal digits that differ if any embedding could differ."""
        contents = [self.kind.value, self.weights_sha256, self.settings_sha256, self.width]
        return hashlib.sha256(json.dumps(contents).encode()).hexdigest()[:16]

    def __str__(self) -> str:
        revision = f"@{self.revision[:12]}" if self.revision else ""
        return f"{self.name}{revision} ({self.kind}, weights {self.weights_sha256[:12]})"


class Tower(Protocol[Item]):
    """A frozen encoder of pictures (Tower[Picture]) or texts (Tower[str]).

    Asking for the identity is cheap: weights are hashed, but not loaded.
    """

    @property
    def identity(self) -> TowerIdentity:
        """Which tower this is."""

    def embed(self, items: Sequence[Item]) -> Tensor:
        """(N, width) in float32 on the CPU, every row of length 1, without gradient.

        Raises TeacherError for an item that cannot be read or has no finite embedding.
        """


TextTower = Tower[str]
"""A frozen encoder of texts."""


def digest_of(**settings: object) -> str:
    """The SHA-256 of settings that are JSON."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
