"""A pretraining run, from its recipe to a bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch
from accelerate.utils import DistributedDataParallelKwargs

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.bundles import Bundle, Measurement, ModelCard
from Med3DInsightLib.networks.factory import save_network
from Med3DInsightLib.storage import sole_run
from Med3DInsightLib.volumes.files.source_files import Fingerprint

from ..alignment.alignment import Alignment
from ..loops.acceleration import accelerator_on
from ..loops.numbered_batches import NumberedBatches
from ..loops.training_loop import CHECKPOINT
from ..reconstruction.reconstruction import Reconstruction
from ..runs.finished_bundle import finished_bundle, require_free
from ..runs.notes import Notes
from ..runs.provenance import write_provenance
from ..runs.run_log import RunLog
from .errors import PretrainingError
from .fit import require_fit
from .learning.loop import PretrainingLoop, pretraining_loop
from .learning.student import Student, build_student
from .learning.training_step import TrainingStep
from .measuring.held_out import HeldOut
from .recipe import PretrainingRecipe
from .run_facts import require_same_run, run_facts
from .samples.batch import Batch
from .samples.captioned import CaptionedVolume, split_held_out
from .samples.draws import CropDraws, Draw
from .sources import Sources
from .targets.towers import Towers, open_towers
from .training_device import training_device


class PretrainingRun:
    """Prepares what is learnt from, trains, measures, and writes a pretrained-encoder bundle.

        bundle = PretrainingRun(recipe, Path("runs/first"), Device.AUTO, print).run()

    Started again with the same output folder it goes on where it was. Started in several processes (accelerate
    launch, torchrun) it shares the work, and the first process alone writes and reports. command is what the card
    names as the way to measure again. What the user can mend is raised as a UserError.
    """

    def __init__(
        self,
        recipe: PretrainingRecipe,
        output: Path,
        device: Device = Device.AUTO,
        report: Callable[[str], None] = print,
        command: str = "python training/pretrain.py",
    ) -> None:
        self._recipe = recipe
        self._output = output
        self._report = report
        self._command = command
        # Backbones have levels that nothing reads; which ones is the same in every step.
        distributed = DistributedDataParallelKwargs(static_graph=True)
        mixed_precision = recipe.optimisation.mixed_precision
        self._accelerator = accelerator_on(training_device(device), mixed_precision, distributed)

    def run(self) -> Bundle | None:
        """The bundle, in OUTPUT/NAME; None in all processes but the first."""
        if not self._accelerator.is_main_process:
            self._train(None)
            return None
        with sole_run(self._output):
            require_free(self._output / self._recipe.card.name, self._output / CHECKPOINT)
            return self._train(Notes(self._report))

    def _train(self, notes: Notes | None) -> Bundle | None:
        """Notes are None in all processes but the first."""
        recipe, accelerator = self._recipe, self._accelerator
        cache = recipe.source.cache or self._output / "cache"
        sources = Sources(recipe.source, recipe.card.recipe, cache, accelerator, notes or self._report)
        towers = open_towers(recipe.teacher, recipe.alignment.term_weights())
        step = self._step(towers)  # before volumes are prepared, which takes long, what does not fit is told
        volumes = sources.volumes()
        facts = run_facts(recipe, towers, volumes)
        require_same_run(self._output / CHECKPOINT, facts)
        targets = sources.targets(volumes, towers)
        training, held_out = split_held_out(volumes, recipe.source.held_out, recipe.seed)
        patch = recipe.card.recipe.patch_kji
        draws = CropDraws(training, patch, recipe.sampling, recipe.seed)
        size, workers = recipe.sampling.batch, recipe.sampling.workers
        batches = NumberedBatches(draws, Batch.of, size, workers, accelerator.process_index, accelerator.num_processes)
        loop = pretraining_loop(
            step, targets, accelerator, recipe.optimisation, recipe.pace, self._output, recipe.seed, facts
        )
        measuring = HeldOut(training, held_out, targets, patch, accelerator.device, recipe.held_out)
        # All processes look, before one of them could write: if the run is over, none waits for another.
        earlier = finished_bundle(self._output / recipe.card.name) if loop.is_finished else None
        if earlier is not None:
            return None if notes is None else earlier
        if notes is None:
            loop.run(batches, lambda student: {}, None)  # the first process measures, the others wait
            return None
        # What the bundle needs besides its weights is read now: a run should not end for it after days.
        draft = self._draft_card(towers, training, held_out)
        vocabulary = sources.vocabulary(towers)
        student = self._logged(loop, batches, measuring, notes)
        card = _measured(draft, len(held_out), measuring.measure(student), self._command)
        return save_network(student.encoder, card, self._output / card.name, vocabulary=vocabulary)

    def _logged(
        self, loop: PretrainingLoop, batches: NumberedBatches[Draw, Batch], measuring: HeldOut, notes: Notes
    ) -> Student:
        """The student that the first process has trained, who writes down how."""
        recipe, accelerator = self._recipe, self._accelerator
        recipe.write(self._output / "recipe.json")
        write_provenance(self._output, accelerator.num_processes, accelerator.device)
        with closing(RunLog(self._output, loop.first_step, recipe.pace.tensorboard)) as log:
            notes.write_to(log)
            return loop.run(batches, measuring.measure, log)

    def _step(self, towers: Towers) -> TrainingStep:
        recipe = self._recipe
        torch.manual_seed(recipe.seed)
        student = build_student(recipe.card.architecture, towers)
        widths = {term: identity.width for term, identity in towers.identities.items()}
        alignment = Alignment(recipe.alignment, widths)
        reconstruction, backbone = None, student.encoder.backbone
        require_fit(recipe, backbone)
        if recipe.objective.reconstruction_weight > 0:
            reconstruction = Reconstruction(
                recipe.reconstruction, backbone.channels, backbone.strides, backbone.in_channels
            )
        return TrainingStep(student, alignment, reconstruction, recipe.objective)

    def _draft_card(
        self, towers: Towers, training: Sequence[CaptionedVolume], held_out: Sequence[CaptionedVolume]
    ) -> ModelCard:
        """What the card says before anything is measured."""
        described = sum(len(each.slices) for each in training)
        observation = f"Learnt from {len(training)} volumes with {described} described slices."
        card = self._recipe.card
        return replace(
            card,
            teacher=f"{card.teacher}@{towers.revision}",
            observations=(*card.observations, observation),
            learnt_from=_hashes(training),
            measured_with=_hashes(held_out),
        )


def _hashes(volumes: Sequence[CaptionedVolume]) -> tuple[str, ...]:
    """Those of the image files, sorted; raises PretrainingError if one cannot be read."""
    paths = [each.volume.listed.path for each in volumes]
    try:
        return tuple(sorted(Fingerprint.of(path).sha256 for path in paths))
    except OSError as error:
        raise PretrainingError(f"cannot be read ({error.strerror})", error.filename, "put it back") from error


def _measured(card: ModelCard, volumes: int, figures: dict[str, float], command: str) -> ModelCard:
    """The card with figures of so many held-out volumes."""
    dataset = f"{int(figures.get('held-out slices', 0))} described slices of {volumes} held-out volumes"
    results = tuple(
        Measurement(dataset, name, round(value, 4), command)
        for name, value in figures.items()
        if "R@" in name or name == "plane accuracy" or name.endswith("position error")
    )
    return replace(card, results=(*card.results, *results))
