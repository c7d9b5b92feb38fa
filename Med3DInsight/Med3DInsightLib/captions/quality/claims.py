"""What a text claims about the picture: its plane and how it was made.

Only phrases that speak of the image count: transverse colon, frontal lobe and sagittal sinus are anatomy,
T1 and T2 are vertebrae too, and an advice to have another examination is no claim about this one. The
rules know English.
"""

from __future__ import annotations

import re

from ...volumes import Modality, Plane
from ..plane_names import ADJECTIVES

_IMAGE = r"(?:(?:plane|slice|view|image|section|cut|scan|orientation|picture|projection)s?|reformat\w*)"
_ANATOMY = r"(?!\s+(?:colon|process|sinus|suture|lobe|bone|horn|skeleton|gyr|sulc|muscle|ligament|diameter|width))"
_NO_ADJECTIVE = r"(?!(?:in|of|on|is|are|was|at|to|with|by|from|the|this|that|these|seen|visible|shown)\b)"
_BETWEEN = rf"(?:[\s,-]+{_NO_ADJECTIVE}[\w./]+){{0,5}}?"
_ACQUIRED = r"(?:ct|mri?|t[12]|t[12]-?w\w*|flair|computed|magnetic|non-?contrast|contrast)"
_PLANE_KEY = r"(?:plane|view|orientation)\W{1,4}(?:is\s+)?"


def _claim_of_plane(adjectives: tuple[str, ...]) -> re.Pattern[str]:
    words = rf"(?:{'|'.join(adjectives)})\b{_ANATOMY}"
    return re.compile(rf"\b{words}{_BETWEEN}[\s,-]+{_IMAGE}\b|\b{words}\s+{_ACQUIRED}\b|{_PLANE_KEY}{words}")


_PLANES = {plane: _claim_of_plane(adjectives) for plane, adjectives in ADJECTIVES.items()}
_MODALITIES = {
    "CT": re.compile(r"\bct\b|\bcomputed tomogra|\bhounsfield\b|\bcat scan\b"),
    "MR": re.compile(
        r"\bmri?\b|\bmagnetic resonance\b|\bt[12][- ]?w(?:eighted|i)?\b|\bt[12] (?:image|sequence)|\bflair\b"
    ),
    "radiograph": re.compile(r"\bx-?rays?\b|\bradiographs?\b|\bmammogra\w+"),
    "ultrasound": re.compile(r"\bultrasound\b|\bsonogra\w+|\bechocardiogra\w+"),
    "PET": re.compile(r"\bpet\b|\bpositron\b"),
    "microscopy": re.compile(r"\bhistolog\w+|\bmicroscop\w+|\bendoscop\w+|\bfundus photo\w*"),
}
_ADVICE = re.compile(
    r"recommend|suggest|correlat|further|follow-?up|compar|consider|could be confirmed|would help|advis"
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def claimed_planes(text: str) -> frozenset[Plane]:
    """The planes that the text says the picture is in."""
    lower = text.lower()
    return frozenset(plane for plane, pattern in _PLANES.items() if pattern.search(lower))


def claimed_modalities(text: str) -> frozenset[str]:
    """How the text says the picture was made: CT, MR, radiograph, ultrasound, PET, microscopy."""
    claims = [part for part in _SENTENCE_END.split(text.lower()) if not _ADVICE.search(part)]
    return frozenset(name for name, pattern in _MODALITIES.items() if any(pattern.search(part) for part in claims))


def is_wrong_plane(text: str, plane: Plane) -> bool:
    """Whether the text claims other planes and not this one."""
    claimed = claimed_planes(text)
    return bool(claimed) and plane not in claimed


def is_wrong_modality(text: str, modality: Modality) -> bool:
    """Whether the text claims another modality and not this one; never where the modality is unknown."""
    claimed = claimed_modalities(text)
    return modality != Modality.UNKNOWN and bool(claimed) and modality.value not in claimed
