"""Reading a folder with one DICOM series."""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from ..errors import VolumeError
from ..itk_image import reason_of, refuse_unless_3d_scalar, volume_from_image
from ..volume import Modality, Volume
from .slice_stack import require_even_stack

MODALITY_TAG = "0008|0060"
_POSITION_TAG, _ORIENTATION_TAG = "0020|0032", "0020|0037"
_ENDINGS = (".dcm", ".ima")
_MODALITIES = {"CT": Modality.CT, "MR": Modality.MR}


def modality_from_dicom(value: str) -> Modality:
    """The modality that a DICOM modality tag stands for."""
    return _MODALITIES.get(value.strip(), Modality.UNKNOWN)


def holds_dicom(folder: Path) -> bool:
    """Whether a file in folder is marked as DICOM: quick, for looking through many folders.

    The mark is DICM after 128 bytes (DICOM PS3.10, section 7.1), or the usual ending where a writer left
    it out. Hidden files and the index DICOMDIR do not count. Raises OSError.
    """
    files = (path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file())
    return any(_is_marked(path) for path in files if path.name != "DICOMDIR")


def read_dicom_series(folder: Path) -> Volume:
    """The volume (RAS mm) of the only series in folder.

    Its slices may be files, or the frames of a single file.

    Raises VolumeError if there is no series or more than one, if a slice is damaged, if the slices are no
    straight and even stack (see require_even_stack), or if they are not scalar.
    """
    series = sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(folder))
    if not series:
        raise VolumeError(
            "the folder holds no DICOM series", next_step="choose an image file, or a folder with one DICOM series"
        )
    if len(series) > 1:
        raise VolumeError(
            f"the folder holds {len(series)} DICOM series", next_step="copy the one you want into a folder of its own"
        )
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder), series[0]))
    reader.MetaDataDictionaryArrayUpdateOn()
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise VolumeError(
            f"the DICOM series cannot be read ({reason_of(error)})", next_step="export or download it again"
        ) from error
    refuse_unless_3d_scalar(image, image.GetNumberOfComponentsPerPixel())
    slices = range(len(reader.GetFileNames()))
    positions, orientations = ([_tag(reader, n, tag) for n in slices] for tag in (_POSITION_TAG, _ORIENTATION_TAG))
    require_even_stack(positions, orientations)
    return volume_from_image(image, modality_from_dicom(_tag(reader, 0, MODALITY_TAG)))


def _is_marked(path: Path) -> bool:
    if path.suffix.lower() in _ENDINGS:
        return True
    with open(path, "rb") as stream:
        return stream.read(132)[128:] == b"DICM"


def _tag(reader: sitk.ImageSeriesReader, index: int, key: str) -> str:
    """The text of a DICOM tag of one slice, empty if the slice does not have it."""
    return str(reader.GetMetaData(index, key)) if reader.HasMetaDataKey(index, key) else ""
