"""Train a segmentation network on synthetic images that are drawn from label maps alone.

    python training/train_from_label_maps.py --labels LABELS --output runs/brain-tissue

A run that was killed continues from its last checkpoint when it is started again. The bundle is
written to OUTPUT/NAME when the last step is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import tyro

from Med3DInsightLib.analysis.device import Device, choose_device
from Med3DInsightLib.networks.factory import build_network, save_network
from med3dtrain.loops.segmentation import SegmentationLoop
from med3dtrain.recipe_file import LabelMapRecipe
from med3dtrain.synthesis.images import SyntheticImages
from med3dtrain.synthesis.label_maps import read_label_maps


@dataclass(frozen=True)
class TrainFromLabelMaps:
    """Train a segmentation network on synthetic images that are drawn from label maps alone."""

    labels: Path
    """Folder with label maps (.nii.gz) at half the spacing of the recipe."""

    output: Path
    """Folder for checkpoint, log and bundle; a run found there is continued."""

    recipe: Path = Path(__file__).parent / "configs" / "brain_tissue.toml"
    """What to train."""

    device: Device = Device.AUTO
    """Where to train."""

    def run(self) -> None:
        """Train, then write the bundle with the averaged weights in half precision."""
        recipe = LabelMapRecipe.read(self.recipe)
        torch.manual_seed(recipe.seed)
        table = recipe.read_label_table()
        label_maps = read_label_maps(self.labels, table, recipe.synthesis.spacing_mm / 2, recipe.held_out)
        print(f"{len(label_maps)} label maps; training {recipe.loop.steps} steps")
        examples = SyntheticImages(label_maps, table, recipe.synthesis, recipe.seed)
        network = build_network(recipe.card.architecture)
        loop = SegmentationLoop(network, examples, recipe.loop, self.output, str(choose_device(self.device)))
        bundle = save_network(loop.run(), recipe.card, self.output / recipe.card.name, torch.float16)
        print(f"wrote {bundle.folder}")


if __name__ == "__main__":
    tyro.cli(TrainFromLabelMaps, config=(tyro.conf.EnumChoicesFromValues,)).run()
