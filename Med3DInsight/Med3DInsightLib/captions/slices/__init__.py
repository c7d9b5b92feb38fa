"""Which slices of a volume are described: subjects, their slices, and how some of them are chosen."""

from .slice_choice import body_slices, foreground_slices, structure_slices, uniform_slices
from .subject import CaptionSubject, SubjectSlice

__all__ = [
    "CaptionSubject",
    "SubjectSlice",
    "body_slices",
    "foreground_slices",
    "structure_slices",
    "uniform_slices",
]
