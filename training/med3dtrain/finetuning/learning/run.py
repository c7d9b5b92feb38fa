"""A fine-tuning run, from a task to a bundle."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs

from Med3DInsightLib.analysis.computing.device import Device, choose_device
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.networks.factory import save_network
from Med3DInsightLib.storage import sole_run

from ...loops.acceleration import accelerator_on
from ...loops.checkpoint import require_same_sight
from ...loops.examples import Example, LabelledBatch
from ...loops.numbered_batches import NumberedBatches
from ...loops.parameter_groups import parameter_groups
from ...loops.supervised import SupervisedLoop, supervised_loop
from ...loops.training_loop import CHECKPOINT
from ...runs.finished_bundle import finished_bundle, require_free
from ...runs.notes import Notes
from ...runs.provenance import write_provenance
from ...runs.run_log import RunLog
from ..planning.low_rank import merge_low_rank_updates
from ..settings.recipe import FineTuningRecipe
from .card import measured_card
from .run_facts import require_same_run, run_facts
from .speed import steps_within
from .task import Report, Task, TaskSource

RECIPE = "recipe.json"


class FineTuningRun:
    """Looks at a data set, trains, measures, and writes a bundle.

        run = FineTuningRun(SegmentationTasks(source, recipe, output), recipe, output, Device.AUTO, print)
        bundle = run.run()

    Started again with the same output folder it goes on where it was. Started in several processes (accelerate
    launch, torchrun) it shares the work, and the first process alone writes and reports. command is what the card
    names as the way to measure again. What the user can mend is raised as a UserError.
    """

    def __init__(
        self,
        tasks: TaskSource,
        recipe: FineTuningRecipe,
        output: Path,
        device: Device = Device.AUTO,
        report: Report = print,
        command: str = "python training/finetune.py",
    ) -> None:
        self._tasks = tasks
        self._recipe = recipe
        self._output = output
        self._device = device
        self._report = report
        self._command = command

    def run(self) -> Bundle | None:
        """The bundle, in OUTPUT/NAME; None in all processes but the first."""
        accelerator = self._accelerator()
        if not accelerator.is_main_process:
            return self._train(accelerator, None)
        with sole_run(self._output):
            require_free(self._output / self._recipe.about.name, self._output / CHECKPOINT)
            return self._train(accelerator, Notes(self._report))

    def _train(self, accelerator: Accelerator, notes: Notes | None) -> Bundle | None:
        """Notes are None in all processes but the first."""
        report = notes or _say_nothing
        with accelerator.main_process_first():
            task = self._tasks.make(accelerator.device, report)
        workers = self._recipe.sampling.workers
        batches = NumberedBatches(
            task.examples, LabelledBatch.of, task.batch, workers, accelerator.process_index, accelerator.num_processes
        )
        recipe = self._with_steps(task, batches, accelerator, report)
        loop = self._loop(task, recipe, accelerator)
        # All processes look, before one of them could write: if the run is over, none waits for another.
        finished = finished_bundle(self._output / recipe.about.name) if loop.is_finished else None
        if finished is not None:
            return None if notes is None else finished
        if notes is None:
            loop.run(batches, task.measure, None)
            return None
        recipe.write(self._output / RECIPE)
        task.describe(self._output)
        write_provenance(self._output, accelerator.num_processes, accelerator.device)
        with closing(RunLog(self._output, loop.first_step, recipe.pace.tensorboard)) as log:
            notes.write_to(log)
            best = loop.run(batches, task.measure, log)
        merge_low_rank_updates(best)
        card = measured_card(task.card, task.finish(best), self._command)
        return save_network(best, card, self._output / card.name)

    def _loop(self, task: Task, recipe: FineTuningRecipe, accelerator: Accelerator) -> SupervisedLoop:
        start, optimisation = recipe.start, recipe.optimisation
        facts = run_facts(recipe, task.digest)
        require_same_run(self._output / CHECKPOINT, facts)
        groups = parameter_groups(
            task.objective, task.backbone, optimisation.weight_decay, start.layer_decay, start.frozen_steps
        )
        return supervised_loop(
            task.objective,
            task.network,
            groups,
            accelerator,
            optimisation,
            recipe.pace,
            self._output,
            recipe.seed,
            facts,
        )

    def _accelerator(self) -> Accelerator:
        # Steps in which the encoder rests have gradients for fewer parameters than others.
        distributed = DistributedDataParallelKwargs(find_unused_parameters=self._recipe.start.frozen_steps > 0)
        return accelerator_on(choose_device(self._device), self._recipe.optimisation.mixed_precision, distributed)

    def _with_steps(
        self, task: Task, batches: NumberedBatches[Example, LabelledBatch], accelerator: Accelerator, report: Report
    ) -> FineTuningRecipe:
        """The recipe with the number of steps that its minutes allow, which a run decides once."""
        recipe = self._recipe
        if not recipe.minutes:
            return recipe
        checkpoint = self._output / CHECKPOINT
        found = checkpoint.exists()
        require_same_sight(checkpoint, int(found), accelerator.device)
        if found:
            begun = FineTuningRecipe.read(self._output / RECIPE)
            steps = begun.optimisation.steps
            if begun.minutes != recipe.minutes:
                report(
                    f"the run keeps its {steps} steps and not {recipe.minutes:g} minutes, since its learning rate "
                    "follows the number of steps that it began with"
                )
                recipe = replace(recipe, minutes=begun.minutes)
        else:
            own = steps_within(recipe.minutes, task.objective, batches, accelerator)
            steps = int(accelerator.reduce(torch.tensor(own, device=accelerator.device), "sum"))
            steps //= accelerator.num_processes
            report(f"{recipe.minutes:g} minutes allow {steps} steps")
        return replace(recipe, optimisation=replace(recipe.optimisation, steps=steps))


def _say_nothing(line: str) -> None:
    """What a process reports that is not the first."""
