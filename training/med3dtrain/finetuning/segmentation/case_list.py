"""From the settings of a recipe to cases that were looked at, and their split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.progress import Progress

from Med3DInsightLib.bundles import Architecture, ModelCard
from Med3DInsightLib.volumes import Recipe, Segment

from ...datasets.bad_input import BadInput
from ...datasets.cases import list_cases
from ...datasets.inspection import Inspection, KnownCase, require_apart
from ...datasets.split import Split
from ...datasets.structures import segments_of, structure_names
from ...runs.finished_runs import FinishedRuns
from ..card import draft_card
from ..recipe import AboutSettings, CasesSettings

_TRAINING_FOLDERS = "Tr"


@dataclass(frozen=True)
class CaseList:
    """The structures of a data set, and its cases on both sides of the split."""

    segments: tuple[Segment, ...]
    training: tuple[KnownCase, ...]
    validation: tuple[KnownCase, ...]

    @property
    def split(self) -> Split:
        """The names of the cases on both sides."""
        return Split(*(tuple(each.case.name for each in side) for side in (self.training, self.validation)))

    @property
    def digest(self) -> str:
        """A text that differs if an image, a label map, a structure or the split does."""
        sides = [[(each.image_sha256, each.label_sha256) for each in side] for side in (self.training, self.validation)]
        told = [*map(sorted, sides), [segment.name for segment in self.segments]]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def card_of(self, about: AboutSettings, architecture: Architecture, recipe: Recipe) -> ModelCard:
        """The card of a network that learns from these cases, before it is measured."""
        learnt, measured = ([each.image_sha256 for each in side] for side in (self.training, self.validation))
        modalities = [each.found.modality.value for each in self.training]
        described = about.description or f"Segments {', '.join(segment.name for segment in self.segments)}."
        about = replace(about, description=described)
        return draft_card(about, architecture, recipe, modalities, learnt, measured, segments=self.segments)

    @classmethod
    def of(
        cls, source: Path, settings: CasesSettings, seed: int, inspected: Path, report: Callable[[str], None]
    ) -> CaseList:
        """Look at all cases of source, tell what is wrong with them, and split them.

        inspected is the file in which what was found is kept. Raises UserError for what is wrong, see Inspection.
        """
        # A folder in Decathlon layout may hold test images too; a table says by its own column what is for training.
        cases = list_cases(source, _TRAINING_FOLDERS if source.is_dir() else "")
        segments = list(settings.segments) or segments_of(structure_names(source, settings.structures, cases))
        bad = BadInput(settings.on_bad_input, report)
        inspection = Inspection(segments, settings.modality, FinishedRuns(inspected), bad, report)
        with Progress(transient=True) as bar:
            task = bar.add_task("looking at cases", total=len(cases))
            known = {
                each.case.name: each for each in inspection.run(cases, lambda done: bar.update(task, completed=done))
            }
        split = _split_of(known, settings, seed)
        training = tuple(known[name] for name in split.training)
        validation = tuple(known[name] for name in split.validation)
        if settings.test is not None:
            test = list_cases(settings.test)
            quiet = Inspection(segments, settings.modality, FinishedRuns(inspected), bad, lambda notice: None)
            require_apart([*training, *validation], quiet.run(test))
        return cls(tuple(segments), training, validation)


def _split_of(known: dict[str, KnownCase], settings: CasesSettings, seed: int) -> Split:
    if settings.split is not None:
        split = Split.read(settings.split, sorted(known))
    else:
        hashes = {name: each.image_sha256 for name, each in known.items()}
        split = Split.by_hash(hashes, settings.validation, settings.folds, settings.fold)
    return split.with_share(settings.share, seed) if settings.share < 1 else split
