"""Which volumes are evaluated, and what each is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from Med3DInsightLib.volumes import Modality, Volume, read_volume
from Med3DInsightLib.volumes.files.source_files import Fingerprint

from ...datasets.case_table import IMAGE, read_case_table
from ...datasets.classified_set import ClassifiedCase
from ...datasets.classified_table import CLASS
from ...datasets.errors import DatasetError
from ...datasets.medmnist import read_medmnist
from ...datasets.split import Subset
from ..content import content_of
from ..one_line import one_line

_SUBSETS = {"train": Subset.TRAINING, "val": Subset.VALIDATION, "validation": Subset.VALIDATION, "test": Subset.TEST}


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
        return _cases_of_archive(source, split or Subset.TEST.value, class_names)
    if source.suffix.lower() == ".csv":
        return _cases_of_table(source, split, class_names, modality)
    raise DatasetError(
        "is neither a .csv table nor an .npz file",
        source,
        "give a CSV with the columns image and class, or MedMNIST3D",
    )


def _cases_of_archive(source: Path, split: str, class_names: Sequence[str]) -> list[ClassCase]:
    if split not in _SUBSETS:
        raise DatasetError(f"has no split '{split}'", source, "choose train, val or test")
    numbers = _numbers_by_label(class_names)
    found = []
    for case in read_medmnist(source).of(_SUBSETS[split]):
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
    cases = []
    for row in read_case_table(table, CLASS, split):
        name, of_class = row.cells[IMAGE], row.cells[CLASS]
        if of_class not in numbers:
            raise _unknown(f"line {row.line} has the class '{of_class}'", table, class_names)
        path = table.parent / name
        content = partial(content_of, path, "check the path in the table")
        cases.append(ClassCase(name, numbers[of_class], path, content, partial(read_volume, path, modality)))
    return cases


def _unknown(what: str, source: Path, class_names: Sequence[str]) -> DatasetError:
    return DatasetError(f"{what}, which the model does not know", source, f"use {', '.join(class_names)}")
