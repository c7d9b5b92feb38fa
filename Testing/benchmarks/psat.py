"""Reading all slices of a plane at once beside one by one, and beside conditioned copies of the tokens.

    python Testing/benchmarks/psat.py

All ways run in turn in the same call on the bottleneck of nnFormer (random weights, a crop of 128^3
voxels); the medians of the processor time of one thread are compared, which other programs on the
computer disturb little. The exit code is 0 if all give the same embeddings to 1e-5.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
import torch
from torch import Tensor

from Med3DInsightLib.bundles import PsatSettings
from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.psat.factory import build_psat
from Med3DInsightLib.networks.psat.psat import PSAT
from Med3DInsightLib.networks.psat.slice_batch import SliceBatch
from Med3DInsightLib.networks.psat.token_memory import TokenMemory
from Med3DInsightLib.volumes import Grid, Plane, SlicePlace, slices_of

RUNS, MOST_DIFFERENCE = 3, 1e-5
GRID = Grid((128, 128, 128), np.diag([2.0, 2.0, 2.0, 1.0]))
SETTINGS = {
    "published (300 queries)": (PsatSettings.faithful(), 8),
    "default (16 queries)": (PsatSettings(), 32),
    "default, 2 levels": (replace(PsatSettings(), levels=2), 32),
    "1 query, 2 levels": (replace(PsatSettings(), queries=1, levels=2), 32),
}
"""Settings, and how many slices are read."""


def at_once(psat: PSAT, memory: TokenMemory, places: list[SlicePlace]) -> Tensor:
    return psat.read(memory, [places])[0]


def one_by_one(psat: PSAT, memory: TokenMemory, places: list[SlicePlace]) -> Tensor:
    return torch.cat([psat.read(memory, [[place]])[0] for place in places])


def conditioned_copies(psat: PSAT, memory: TokenMemory, places: list[SlicePlace]) -> Tensor:
    """The published form in batches of 16: tokens copied and conditioned for each slice, all rows computed."""
    embeddings = []
    share = 1.0 if psat.condition_tokens else 0.0
    for first in range(0, len(places), 16):
        condition = psat.conditioning(SliceBatch.of([places[first : first + 16]], [GRID]))[0].unsqueeze(1)
        tokens = psat.decoder.keys_values(memory.tokens + share * condition)
        read = psat.decoder(psat.queries(condition), tokens, rows=psat.queries.count)
        embeddings.append(psat.read_out(read)[:, 0])
    return torch.cat(embeddings)


WAYS: dict[str, Callable[[PSAT, TokenMemory, list[SlicePlace]], Tensor]] = {
    "at once": at_once,
    "one by one": one_by_one,
    "conditioned copies": conditioned_copies,
}


@torch.inference_mode()
def main() -> int:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    backbone = build_backbone("nnformer").eval()
    count = sum(parameter.numel() for parameter in backbone.parameters())
    x = torch.randn(1, 1, *GRID.shape_kji)
    started_at = time.process_time()
    features = backbone(x)
    print(f"nnFormer: {count / 1e6:.1f} million parameters, {time.process_time() - started_at:.2f} s for 128^3 voxels")
    print(
        f"{'at once':<25} {'million weights':<16} {'ms a slice':<12} "
        f"{'beside one by one':<20} {'beside copies':<20} difference"
    )
    worst = 0.0
    for name, (settings, slices) in SETTINGS.items():
        psat = build_psat(settings, backbone.channels, backbone.strides).eval()
        memory = psat.remember(features, [GRID])
        places = list(slices_of(GRID, Plane.AXIAL)[:: GRID.shape_kji[0] // slices])
        seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        found: dict[str, Tensor] = {}
        for _ in range(RUNS):
            for way, run in WAYS.items():
                started_at = time.process_time()
                found[way] = run(psat, memory, places)
                seconds[way].append(time.process_time() - started_at)
        taken = {way: median(runs) for way, runs in seconds.items()}
        difference = max(float((found[way] - found["at once"]).abs().max()) for way in WAYS)
        worst = max(worst, difference)
        size = sum(parameter.numel() for parameter in psat.parameters())
        ratios = [f"{taken[way] / taken['at once']:.2f} times as fast" for way in ("one by one", "conditioned copies")]
        print(
            f"{name:<25} {size / 1e6:<16.1f} {1000 * taken['at once'] / slices:<12.2f} "
            f"{ratios[0]:<20} {ratios[1]:<20} {difference:.1e}"
        )
    return 0 if worst <= MOST_DIFFERENCE else 1


if __name__ == "__main__":
    sys.exit(main())
