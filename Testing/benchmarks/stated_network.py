"""A network whose size is stated here, with random weights: for benchmarks of speed, which weights do not change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from Med3DInsightLib.bundles import Architecture, Bundle, HeadKind
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.networks.factory import build_network, save_network

ARCHITECTURE = Architecture(
    "segresnet", {"in_channels": 1, "init_filters": 16, "blocks": [1, 2, 2, 4]}, HeadKind.SEGMENTATION, classes=4
)


def stated_bundle(folder: Path) -> Bundle:
    """ARCHITECTURE as a bundle that reads MR images as brain-structures does, 2 mm in windows of 64^3, each once."""
    card = InstalledModels().find("brain-structures").card
    torch.manual_seed(0)
    changes = {"name": folder.name, "architecture": ARCHITECTURE, "segments": card.segments[:3], "results": ()}
    card = replace(card, **changes, mirrored_average=False, largest_part_only=False)
    return save_network(build_network(ARCHITECTURE), card, folder, torch.float16)
