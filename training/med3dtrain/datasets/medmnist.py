"""Reading the files of MedMNIST3D (Yang et al. 2023, https://doi.org/10.1038/s41597-022-01721-8)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.volumes import Grid, Modality, Volume

from .classified_set import ClassifiedCase, ClassifiedSet
from .errors import DatasetError
from .split import Subset

_SUBSETS = {"train": Subset.TRAINING, "val": Subset.VALIDATION, "test": Subset.TEST}


def read_medmnist(path: Path, class_names: Sequence[str] = ()) -> ClassifiedSet:
    """The official split of an .npz file with train, val and test images (N, K, J, I) and labels (N, 1).

    Its volumes have no place in a patient: their voxels are taken for cubes of 1 mm on axes along RAS. class_names are
    in order of the labels, which are numbers; without them classes are called 0, 1, ... Nothing in the file is
    unpickled.

    Raises DatasetError for a file that is not of this kind.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            contents = {part: (arrays[f"{part}_images"], arrays[f"{part}_labels"]) for part in _SUBSETS}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DatasetError(f"cannot be read as MedMNIST ({error})", path, "download the file again") from error
    numbers: set[int] = set()
    for part, (images, labels) in contents.items():
        if images.ndim != 4 or labels.size != len(images):
            raise DatasetError(
                f"{part} has images {images.shape} and labels {labels.shape}", path, "give a 3D data set"
            )
        numbers |= {int(label) for label in labels.ravel()}
    names = tuple(class_names) or tuple(str(number) for number in range(max(numbers) + 1))
    if min(numbers) < 0 or max(numbers) >= len(names):
        raise DatasetError(f"has labels from {min(numbers)} to {max(numbers)} for {len(names)} class names", path)
    cases = [
        ClassifiedCase(f"{path.name} {part} {index}", int(label), subset, _sha256(image), _reader(image))
        for part, subset in _SUBSETS.items()
        for index, (image, label) in enumerate(zip(*_of(contents, part), strict=True))
    ]
    return ClassifiedSet(names, tuple(cases))


def _of(contents: dict[str, tuple[NDArray[Any], NDArray[Any]]], part: str) -> tuple[NDArray[Any], NDArray[Any]]:
    images, labels = contents[part]
    return images, labels.ravel()


def _reader(image: NDArray[Any]) -> Callable[[], Volume]:
    return lambda: Volume(image, Grid(_shape(image), np.eye(4)), Modality.UNKNOWN)


def _shape(image: NDArray[Any]) -> tuple[int, int, int]:
    k, j, i = image.shape
    return k, j, i


def _sha256(image: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()
