"""Grey and white matter of a model on the ICBM 152 T1, against the maps of the same template.

    python Testing/benchmarks/icbm_tissue.py [--model MODEL] [--record]

A voxel counts as grey (white) matter if the map is above .5; all structures of a tissue count together, as
training/configs/freesurfer_labels.csv tells. --record writes the figures into the card of the bundle, in the place of
those of this image. The exit code is 0 if the aims below are met.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Measurement
from Med3DInsightLib.bundles.bundle import write_card
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.volumes import read_volume
from med3dtrain.synthesis.label_table import LabelTable

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from icbm import icbm_file

TABLE = Path(__file__).resolve().parents[2] / "training" / "configs" / "freesurfer_labels.csv"
DATASET = "ICBM 152 2009a T1"
MAPS = {"grey matter": "gm", "white matter": "wm"}
AIMS = {"grey matter": 0.75, "white matter": 0.80}
COMMAND = "python Testing/benchmarks/icbm_tissue.py"


def dice(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Overlap of two masks: 1 if equal, 0 if disjoint."""
    return 2.0 * float((first & second).sum()) / float(first.sum() + second.sum())


def values_of_tissues(table: LabelTable) -> dict[str, list[int]]:
    """The label values of all targets that are grey, and that are white matter."""
    tissue_of_target: dict[int, str] = {}
    for structure, target in zip(table.structure_of_part, table.target_of_part, strict=True):
        tissue_of_target.setdefault(int(target), table.tissue_names[structure])  # lesions and the like come later
    return {tissue: [value for value, name in tissue_of_target.items() if value and name == tissue] for tissue in MAPS}


def icbm_dice(session: Session) -> dict[str, float]:
    """Dice of grey and white matter; raises ValueError if a segment of the model is not in the label table."""
    table = LabelTable.read(TABLE, [segment.name for segment in session.card.segments])
    labels = session.segment(read_volume(icbm_file("t1"))).labels.array_kji
    return {
        tissue: dice(np.isin(labels, values), read_volume(icbm_file(MAPS[tissue])).array_kji > 127.5)
        for tissue, values in values_of_tissues(table).items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="brain-structures", help="name or folder of a bundle")
    parser.add_argument("--record", action="store_true", help="write the figures into the card")
    options = parser.parse_args()
    bundle = InstalledModels().find(options.model)
    found = icbm_dice(Session.open(bundle))
    for tissue, value in found.items():
        print(f"{tissue:<13} Dice {value:.3f} (aim: at least {AIMS[tissue]:.2f})")
    if options.record:
        others = [result for result in bundle.card.results if result.dataset != DATASET]
        measured = [Measurement(DATASET, f"Dice {tissue}", round(value, 3), COMMAND) for tissue, value in found.items()]
        write_card(bundle.folder, replace(bundle.card, results=(*others, *measured)))
    return 0 if all(value >= AIMS[tissue] for tissue, value in found.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
