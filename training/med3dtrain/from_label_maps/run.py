"""A run that learns from label maps, from a recipe to a bundle."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from Med3DInsightLib.analysis.computing.device import Device, choose_device
from Med3DInsightLib.bundles import Bundle, HeadKind
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.backbones.backbone import Backbone
from Med3DInsightLib.networks.factory import build_network, encoder_of, load_network, save_network
from Med3DInsightLib.networks.segmentation import SegmentationNetwork
from Med3DInsightLib.storage import sole_run
from Med3DInsightLib.volumes.files.source_files import Fingerprint

from ..loops.acceleration import accelerator_on
from ..loops.even_levels import even_levels
from ..loops.examples import LabelledBatch
from ..loops.numbered_batches import NumberedBatches
from ..loops.parameter_groups import ParameterGroup
from ..loops.same_run import EarlierRun, recipe_fact
from ..loops.supervised import SupervisedLoop, supervised_loop
from ..loops.training_loop import CHECKPOINT
from ..runs.finished_bundle import finished_bundle, require_free
from ..runs.provenance import write_provenance
from ..runs.run_log import RunLog
from ..synthesis.images import SyntheticImages
from ..synthesis.label_maps import read_label_maps
from ..synthesis.label_table import LabelTable
from .drawn_examples import DrawnExamples, SoftSegmentation
from .recipe import LabelMapRecipe
from .validation import SyntheticValidation

_RECIPE, _LABEL_TABLE, _LABEL_MAPS, _START = "recipe", "label table", "label maps", "start"
_VALIDATION_SEED = 1_000_003
"""Added to the seed of a recipe, for images that nothing is learnt from."""


class LabelMapRun:
    """Draws images from label maps, trains on them, and writes a bundle in half precision.

        run = LabelMapRun(recipe, Path("label_maps"), Path("runs/brain"), start=None, device=Device.AUTO, report=print)
        bundle = run.run(most_minutes=28.0)     # None if that was not enough; then again

    Started again with the same output folder it goes on where it was. It learns from the weights of the bundle `start`
    on, of its encoder alone if it does not segment, or from fresh ones. What is measured on the way are images of the
    label maps that the recipe holds out, or, where it holds out none, other images of those it learns from. What the
    user can mend is raised as a UserError.
    """

    def __init__(
        self,
        recipe: LabelMapRecipe,
        labels: Path,
        output: Path,
        start: Bundle | None,
        device: Device,
        report: Callable[[str], None],
    ) -> None:
        self._recipe = recipe
        self._labels = labels
        self._output = output
        self._start = start
        self._device = choose_device(device)
        self._report = report

    def run(self, most_minutes: float = math.inf) -> Bundle | None:
        """The bundle, in OUTPUT/NAME, or None if time was over before; a finished run leaves it as it is."""
        recipe, folder = self._recipe, self._output / self._recipe.card.name
        network = self._network()
        table = recipe.read_label_table()
        maps, held_out = self._label_maps(table)
        self._report(f"{len(maps)} label maps; training {recipe.optimisation.steps} steps")
        validation = replace(recipe.synthesis, curriculum_examples=0, first_strength=1.0)
        seed, device = recipe.seed, self._device
        measured = SyntheticImages(held_out or maps, table, validation, seed + _VALIDATION_SEED, device)
        examples = DrawnExamples(SyntheticImages(maps, table, recipe.synthesis, seed, device))
        if self._start is not None and self._start.card.architecture.head != HeadKind.SEGMENTATION:
            even_levels(network.backbone, examples)
        size = recipe.optimisation.batch
        batches = NumberedBatches(examples, LabelledBatch.of, size, workers=0, process=0, processes=1)
        with sole_run(self._output):
            require_free(folder, self._output / CHECKPOINT)
            loop = self._loop(network, self._facts(maps, held_out))
            earlier = finished_bundle(folder) if loop.is_finished else None
            if earlier is not None:
                return earlier
            write_provenance(self._output, 1, self._device)
            with closing(RunLog(self._output, loop.first_step, recipe.pace.tensorboard)) as log:
                best = loop.run(batches, SyntheticValidation(measured), log, 60.0 * most_minutes)
            if not loop.is_finished:
                return None
            return save_network(best, recipe.card, folder, torch.float16)

    def _label_maps(self, table: LabelTable) -> tuple[list[Tensor], list[Tensor]]:
        """Those to learn from, and those that are held out."""
        recipe = self._recipe
        spacing = recipe.synthesis.label_spacing_mm
        maps = read_label_maps(self._labels, table, spacing, recipe.held_out)
        if not recipe.held_out:
            return maps, []
        learnt = {path.name for path in self._labels.glob("*.nii.gz")} - set(recipe.held_out)
        return maps, read_label_maps(self._labels, table, spacing, learnt)

    def _network(self) -> SegmentationNetwork:
        """With the weights of the bundle to start from, or fresh ones."""
        torch.manual_seed(self._recipe.seed)
        try:
            network = build_network(self._recipe.card.architecture)
        except ValueError as error:
            raise UserError(str(error), next_step="change card.architecture in the recipe") from error
        if not isinstance(network, SegmentationNetwork):
            raise UserError("the card of the recipe describes no network that segments", next_step="choose another one")
        _require_readable(network.backbone, self._recipe.synthesis.crop_voxel)
        if self._start is not None:
            _take_over(network, self._start)
        return network

    def _loop(self, network: SegmentationNetwork, facts: dict[str, str]) -> SupervisedLoop:
        optimisation = self._recipe.optimisation
        accelerator = accelerator_on(self._device, optimisation.mixed_precision)
        # On a CPU, channels last makes a step half as long again in float32, and a tenth longer in bfloat16.
        channels_last = accelerator.mixed_precision == "bf16" and self._device.type == Device.CUDA
        network.to(memory_format=torch.channels_last_3d if channels_last else torch.contiguous_format)  # type: ignore[call-overload]
        head = list(network.decoder.head.parameters())
        of_head = {id(parameter) for parameter in head}
        others = [parameter for parameter in network.parameters() if id(parameter) not in of_head]
        groups = [
            ParameterGroup(others, optimisation.weight_decay),
            ParameterGroup(head, optimisation.weight_decay, optimisation.head_rate),
        ]
        return supervised_loop(
            SoftSegmentation(network),
            network,
            groups,
            accelerator,
            optimisation,
            self._recipe.pace,
            self._output,
            self._recipe.seed,
            facts,
        )

    def _facts(self, maps: list[Tensor], held_out: list[Tensor]) -> dict[str, str]:
        """What must not change while the run is taken up again and again; refused by name if it has."""
        facts = {
            _RECIPE: recipe_fact(self._recipe.what_decides()),
            _LABEL_TABLE: Fingerprint.of(self._recipe.label_table).sha256,
            _LABEL_MAPS: f"{_digest_of(maps)} {_digest_of(held_out)}",
            _START: "" if self._start is None else self._start.card.weights_sha256,
        }
        earlier = EarlierRun.of(self._output / CHECKPOINT)
        if earlier is not None:
            earlier.require(facts, _LABEL_TABLE, "the label table has changed since the run began")
            earlier.require(facts, _LABEL_MAPS, "the label maps have changed since the run began")
            earlier.require(facts, _START, "the run began from other weights")
            earlier.require_entries(facts, _RECIPE)
        return facts


def _take_over(network: SegmentationNetwork, start: Bundle) -> None:
    """The weights of a bundle that segments, or those of its encoder alone if it is for something else."""
    theirs = load_network(start)
    try:
        if isinstance(theirs, SegmentationNetwork):
            network.load_state_dict(theirs.state_dict())
        else:
            network.backbone.load_state_dict(encoder_of(theirs).state_dict())
    except RuntimeError as error:
        raise UserError(
            "its network is not that of the recipe", start.folder, "start from a bundle with the same card.architecture"
        ) from error


def _require_readable(backbone: Backbone, crop_voxel: int) -> None:
    """Raise UserError unless the backbone reads cubes of crop_voxel."""
    stride, window = backbone.strides[-1], backbone.window_kji
    if crop_voxel % stride or (window is not None and set(window) != {crop_voxel}):
        needed = f"multiples of {stride}" if window is None else f"only {list(window)}"
        raise UserError(
            f"synthesis.crop_voxel is {crop_voxel}, and the network of the recipe reads {needed} voxels",
            next_step="change synthesis.crop_voxel or card.architecture",
        )


def _digest_of(maps: list[Tensor]) -> str:
    digest = hashlib.sha256()
    for label_map in maps:
        digest.update(repr(tuple(label_map.shape)).encode())
        digest.update(label_map.numpy().tobytes())
    return digest.hexdigest()
