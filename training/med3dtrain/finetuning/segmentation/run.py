"""A fine-tuning run, from a data set to a bundle that segments."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs
from rich.progress import track

from Med3DInsightLib.analysis.device import Device, choose_device, has_fast_bfloat16
from Med3DInsightLib.bundles import Architecture, Bundle, BundleError, HeadKind
from Med3DInsightLib.networks.factory import save_network
from Med3DInsightLib.networks.segmentation import SegmentationNetwork

from ...datasets.fingerprint import DatasetFingerprint
from ...loops.parameter_groups import parameter_groups
from ...loops.supervised import CHECKPOINT, SupervisedLoop
from ...pretraining.output_folder import sole_run
from ...pretraining.provenance import write_provenance
from ...pretraining.run_log import RunLog
from ...pretraining.volume_store import VolumeStore
from ...whole_file import write_whole
from ..card import measured_card
from ..examples import ExampleBatches
from ..low_rank import add_low_rank_updates, merge_low_rank_updates
from ..plan import Plan, make_plan
from ..recipe import FineTuningRecipe
from ..run_facts import require_same_run, run_facts
from ..speed import steps_within
from ..starting_encoder import starting_architecture, starting_backbone
from .case_list import CaseList
from .objective import SegmentationObjective
from .patches import Patches
from .prepared_case import CaseStore, PreparedCase
from .validation import SCORE, SegmentationValidation

INSPECTED, FINGERPRINT, SPLIT, RECIPE = "inspected.jsonl", "fingerprint.json", "split.csv", "recipe.json"
_FIGURE_NAMES = {SCORE: "mean Dice"}


class SegmentationRun:
    """Looks at a data set, plans, trains, measures, and writes a bundle.

        bundle = SegmentationRun(source, recipe, Path("runs/liver"), Device.AUTO, print).run()

    Started again with the same output folder it goes on where it was. Started in several processes (accelerate
    launch, torchrun) it shares the work, and the first process alone writes and reports. command is what the card
    names as the way to measure again. What the user can mend is raised as a UserError.
    """

    def __init__(
        self,
        source: Path,
        recipe: FineTuningRecipe,
        output: Path,
        device: Device = Device.AUTO,
        report: Callable[[str], None] = print,
        command: str = "python training/finetune.py segment",
    ) -> None:
        self._source = source
        self._recipe = recipe
        self._output = output
        self._device = device
        self._report = report
        self._command = command

    def check(self) -> CaseList:
        """Only look at the cases; raises UserError for what is wrong with them."""
        return self._cases(self._report)

    def run(self) -> Bundle | None:
        """The bundle, in OUTPUT/NAME; None in all processes but the first."""
        accelerator = self._accelerator()
        if not accelerator.is_main_process:
            return self._train(accelerator, None, lambda text: None)
        with sole_run(self._output):
            notes: list[str] = []

            def report(text: str) -> None:
                notes.append(text)
                self._report(text)

            return self._train(accelerator, notes, report)

    def _train(self, accelerator: Accelerator, notes: list[str] | None, report: Callable[[str], None]) -> Bundle | None:
        """Notes are what is reported before the log begins; they are None in all processes but the first."""
        with accelerator.main_process_first():
            cases = self._cases(report)
            fingerprint, plan, architecture = self._plan(cases)
            prepared = self._prepared(cases, plan)
        recipe = self._recipe
        card = cases.card_of(recipe.about, architecture, plan.recipe)
        torch.manual_seed(recipe.seed)
        backbone = starting_backbone(architecture.backbone, architecture.backbone_arguments, recipe.start, report)
        network = SegmentationNetwork(backbone, architecture.classes)
        if recipe.start.rank:
            add_low_rank_updates(network.backbone, recipe.start.rank)
        patch, sampling = plan.recipe.patch_kji, recipe.sampling
        objective = SegmentationObjective(network, patch)
        patches = Patches(prepared, patch, sampling, recipe.augmentation, recipe.seed)
        batches = ExampleBatches(
            patches, plan.batch, sampling.workers, accelerator.process_index, accelerator.num_processes
        )
        recipe = self._with_steps(objective, batches, accelerator, report)
        start, optimisation = recipe.start, recipe.optimisation
        facts = run_facts(recipe, cases.digest)
        require_same_run(self._output / CHECKPOINT, facts)
        groups = parameter_groups(
            objective, network.backbone, optimisation.weight_decay, start.layer_decay, start.frozen_steps
        )
        loop = SupervisedLoop(
            objective, network, groups, accelerator, optimisation, recipe.pace, self._output, recipe.seed, facts
        )
        validation = SegmentationValidation(cases.validation, card, accelerator.device)
        if notes is None:
            loop.run(batches, validation, None)
            return None
        finished = self._finished(loop.first_step, optimisation.steps)
        if finished is not None:
            return finished
        recipe.write(self._output / RECIPE)
        cases.split.write(self._output / SPLIT)
        write_whole(self._output / FINGERPRINT, json.dumps(asdict(fingerprint), indent=2).encode() + b"\n")
        write_provenance(self._output / "provenance.json", accelerator.num_processes, accelerator.device)
        log = RunLog(self._output, loop.first_step, recipe.pace.tensorboard)
        try:
            for note in notes:
                log.note(note)
            best = loop.run(batches, validation, log)
        finally:
            log.close()
        merge_low_rank_updates(best)
        card = measured_card(card, validation(best), _FIGURE_NAMES, self._command)
        return save_network(best, card, self._output / card.name)

    def _accelerator(self) -> Accelerator:
        optimisation, start = self._recipe.optimisation, self._recipe.start
        bfloat16 = optimisation.mixed_precision and has_fast_bfloat16(choose_device(self._device))
        # Steps in which the encoder rests have gradients for fewer parameters than others.
        rests = start.frozen_steps > 0
        return Accelerator(
            cpu=self._device == Device.CPU,
            mixed_precision="bf16" if bfloat16 else "no",
            kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=rests)],
        )

    def _cases(self, report: Callable[[str], None]) -> CaseList:
        return CaseList.of(self._source, self._recipe.cases, self._recipe.seed, self._output / INSPECTED, report)

    def _plan(self, cases: CaseList) -> tuple[DatasetFingerprint, Plan, Architecture]:
        recipe = self._recipe
        fingerprint = DatasetFingerprint.of([each.found for each in cases.training])
        plan = make_plan(fingerprint, recipe.plan)
        name, arguments = starting_architecture(recipe.network, recipe.start, plan.levels)
        classes = len(cases.segments) + 1
        architecture = Architecture(name, arguments, HeadKind.SEGMENTATION, classes)
        torch.manual_seed(recipe.seed)
        strides = starting_backbone(name, arguments, recipe.start, lambda text: None).strides
        return fingerprint, make_plan(fingerprint, recipe.plan, strides[-1]), architecture

    def _prepared(self, cases: CaseList, plan: Plan) -> list[PreparedCase]:
        cache = self._recipe.cases.cache or self._output / "cache"
        store = CaseStore(cache, VolumeStore(cache, plan.recipe), list(cases.segments))
        return [store.get(each) for each in track(cases.training, "preparing", transient=True)]

    def _with_steps(
        self,
        objective: SegmentationObjective,
        batches: ExampleBatches,
        accelerator: Accelerator,
        report: Callable[[str], None],
    ) -> FineTuningRecipe:
        """The recipe with the number of steps that its minutes allow, which a run decides once."""
        recipe = self._recipe
        if not recipe.minutes:
            return recipe
        if (self._output / CHECKPOINT).exists():
            steps = FineTuningRecipe.read(self._output / RECIPE).optimisation.steps
        else:
            steps = steps_within(recipe.minutes, objective, batches, accelerator)
            steps = int(accelerator.reduce(torch.tensor(steps, device=accelerator.device), "sum"))
            steps //= accelerator.num_processes
            report(f"{recipe.minutes:g} minutes allow {steps} steps")
        return replace(recipe, optimisation=replace(recipe.optimisation, steps=steps))

    def _finished(self, first_step: int, steps: int) -> Bundle | None:
        """What a finished run wrote, if it is complete."""
        if first_step < steps:
            return None
        try:
            bundle = Bundle.open(self._output / self._recipe.about.name)
            bundle.verify_weights()
        except BundleError:
            return None  # the run was stopped before it was written
        return bundle
