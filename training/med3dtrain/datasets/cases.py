"""Which images are evaluated, and where their truth is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from Med3DInsightLib.batch.cases import is_image_file, name_cases
from Med3DInsightLib.captions.inert_text import InertText
from Med3DInsightLib.errors import printable

from .case_table import IMAGE, SPLIT, read_case_table, require_once
from .errors import DatasetError

_LABEL = "label"
_FOLDERS = {"Tr": ("imagesTr", "labelsTr"), "Ts": ("imagesTs", "labelsTs")}


@dataclass(frozen=True)
class Case:
    """One image with its label map; name tells it apart from the others in messages and reports.

    split is what a table says of it in its column split, nothing if it has none.
    """

    name: str
    image: Path
    label: Path
    split: str = ""

    @property
    def title(self) -> str:
        """The name as one line that a terminal shows as it is, whatever the file is called."""
        return printable(InertText.of(self.name).text)


def list_cases(source: Path, split: str = "") -> list[Case]:
    """The cases of a folder in the layout of the Medical Segmentation Decathlon, or of a CSV.

    A folder holds imagesTr and labelsTr, or imagesTs and labelsTs; where it holds both pairs, split must be
    Tr or Ts. A CSV has the columns image and label (paths relative to it) and may have split: then only the
    rows with that split count, and without split, all.

    An image without a label, or the other way round, is a case whose missing file is told when it is read.

    Raises DatasetError if there is no such source, or there are no cases.
    """
    if source.is_dir():
        return paired_cases(*_decathlon_folders(source, split))
    if source.suffix.lower() == ".csv":
        return _cases_of_table(source, split)
    raise DatasetError(
        "is neither a folder nor a .csv table" if source.exists() else "there is no such file or folder",
        source,
        "give a folder with imagesTr and labelsTr, or a CSV with the columns image and label",
    )


def paired_cases(images: Path, labels: Path) -> list[Case]:
    """Cases of two folders whose files have equal names, sorted by name; endings such as .nii.gz may differ.

    Raises DatasetError if a folder cannot be read, holds two files of one name, or both hold none.
    """
    of_image, of_label = _files_by_name(images), _files_by_name(labels)
    if not of_image:
        raise DatasetError("holds no image (NIfTI, NRRD or MetaImage)", images, "choose another folder")
    return [
        Case(name, of_image.get(name, images / name), of_label.get(name, labels / name))
        for name in sorted(of_image | of_label)
    ]


def _decathlon_folders(source: Path, split: str) -> tuple[Path, Path]:
    if split and split not in _FOLDERS:
        raise DatasetError(f"a folder has no split '{split}'", source, "choose Tr or Ts")
    wanted = [split] if split else list(_FOLDERS)
    there = [(source / a, source / b) for a, b in (_FOLDERS[each] for each in wanted) if (source / b).is_dir()]
    if not there:
        named = " or ".join(_FOLDERS[each][1] for each in wanted)
        raise DatasetError(f"holds no {named}", source, "give two folders with --images and --labels")
    if len(there) > 1:
        raise DatasetError("holds labelsTr and labelsTs", source, "choose one: --split Tr or --split Ts")
    return there[0]


def _files_by_name(folder: Path) -> dict[str, Path]:
    try:
        files = [path for path in folder.iterdir() if is_image_file(path.name) and not path.name.startswith(".")]
    except OSError as error:
        raise DatasetError(f"cannot be read ({error.strerror})", folder, "check the path") from error
    named = [(_stem(path), path) for path in files]
    require_once([name for name, _ in named], folder)
    return dict(named)


def _stem(path: Path) -> str:
    return name_cases([path], path.parent)[0].name


def _cases_of_table(table: Path, split: str) -> list[Case]:
    rows = [row.cells for row in read_case_table(table, _LABEL, split)]
    return [Case(row[IMAGE], table.parent / row[IMAGE], table.parent / row[_LABEL], row.get(SPLIT, "")) for row in rows]
