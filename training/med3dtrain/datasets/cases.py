"""Which images are evaluated, and where their truth is."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from Med3DInsightLib.batch.cases import is_image_file, name_cases, printable
from Med3DInsightLib.captions.inert_text import InertText

from .errors import DatasetError

_COLUMNS = ("image", "label")
_SPLIT = "split"
_FOLDERS = {"Tr": ("imagesTr", "labelsTr"), "Ts": ("imagesTs", "labelsTs")}


@dataclass(frozen=True)
class Case:
    """One image with its label map; name tells it apart from the others in messages and reports."""

    name: str
    image: Path
    label: Path

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
    _refuse_twice((name for name, _ in named), folder)
    return dict(named)


def _stem(path: Path) -> str:
    return name_cases([path], path.parent)[0].name


def _cases_of_table(table: Path, split: str) -> list[Case]:
    try:
        with open(table, encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = list(reader.fieldnames or ())
            rows = [row for row in reader if any(row.values())]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"cannot be read as a table ({error})", table, "save it as CSV in UTF-8") from error
    missing = [column for column in (*_COLUMNS, *([_SPLIT] if split else [])) if column not in columns]
    if missing:
        raise DatasetError(f"has no column {', '.join(missing)}", table, "name the columns image,label,split")
    chosen = [(line, row) for line, row in enumerate(rows, start=2) if not split or row[_SPLIT] == split]
    if not chosen:
        known = ", ".join(sorted({str(row.get(_SPLIT)) for row in rows})) if split else "no rows"
        raise DatasetError(f"has no case with split '{split}' ({known})", table, "choose another split")
    cases = []
    for line, row in chosen:
        if not all(row[column] for column in _COLUMNS):
            raise DatasetError(f"line {line} lacks an image or a label", table, "complete it or remove it")
        cases.append(Case(row["image"], table.parent / row["image"], table.parent / row["label"]))
    _refuse_twice((case.name for case in cases), table)
    return cases


def _refuse_twice(names: Iterable[str], source: Path) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(f"has the case '{twice[0]}' twice", source, "keep one of them")
