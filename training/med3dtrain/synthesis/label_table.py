"""What the labels of a FreeSurfer-style map look like in an image, and what is to be learnt of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.volumes.sides import twins

TISSUES = ("background", "CSF", "grey matter", "white matter")
"""What structures are made of; the classes of the tissue model, in the order of their label values."""

BRAIN_TISSUES = ("grey matter", "white matter")
"""What is left of a head without its skull, together with the fluid that it encloses."""

_UNKNOWN = 255


@dataclass(frozen=True)
class LabelTable:
    """Label ids and what becomes of them: a part of a structure that belongs to a target.

    Structures share one intensity in a synthetic image (both hemispheres of the cortex, say) and are made of a tissue;
    targets are what the network learns, by label value (the left cortex, say; value 0 is the background). A part is
    what has one structure and one target.

        table = LabelTable.read("training/configs/freesurfer_labels.csv", ["left thalamus", "right thalamus"])
        parts = table.part_indices(label_map_kji)
        table.structure_of_part[parts]          # values into table.structures
        table.target_of_part[parts]             # values into table.targets
    """

    structures: tuple[str, ...]
    tissue_of_structure: NDArray[np.int64]
    targets: tuple[str, ...]
    structure_of_part: NDArray[np.int64]
    target_of_part: NDArray[np.int64]
    part_of_id: dict[int, int]

    @classmethod
    def read(cls, path: str | Path, targets: Iterable[str] = TISSUES[1:]) -> LabelTable:
        """Read a CSV file with the columns label_id, structure, tissue and segment.

        targets are the names of label values 1, 2, ...: segments, tissues, or both. A label that has neither is
        background. Raises ValueError for an unknown tissue, a target that no label has, or a structure that is given
        two tissues.
        """
        values = {name: value for value, name in enumerate(("background", *targets))}
        tissue_of: dict[str, str] = {}
        target_of_id: dict[int, tuple[str, int]] = {}
        with open(path, newline="", encoding="utf-8-sig") as stream:
            for row in csv.DictReader(stream):
                structure, tissue = row["structure"], row["tissue"]
                if tissue not in TISSUES:
                    raise ValueError(f"{path}: '{tissue}' is not one of {', '.join(TISSUES)}")
                if tissue_of.setdefault(structure, tissue) != tissue:
                    raise ValueError(f"{path}: '{structure}' is both {tissue_of[structure]} and {tissue}")
                target = values.get(row.get("segment", ""), values.get(tissue, 0))
                target_of_id[int(row["label_id"])] = (structure, target)
        empty = set(values.values()) - {value for _, value in target_of_id.values()} - {0}
        if empty:
            names = ", ".join(name for name, value in values.items() if value in empty)
            raise ValueError(f"{path}: no label belongs to {names}")
        structures, parts = tuple(tissue_of), list(dict.fromkeys(target_of_id.values()))
        return cls(
            structures,
            np.array([TISSUES.index(tissue) for tissue in tissue_of.values()]),
            tuple(values),
            np.array([structures.index(structure) for structure, _ in parts]),
            np.array([value for _, value in parts]),
            {label: parts.index(part) for label, part in target_of_id.items()},
        )

    @property
    def tissue_names(self) -> list[str]:
        """The tissue of every structure."""
        return [TISSUES[tissue] for tissue in self.tissue_of_structure]

    @property
    def mirrored_targets(self) -> NDArray[np.int64]:
        """For every label value, that of the same target on the other side; itself if it has no side."""
        return np.array(twins(self.targets))

    @property
    def is_brain_part(self) -> NDArray[np.bool_]:
        """For every part, whether it is grey or white matter."""
        return np.isin(np.array(self.tissue_names)[self.structure_of_part], BRAIN_TISSUES)

    @property
    def is_brain_target(self) -> NDArray[np.bool_]:
        """For every label value but that of the background, whether a part of it is grey or white matter."""
        brain = self.target_of_part[self.is_brain_part]
        return np.isin(np.arange(len(self.targets)), brain[brain > 0])

    def part_indices(self, label_map: NDArray[Any]) -> NDArray[np.uint8]:
        """The part of every voxel of label_map; raises ValueError for an unknown id."""
        highest = max(self.part_of_id)
        table = np.full(highest + 1, _UNKNOWN, dtype=np.uint8)
        table[list(self.part_of_id)] = list(self.part_of_id.values())
        ids = label_map.astype(np.int64)
        known = (ids >= 0) & (ids <= highest)
        indices: NDArray[np.uint8] = table[np.where(known, ids, 0)]
        unknown = ~known | (indices == _UNKNOWN)
        if unknown.any():
            raise ValueError(f"the label table has no row for label ids {np.unique(ids[unknown]).tolist()}")
        return indices
