"""From the settings of a recipe to cases that were looked at, and their split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.progress import Progress

from Med3DInsightLib.bundles import Architecture, ModelCard
from Med3DInsightLib.volumes import Recipe, Segment

from ...datasets.bad_input import BadInput
from ...datasets.cases import Case, list_cases
from ...datasets.errors import DatasetError
from ...datasets.inspection import Inspection, KnownCase, require_all_structures, require_apart
from ...datasets.split import Split, Subset
from ...datasets.structures import segments_of, structure_names
from ...runs.finished_runs import FinishedRuns
from ..learning.card import draft_card
from ..settings.about import AboutSettings
from ..settings.cases import CasesSettings

_TRAINING_FOLDERS, _TEST_FOLDERS = "Tr", "Ts"


@dataclass(frozen=True)
class CaseList:
    """The structures of a data set, and its cases in both subsets."""

    segments: tuple[Segment, ...]
    training: tuple[KnownCase, ...]
    validation: tuple[KnownCase, ...]

    @property
    def split(self) -> Split:
        """The names of the cases in both subsets."""
        return Split(*(tuple(each.case.name for each in subset) for subset in (self.training, self.validation)))

    @property
    def digest(self) -> str:
        """A text that differs if an image, a label map, a structure or the split does."""
        subsets = [
            [(each.image_sha256, each.label_sha256) for each in subset] for subset in (self.training, self.validation)
        ]
        told = [*map(sorted, subsets), [segment.name for segment in self.segments]]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    @property
    def measured_with(self) -> list[str]:
        """Hashes of the images that are measured with."""
        return [each.image_sha256 for each in self.validation]

    def card_of(
        self, about: AboutSettings, architecture: Architecture, recipe: Recipe, learnt_before: Sequence[str]
    ) -> ModelCard:
        """The card of a network that learns from these cases, before it is measured.

        learnt_before are hashes of images that its encoder has learnt from already.
        """
        learnt = [*(each.image_sha256 for each in self.training), *learnt_before]
        modalities = [each.found.modality.value for each in self.training]
        described = about.description or f"Segments {', '.join(segment.name for segment in self.segments)}."
        about = replace(about, description=described)
        trained_on = f"{len(self.training)} labelled volumes"
        return draft_card(
            about, architecture, recipe, modalities, learnt, self.measured_with, trained_on, segments=self.segments
        )

    @classmethod
    def of(
        cls, source: Path, settings: CasesSettings, seed: int, inspected: Path, report: Callable[[str], None]
    ) -> CaseList:
        """Look at all cases of source, tell what is wrong with them, and split them.

        inspected is the file in which what was found is kept. Raises UserError for what is wrong, see Inspection.
        """
        listed = list_cases(source, _TRAINING_FOLDERS if source.is_dir() else "")
        _require_known_subsets(listed, source)
        cases = [case for case in listed if case.split != Subset.TEST]
        segments = list(settings.segments) or segments_of(structure_names(source, settings.structures, cases))
        bad = BadInput(settings.on_bad_input, report)
        inspection = Inspection(segments, settings.modality, FinishedRuns(inspected), bad, report)
        with Progress(transient=True) as bar:
            task = bar.add_task("looking at cases", total=len(cases))
            known = {
                each.case.name: each for each in inspection.run(cases, lambda done: bar.update(task, completed=done))
            }
        require_all_structures(list(known.values()), segments)
        split = _split_of(known, settings, seed)
        training = tuple(known[name] for name in split.training)
        validation = tuple(known[name] for name in split.validation)
        quiet = Inspection(segments, settings.modality, FinishedRuns(inspected), bad, lambda notice: None)
        test = [case for case in listed if case.split == Subset.TEST] + _test_cases(settings.test)
        require_apart([*training, *validation], quiet.run(test))
        return cls(tuple(segments), training, validation)


def _require_known_subsets(cases: Sequence[Case], source: Path) -> None:
    """Raise DatasetError if a table says of some cases what they are for, and not of others, or something else."""
    said = {case.split for case in cases}
    unknown = sorted(said - set(Subset)) if said != {""} else []
    if unknown:
        case = next(case for case in cases if case.split == unknown[0])
        raise DatasetError(f"has the split '{unknown[0]}' for {case.image.name}", source, f"use {', '.join(Subset)}")


def _test_cases(source: Path | None) -> list[Case]:
    """The cases that must not be learnt from: of a folder those of imagesTs, if any, of a table those for test."""
    if source is None:
        return []
    cases = list_cases(source, _TEST_FOLDERS if (source / "labelsTs").is_dir() else "")
    said = any(case.split for case in cases)
    return [case for case in cases if not said or case.split == Subset.TEST]


def _split_of(known: dict[str, KnownCase], settings: CasesSettings, seed: int) -> Split:
    """That of the settings, else of the table, else by the hashes of the images."""
    stated = {name: each.case.split for name, each in known.items()}
    if settings.split is not None:
        split = Split.read(settings.split, sorted(known))
    elif not settings.folds and Subset.VALIDATION in stated.values():
        split = Split.stated(stated)
    else:
        hashes = {name: each.image_sha256 for name, each in known.items()}
        split = Split.by_hash(hashes, settings.validation, settings.folds, settings.fold)
    return split.with_share(settings.share, seed) if settings.share < 1 else split
