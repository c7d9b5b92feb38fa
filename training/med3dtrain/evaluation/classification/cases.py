"""Which volumes are evaluated, and what each is."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from Med3DInsightLib.volumes import Modality, Volume, read_volume
from Med3DInsightLib.volumes.source_files import Fingerprint

from ...datasets.classified_set import ClassifiedCase, Side
from ...datasets.errors import DatasetError
from ...datasets.medmnist import read_medmnist
from ..content import content_of
from ..one_line import one_line

_IMAGE, _CLASS, _SPLIT = "image", "class", "split"
_SIDES = {"train": Side.TRAINING, "val": Side.VALIDATION, "validation": Side.VALIDATION, "test": Side.TEST}


@dataclass(frozen=True, eq=False)
class ClassCase:
    """A volume and the number of its class among those of the model.

    name and source tell where it is from. fingerprint() raises EvaluationError and read() VolumeError if the file
    cannot be read.
    """

    name: str
    class_number: int
    source: Path
    fingerprint: Callable[[], Fingerprint]
    read: Callable[[], Volume]

    @property
    def title(self) -> str:
        """The name as one line that a terminal shows as it is, whatever the file is called."""
        return one_line(self.name)


def list_class_cases(
    source: Path, split: str, class_names: Sequence[str], modality: Modality | None = None
) -> list[ClassCase]:
    """The cases of a CSV with the columns image (paths relative to it), class and perhaps split, or of an .npz file.

    Of a CSV, all rows count, or those with that split. An .npz is one of MedMNIST3D; its split is train, val or test,
    and test if none is given. modality is for images in files that do not say how they were made.

    Raises DatasetError for a source that is not of these kinds, has no such case, or has a class that is none of
    class_names.
    """
    if source.suffix.lower() == ".npz":
        return _cases_of_archive(source, split or Side.TEST.value, class_names)
    if source.suffix.lower() == ".csv":
        return _cases_of_table(source, split, class_names, modality)
    raise DatasetError(
        "is neither a .csv table nor an .npz file",
        source,
        "give a CSV with the columns image and class, or MedMNIST3D",
    )


def _cases_of_archive(source: Path, split: str, class_names: Sequence[str]) -> list[ClassCase]:
    if split not in _SIDES:
        raise DatasetError(f"has no split '{split}'", source, "choose train, val or test")
    numbers = _numbers_by_label(class_names)
    found = []
    for case in read_medmnist(source).of(_SIDES[split]):
        number = numbers.get(str(case.class_number))
        if number is None:
            raise _unknown(f"{split} volume has the label {case.class_number}", source, class_names)
        path = source.parent / case.name
        found.append(ClassCase(case.name, number, path, partial(_content_in_archive, case), case.read))
    if not found:
        raise DatasetError(f"has no {split} volume", source, "choose another split")
    return found


def _numbers_by_label(class_names: Sequence[str]) -> dict[str, int]:
    """Labels are the names of classes that are called by numbers, and else their places."""
    labels = class_names if all(name.isdecimal() for name in class_names) else map(str, range(len(class_names)))
    return {label: number for number, label in enumerate(labels)}


def _content_in_archive(case: ClassifiedCase) -> Fingerprint:
    return Fingerprint(case.name, case.read().array_kji.nbytes, case.sha256)


def _cases_of_table(table: Path, split: str, class_names: Sequence[str], modality: Modality | None) -> list[ClassCase]:
    numbers = {name: number for number, name in enumerate(class_names)}
    cases: dict[str, ClassCase] = {}
    for line, row in _rows(table, split):
        name, of_class = row[_IMAGE], row[_CLASS]
        if not name or not of_class:
            raise DatasetError(f"line {line} lacks an image or a class", table, "complete it or remove it")
        if of_class not in numbers:
            raise _unknown(f"line {line} has the class '{of_class}'", table, class_names)
        if name in cases:
            raise DatasetError(f"has the case '{name}' twice", table, "keep one of them")
        path = table.parent / name
        content = partial(content_of, path, "check the path in the table")
        cases[name] = ClassCase(name, numbers[of_class], path, content, partial(read_volume, path, modality))
    return list(cases.values())


def _rows(table: Path, split: str) -> list[tuple[int, Mapping[str, str]]]:
    """Lines and their cells, those of the split."""
    try:
        with open(table, encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = list(reader.fieldnames or ())
            rows = [(reader.line_num, row) for row in reader if any(row.values())]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"cannot be read as a table ({error})", table, "save it as CSV in UTF-8") from error
    missing = [column for column in (_IMAGE, _CLASS, *([_SPLIT] if split else [])) if column not in columns]
    if missing:
        raise DatasetError(f"has no column {', '.join(missing)}", table, "name the columns image,class,split")
    chosen: list[tuple[int, Mapping[str, str]]]
    chosen = [(line, row) for line, row in rows if not split or row[_SPLIT] == split]
    if not chosen:
        known = ", ".join(sorted({str(row.get(_SPLIT)) for _, row in rows})) if split else "no rows"
        raise DatasetError(f"has no case with split '{split}' ({known})", table, "choose another split")
    return chosen


def _unknown(what: str, source: Path, class_names: Sequence[str]) -> DatasetError:
    return DatasetError(f"{what}, which the model does not know", source, f"use {', '.join(class_names)}")
