"""Measure what a pretrained encoder is worth when labels are few.

    python training/label_efficiency.py DATA --pretrained runs/small/small-encoder --output runs/efficiency \
        --recipe training/configs/finetune_hippocampus.toml

trains with 5, 10, 25 and 100 % of the training cases, from scratch and from the encoder, with 3 seeds, and writes the
curve. A study that was stopped goes on where it was. docs/finetuning.md tells more.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import tyro

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.bundles import Bundle
from med3dtrain.finetuning.command_line import fine_tuned, finetune_command
from med3dtrain.finetuning.series.label_efficiency import LabelEfficiency, table
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import parsed_command


@dataclass(frozen=True)
class Efficiency:
    """Measure what a pretrained encoder is worth when labels are few."""

    source: tyro.conf.Positional[Path]
    """Folder with imagesTr and labelsTr, or CSV with the columns image and label."""

    pretrained: str
    """Folder of the bundle with the encoder, or name of an installed model."""

    output: Path
    """Folder for all runs, the table and the curve."""

    recipe: Path | None = None
    """Recipe of python training/finetune.py segment."""

    shares: tuple[float, ...] = (0.05, 0.1, 0.25, 1.0)
    """Shares of the training cases."""

    seeds: int = 3
    """Repetitions, 1 to 10."""

    steps: int | None = None
    """Steps of every run, instead of what the recipe says."""

    device: Device = Device.AUTO
    """Where to train."""

    def __post_init__(self) -> None:
        if not all(0 < share <= 1 for share in self.shares) or not 1 <= self.seeds <= 10:
            raise ValueError("shares are above 0 and at most 1, seeds from 1 to 10")
        if self.steps is not None and self.steps < 1:
            raise ValueError("steps is at least 1")

    def run(self) -> None:
        """Do it; raises UserError for everything that the user can mend."""
        recipe = FineTuningRecipe.read(self.recipe) if self.recipe else FineTuningRecipe()
        if self.steps is not None:
            recipe = replace(recipe, minutes=0.0, optimisation=replace(recipe.optimisation, steps=self.steps))
        study = LabelEfficiency(recipe, self.pretrained, self._train)
        measured = study.run(self.output, self.shares, self.seeds, print)
        if measured is not None:
            print(f"\n{table(measured, 'mean Dice')}\nwrote {self.output}")

    def _train(self, recipe: FineTuningRecipe, folder: Path) -> Bundle | None:
        command = finetune_command("segment", self.source, self.recipe)
        return fine_tuned("segment", self.source, recipe, folder, self.device, lambda text: None, command)


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    config = (tyro.conf.EnumChoicesFromValues,)
    command = parsed_command(Efficiency, arguments, config=config, description=__doc__)
    with one_line_end(f"what is done is in {command.output}. Run it again to go on."):
        command.run()


if __name__ == "__main__":
    main(sys.argv[1:])
