"""Volumes in files between processes of this program: fast, uncompressed, trusted to be complete."""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from ..errors import VolumeError
from ..itk_image import image_from_volume, reason_of, volume_from_image
from ..volume import Volume


def write_exchange_file(volume: Volume, path: Path) -> None:
    """Write volume as an uncompressed NRRD file; raises VolumeError if the disk is full."""
    try:
        sitk.WriteImage(image_from_volume(volume), str(path), useCompression=False)
        # ITK's writer does not always notice a full disk.
        complete = path.stat().st_size >= volume.array_kji.nbytes
    except (RuntimeError, OSError) as error:
        raise VolumeError(
            "the temporary file could not be written", path, "free some space or set TMPDIR to another folder"
        ) from error
    if not complete:
        raise VolumeError(
            "the temporary file was written only in part", path, "free some space or set TMPDIR to another folder"
        )


def read_exchange_file(path: Path) -> Volume:
    """Read what write_exchange_file wrote; raises VolumeError if it is not there or damaged."""
    try:
        return volume_from_image(sitk.ReadImage(str(path)))
    except RuntimeError as error:
        raise VolumeError(f"the temporary file cannot be read ({reason_of(error)})", path, "run it again") from error
