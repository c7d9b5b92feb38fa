"""The contrast of a head in a CT file, which holds all Hounsfield units and not those of a brain window alone."""

from __future__ import annotations

from ..synthesis.contrasts import Contrast, Range
from ..synthesis.label_table import LabelTable

NAME = "CT on the whole scale"

_AIR_HU, _DENSE_BONE_HU = -1000.0, 1500.0

# After the usual tables of CT numbers; skin and fat are one label, and so are all airways with what is in them.
_RANGES_HU: dict[str, Range] = {
    "background": (-1000, -985),
    "airway": (-1000, -500),
    "skin and fat": (-110, 30),
    "CSF": (0, 15),
    "eye": (0, 30),
    "choroid plexus": (10, 90),
    "white matter": (22, 32),
    "grey matter": (32, 42),
    "spinal cord": (22, 38),
    "soft tissue": (30, 70),
    "vessel": (35, 120),
    "dura and sinus": (40, 75),
    "bone marrow": (200, 800),
    "skull": (700, 1500),
}


def whole_scale_ct(table: LabelTable) -> Contrast:
    """The contrast, with air at 0 and dense bone at 1; every structure of the table has a range of its own.

    Contrasts with ranges for tissues let each structure deviate from its tissue by 1.5 % of the scale, which are 37 HU
    here: more than there is between grey matter and CSF.
    """
    ranges = {
        structure: _range_of(structure, tissue)
        for structure, tissue in zip(table.structures, table.tissue_names, strict=True)
    }
    return Contrast(NAME, ranges, share=0.0)


def _range_of(structure: str, tissue: str) -> Range:
    low, high = _RANGES_HU.get(structure, _RANGES_HU[tissue])
    whole = _DENSE_BONE_HU - _AIR_HU
    return (low - _AIR_HU) / whole, (high - _AIR_HU) / whole
