"""The slices that still need a caption, volume by volume."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from Med3DInsightLib.captions import CaptionKey, CaptionSource
from Med3DInsightLib.captions.slices import CaptionSubject, SubjectSlice
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import SlicePlace, VolumeError
from Med3DInsightLib.volumes.files.source_files import Fingerprint

from ..datasets.bad_input import BadInput
from ..datasets.volume_list import ListedVolume
from .finished_volumes import FinishedVolumes
from .reporting.pace import Pace
from .subjects.chosen import ChosenSlices
from .subjects.reading import Subjects

Fingerprints = Callable[[ListedVolume], Sequence[Fingerprint]]
"""The fingerprints of all files that describing a volume depends on; raises OSError or UserError."""


@dataclass
class _UnderWay:
    """A volume whose slices are with the backend: how many of them, and whether all got their caption so far."""

    work: str
    places: list[SlicePlace]
    waiting: int
    complete: bool = True


class WaitingSlices:
    """Gives out slices that have no caption of this source yet, and hears what became of them.

        waiting = WaitingSlices(volumes, subjects, chosen, ...)
        for each in waiting.slices(source, captions.keys): ...
        waiting.done(each, with_caption=True)

    A volume is read when its first slice is asked for, and not at all if it is finished.
    """

    def __init__(
        self,
        volumes: Sequence[ListedVolume],
        subjects: Subjects,
        chosen: ChosenSlices,
        fingerprints: Fingerprints,
        bad: BadInput,
        pace: Pace,
    ) -> None:
        self._volumes = volumes
        self._subjects = subjects
        self._chosen = chosen
        self._fingerprints = fingerprints
        self._bad = bad
        self._pace = pace
        self._under_way: dict[CaptionSubject, _UnderWay] = {}
        self.kept = 0
        """How many of the chosen slices have a caption of an earlier run, which stays as it is."""

    def slices(
        self, source: CaptionSource, described: set[CaptionKey], finished: FinishedVolumes, choice: str
    ) -> Iterator[SubjectSlice]:
        """The slices of one volume after the other; described may grow meanwhile.

        Raises UserError for a volume that cannot be used, unless such volumes are skipped.
        """
        earlier = frozenset(described)
        asked: set[CaptionKey] = set()  # a copy of a volume may be under way under another name
        self._finished = finished
        for listed in self._volumes:
            try:
                work = finished.work_of(self._files_of(listed), choice)
                count = finished.slices_of(work, described)
                if count is not None:
                    self._pace.begin_volume(count, count)
                    self.kept += count
                    continue
                subject = self._subjects.read(listed)
                places = self._chosen.of(subject)
            except UserError as error:
                self._pace.begin_volume(0, 0)
                self._bad.meet(error)
                continue
            self.kept += sum(each.key(source) in earlier for each in subject.slices(places))
            slices = [each for each in subject.slices(places) if _new(each.key(source), described, asked)]
            self._pace.begin_volume(len(places), len(places) - len(slices))
            self._under_way[subject] = _UnderWay(work, places, len(slices))
            if not slices:
                self._end(subject)
            yield from slices

    def done(self, each: SubjectSlice, with_caption: bool) -> None:
        """A slice has its caption in the file, or will get none."""
        self._pace.step()
        volume = self._under_way[each.subject]
        volume.waiting -= 1
        volume.complete &= with_caption
        if not volume.waiting:
            self._end(each.subject)

    def _end(self, subject: CaptionSubject) -> None:
        volume = self._under_way.pop(subject)
        if volume.complete:
            self._finished.add(volume.work, subject.volume_hash, volume.places)

    def _files_of(self, listed: ListedVolume) -> Sequence[Fingerprint]:
        try:
            return self._fingerprints(listed)
        except OSError as error:
            cause = f"cannot be read ({error.strerror or error})"
            raise VolumeError(cause, listed.path, "check the path, and that you are allowed to read it") from error


def _new(key: CaptionKey, described: set[CaptionKey], asked: set[CaptionKey]) -> bool:
    if key in described or key in asked:
        return False
    asked.add(key)
    return True
