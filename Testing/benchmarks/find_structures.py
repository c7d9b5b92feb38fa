"""Whether the slices that the shipped encoder finds for the name of a structure show it.

    python Testing/benchmarks/find_structures.py LABEL_MAPS [--model MODEL] [--record]

From every label map of LABEL_MAPS that the encoder's set of heads left out, one 2 mm head is drawn in each of four
contrasts. Of every plane, the slice that fits a phrase of the model's vocabulary best is looked up in the label map;
phrases are those that name a structure of it ("the thalamus" is that of either side). Beside the share of slices that
show the structure stands how many of all slices of the head do, which is what guessing finds; slices without any
structure do not count as guesses. --record writes the figures into the card of the bundle. The exit code is 0 if the
aim below is met.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median

import numpy as np
from held_out_heads import HeldOutHead, held_out_heads
from numpy.typing import NDArray

from Med3DInsightLib.analysis.requests import FindRequest, ReadSlicesRequest
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.analysis.slices.finding import similar_slices
from Med3DInsightLib.analysis.slices.phrases import phrase_of
from Med3DInsightLib.bundles import Bundle, Measurement
from Med3DInsightLib.bundles.bundle import write_card
from Med3DInsightLib.bundles.vocabulary import Vocabulary
from Med3DInsightLib.captions.label_maps.label_names import read_label_names
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.volumes import Plane
from med3dtrain.captioned_set.settings import CaptionedSetSettings
from med3dtrain.synthesis.label_table import LabelTable

CONFIGS = Path(__file__).resolve().parents[2] / "training" / "configs"
COMMAND = "python Testing/benchmarks/find_structures.py LABEL_MAPS"
AXES_KJI = {Plane.AXIAL: 0, Plane.CORONAL: 1, Plane.SAGITTAL: 2}
BLOCK_VOXEL = 2
AIM = 0.8


@dataclass(frozen=True)
class Found:
    """Whether the best slice of a plane of a head shows what a phrase names, how far off it is, and the luck of it."""

    phrase: str
    contrast: str
    shows_it: bool
    off_mm: float
    by_chance: float


def heads(folder: Path) -> Iterator[HeldOutHead]:
    """Those of the label maps that the encoder's set of heads left out, at 2 mm."""
    settings = CaptionedSetSettings.read(CONFIGS / "heads_pretraining_set.toml").heads
    if settings is None:
        sys.exit("the settings name no heads")
    yield from held_out_heads(folder, settings.left_out, LabelTable.read(CONFIGS / settings.label_table), BLOCK_VOXEL)


def ids_by_phrase(phrases: tuple[str, ...], names: dict[int, str]) -> dict[str, list[int]]:
    """The label ids that a phrase names, for the phrases that name any."""
    found = {}
    for phrase in phrases:
        bare = phrase.removeprefix("the ")
        ids = [value for value, name in names.items() if name == bare or name.removeprefix("left ") == bare]
        ids += [value for value, name in names.items() if name.removeprefix("right ") == bare and value not in ids]
        if ids:
            found[phrase] = ids
    return found


def shown(mask: NDArray[np.bool_], axis: int, count: int) -> NDArray[np.bool_]:
    """For each of count slices across axis, whether the voxels of mask that it averages show anything."""
    per_slice = np.asarray(mask.any(axis=tuple(other for other in range(3) if other != axis)))
    return np.asarray(per_slice[: count * BLOCK_VOXEL].reshape(count, BLOCK_VOXEL).any(1))


def look(bundle: Bundle, vocabulary: Vocabulary, folder: Path) -> Iterator[Found]:
    """What is found for every phrase in every plane of every head."""
    service = AnalysisService(Bundle.open)
    named = ids_by_phrase(vocabulary.phrases, read_label_names(CONFIGS / "freesurfer_names.json"))
    for head in heads(folder):
        image, ids = head.image, head.ids_kji
        readings = service.read_slices(ReadSlicesRequest(str(bundle.folder)), image)
        for phrase, values in named.items():
            mask = np.isin(ids, values)
            if not mask.any():
                continue
            for plane in similar_slices(phrase_of(bundle, phrase), readings, FindRequest.temperature).planes:
                axis = AXES_KJI[plane.plane]
                count = image.grid.shape_kji[axis]
                there, any_of_them = shown(mask, axis, count), shown(ids != 0, axis, count)
                off = np.abs(np.flatnonzero(there) - plane.best.index).min() * image.grid.spacing_ijk_mm[2 - axis]
                by_chance = there.sum() / any_of_them.sum()
                yield Found(phrase, head.contrast, bool(there[plane.best.index]), float(off), by_chance)
        print(".", end="", flush=True)
    print()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the label maps")
    parser.add_argument("--model", default="head-encoder", help="name or folder of a bundle")
    parser.add_argument("--record", action="store_true", help="write the figures into the card")
    options = parser.parse_args()
    bundle = InstalledModels().find(options.model)
    vocabulary = Vocabulary.of(bundle)
    if vocabulary is None:
        sys.exit("the model has no vocabulary")
    found = list(look(bundle, vocabulary, options.folder))
    print(f"{'':<36} shown  by chance  off (mm, median of those not shown)")
    for title, some in _groups(found):
        missed = [each.off_mm for each in some if not each.shows_it]
        off = f"{median(missed):.0f}" if missed else ""
        print(f"{title:<36} {_share(some):<6.3f} {fmean(each.by_chance for each in some):<10.3f} {off}")
    if options.record:
        dataset = "held-out synthetic heads"
        results = [
            Measurement(dataset, "structure shown by the slice that is found", round(_share(found), 3), COMMAND),
            Measurement(dataset, "the same by chance", round(fmean(each.by_chance for each in found), 3), COMMAND),
        ]
        others = [result for result in bundle.card.results if result.command != COMMAND]
        write_card(bundle.folder, replace(bundle.card, results=(*results, *others)))
    return 0 if _share(found) >= AIM else 1


def _share(found: list[Found]) -> float:
    return fmean(each.shows_it for each in found)


def _groups(found: list[Found]) -> Iterator[tuple[str, list[Found]]]:
    for attribute in ("phrase", "contrast"):
        for value in dict.fromkeys(getattr(each, attribute) for each in found):
            yield value, [each for each in found if getattr(each, attribute) == value]
    yield "all", found


if __name__ == "__main__":
    sys.exit(main())
