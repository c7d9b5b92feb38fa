"""Reading a table of volumes and their classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from Med3DInsightLib.volumes import Modality, Volume, read_volume
from Med3DInsightLib.volumes.errors import errors_naming
from Med3DInsightLib.volumes.files.source_files import Fingerprint
from Med3DInsightLib.volumes.volume import require_content, require_finite

from .case_table import IMAGE, SPLIT, read_case_table
from .classified_set import ClassifiedCase, ClassifiedSet, numbered_classes
from .errors import DatasetError
from .split import Split, Subset

CLASS = "class"
"""The column with the name of the class."""


def read_classified_table(
    table: Path, modality: Modality | None, validation: float, folds: int = 0, fold: int = 0
) -> ClassifiedSet:
    """The cases of a CSV with the columns image (paths relative to it), class, and perhaps split.

    split is train, validation or test; a table without it is split by the hashes of the images, a share of every
    class being for validation. With folds above 1 all cases but those for the test are parted, class by class, and the
    part number `fold` is for validation. Raises DatasetError for a table or an image that cannot be used.
    """
    rows = [row.cells for row in read_case_table(table, CLASS)]
    names = numbered_classes([row[CLASS] for row in rows])
    hashes = {row[IMAGE]: _sha256(table.parent / row[IMAGE]) for row in rows}
    subsets: Mapping[str, str]
    if SPLIT in rows[0]:
        subsets = {row[IMAGE]: row[SPLIT] for row in rows}
    else:
        subsets = _by_share(_by_class(rows), hashes, validation)
    unknown = sorted({subset for subset in subsets.values() if subset not in list(Subset)})
    if unknown:
        raise DatasetError(f"has the split '{unknown[0]}'", table, f"use {', '.join(Subset)}")
    if folds > 1:
        parted = [row for row in rows if subsets[row[IMAGE]] != Subset.TEST]
        subsets = {**subsets, **_by_fold(_by_class(parted), hashes, folds, fold)}
    cases = [
        ClassifiedCase(
            row[IMAGE],
            names[row[CLASS]],
            Subset(subsets[row[IMAGE]]),
            hashes[row[IMAGE]],
            partial(_read, table.parent / row[IMAGE], modality),
        )
        for row in rows
    ]
    return ClassifiedSet(tuple(names), tuple(cases))


def _by_class(rows: Sequence[Mapping[str, str]]) -> Mapping[str, list[str]]:
    """Images by class."""
    images: dict[str, list[str]] = {}
    for row in rows:
        images.setdefault(row[CLASS], []).append(row[IMAGE])
    return images


def _by_share(images: Mapping[str, Sequence[str]], hashes: Mapping[str, str], validation: float) -> Mapping[str, str]:
    subsets: dict[str, str] = {}
    for class_name, of_class in images.items():
        if len(of_class) < 2:
            raise DatasetError(
                f"the class '{class_name}' has a single case, {of_class[0]}",
                next_step="give more of them, or leave the class out",
            )
        subsets |= _subsets(Split.by_hash({image: hashes[image] for image in of_class}, validation))
    return subsets


def _by_fold(
    images: Mapping[str, Sequence[str]], hashes: Mapping[str, str], folds: int, fold: int
) -> Mapping[str, str]:
    subsets: dict[str, str] = {}
    for class_name, of_class in images.items():
        if len(of_class) < folds:
            raise DatasetError(
                f"{len(of_class)} cases of the class '{class_name}' cannot be parted into {folds} folds",
                next_step="give more of them, or ask for fewer folds",
            )
        subsets |= _subsets(Split.by_hash({image: hashes[image] for image in of_class}, 0.5, folds, fold))
    return subsets


def _subsets(split: Split) -> dict[str, Subset]:
    return dict.fromkeys(split.training, Subset.TRAINING) | dict.fromkeys(split.validation, Subset.VALIDATION)


def _read(path: Path, modality: Modality | None) -> Volume:
    volume = read_volume(path, modality)
    with errors_naming(path):
        require_finite(volume)
        require_content(volume)
    return volume


def _sha256(path: Path) -> str:
    try:
        return Fingerprint.of(path).sha256
    except OSError as error:
        raise DatasetError(f"cannot be read ({error.strerror})", path, "check the path in the table") from error
