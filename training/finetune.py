"""Fine-tune an encoder, or train one from scratch, on a labelled data set.

    python training/finetune.py segment DATA --output runs/liver --about.name liver
    python training/finetune.py segment DATA --output runs/liver --start.bundle runs/first/small-encoder
    python training/finetune.py segment DATA --output runs/liver --recipe RECIPE.toml --minutes 60
    python training/finetune.py segment DATA --output runs/liver --check
    python training/finetune.py classify DATA --output runs/adrenal

DATA for segmentation is a folder with imagesTr and labelsTr, or a CSV with the columns image and label; for
classification a CSV with the columns image, class and perhaps split, or an .npz file of MedMNIST3D.

A run that was killed goes on from its last checkpoint when it is started again. The bundle is written to
OUTPUT/NAME at the end.
docs/finetuning.md tells more.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from med3dtrain.finetuning.command_line import TASKS, DataSetCommand, fine_tuned, finetune_command, run_command


@dataclass(frozen=True)
class FineTune(DataSetCommand):
    """Learn from a labelled data set."""

    check: bool = False
    """Only look at the cases and tell what is wrong with them."""

    def run(self, kind: str) -> None:
        """Train, and write the bundle; raises UserError if something cannot be used."""
        if self.check:
            print(TASKS[kind](self.source, self.settings, self.output).check(print))
            return
        command = finetune_command(kind, self.source, self.recipe)
        bundle = fine_tuned(kind, self.source, self.settings, self.output, self.device, print, command)
        if bundle is not None:
            for result in bundle.card.results:
                print(f"{result.measure}: {result.value}")
            print(f"wrote {bundle.folder}")


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    run_command(FineTune, "finetune.py", arguments, __doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
