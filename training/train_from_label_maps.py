"""Train a segmentation network on synthetic images that are drawn from label maps alone.

    python training/train_from_label_maps.py --labels LABELS --output runs/brain-tissue

A run that was killed continues from its last checkpoint when it is started again. The bundle is
written to OUTPUT/NAME when the last step is done.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro
from torch import nn

from Med3DInsightLib.analysis.device import Device, choose_device
from Med3DInsightLib.analysis.kept_pages import keep_pages
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.factory import build_network, load_network, save_network
from Med3DInsightLib.networks.segmentation import SegmentationNetwork
from med3dtrain.loops.segmentation import SegmentationLoop
from med3dtrain.recipe_file import LabelMapRecipe
from med3dtrain.synthesis.images import SyntheticImages
from med3dtrain.synthesis.label_maps import read_label_maps


@dataclass(frozen=True)
class TrainFromLabelMaps:
    """Train a segmentation network on synthetic images that are drawn from label maps alone."""

    labels: Path
    """Folder with label maps (.nii.gz) at the spacing that the recipe names."""

    output: Path
    """Folder for checkpoint, log and bundle; a run found there is continued."""

    recipe: Path = Path(__file__).parent / "configs" / "brain_tissue.toml"
    """What to train."""

    start: Path | None = None
    """Folder of a bundle of the same architecture whose weights are learnt on; otherwise they are fresh."""

    device: Device = Device.AUTO
    """Where to train."""

    minutes: float = math.inf
    """Stop after this time; the same command goes on with what is left."""

    def run(self) -> None:
        """Train, then write the bundle with the averaged weights in half precision."""
        recipe = LabelMapRecipe.read(self.recipe)
        torch.manual_seed(recipe.seed)
        keep_pages()
        table = recipe.read_label_table()
        label_maps = read_label_maps(self.labels, table, recipe.synthesis.label_spacing_mm, recipe.held_out)
        print(f"{len(label_maps)} label maps; training {recipe.loop.steps} steps")
        device = str(choose_device(self.device))
        examples = SyntheticImages(label_maps, table, recipe.synthesis, recipe.seed, device)
        network = build_network(recipe.card.architecture)
        if self.start is not None:
            self._take_over(network, Bundle.open(self.start))
        if not isinstance(network, SegmentationNetwork):
            raise UserError("the card describes no network that segments", self.recipe, "choose another recipe")
        loop = SegmentationLoop(network, examples, recipe.loop, self.output, device)
        averaged = loop.run(60.0 * self.minutes)
        if averaged is None:
            print(f"the time is over; start it again to go on from the checkpoint in {self.output}")
            return
        bundle = save_network(averaged, recipe.card, self.output / recipe.card.name, torch.float16)
        print(f"wrote {bundle.folder}")

    def _take_over(self, network: nn.Module, bundle: Bundle) -> None:
        """Give network the weights of bundle."""
        try:
            network.load_state_dict(load_network(bundle).state_dict())
        except RuntimeError as error:
            where = f"the network of the recipe is not that of {bundle.folder}"
            raise UserError(where, self.recipe, "start from a bundle with its card.architecture") from error


if __name__ == "__main__":
    try:
        tyro.cli(TrainFromLabelMaps, config=(tyro.conf.EnumChoicesFromValues,)).run()
    except UserError as error:
        sys.exit(f"Error: {error}")
    except KeyboardInterrupt:
        sys.exit("Error: interrupted. Run it again to go on from the last checkpoint.")
