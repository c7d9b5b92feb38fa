"""Reading volumes, refusing everything that is not a finite 3D scalar image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import SimpleITK as sitk

from ..errors import VolumeError, errors_naming
from ..grid import refuse_shear
from ..itk_image import grid_of_image, reason_of, refuse_unless_3d_scalar, volume_from_image
from ..volume import Modality, Volume, require_finite
from .dicom_series import MODALITY_TAG, modality_from_dicom, read_dicom_series
from .nifti_check import check_nifti, is_nifti, require_one_place
from .source_files import Fingerprint


def read_volume(path: str | Path, modality: Modality | None = None) -> Volume:
    """Read a file, or a folder that holds one DICOM series, as a volume in RAS mm.

    modality overrides what the file says; without either it is Modality.UNKNOWN. The voxel type of
    the file is kept.

    Raises VolumeError, naming the file and what was found, for anything that is missing, damaged,
    not 3D, not scalar, not finite, or without a usable affine.
    """
    path = Path(path)
    _require_existing(path)
    with errors_naming(path):
        volume = read_dicom_series(path) if path.is_dir() else _read_file(path)
        require_finite(volume)
    return volume if modality is None else replace(volume, modality=modality)


def read_fingerprinted(path: Path, modality: Modality | None = None) -> tuple[Volume, Fingerprint]:
    """What read_volume() returns, and the fingerprint of the files it was read from.

    The fingerprint is taken first, so that a file that changes meanwhile is seen to have changed later.

    Raises VolumeError as read_volume() does.
    """
    _require_existing(path)
    try:
        fingerprint = Fingerprint.of(path)
    except OSError as error:
        raise VolumeError(
            f"cannot be read ({error.strerror})", path, "check that you are allowed to read it"
        ) from error
    return read_volume(path, modality), fingerprint


def _require_existing(path: Path) -> None:
    if not path.exists():
        raise VolumeError("there is no such file or folder", path, "check the path")


def _read_file(path: Path) -> Volume:
    if path.stat().st_size == 0:
        raise VolumeError("the file is empty", next_step="export or download it again")
    stated = check_nifti(path) if is_nifti(path) else None
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise VolumeError(
            f"cannot be read as an image ({reason_of(error)})",
            next_step="use NIfTI (.nii, .nii.gz), NRRD, MetaImage (.mha, .mhd) or a folder with one DICOM series",
        ) from error
    refuse_unless_3d_scalar(reader, reader.GetNumberOfComponents())
    grid = grid_of_image(reader)  # names a spacing of 0 or a singular affine better than ITK does
    refuse_shear(grid)
    if stated is not None:
        require_one_place(grid, stated)
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise VolumeError(
            f"the image data cannot be read ({reason_of(error)})",
            next_step="the file may be truncated; export or download it again",
        ) from error
    tag = reader.GetMetaData(MODALITY_TAG) if reader.HasMetaDataKey(MODALITY_TAG) else ""
    return volume_from_image(image, modality_from_dicom(tag))
