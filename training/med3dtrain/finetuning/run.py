"""A fine-tuning run, from a task to a bundle."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, InitProcessGroupKwargs

from Med3DInsightLib.analysis.computing.device import Device, choose_device, has_fast_bfloat16
from Med3DInsightLib.analysis.computing.kept_pages import keep_pages
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.networks.factory import save_network
from Med3DInsightLib.storage import sole_run

from ..loops.checkpoint import require_same_sight
from ..loops.examples import ExampleBatches
from ..loops.parameter_groups import parameter_groups
from ..loops.supervised import CHECKPOINT, SupervisedLoop
from ..runs.finished_bundle import finished_bundle, require_free
from ..runs.provenance import write_provenance
from ..runs.run_log import RunLog
from .card import measured_card
from .low_rank import merge_low_rank_updates
from .recipe import FineTuningRecipe
from .run_facts import require_same_run, run_facts
from .speed import steps_within
from .task import Report, Task, TaskSource

RECIPE = "recipe.json"
_PATIENCE = timedelta(hours=12)
"""How long processes wait for the first one, which looks at all cases and prepares them."""


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
            return self._train(accelerator, None, lambda text: None)
        with sole_run(self._output):
            require_free(self._output / self._recipe.about.name, self._output / CHECKPOINT)
            notes: list[str] = []

            def report(text: str) -> None:
                notes.append(text)
                self._report(text)

            return self._train(accelerator, notes, report)

    def _train(self, accelerator: Accelerator, notes: list[str] | None, report: Report) -> Bundle | None:
        """Notes are what is reported before the log begins; they are None in all processes but the first."""
        with accelerator.main_process_first():
            task = self._tasks.make(accelerator.device, report)
        workers = self._recipe.sampling.workers
        batches = ExampleBatches(
            task.examples, task.batch, workers, accelerator.process_index, accelerator.num_processes
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
        write_provenance(self._output / "provenance.json", accelerator.num_processes, accelerator.device)
        log = RunLog(self._output, loop.first_step, recipe.pace.tensorboard)
        try:
            for note in notes:
                log.note(note)
            best = loop.run(batches, task.measure, log)
        finally:
            log.close()
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
        return SupervisedLoop(
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
        keep_pages()
        chosen = choose_device(self._device)
        bfloat16 = self._recipe.optimisation.mixed_precision and has_fast_bfloat16(chosen)
        # Steps in which the encoder rests have gradients for fewer parameters than others.
        rests = self._recipe.start.frozen_steps > 0
        return Accelerator(
            cpu=chosen.type == Device.CPU,
            mixed_precision="bf16" if bfloat16 else "no",
            kwargs_handlers=[
                DistributedDataParallelKwargs(find_unused_parameters=rests),
                InitProcessGroupKwargs(timeout=_PATIENCE),
            ],
        )

    def _with_steps(
        self, task: Task, batches: ExampleBatches, accelerator: Accelerator, report: Report
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
