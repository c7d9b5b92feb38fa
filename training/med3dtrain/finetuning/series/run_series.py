"""Several fine-tuning runs that belong together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from Med3DInsightLib.bundles import Bundle

from ..learning.run import RECIPE
from ..settings.recipe import FineTuningRecipe

Train = Callable[[FineTuningRecipe, Path], Bundle | None]
"""Trains by a recipe in a folder, or finds that it is done there; None in all processes but the first."""


def run_series(
    folder: Path,
    recipes: Mapping[str, FineTuningRecipe],
    train: Train,
    on_run: Callable[[str, Bundle], None] = lambda name, bundle: None,
) -> dict[str, Bundle] | None:
    """The bundles of runs by name, each trained in folder/NAME, one after another; None in all processes but the first.

    Runs go on where they were, and are not repeated when done. They share what is prepared, and all have as many steps:
    if minutes decide, then the first run measures how many. on_run is told of every run that is done. Raises UserError
    as the runs do.
    """
    bundles: dict[str, Bundle] = {}
    steps: int | None = None
    for name, own in recipes.items():
        recipe = replace(own, cases=replace(own.cases, cache=own.cases.cache or folder / "cache"))
        if steps is not None:
            recipe = replace(recipe, minutes=0.0, optimisation=replace(recipe.optimisation, steps=steps))
        bundle = train(recipe, folder / name)
        if recipe.minutes:
            steps = FineTuningRecipe.read(folder / name / RECIPE).optimisation.steps
        if bundle is not None:
            bundles[name] = bundle
            on_run(name, bundle)
    return bundles or None


def figures_of(bundle: Bundle) -> dict[str, float]:
    """What the card says was measured, by name of the measure."""
    return {result.measure: result.value for result in bundle.card.results}
