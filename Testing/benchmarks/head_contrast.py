"""What the shipped model of contrasts says of real head scans, of which it has seen none.

    python Testing/benchmarks/head_contrast.py BRAIN_FOLDER [--model MODEL] [--record]

BRAIN_FOLDER holds the scans named below. Printed are the class, its probability, and how unlike the training data the
scan is, beside what it really is (one T1 was made with a contrast agent). The CT shows the skull of a phantom with
objects in air, so it is told but does not count. --record adds the figures to the card of the bundle. The exit code is
0 if the aim below is met.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Measurement
from Med3DInsightLib.bundles.bundle import write_card
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.volumes import read_volume

COMMAND = "python Testing/benchmarks/head_contrast.py BRAIN_FOLDER"
TRUTH = {
    "adi_brain_memprage_t1.nii.gz": "T1",
    "eun_brain.nii.gz": "T1",
    "T2w.nii.gz": "T2",
    "VS-SEG-001_t1_mpr_tra_gk.nii.gz": "T1",
    "CT_pitch.nii.gz": "CT",
}
WITHOUT_A_BRAIN = {"CT_pitch.nii.gz"}
LEAST_RIGHT = 4


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the scans")
    parser.add_argument("--model", default="head-contrast", help="name or folder of a bundle")
    parser.add_argument("--record", action="store_true", help="add the figures to the card")
    options = parser.parse_args()
    bundle = InstalledModels().find(options.model)
    session = Session.open(bundle)
    results, right = [], 0
    print(f"{'scan':<32} {'truth':<23} {'told':<23} probability  of the truth  unlikeness")
    for name, truth in TRUTH.items():
        told = session.classify(read_volume(options.folder / name))
        best, of_truth = told.most_probable, told.probabilities[truth]
        unlikeness = "unknown" if told.unlikeness is None else f"{told.unlikeness:.2f}"
        print(f"{name:<32} {truth:<23} {best:<23} {told.probabilities[best]:<12.3f} {of_truth:<13.3f} {unlikeness}")
        results.append(Measurement(f"{name}, {truth}", "probability of what it is", round(of_truth, 3), COMMAND))
        if name not in WITHOUT_A_BRAIN:
            right += best == truth
            if told.unlikeness is not None:
                results.append(Measurement(f"{name}, {truth}", "unlikeness", round(told.unlikeness, 3), COMMAND))
    counted = len(TRUTH) - len(WITHOUT_A_BRAIN)
    print(f"{right} of {counted} scans with a brain are told right (aim: at least {LEAST_RIGHT})")
    if options.record:
        results.insert(0, Measurement(f"{counted} real head scans", "told right", right, COMMAND))
        others = [result for result in bundle.card.results if result.command != COMMAND]
        write_card(bundle.folder, replace(bundle.card, results=(*others, *results)))
    return 0 if right >= LEAST_RIGHT else 1


if __name__ == "__main__":
    sys.exit(main())
