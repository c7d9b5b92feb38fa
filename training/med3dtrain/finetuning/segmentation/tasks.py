"""From a data set with label maps to a task."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import torch
from rich.progress import track
from torch import nn

from Med3DInsightLib.bundles import HeadKind, ModelCard
from Med3DInsightLib.networks.segmentation import SegmentationNetwork
from Med3DInsightLib.storage import write_whole
from Med3DInsightLib.volumes.sides import has_side

from ...datasets.fingerprint import DatasetFingerprint
from ...datasets.volume_store import VolumeStore
from ..errors import FineTuningError
from ..learning.task import Figures, Report, Task
from ..planning.plan import Plan, spacing_kji_mm
from ..planning.planned_network import planned_network
from ..planning.starting_encoder import begin_teaching, learnt_by_start
from ..settings.augmentation import AugmentationSettings
from ..settings.recipe import FineTuningRecipe
from .case_figures import write_case_figures
from .case_list import CaseList
from .objective import SegmentationObjective
from .patches import Patches
from .prepared_case import CaseStore, PreparedCase
from .validation import MEAN, SCORE, SegmentationValidation, mean_figures

INSPECTED, FINGERPRINT, SPLIT = "inspected.jsonl", "fingerprint.json", "split.csv"


class SegmentationTasks:
    """Learns from a folder in the layout of the Medical Segmentation Decathlon, or from a CSV.

    tasks = SegmentationTasks(Path("Task09_Spleen"), recipe, Path("runs/spleen"))
    """

    def __init__(self, source: Path, recipe: FineTuningRecipe, output: Path) -> None:
        self._source = source
        self._recipe = recipe
        self._output = output

    def check(self, report: Report) -> str:
        """See TaskSource."""
        cases = self._cases(report)
        names = ", ".join(segment.name for segment in cases.segments)
        return f"{len(cases.training)} cases to learn from, {len(cases.validation)} to measure with; {names}"

    def make(self, device: torch.device, report: Report) -> Task:
        """See TaskSource."""
        recipe = self._recipe
        cases = self._cases(report)
        fingerprint = DatasetFingerprint.of([each.found for each in cases.training])
        classes = len(cases.segments) + 1
        planned = planned_network(recipe, fingerprint, HeadKind.SEGMENTATION, classes, SegmentationNetwork, report)
        plan, patch = planned.plan, planned.plan.recipe.patch_kji
        learnt_before = learnt_by_start(recipe.start, cases.measured_with, report)
        card = cases.card_of(recipe.about, planned.architecture, plan.recipe, learnt_before)
        if recipe.plan.mirrored_average:
            card = _averaged(card, recipe.augmentation)
        validation = SegmentationValidation(cases.validation, card, device)

        def describe(folder: Path) -> None:
            cases.split.write(folder / SPLIT)
            write_whole(folder / FINGERPRINT, json.dumps(asdict(fingerprint), indent=2).encode() + b"\n")

        spacing = spacing_kji_mm(plan.recipe)
        prepared = self._prepared(cases, plan)
        patches = Patches(prepared, patch, spacing, recipe.sampling, recipe.augmentation, recipe.seed, classes)
        begin_teaching(planned.backbone, recipe.start, recipe.optimisation.steps, patches)
        return Task(
            SegmentationObjective(planned.network, patch),
            planned.network,
            planned.backbone,
            patches,
            plan.batch,
            card,
            cases.digest,
            validation,
            _finish(validation, self._output),
            describe,
        )

    def _cases(self, report: Report) -> CaseList:
        inspected = (self._recipe.cases.cache or self._output) / INSPECTED
        return CaseList.of(self._source, self._recipe.cases, self._recipe.seed, inspected, report)

    def _prepared(self, cases: CaseList, plan: Plan) -> list[PreparedCase]:
        cache = self._recipe.cases.cache or self._output / "cache"
        store = CaseStore(cache, VolumeStore(cache, plan.recipe), list(cases.segments))
        return [store.get(each) for each in track(cases.training, "preparing", transient=True)]


def _averaged(card: ModelCard, augmentation: AugmentationSettings) -> ModelCard:
    """The card of a model that averages over mirror images; raises FineTuningError if it does not learn from them."""
    if "R" not in augmentation.flips:
        raise FineTuningError(
            "plan.mirrored_average is for a network that learns from mirrored images",
            next_step='set augmentation.flips to "R" too, or leave plan.mirrored_average out',
        )
    sided = [segment.name for segment in card.segments if has_side(segment.name)]
    if sided:
        raise FineTuningError(
            f"plan.mirrored_average is for structures of either side, and '{sided[0]}' has one",
            next_step="leave it and augmentation.flips out",
        )
    return replace(card, mirrored_average=True)


def _finish(validation: SegmentationValidation, output: Path) -> Callable[[nn.Module], Figures]:
    """Measures for the last time: keeps the figures of every case, and gives their means as the card calls them."""

    def finish(network: nn.Module) -> Figures:
        cases = validation.by_case(network)
        write_case_figures(output, cases)
        return {MEAN if name == SCORE else name: value for name, value in mean_figures(cases.values()).items()}

    return finish
