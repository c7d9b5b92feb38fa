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

from Med3DInsightLib.bundles import Bundle
from med3dtrain.finetuning.command_line import DataSetCommand, fine_tuned, finetune_command, run_command
from med3dtrain.finetuning.series.cross_validation import RESULTS, CrossValidation
from med3dtrain.finetuning.series.run_series import Train
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe

_FOLDS = 5


@dataclass(frozen=True)
class CrossValidate(DataSetCommand):
    """Measure a recipe with every case of a data set."""

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
            return fine_tuned(kind, self.source, recipe, folder, self.device, report, command)

        return train


def _once(report: Callable[[str], None]) -> Callable[[str], None]:
    """What every fold finds in the same cases need not be read again."""
    said: set[str] = set()

    def new_only(text: str) -> None:
        if text not in said:
            said.add(text)
            report(text)

    return new_only


def _in_folds(recipe: FineTuningRecipe) -> FineTuningRecipe:
    return replace(recipe, cases=replace(recipe.cases, folds=recipe.cases.folds or _FOLDS))


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    run_command(CrossValidate, "cross_validate.py", arguments, __doc__, _in_folds)


if __name__ == "__main__":
    main(sys.argv[1:])
