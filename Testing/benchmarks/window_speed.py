"""What one window costs a network on a CPU, with and without what makes it faster.

    python Testing/benchmarks/window_speed.py [--rounds 3]

The network of stated_network.py with 33 classes, windows of 64^3 and 96^3. Every way runs in a process of its own, all
in turn, round after round; the median over the rounds counts. "PyTorch's choice" leaves the algorithm of convolutions
to PyTorch, "pages returned" the memory of freed tensors to glibc, as a plain script does.
The exit code is 0 if both together save what is aimed at.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import median

import torch
from stated_network import ARCHITECTURE
from torch import nn

from Med3DInsightLib.analysis.computing.kept_pages import keep_pages
from Med3DInsightLib.networks.factory import build_network

SIZES = (64, 96)
CLASSES = 33
MOST_TIME = 0.75
CONVOLUTIONS, PAGES = ("PyTorch's choice", "oneDNN"), ("returned", "kept")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", nargs=2, metavar=("CONVOLUTION", "PAGES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(*options.measure)))
        return 0
    ways = list(product(CONVOLUTIONS, PAGES))
    found: dict[tuple[str, str], list[list[float]]] = {way: [] for way in ways}
    for _ in range(options.rounds):
        for way in ways:
            command = [sys.executable, str(Path(__file__)), "--measure", *way]
            found[way].append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    *plain, _ = medians(found[ways[0]])
    for way in ways:
        *seconds, peak_gb = medians(found[way])
        ratios = [value / at for value, at in zip(seconds, plain, strict=True)]
        times = [f"{size}^3: {value:.3f} s ({r:.2f})" for size, value, r in zip(SIZES, seconds, ratios, strict=True)]
        print(f"convolutions: {way[0]:<17} pages {way[1]:<9} {', '.join(times)}, peak {peak_gb:.2f} GB")
    print(f"both: {', '.join(f'{ratio:.2f}' for ratio in ratios)} of the time (aim: at most {MOST_TIME})")
    return 0 if max(ratios) <= MOST_TIME else 1


def medians(rounds: list[list[float]]) -> list[float]:
    """The median of every figure over the rounds."""
    return [median(column) for column in zip(*rounds, strict=True)]


def measured(convolution: str, pages: str) -> list[float]:
    """The fastest of five runs for each size, in seconds, and the peak of the process's memory, in GB."""
    if pages == "kept":
        keep_pages()
    torch.manual_seed(0)
    network = build_network(replace(ARCHITECTURE, classes=CLASSES)).eval()
    if convolution != "oneDNN":
        leave_the_choice(network)
    figures = []
    with torch.inference_mode():
        for size in SIZES:
            window = torch.rand(1, 1, size, size, size)
            figures.append(min(seconds_of(network, window) for _ in range(5)))
    return [*figures, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6]


def leave_the_choice(network: nn.Module) -> None:
    """Make all convolutions plain ones again."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            module.__class__ = nn.Conv3d


def seconds_of(network: nn.Module, window: torch.Tensor) -> float:
    """The time of one window."""
    began = time.perf_counter()
    network(window)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
