"""Volumes as SimpleITK images and back: the one place where RAS and LPS meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import SimpleITK as sitk

from .errors import VolumeError
from .grid import RAS_TO_LPS, Grid
from .volume import Modality, Volume

_ITK_HAS_NO: dict[str, np.dtype[Any]] = {"bool": np.dtype(np.uint8), "float16": np.dtype(np.float32)}
_SMALLEST_DIRECTION = 1e-12


def volume_from_image(image: sitk.Image, modality: Modality = Modality.UNKNOWN) -> Volume:
    """The volume with the voxels and the place of a 3D scalar SimpleITK image (LPS mm).

    Further axes of size one, which writers of NIfTI like to add, are dropped.
    """
    grid = grid_of_image(image)
    return Volume(sitk.GetArrayFromImage(image).reshape(grid.shape_kji), grid, modality)


def image_from_volume(volume: Volume) -> sitk.Image:
    """The SimpleITK image (LPS mm) with the voxels and the place of a volume."""
    array = volume.array_kji
    known: np.dtype[Any] = _ITK_HAS_NO.get(array.dtype.name, array.dtype.newbyteorder("="))
    image = sitk.GetImageFromArray(np.ascontiguousarray(array, dtype=known))
    ijk_to_lps = RAS_TO_LPS @ volume.grid.ijk_to_ras
    spacing = volume.grid.spacing_ijk_mm
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(ijk_to_lps[:3, 3].tolist())
    directions = ijk_to_lps[:3, :3] / spacing
    # ITK's inversion of the directions fails on numbers near the smallest that a double can hold.
    directions[np.abs(directions) < _SMALLEST_DIRECTION] = 0.0
    image.SetDirection(directions.ravel().tolist())
    return image


def grid_of_image(image: sitk.Image | sitk.ImageFileReader) -> Grid:
    """The grid (RAS mm) of the first three axes of an image, or of a reader that has read the header of one."""
    axes = image.GetDimension()
    directions = np.array(image.GetDirection()).reshape(axes, axes)[:3, :3]
    ijk_to_lps = np.eye(4)
    ijk_to_lps[:3, :3] = directions * np.array(image.GetSpacing()[:3])
    ijk_to_lps[:3, 3] = image.GetOrigin()[:3]
    i, j, k = image.GetSize()[:3]
    return Grid((k, j, i), RAS_TO_LPS @ ijk_to_lps)


def refuse_unless_3d_scalar(image: sitk.Image | sitk.ImageFileReader, components: int) -> None:
    """Raise VolumeError, saying what was found, unless the image is 3D with one number per voxel.

    Further axes of size one are allowed.
    """
    size = list(image.GetSize())
    shape = "x".join(str(axis) for axis in size)
    if "complex" in sitk.GetPixelIDValueAsString(image.GetPixelID()):
        raise VolumeError("the voxels are complex numbers", next_step="export the magnitude image")
    if components > 1:
        raise VolumeError(
            f"every voxel has {components} components (a colour or vector image, {shape})",
            next_step="convert it to a scalar image",
        )
    if len(size) < 3:
        raise VolumeError(f"is a {len(size)}D image ({shape})", next_step="choose a 3D volume")
    if any(axis > 1 for axis in size[3:]):
        raise VolumeError(
            f"has {len(size)} dimensions ({shape})",
            next_step="extract one 3D volume, for example one time point or channel",
        )
    if min(size) < 1:
        raise VolumeError(f"an axis has size zero ({shape})", next_step="export or download it again")


def reason_of(error: RuntimeError) -> str:
    """The last informative line of an ITK exception, without source locations and addresses."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    line = lines[-1] if lines else "unknown reason"
    if line.startswith("Reason: "):  # MetaImage reports the last system error, whatever it was about
        return "it holds fewer voxels than its header says"
    _, _, tail = line.rpartition("): ")
    return (tail or line).removeprefix("ITK ERROR: ").removeprefix("sitk::ERROR: ")[:160]
