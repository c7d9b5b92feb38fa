"""A teacher: one tower for pictures, one for texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from Med3DInsightLib.networks.text_towers.tower import Tower

from .pictures import Picture


@dataclass(frozen=True)
class Teacher:
    """Frozen embeddings of slices and of their descriptions.

        teacher = open_teacher(TeacherSettings(TeacherBackend.JOINT, "google/medsiglip-448"))
        teacher.embed_pictures([picture])           # (1, 1152)
        teacher.embed_texts(["the left kidney"])    # (1, 1152)

    If both towers share a space (CLIP and its kin), a picture and its description have similar
    embeddings, and a student needs one projection. If not (a DINO and a sentence encoder), the student
    needs a projection for each, of the widths of the two towers. Any Tower will do, so other backends plug
    in here.

    Raises ValueError if a shared space has two widths.
    """

    pictures: Tower[Picture]
    texts: Tower[str]
    shares_space: bool

    def __post_init__(self) -> None:
        widths = (self.pictures.identity.width, self.texts.identity.width)
        if self.shares_space and widths[0] != widths[1]:
            raise ValueError(f"pictures and texts cannot share a space of {widths[0]} and {widths[1]} dimensions")

    def embed_pictures(self, pictures: Sequence[Picture]) -> Tensor:
        """(N, picture width); see Tower.embed."""
        return self.pictures.embed(pictures)

    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        """(N, text width); see Tower.embed."""
        return self.texts.embed(texts)

    @property
    def projection_widths(self) -> tuple[int, ...]:
        """The widths that a student has to project to: one if the space is shared, otherwise pictures and texts."""
        widths = (self.pictures.identity.width, self.texts.identity.width)
        return widths[:1] if self.shares_space else widths
