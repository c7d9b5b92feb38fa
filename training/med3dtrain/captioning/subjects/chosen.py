"""The slices of a volume that are described."""

from __future__ import annotations

from collections.abc import Iterator

from Med3DInsightLib.captions.slices import CaptionSubject, body_slices, foreground_slices, structure_slices
from Med3DInsightLib.volumes import Plane, SlicePlace, slices_of

from ..options.groups import Choice, SliceOptions


class ChosenSlices:
    """Chooses slices as the options say; the same volume and options give the same slices.

    chosen = ChosenSlices(options, Choice.UNIFORM)
    chosen.of(subject)
    """

    def __init__(self, options: SliceOptions, choice: Choice) -> None:
        self._options = options
        self._choice = choice

    def of(self, subject: CaptionSubject) -> list[SlicePlace]:
        """The slices, plane by plane; raises CaptionError if they need a label map and there is none."""
        counts = {
            Plane.AXIAL: self._options.axial,
            Plane.CORONAL: self._options.coronal,
            Plane.SAGITTAL: self._options.sagittal,
        }
        return [place for plane, count in counts.items() if count for place in self._of(subject, plane, count)]

    def _of(self, subject: CaptionSubject, plane: Plane, count: int) -> Iterator[SlicePlace]:
        match self._choice:
            case Choice.ALL:
                yield from slices_of(subject.volume.grid, plane)
            case Choice.UNIFORM:
                yield from body_slices(subject.body_by_slice, plane, count, self._options.least_body)
            case Choice.FOREGROUND:
                yield from foreground_slices(subject.volume, plane, count, self._options.seed)
            case Choice.STRUCTURES:
                yield from structure_slices(subject.labelled, plane, count)
