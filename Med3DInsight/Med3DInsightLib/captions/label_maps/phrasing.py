"""Sentences about what a label map says, in many wordings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ...volumes import Modality, SlicePlace
from .side import Side
from .structures import StructureInSlice

_OPENINGS = (
    "{Plane} {image} {index} of 0 to {last}.",
    "This is {plane} {image} {index}; the volume has {plane} slices 0 to {last}.",
    "{A} {plane} {image} with index {index}, where 0 to {last} is the whole volume.",
    "The picture is {a} {plane} {image}, number {index} between 0 and {last}.",
)
_LISTS = (
    "It shows {names}.",
    "Visible here: {names}.",
    "Structures in this slice: {names}.",
    "The slice cuts through {names}.",
    "One sees {names}.",
)
_NOTHING = (
    "No labelled structure is in this slice.",
    "It shows none of the labelled structures.",
    "Nothing that has a label is visible here.",
)
_DETAILS = (
    "The {name} lies {where}, takes up {share} of the slice and reaches from slice {first} to slice {last}.",
    "The {name} is seen {where}: {share} of the slice, slices {first} to {last}.",
    "With {share} of the slice, the {name} is found {where}; it begins at slice {first} and ends at slice {last}.",
    "The {name} covers {share} of the slice {where}, first in slice {first} and last in slice {last}.",
)
_SIDED_DETAILS = (
    "The {name} takes up {share} of the slice and reaches from slice {first} to slice {last}.",
    "The {name} fills {share} of the slice and is in slices {first} to {last}.",
    "With {share} of the slice, the {name} begins at slice {first} and ends at slice {last}.",
)
_WHERE = {
    Side.LEFT: ("on the patient's left", "on the left side of the body"),
    Side.RIGHT: ("on the patient's right", "on the right side of the body"),
    Side.MIDLINE: ("at the midline", "at the midline of the body"),
    Side.BOTH: ("on both sides", "on both sides of the body"),
}
_IMAGES = {Modality.CT: ("CT slice", "CT image"), Modality.MR: ("MR slice", "MR image")}
_UNKNOWN_IMAGES = ("slice", "image")


@dataclass
class Wording:
    """Chooses among wordings: the same key gives the same choices, on every computer and in every version.

    wording = Wording("seed 3, axial 80")
    wording.choose(["a", "b"])
    """

    key: str
    choices_made: int = 0

    def choose(self, options: Sequence[str]) -> str:
        """One of the options."""
        self.choices_made += 1
        digest = hashlib.sha256(f"{self.key}/{self.choices_made}".encode()).digest()
        return options[int.from_bytes(digest[:8]) % len(options)]


def sentences_about(
    place: SlicePlace,
    modality: Modality,
    structures: Sequence[StructureInSlice],
    detailed: int,
    wording: Wording,
) -> str:
    """Plane and index, all structures by name, and the sides, shares and extents of the first few.

    Numbers of slices count from 0, as they do in the file.
    """
    article = "an" if place.plane.startswith("a") else "a"
    opening = wording.choose(_OPENINGS).format(
        plane=place.plane.value,
        Plane=place.plane.value.capitalize(),
        a=article,
        A=article.capitalize(),
        image=wording.choose(_IMAGES.get(modality, _UNKNOWN_IMAGES)),
        index=place.index,
        last=place.count - 1,
    )
    if not structures:
        return f"{opening} {wording.choose(_NOTHING)}"
    names = _listed([spoken(each.name) for each in structures])
    details = [_detail(each, wording) for each in structures[:detailed]]
    return " ".join([opening, wording.choose(_LISTS).replace("{names}", names), *details])


def spoken(name: str) -> str:
    """A name of a label map in words: kidney_left becomes left kidney."""
    words = name.replace("_", " ").split()
    if len(words) > 1 and words[-1].lower() in (Side.LEFT, Side.RIGHT):
        words = [words[-1].lower(), *words[:-1]]
    return " ".join(words)


def _detail(each: StructureInSlice, wording: Wording) -> str:
    name = spoken(each.name)
    names_its_side = name.split(" ")[0].lower() == each.side
    sentence = wording.choose(_SIDED_DETAILS if names_its_side else _DETAILS)
    where = wording.choose(_WHERE[each.side])
    share, first, last = _percent(each.share), str(each.first), str(each.last)
    # The name comes last: what a label map calls its structures may look like a placeholder.
    for placeholder, value in (("where", where), ("share", share), ("first", first), ("last", last), ("name", name)):
        sentence = sentence.replace(f"{{{placeholder}}}", value)
    return sentence


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _percent(share: float) -> str:
    percent = 100 * share
    if percent < 0.1:
        return "less than 0.1 %"
    return f"about {percent:.0f} %" if percent >= 10 else f"about {percent:.1f} %"
