"""What the label values of a data set stand for."""

from __future__ import annotations

import colorsys
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from Med3DInsightLib.volumes import Code, Segment, VolumeError, read_volume

from .cases import Case
from .errors import DatasetError

_DATASET_FILE = "dataset.json"
_BACKGROUND = "background"
_ANATOMY = Code("123037004", "Anatomical Structure")
_GOLDEN_ANGLE = 0.381966


def structure_names(source: Path, stated: Mapping[int, str], cases: Sequence[Case]) -> dict[int, str]:
    """Names by label value from 1 on: those stated; else of dataset.json; else numbers, of the values that occur.

    Raises DatasetError if values are not 1, 2, ... without a gap, or names not distinct, as a bundle needs them. Label
    maps that cannot be read are passed over here.
    """
    names = dict(stated) or _named_in(source / _DATASET_FILE) or _numbered(cases)
    names.pop(0, None)
    values = sorted(names)
    if not values:
        raise DatasetError("no label map has a labelled voxel", source, "give label maps with values from 1 on")
    if values != list(range(1, len(values) + 1)):
        raise DatasetError(
            f"the label values are {', '.join(map(str, values[:10]))}",
            source,
            "number structures 1, 2, ... without a gap",
        )
    repeated = [name for name, count in Counter(names.values()).items() if count > 1]
    if repeated:
        raise DatasetError(
            f"'{repeated[0]}' is the name of several structures",
            source,
            "give each a name of its own, such as left and right",
        )
    return {value: names[value] for value in values}


def segments_of(names: Mapping[int, str]) -> list[Segment]:
    """Segments with colours that can be told apart, and the code of an anatomical structure."""
    return [Segment(value, name, _colour(value), _ANATOMY, _ANATOMY) for value, name in names.items()]


def _named_in(path: Path) -> dict[int, str]:
    """The entry "labels" of the Medical Segmentation Decathlon, {"1": "liver"}, or of nnU-Net v2, {"liver": 1}."""
    if not path.is_file():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8")).get("labels", {})
        turned = {name: value for value, name in entries.items()} if _is_number(next(iter(entries), "0")) else entries
        return {int(value): str(name) for name, value in turned.items() if str(name).lower() != _BACKGROUND}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"its labels cannot be read ({error})", path, 'write "labels": {"1": "liver"}, or name them in the recipe'
        ) from error


def _is_number(text: object) -> bool:
    return str(text).isdecimal()


def _numbered(cases: Sequence[Case]) -> dict[int, str]:
    values: set[int] = set()
    for case in cases:
        try:
            values |= {int(value) for value in np.unique(read_volume(case.label).array_kji)}
        except (VolumeError, OSError):
            continue  # told, with the file, when the case is inspected; the others have values too
    return {value: f"structure {value}" for value in sorted(values - {0})}


def _colour(value: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb((value * _GOLDEN_ANGLE) % 1.0, 0.65, 0.9)
    return round(red * 255), round(green * 255), round(blue * 255)
