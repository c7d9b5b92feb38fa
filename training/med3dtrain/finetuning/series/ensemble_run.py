"""Several fine-tuning runs, from tasks to one bundle that averages their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from Med3DInsightLib.analysis.computing.device import Device, choose_device
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.networks.ensemble import SegmentationEnsemble
from Med3DInsightLib.networks.factory import load_network, save_network
from Med3DInsightLib.networks.segmentation import SegmentationNetwork
from Med3DInsightLib.storage import sole_run

from ...loops.training_loop import CHECKPOINT
from ...runs.finished_bundle import finished_bundle, require_free
from ...runs.provenance import write_provenance
from ..errors import FineTuningError
from ..learning.card import measured_card
from ..learning.run import RECIPE, FineTuningRun
from ..learning.task import Report, TaskSource
from ..settings.recipe import FineTuningRecipe
from .run_series import run_series

TasksIn = Callable[[FineTuningRecipe, Path], TaskSource]
"""Makes a source of tasks of a recipe and an output folder."""


class EnsembleRun:
    """Trains as many segmentation networks as the recipe has members, and writes a bundle that averages their scores.

        run = EnsembleRun(partial(SegmentationTasks, source), recipe, output, Device.AUTO, print)
        bundle = run.run()

    The networks differ by their seed and share the cases; each is a run like any other, in OUTPUT/network_0 and so on.
    With minutes, each has its part of them. The figures of the card are those of the average. Started again, it goes on
    where it was, as FineTuningRun does.
    """

    def __init__(
        self,
        tasks_in: TasksIn,
        recipe: FineTuningRecipe,
        output: Path,
        device: Device = Device.AUTO,
        report: Report = print,
        command: str = "python training/finetune.py",
    ) -> None:
        self._tasks_in = tasks_in
        self._recipe = recipe
        self._output = output
        self._device = device
        self._report = report
        self._command = command

    def run(self) -> Bundle | None:
        """The bundle, in OUTPUT/NAME; None in all processes but the first.

        Raises FineTuningError for networks that do not segment, and UserError as the runs do.
        """
        recipes = self._recipes()
        made = self._output / self._recipe.about.name
        require_free(made, self._output / next(iter(recipes)) / CHECKPOINT)
        bundles = run_series(self._output, recipes, self._train, self._tell)
        if bundles is None:
            return None
        with sole_run(self._output):
            finished = finished_bundle(made)
            if finished is not None and finished.card.architecture.members == len(bundles):
                return finished
            return self._join(bundles)

    def _recipes(self) -> dict[str, FineTuningRecipe]:
        count, recipe = self._recipe.members, self._recipe
        seeds = {f"network_{number}": recipe.seed + number for number in range(count)}
        minutes = recipe.minutes / count
        return {name: replace(recipe, seed=seed, minutes=minutes, members=1) for name, seed in seeds.items()}

    def _train(self, recipe: FineTuningRecipe, folder: Path) -> Bundle | None:
        tasks, command = self._tasks_in(recipe, folder), f"{self._command} --members 1 --seed {recipe.seed}"
        return FineTuningRun(tasks, recipe, folder, self._device, self._report, command).run()

    def _tell(self, name: str, bundle: Bundle) -> None:
        figures = ", ".join(f"{each.measure} {each.value:.3f}" for each in bundle.card.results)
        self._report(f"{name}: {figures}")

    def _join(self, bundles: Mapping[str, Bundle]) -> Bundle:
        """Average the networks, measure the average with the cases of the task, and write it."""
        first = self._output / next(iter(bundles))
        steps = FineTuningRecipe.read(first / RECIPE).optimisation.steps
        recipe = replace(self._recipe, optimisation=replace(self._recipe.optimisation, steps=steps))
        shared = replace(recipe, cases=replace(recipe.cases, cache=recipe.cases.cache or self._output / "cache"))
        device = choose_device(self._device)
        task = self._tasks_in(shared, self._output).make(device, lambda text: None)
        ensemble = SegmentationEnsemble([_segmenting(bundle) for bundle in bundles.values()]).to(device).eval()
        recipe.write(self._output / RECIPE)
        task.describe(self._output)
        write_provenance(self._output, 1, device)
        card = replace(
            task.card,
            architecture=replace(task.card.architecture, members=len(bundles)),
            learnt_from=tuple(sorted({image for bundle in bundles.values() for image in bundle.card.learnt_from})),
        )
        card = measured_card(card, task.finish(ensemble), self._command)
        return save_network(ensemble, card, self._output / card.name)


def _segmenting(bundle: Bundle) -> SegmentationNetwork:
    network = load_network(bundle)
    if not isinstance(network, SegmentationNetwork):
        raise FineTuningError("members are for networks that segment", bundle.folder, "leave members out")
    return network
