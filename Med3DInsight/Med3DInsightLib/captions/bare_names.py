"""Names of volumes with and without the ending of their file."""

from __future__ import annotations

_ENDINGS = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")


def bare_name(name: str) -> str:
    """The name without the ending of an image file, which lists keep and tables and folders may leave out."""
    ending = next((each for each in _ENDINGS if name.lower().endswith(each)), "")
    return name[: len(name) - len(ending)]


def is_same_volume(first: str, second: str) -> bool:
    """Whether two names are equal but for an ending that only one of them has."""
    return first == second or bare_name(first) == second or first == bare_name(second)
