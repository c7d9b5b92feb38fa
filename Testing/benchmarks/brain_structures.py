"""Quality of the shipped model of brain structures on heads that it has not learnt from.

    python Testing/benchmarks/brain_structures.py LABEL_MAPS [--model MODEL] [--record]

From every label map of LABEL_MAPS that the recipe held out, one 1 mm head is drawn in each of four contrasts and
segmented. Printed are the Dice of every structure, whether a structure lies on the wrong side, and whether an image
that is stored mirrored gives the same labels in physical space; then Dice of grey and white matter on the ICBM 152 T1,
where all structures of a tissue count together. --record writes the figures into the card of the bundle. The exit
code is 0 if the aims below are met.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Measurement
from Med3DInsightLib.bundles.bundle import write_card
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.volumes import Grid, Volume
from med3dtrain.evaluation.segmentation.measures import dice_by_value
from med3dtrain.from_label_maps.recipe import LabelMapRecipe
from med3dtrain.synthesis.label_table import LabelTable

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from held_out_heads import held_out_heads
from icbm_tissue import DATASET, icbm_dice

RECIPE = Path(__file__).resolve().parents[2] / "training" / "configs" / "brain_structures_cpu.toml"
COMMAND = "python Testing/benchmarks/brain_structures.py LABEL_MAPS"
LEAST_MEAN, LEAST_STRUCTURE = 0.85, 0.6

Labels = NDArray[np.integer]


def swapped_structures(found: Labels, truth: Labels, table: LabelTable) -> list[str]:
    """Structures more of whose voxels lie in the same structure of the other side than in their own."""
    swapped = []
    for value, other in enumerate(table.mirrored_targets):
        own = np.bincount(truth[found == value], minlength=len(table.targets))
        if own[other] > own[value]:
            swapped.append(table.targets[value])
    return swapped


def stored_mirrored(volume: Volume) -> Volume:
    """The same image in physical space with its I axis running the other way."""
    affine = volume.grid.ijk_to_ras.copy()
    affine[:3, 3] = volume.grid.ras_of([volume.array_kji.shape[2] - 1, 0, 0])
    affine[:3, 0] *= -1
    return Volume(
        np.ascontiguousarray(volume.array_kji[..., ::-1]), Grid(volume.grid.shape_kji, affine), volume.modality
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, help="folder with the label maps of SynthSeg")
    parser.add_argument("--model", default="brain-structures", help="name or folder of a bundle")
    parser.add_argument("--record", action="store_true", help="write the figures into the card")
    options = parser.parse_args()
    recipe = LabelMapRecipe.read(RECIPE)
    table = recipe.read_label_table()
    bundle = InstalledModels().find(options.model)
    session = Session.open(bundle)
    values = [segment.label_value for segment in bundle.card.segments]
    rows, swapped, same = [], 0, True
    for head in held_out_heads(options.labels, recipe.held_out, table):
        image, truth = head.image, table.target_of_part[table.part_indices(head.ids_kji)]
        found = session.segment(image).labels.array_kji
        rows.append(dice_by_value(found, truth, values))
        wrong = swapped_structures(found, truth, table)
        swapped += len(wrong)
        dices = [dice for dice in rows[-1] if dice is not None]
        print(
            f"{head.name} {head.contrast}: mean Dice {fmean(dices):.3f}, swapped: {', '.join(wrong) or 'none'}",
            flush=True,
        )
        if len(rows) == 1:
            mirrored = session.segment(stored_mirrored(image)).labels.array_kji[..., ::-1]
            same = bool((mirrored == found).all())
            print(f"stored mirrored: {'the same' if same else f'{(mirrored != found).sum()} voxels differ'}")
    means = [fmean(dice for dice in column if dice is not None) for column in zip(*rows, strict=True)]
    for segment, mean in zip(bundle.card.segments, means, strict=True):
        print(f"{segment.name:<32} Dice {mean:.3f}")
    icbm = icbm_dice(session)
    for tissue, dice in icbm.items():
        print(f"ICBM T1, {tissue}: Dice {dice:.3f}")
    print(
        f"mean {fmean(means):.3f} (aim {LEAST_MEAN}), least {min(means):.3f} (aim {LEAST_STRUCTURE}), swapped {swapped}"
    )
    if options.record:
        heads_told = f"{len(rows)} held-out synthetic heads, 1 mm"
        results = [Measurement(heads_told, "mean Dice of the structures", round(fmean(means), 3), COMMAND)]
        for tissue, dice in icbm.items():
            results.append(Measurement(DATASET, f"Dice {tissue}", round(dice, 3), COMMAND))
        for segment, mean in zip(bundle.card.segments, means, strict=True):
            results.append(Measurement(heads_told, f"Dice {segment.name}", round(mean, 3), COMMAND))
        write_card(bundle.folder, replace(bundle.card, results=tuple(results)))
    return 0 if fmean(means) >= LEAST_MEAN and min(means) >= LEAST_STRUCTURE and swapped == 0 and same else 1


if __name__ == "__main__":
    sys.exit(main())
