"""From volumes with classes to a task."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import nn

from Med3DInsightLib.bundles import HeadKind
from Med3DInsightLib.networks.classification import ClassificationNetwork
from Med3DInsightLib.storage import write_whole
from Med3DInsightLib.volumes import Recipe

from ...datasets.classified_set import ClassifiedCase, ClassifiedSet
from ...datasets.classified_table import read_classified_table
from ...datasets.fingerprint import DatasetFingerprint
from ...datasets.inspected_case import inspect_volume
from ...datasets.medmnist import read_medmnist
from ...datasets.split import Subset
from ..errors import FineTuningError
from ..learning.card import draft_card
from ..learning.task import Figures, Report, Task
from ..planning.plan import spacing_kji_mm
from ..planning.planned_network import planned_network
from ..planning.starting_encoder import begin_teaching, learnt_by_start
from ..settings.cases import CasesSettings
from ..settings.recipe import FineTuningRecipe
from .examples import ClassifiedExamples
from .inputs import PreparedInputs
from .measuring import ClassificationValidation, calibrate, session_figures
from .objective import ClassificationObjective, class_weights

FINGERPRINT = "fingerprint.json"
_OF_SEGMENTATION = ("split", "test", "share", "on_bad_input")
"""Entries of `cases` that say who may learn from what, and that classification does not obey."""
_WHOLE = 0.9


class ClassificationTasks:
    """Learns from a CSV of images and classes, or from an .npz file of MedMNIST3D.

    tasks = ClassificationTasks(Path("adrenalmnist3d_64.npz"), recipe, Path("runs/adrenal"))
    """

    def __init__(self, source: Path, recipe: FineTuningRecipe, output: Path) -> None:
        self._source = source
        self._recipe = recipe
        self._output = output

    def check(self, report: Report) -> str:
        """See TaskSource."""
        cases = self._cases()
        for case in track(cases.cases, "looking at cases", transient=True):
            inspect_volume(case.read())
        counts = ", ".join(f"{len(cases.of(subset))} {subset}" for subset in Subset)
        return f"{counts} cases; {', '.join(cases.class_names)}"

    def make(self, device: torch.device, report: Report) -> Task:
        """See TaskSource."""
        recipe = self._recipe
        cases = self._cases()
        training, validation = cases.of(Subset.TRAINING), cases.of(Subset.VALIDATION)
        # All of them now: a case for the test that cannot be read should not end a run that has learnt for hours.
        inspected = {
            case.name: inspect_volume(case.read()) for case in track(cases.cases, "looking at cases", transient=True)
        }
        fingerprint = DatasetFingerprint.of([inspected[case.name] for case in training])
        classes = len(cases.class_names)
        mirrored = _mirrored_axes_kji(recipe)
        build = partial(ClassificationNetwork, mirrored_axes_kji=mirrored)
        planned = planned_network(recipe, fingerprint, HeadKind.CLASSIFICATION, classes, build, report)
        plan = planned.plan
        _tell_share(plan.recipe, fingerprint, report)
        unseen = [case.sha256 for case in validation]
        card = draft_card(
            recipe.about,
            replace(planned.architecture, mirrored_axes_kji=mirrored),
            plan.recipe,
            fingerprint.modalities,
            [*(case.sha256 for case in training), *learnt_by_start(recipe.start, unseen, report)],
            unseen,
            f"{len(training)} labelled volumes",
            class_names=cases.class_names,
        )
        cache = recipe.cases.cache or self._output / "cache"
        learnt = PreparedInputs.of(training, plan.recipe, cache, track(training, "preparing", transient=True))
        measured = PreparedInputs.of(validation, plan.recipe, cache)

        examples = ClassifiedExamples(learnt, spacing_kji_mm(plan.recipe), recipe.augmentation, recipe.seed)
        begin_teaching(planned.backbone, recipe.start, recipe.optimisation.steps, examples)

        counted = Counter(case.class_number for case in training)
        counts = [counted[number] for number in range(classes)]

        def finish(best: nn.Module) -> Figures:
            calibrated = calibrate(best, learnt, measured, class_weights(counts), device)
            subsets = {"validation": validation, "test": cases.of(Subset.TEST)}
            return {
                f"{subset} {name}": value
                for subset, of_subset in subsets.items()
                for name, value in session_figures(card, calibrated, device, of_subset).items()
            }

        def describe(folder: Path) -> None:
            write_whole(folder / FINGERPRINT, json.dumps(asdict(fingerprint), indent=2).encode() + b"\n")

        return Task(
            ClassificationObjective(planned.network, counts),
            planned.network,
            planned.backbone,
            examples,
            plan.batch,
            card,
            _digest([*training, *validation]),
            ClassificationValidation(measured, device),
            finish,
            describe,
        )

    def _cases(self) -> ClassifiedSet:
        settings = self._recipe.cases
        for name in _OF_SEGMENTATION:
            if getattr(settings, name) != getattr(CasesSettings(), name):
                raise FineTuningError(
                    f"cases.{name} is for segmentation alone",
                    self._source,
                    "leave it out; a table says by its column split (train, validation, test) what a case is for",
                )
        if self._source.suffix.lower() != ".npz":
            return read_classified_table(
                self._source, settings.modality, settings.validation, settings.folds, settings.fold
            )
        if settings.folds:
            raise FineTuningError("has a split of its own, and no folds", self._source, "leave cases.folds out")
        return read_medmnist(self._source, settings.classes)


def _mirrored_axes_kji(recipe: FineTuningRecipe) -> tuple[int, ...]:
    """The axes along which the network averages over mirror images; raises FineTuningError if it learns from none."""
    if not recipe.plan.mirrored_average:
        return ()
    if not recipe.augmentation.flips:
        raise FineTuningError(
            "plan.mirrored_average is for a network that learns from mirrored images",
            next_step='set augmentation.flips to "R" or more axes too, or leave plan.mirrored_average out',
        )
    return recipe.augmentation.flipped_axes_kji


def _tell_share(recipe: Recipe, fingerprint: DatasetFingerprint, report: Report) -> None:
    """Say if the patch is a part of the median volume only."""
    extent_ijk_mm = np.multiply(recipe.patch_kji[::-1], recipe.spacing_ijk_mm)
    share = float(np.minimum(extent_ijk_mm / fingerprint.extent_ijk_mm, 1.0).prod())
    if share < _WHOLE:
        report(
            f"the network sees the middle {share:.0%} of the median volume; a larger plan.spacing_ijk_mm, or more "
            "plan.voxels, show it more"
        )


def _digest(cases: Sequence[ClassifiedCase]) -> str:
    told = [(case.sha256, case.class_number, case.subset) for case in cases]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
