"""Measure a recipe with every case of a data set: once for each fold, by a network that did not learn from it.

    python training/cross_validate.py segment DATA --output runs/cv --recipe RECIPE.toml --cases.folds 5
    python training/cross_validate.py classify cases.csv --output runs/cv

DATA, recipe and options are those of python training/finetune.py; without cases.folds there are 5. Folds are trained
one after another into OUTPUT/fold_0 and so on. A cross-validation that was stopped goes on where it was.
docs/finetuning.md tells more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import tyro

from Med3DInsightLib.analysis.device import Device
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.cli.interruption import Interruption
from Med3DInsightLib.errors import UserError
from med3dtrain.finetuning.command_line import TASKS, finetune_command, kind_and_others, named_recipe
from med3dtrain.finetuning.cross_validation import RESULTS, CrossValidation
from med3dtrain.finetuning.recipe import FineTuningRecipe
from med3dtrain.finetuning.run import FineTuningRun
from med3dtrain.finetuning.run_series import Train


@dataclass(frozen=True)
class CrossValidate:
    """Measure a recipe with every case of a data set."""

    source: tyro.conf.Positional[Path]
    """The data set."""

    output: Path
    """Folder for the folds and what they say together."""

    settings: Annotated[FineTuningRecipe, tyro.conf.arg(name="")]

    recipe: Path | None = None
    """TOML or JSON file with other defaults; every entry can be changed here."""

    device: Device = Device.AUTO
    """Where to train."""

    def run(self, kind: str) -> None:
        """Do it; raises UserError for everything that the user can mend."""
        found = CrossValidation(self.settings, self._train(kind)).run(self.output, print)
        if found is not None:
            print(f"\n{found.table()}\nwrote {self.output / RESULTS}")

    def _train(self, kind: str) -> Train:
        report = _once(print)

        def train(recipe: FineTuningRecipe, folder: Path) -> Bundle | None:
            folds = f"--cases.folds {recipe.cases.folds}", f"--cases.fold {recipe.cases.fold}"
            command = finetune_command(kind, self.source, self.recipe, *folds)
            tasks = TASKS[kind](self.source, recipe, folder)
            return FineTuningRun(tasks, recipe, folder, self.device, report, command).run()

        return train


def _once(report: Callable[[str], None]) -> Callable[[str], None]:
    """What every fold finds in the same cases need not be read again."""
    said: set[str] = set()

    def new_only(text: str) -> None:
        if text not in said:
            said.add(text)
            report(text)

    return new_only


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    kind, arguments = kind_and_others(arguments, __doc__)
    config = (tyro.conf.EnumChoicesFromValues,)
    try:
        recipe, path = named_recipe(arguments)
        recipe = replace(recipe, cases=replace(recipe.cases, folds=recipe.cases.folds or 5))
        defaults = CrossValidate(tyro.MISSING, tyro.MISSING, recipe, path)
        prog = f"cross_validate.py {kind}"
        command = tyro.cli(
            CrossValidate, args=arguments, default=defaults, config=config, prog=prog, description=__doc__
        )
        with Interruption():
            command.run(kind)
    except UserError as error:
        sys.exit(f"Error: {error}")
    except KeyboardInterrupt:
        sys.exit(f"Error: interrupted; what is done is in {command.output}. Run it again to go on.")


if __name__ == "__main__":
    main(sys.argv[1:])
