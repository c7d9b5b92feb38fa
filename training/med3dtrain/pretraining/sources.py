"""From the paths of a recipe to captioned volumes and targets, the work shared among processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from accelerate import Accelerator
from rich.progress import Progress, track

from Med3DInsightLib.bundles.vocabulary import Vocabulary
from Med3DInsightLib.volumes import Recipe, VolumeError

from ..datasets.bad_input import BadInput
from ..datasets.prepared_volume import PreparedVolume
from ..datasets.volume_list import list_volumes
from ..datasets.volume_store import VolumeStore
from .errors import PretrainingError
from .recipe import SourceSettings
from .samples.captioned import CaptionedVolume, captioned_volumes
from .targets.phrases import read_phrases
from .targets.target_filling import TargetFilling
from .targets.targets import Targets
from .targets.towers import Towers


class Sources:
    """What a run learns from.

        sources = Sources(settings, card.recipe, cache, accelerator, print)
        volumes = sources.volumes()
        targets = sources.targets(volumes, towers)
        vocabulary = sources.vocabulary(towers)         # in one process

    Every process prepares and embeds its share; then all see the same.
    """

    def __init__(
        self,
        settings: SourceSettings,
        recipe: Recipe,
        cache: Path,
        accelerator: Accelerator,
        report: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._store = VolumeStore(cache / "volumes", recipe)
        self._cache = cache
        self._accelerator = accelerator
        self._report = report

    def volumes(self) -> list[CaptionedVolume]:
        """All volumes that have captions; see BadInput for those that cannot be used.

        Raises UserError if none is left.
        """
        prepared = self._prepared()
        settings = self._settings
        # All processes read the captions, and one of them tells what is wrong with them.
        report = self._report if self._accelerator.is_main_process else _silent
        bad = BadInput(settings.on_bad_input, report)
        return captioned_volumes(settings.captions, prepared, settings.least_score, bad, report)

    def targets(self, volumes: Sequence[CaptionedVolume], towers: Towers) -> Targets:
        """The teacher's embeddings of all slices and captions, computed where they are not in the cache."""
        filling = self._filling(towers)
        mine = volumes[self._accelerator.process_index :: self._accelerator.num_processes]
        with Progress(disable=not self._accelerator.is_main_process, transient=True) as bar:
            slices = [one for each in mine for one in each.slices]
            texts = sum(len(one.texts) for one in slices) if towers.texts is not None else 0
            pictures = len(slices) if towers.pictures is not None else 0
            task = bar.add_task("embedding", total=texts + pictures)
            filling.fill(mine, lambda done: bar.update(task, completed=done))
        self._accelerator.wait_for_everyone()
        return filling.targets(volumes)

    def vocabulary(self, towers: Towers) -> Vocabulary | None:
        """The phrases of the recipe, if it has any, with the teacher's embeddings.

        Raises PretrainingError if there are no phrases in the file, or the teacher reads no texts.
        """
        path = self._settings.vocabulary
        if path is None:
            return None
        phrases = read_phrases(path)
        if towers.texts is None:
            raise PretrainingError(
                "a vocabulary needs a teacher of texts", path, "set alignment.text_weight above 0, or leave it out"
            )
        return Vocabulary(phrases, self._filling(towers).phrases(phrases).numpy())

    def _filling(self, towers: Towers) -> TargetFilling:
        return TargetFilling(towers, self._cache / "embeddings", self._settings.cached_only)

    def _prepared(self) -> list[PreparedVolume]:
        listed = list_volumes(self._settings.volumes, self._settings.modality)
        bad = BadInput(self._settings.on_bad_input, self._report)
        mine = listed[self._accelerator.process_index :: self._accelerator.num_processes]
        for each in track(mine, "preparing", disable=not self._accelerator.is_main_process, transient=True):
            try:
                self._store.get(each)
            except VolumeError as error:
                bad.meet(error)
        self._accelerator.wait_for_everyone()
        found = [self._store.find(each) for each in listed if each.path.exists()]
        prepared = [each for each in found if each is not None]
        if not prepared:
            raise PretrainingError("none of its volumes can be used", self._settings.volumes, "see the messages above")
        return prepared


def _silent(text: str) -> None:
    pass
