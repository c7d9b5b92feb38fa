"""Reading all slices of a plane, their attention, and one map on the grid of the volume.

    python Testing/benchmarks/slice_reading.py [--threads 2]

Prints elapsed time and, behind it, processor time, which other programs on the computer disturb little.

The encoder is that of training/configs/pretrain_small_cpu.toml with random weights. The volumes have 256 slices
of 256 x 256 voxels: one of 1 mm, which fits into one window of the recipe, and one of 1.5 mm, which takes several.
The exit code is 0 if all slices of a plane are read from kept features in at most 2 s.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from pydantic import TypeAdapter

from Med3DInsightLib.analysis.slices.reader import SliceReader
from Med3DInsightLib.analysis.windows.feature_cache import FeatureCache
from Med3DInsightLib.bundles import ModelCard
from Med3DInsightLib.networks.factory import build_network
from Med3DInsightLib.volumes import Grid, Plane, Volume
from Med3DInsightLib.volumes.coarse_maps import map_on_grid

RECIPE = Path(__file__).resolve().parents[2] / "training" / "configs" / "pretrain_small_cpu.toml"
SIZE, MOST_SECONDS = 256, 2.0
_Result = TypeVar("_Result")


def small_card() -> ModelCard:
    entries: dict[str, Any] = tomllib.loads(RECIPE.read_text(encoding="utf-8"))["card"]
    return TypeAdapter(ModelCard).validate_python(entries)


def a_volume(spacing_mm: float) -> Volume:
    """Noise, stored from left to right and from superior to inferior."""
    array = np.random.default_rng(0).integers(0, 1000, (SIZE, SIZE, SIZE), dtype=np.int16)
    return Volume(array, Grid((SIZE,) * 3, np.diag([-spacing_mm, spacing_mm, -spacing_mm, 1.0])))


def told(what: str, run: Callable[[], _Result]) -> tuple[_Result, float]:
    started_at, computed = time.perf_counter(), time.process_time()
    result = run()
    seconds, computed = time.perf_counter() - started_at, time.process_time() - computed
    print(f"  {what:<52} {1000 * seconds:8.0f} ms {1000 * computed:8.0f} ms", flush=True)
    return result, seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    torch.set_num_threads(parser.parse_args().threads)
    torch.manual_seed(0)
    card = small_card()
    reader = SliceReader(card, build_network(card.architecture), torch.device("cpu"), FeatureCache(10**9))
    slowest = 0.0
    for spacing_mm in (1.0, 1.5):
        volume = a_volume(spacing_mm)
        print(f"256^3 voxels of {spacing_mm} mm, {reader.windows_of(volume).count} windows of {card.recipe.patch_kji}")
        told("axial slices, the encoder runs", lambda v=volume: reader.read(v, [Plane.AXIAL]))
        readings, seconds = told("axial slices, features kept", lambda v=volume: reader.read(v, [Plane.AXIAL]))
        print(f"    of which {readings.seconds}")
        slowest = max(slowest, seconds)
        told("slices of three planes, features kept", lambda v=volume: reader.read(v))
        told("attention of one slice, features kept", lambda v=volume: reader.attention(v, Plane.AXIAL, [128]))
        stack, _ = told(
            "attention of all axial slices, features kept", lambda v=volume: reader.attention(v, Plane.AXIAL)
        )
        print(f"    {stack.maps_kji.shape}, {stack.maps_kji.nbytes / 1e6:.1f} MB")
        for _ in range(3):
            told("one map on 256^3", lambda s=stack, v=volume: map_on_grid(s.maps_kji[128], s.grid, v.grid))
    return 0 if slowest <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
