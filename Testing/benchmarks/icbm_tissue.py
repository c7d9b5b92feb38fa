"""Quality of the shipped tissue model on the ICBM 152 T1, against the maps of the same template.

    python Testing/benchmarks/icbm_tissue.py [--model MODEL] [--record]

A voxel counts as grey (white) matter if the map is above .5. --record writes the figures into the
card of the bundle. The exit code is 0 if the aims below are met.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Measurement
from Med3DInsightLib.bundles.bundle import write_card
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.volumes import read_volume

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from icbm import icbm_file

AIMS = {"grey matter": ("gm", 0.75), "white matter": ("wm", 0.80)}
COMMAND = "python Testing/benchmarks/icbm_tissue.py"


def dice(first: np.ndarray, second: np.ndarray) -> float:
    """Overlap of two masks: 1 if equal, 0 if disjoint."""
    return 2.0 * float((first & second).sum()) / float(first.sum() + second.sum())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="brain-tissue", help="name or folder of a bundle")
    parser.add_argument("--record", action="store_true", help="write the figures into the card")
    options = parser.parse_args()
    bundle = InstalledModels().find(options.model)
    labels = Session.open(bundle).segment(read_volume(icbm_file("t1"))).labels.array_kji
    results, met = [], True
    for segment in bundle.card.segments:
        if segment.name not in AIMS:
            continue
        kind, aim = AIMS[segment.name]
        value = dice(labels == segment.label_value, read_volume(icbm_file(kind)).array_kji > 127.5)
        met &= value >= aim
        print(f"{segment.name:<13} Dice {value:.3f} (aim: at least {aim:.2f})")
        results.append(Measurement("ICBM 152 2009a T1", f"Dice {segment.name}", round(value, 3), COMMAND))
    if options.record:
        write_card(bundle.folder, replace(bundle.card, results=tuple(results)))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
