"""Which ways of running the network are faster, and whether they change labels.

    python Testing/benchmarks/inference_choices.py

The network of brain-structures on the windows of the ICBM 152 T1 (not on mirror images), every choice beside the plain
network on the same windows. A choice is taken if it saves 5 % of the time and changes no label. bfloat16 is run
natively where the processor has it; elsewhere its rounding is imitated in float32, which tells what it does to labels
but not how fast it would be.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from Med3DInsightLib.analysis.computing.device import has_fast_bfloat16
from Med3DInsightLib.analysis.windows.score_restoration import labels_from_scores
from Med3DInsightLib.analysis.windows.tiling import ScoreSum, Tiling
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.networks.factory import load_network
from Med3DInsightLib.volumes import Preparation, read_volume

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from icbm import icbm_file

CPU = torch.device("cpu")
Run = Callable[[Tensor], Tensor]


def channels_last(network: nn.Module) -> Run:
    moved = network.to(memory_format=torch.channels_last_3d)
    return lambda x: moved(x.contiguous(memory_format=torch.channels_last_3d))


def native_bfloat16(network: nn.Module) -> Run:
    def run(x: Tensor) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return network(x)

    return run


def imitated_bfloat16(network: nn.Module) -> Run:
    """Weights and the input and output of every convolution rounded to bfloat16, as autocast does."""

    def rounded(x: Tensor) -> Tensor:
        return x.bfloat16().float()

    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            module.weight.data = rounded(module.weight.data)
            module.register_forward_pre_hook(lambda _, inputs: (rounded(inputs[0]),))
            module.register_forward_hook(lambda _, inputs, output: rounded(output))
    return network


def main() -> int:
    bundle = InstalledModels().find("brain-structures")
    recipe = bundle.card.recipe
    prepared = Preparation.of(read_volume(icbm_file("t1")), recipe)
    tiling = Tiling.of(prepared.array_kji, recipe.patch_kji, 0.5)
    fast = has_fast_bfloat16(CPU)
    choices: dict[str, tuple[Callable[[nn.Module], Run], int]] = {
        "two windows at once": (lambda network: network, 2),
        "channels last": (channels_last, 1),
        "bfloat16" if fast else "bfloat16, imitated": (native_bfloat16 if fast else imitated_bfloat16, 1),
    }
    plain = load_network(bundle)
    for name, (change, at_once) in choices.items():
        changed = change(load_network(bundle))
        seconds = {"plain": 0.0, name: 0.0}
        sums = {"plain": ScoreSum(tiling, plain.classes), name: ScoreSum(tiling, plain.classes)}
        for first in range(0, len(tiling.distinct), at_once):
            windows = tiling.distinct[first : first + at_once]
            for kind, run, size in (("plain", plain, 1), (name, changed, at_once)):
                for batch in [windows[n : n + size] for n in range(0, len(windows), size)]:
                    seconds[kind] += add_scores(sums[kind], run, tiling, batch)
        labels = {kind: labels_from_scores(total.mean(), prepared.positions()) for kind, total in sums.items()}
        brain = labels["plain"] > 0
        differ = int((labels[name] != labels["plain"]).sum())
        share = 100.0 * float(np.mean((labels[name] != labels["plain"])[brain]))
        ratio = seconds[name] / seconds["plain"]
        slow = "not measured" if "imitated" in name else f"{ratio:.3f} of the time"
        taken = "taken" if ratio < 0.95 and differ == 0 and "imitated" not in name else "not taken"
        print(f"{name:<20} {slow:<18} {differ} labels differ ({share:.3f} % of the brain): {taken}")
    return 0


def add_scores(total: ScoreSum, run: Run, tiling: Tiling, windows: list[int]) -> float:
    """Add the scores of some windows to total; returns the seconds the network took."""
    with torch.inference_mode():
        x = tiling.batch(windows)
        started_at = time.perf_counter()
        scores = run(x)
        seconds = time.perf_counter() - started_at
    for window, window_scores in zip(windows, scores, strict=True):
        total.add(window, window_scores)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
