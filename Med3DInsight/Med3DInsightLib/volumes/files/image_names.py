"""Names of image files, with and without their ending."""

from __future__ import annotations

IMAGE_ENDINGS = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")


def bare_name(name: str) -> str:
    """The name without the ending of an image file, which lists keep and tables and folders may leave out."""
    ending = next((each for each in IMAGE_ENDINGS if name.lower().endswith(each)), "")
    return name[: len(name) - len(ending)]
