"""Which tissue every label of a FreeSurfer-style map belongs to."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TISSUES = ("background", "CSF", "grey matter", "white matter")
"""The classes of the tissue model, in the order of their label values."""

_UNKNOWN = 255


@dataclass(frozen=True)
class TissueTable:
    """Label ids, the structures they merge into, and the tissue of every structure.

    Structures share one intensity in a synthetic image (both hemispheres of the cortex, say);
    tissues are what the network learns.

        table = TissueTable.read("training/configs/freesurfer_tissues.csv")
        structures = table.structure_indices(label_map_kji)     # values into table.structures
        table.tissue_of_structure[structures]                   # values into TISSUES
    """

    structures: tuple[str, ...]
    tissue_of_structure: NDArray[np.int64]
    structure_of_id: dict[int, int]

    @classmethod
    def read(cls, path: str | Path) -> TissueTable:
        """Read a CSV file with the columns label_id, structure and tissue.

        Raises ValueError for an unknown tissue or a structure that is given two tissues.
        """
        tissue_of: dict[str, str] = {}
        structure_of_id: dict[int, int] = {}
        with open(path, newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                structure, tissue = row["structure"], row["tissue"]
                if tissue not in TISSUES:
                    raise ValueError(f"{path}: '{tissue}' is not one of {', '.join(TISSUES)}")
                if tissue_of.setdefault(structure, tissue) != tissue:
                    raise ValueError(f"{path}: '{structure}' is both {tissue_of[structure]} and {tissue}")
                structure_of_id[int(row["label_id"])] = list(tissue_of).index(structure)
        tissues = np.array([TISSUES.index(tissue) for tissue in tissue_of.values()])
        return cls(tuple(tissue_of), tissues, structure_of_id)

    def structure_indices(self, label_map: NDArray[Any]) -> NDArray[np.uint8]:
        """Indices into structures for every voxel of label_map; raises ValueError for an unknown id."""
        highest = max(self.structure_of_id)
        table = np.full(highest + 1, _UNKNOWN, dtype=np.uint8)
        table[list(self.structure_of_id)] = list(self.structure_of_id.values())
        ids = label_map.astype(np.int64)
        known = (ids >= 0) & (ids <= highest)
        indices: NDArray[np.uint8] = table[np.where(known, ids, 0)]
        unknown = ~known | (indices == _UNKNOWN)
        if unknown.any():
            raise ValueError(f"the tissue table has no row for label ids {np.unique(ids[unknown]).tolist()}")
        return indices
