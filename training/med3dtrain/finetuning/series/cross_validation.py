"""Every case measured once, by a network that did not learn from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.storage import write_whole

from ..errors import FineTuningError
from ..segmentation.case_figures import read_case_figures
from ..settings.recipe import FineTuningRecipe
from .cross_validated import CrossValidated, MeasuredFold
from .run_series import Train, figures_of, run_series

RESULTS = "cross_validation.json"


class CrossValidation:
    """Trains once for each fold, and measures with its cases.

        found = CrossValidation(recipe, train).run(Path("runs/cv"), report=print)
        print(found.table())

    Every fold is a run like any other, in FOLDER/fold_0 and so on, by a plan of its own training cases: measured is
    what a recipe does from beginning to end. Runs go on where they were, and are not repeated when done.

    Raises FineTuningError for a recipe without folds, or with a split of its own.
    """

    def __init__(self, recipe: FineTuningRecipe, train: Train) -> None:
        if recipe.cases.folds < 2:
            raise FineTuningError("cross-validation needs 2 folds or more", next_step="set cases.folds")
        if recipe.cases.split is not None:
            raise FineTuningError(
                "a split that is given has no folds", recipe.cases.split, "leave it out (--cases.split None)"
            )
        self._recipe = recipe
        self._train = train

    def run(self, folder: Path, report: Callable[[str], None]) -> CrossValidated | None:
        """Train what is not done yet, and write cross_validation.json; None in all processes but the first.

        Raises UserError as the runs do.
        """
        cases = self._recipe.cases
        names = [f"fold_{number}" for number in range(cases.folds)]
        recipes = {name: replace(self._recipe, cases=replace(cases, fold=number)) for number, name in enumerate(names)}

        def tell(name: str, bundle: Bundle) -> None:
            report(f"{name}: {', '.join(f'{measure} {value:.3f}' for measure, value in figures_of(bundle).items())}")

        bundles = run_series(folder, recipes, self._train, tell)
        if bundles is None:
            return None
        if _differ(list(bundles.values())):
            report("the folds were planned differently, each from its own training cases; plan sets what is the same")
        found = CrossValidated(
            tuple(
                MeasuredFold(name, figures_of(bundle), read_case_figures(folder / name))
                for name, bundle in bundles.items()
            )
        )
        write_whole(folder / RESULTS, json.dumps(found.as_json(), indent=2).encode() + b"\n")
        return found


def _differ(bundles: list[Bundle]) -> bool:
    """Whether not all have the same network and preparation."""
    first = bundles[0].card
    return any((each.card.architecture, each.card.recipe) != (first.architecture, first.recipe) for each in bundles[1:])
