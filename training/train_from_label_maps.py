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

import tyro

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.catalog.installed import InstalledModels
from med3dtrain.from_label_maps.recipe import LabelMapRecipe
from med3dtrain.from_label_maps.run import LabelMapRun
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import parsed_command


@dataclass(frozen=True)
class TrainFromLabelMaps:
    """Train a segmentation network on synthetic images that are drawn from label maps alone."""

    labels: Path
    """Folder with label maps (.nii.gz) at the spacing that the recipe names."""

    output: Path
    """Folder for checkpoint, log and bundle; a run found there is continued."""

    recipe: Path = Path(__file__).parent / "configs" / "brain_tissue.toml"
    """What to train."""

    start: str | None = None
    """Folder of a bundle, or name of an installed model, with the same encoder: its weights are learnt on, those of
    its encoder alone if it does not segment. Otherwise all are fresh."""

    device: Device = Device.AUTO
    """Where to train."""

    minutes: float = math.inf
    """Stop after this time; the same command goes on with what is left."""

    def run(self) -> None:
        """Train, then write the bundle with the averaged weights in half precision."""
        recipe = LabelMapRecipe.read(self.recipe)
        start = None if self.start is None else InstalledModels().find(self.start)
        bundle = LabelMapRun(recipe, self.labels, self.output, start, self.device, print).run(self.minutes)
        if bundle is None:
            print(f"the time is over; start it again to go on from the checkpoint in {self.output}")
        else:
            print(f"wrote {bundle.folder}")


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    config = (tyro.conf.EnumChoicesFromValues,)
    command = parsed_command(TrainFromLabelMaps, arguments, config=config, description=__doc__)
    with one_line_end(f"the last checkpoint is in {command.output}. Run it again to go on."):
        command.run()


if __name__ == "__main__":
    main(sys.argv[1:])
