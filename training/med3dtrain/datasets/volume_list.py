"""Which volumes a run reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from Med3DInsightLib.batch.case_search import CaseSearch
from Med3DInsightLib.batch.cases import is_image_file, name_cases
from Med3DInsightLib.volumes import Modality
from Med3DInsightLib.volumes.files.dicom_series import holds_dicom

from .errors import DatasetError

_MODALITIES = {modality.value.upper(): modality for modality in Modality}


@dataclass(frozen=True)
class ListedVolume:
    """A volume that is to be read: what messages call it, where it is, and its modality if that is known."""

    name: str
    path: Path
    modality: Modality | None = None


def list_volumes(
    source: Path, modality: Modality | None = None, pattern: str = "**/*", without: Path | None = None
) -> list[ListedVolume]:
    """The volumes of a folder (its sub-folders included) or of a list file, in an order that stays the same.

    A folder holds NIfTI, NRRD or MetaImage files, or sub-folders of one DICOM series each; pattern tells which of
    them are meant, and without is a folder inside that is passed over. A folder of one DICOM series, or one
    image file, is a single volume. A list file has one path a line, relative to the file; a tab and CT or MR
    may follow. Empty lines and lines that begin with # do not count. modality is for the volumes that are not
    said to have another one.

    Raises DatasetError or UserError if there is no such source, or there are no volumes.
    """
    if _is_one_volume(source):
        return [ListedVolume(name_cases([source], source.parent)[0].name, source, modality)]
    if source.is_dir():
        cases = CaseSearch(source, without, pattern).cases()
        return [ListedVolume(case.name, case.path, modality) for case in cases]
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(
            f"is neither a folder nor a list of volumes ({error})", source, "choose a folder, or a text file of paths"
        ) from error
    listed = [
        _listed(line, number, source, modality)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not listed:
        raise DatasetError("lists no volume", source, "write one path a line")
    return list(dict.fromkeys(listed))


def _is_one_volume(source: Path) -> bool:
    try:
        if not source.is_dir():
            return is_image_file(source.name) and source.exists()
        inside = [path for path in source.iterdir() if not path.name.startswith(".")]
        return holds_dicom(source) and not any(path.is_dir() or is_image_file(path.name) for path in inside)
    except OSError:
        return False  # looking for cases tells that the folder cannot be read


def _listed(line: str, number: int, source: Path, modality: Modality | None) -> ListedVolume:
    path, _, stated = (part.strip() for part in line.partition("\t"))
    if stated and stated.upper() not in _MODALITIES:
        raise DatasetError(
            f"line {number} states the modality '{stated}'", source, f"choose one of {', '.join(Modality)}"
        )
    return ListedVolume(path, source.parent / path, _MODALITIES[stated.upper()] if stated else modality)
