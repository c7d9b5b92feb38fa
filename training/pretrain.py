"""Pretrain a 3D encoder with captioned slices and a frozen 2D teacher.

    python training/pretrain.py --recipe RECIPE.toml --output runs/first
    python training/pretrain.py --recipe RECIPE.toml --output runs/first --optimisation.steps 100
    accelerate launch --num-processes 4 training/pretrain.py --recipe RECIPE.toml --output runs/first

A run that was killed goes on from its last checkpoint when it is started again. The bundle is written to
OUTPUT/NAME when the last step is done. docs/pretraining.md tells more.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from Med3DInsightLib.analysis.computing.device import Device
from med3dtrain.pretraining.recipe import PretrainingRecipe
from med3dtrain.pretraining.run import PretrainingRun
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import named_recipe, parsed_command

_SMALL = Path(__file__).parent / "configs" / "pretrain_small_cpu.toml"


@dataclass(frozen=True)
class Pretrain:
    """Pretrain a 3D encoder with captioned slices and a frozen 2D teacher."""

    output: Path
    """Folder for checkpoint, logs and bundle; a run found there is continued."""

    settings: Annotated[PretrainingRecipe, tyro.conf.arg(name="")]

    recipe: Path = _SMALL
    """What to train, as a TOML or JSON file; every entry but those of the card can be changed here."""

    device: Device = Device.AUTO
    """Where to train."""

    def run(self) -> None:
        """Train, and write the bundle; raises UserError if something cannot be used."""
        command = f"python training/pretrain.py --recipe {self.recipe.name}"
        bundle = PretrainingRun(self.settings, self.output, self.device, print, command).run()
        if bundle is not None:
            print(f"wrote {bundle.folder}")


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    config = (tyro.conf.EnumChoicesFromValues,)
    recipe = named_recipe(arguments) or _SMALL
    with one_line_end():
        defaults = Pretrain(tyro.MISSING, PretrainingRecipe.read(recipe), recipe)
    command = parsed_command(Pretrain, arguments, default=defaults, config=config, description=__doc__)
    with one_line_end(f"the last checkpoint is in {command.output}. Run it again to go on."):
        command.run()


if __name__ == "__main__":
    main(sys.argv[1:])
