"""Slices of a volume with their captions on one picture.

    python training/contact_sheet.py ct.nii.gz --output sheet.png --modality CT
    python training/contact_sheet.py ct.nii.gz --output sheet.png --labels seg.nii.gz --names names.json
    python training/contact_sheet.py ct.nii.gz --output sheet.png --captions captions.jsonl

To be looked at before captions are trusted: whether slices have the right orientation (R is the patient's
right) and window, and whether texts fit them. Flags and score are told below each text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import tyro

from Med3DInsightLib.captions import Caption
from Med3DInsightLib.captions.backends import LabelsBackend
from Med3DInsightLib.captions.files import read_captions
from Med3DInsightLib.captions.label_maps.label_names import read_label_names
from Med3DInsightLib.captions.pictures import RenderSettings, SliceRenderer
from Med3DInsightLib.captions.pictures.contact_sheet import SheetEntry, draw_contact_sheet
from Med3DInsightLib.captions.quality import CaptionJudge
from Med3DInsightLib.captions.slices import CaptionSubject, SubjectSlice, uniform_slices
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.storage import whole_file
from Med3DInsightLib.volumes import ANATOMICAL_PLANES, LabelLayer, Modality, read_volume, slice_of
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import parsed_command


@dataclass(frozen=True)
class ContactSheet:
    """Draw slices of a volume with their captions on one picture, to be looked at."""

    volume: tyro.conf.Positional[Path]
    """A NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."""

    output: Path
    """The picture to write (.png)."""

    captions: Path | None = None
    """Captions file; slices that it describes are drawn."""

    labels: Path | None = None
    """Label map; without a captions file, slices are described from it."""

    names: Path | None = None
    """Names of the label map's values: JSON, or lines that begin with a value and a name."""

    modality: Modality | None = None
    """How the volume was made; without it, what the file says."""

    slices: int = 4
    """How many slices of each plane are drawn, evenly spread."""

    overwrite: bool = False
    """Replace the picture if it is there."""

    def run(self) -> None:
        """Write the sheet; raises UserError if something cannot be read or the picture exists."""
        if self.output.exists() and not self.overwrite:
            raise UserError("already exists", self.output, "choose another file, or allow overwriting (--overwrite)")
        subject = self._subject()
        entries = list(self._from_file(self.captions, subject) if self.captions else self._from_labels(subject))
        if not entries:
            raise UserError("has no captions of this volume", self.captions, "choose the captions of this volume")
        title = f"{subject.volume_id}: {subject.volume.modality}, {subject.volume.grid.axis_codes}"
        with whole_file(self.output) as unfinished:
            draw_contact_sheet(entries, title, columns=self.slices).save(unfinished, format="PNG")
        print(f"wrote {self.output}: {len(entries)} slices")

    def _subject(self) -> CaptionSubject:
        layers = []
        if self.labels is not None:
            if self.names is None:
                raise UserError("the names of its values are missing", self.labels, "give them (--names)")
            layers = [LabelLayer(read_volume(self.labels), read_label_names(self.names))]
        return CaptionSubject(self.volume.name, read_volume(self.volume, self.modality), layers)

    def _from_labels(self, subject: CaptionSubject) -> Iterator[SheetEntry]:
        grid = subject.volume.grid
        places = [place for plane in ANATOMICAL_PLANES for place in uniform_slices(grid, plane, self.slices)]
        slices = list(subject.slices(places))
        if not subject.has_labels:
            yield from (SheetEntry(each.picture(), "") for each in slices)
            return
        backend, judge = LabelsBackend(), CaptionJudge()
        for description in backend.describe(slices):
            yield _entry(description.of, judge.caption_of(description, backend.source))

    def _from_file(self, captions: Path, subject: CaptionSubject) -> Iterator[SheetEntry]:
        mine = [each for each in read_captions(captions) if each.volume_hash == subject.volume_hash]
        for plane in ANATOMICAL_PLANES:
            of_plane = sorted((each for each in mine if each.plane == plane), key=lambda each: each.index)
            for caption in islice(of_plane, 0, None, max(1, len(of_plane) // self.slices)):
                yield _entry(SubjectSlice(subject, slice_of(subject.volume.grid, plane, caption.index)), caption)


def _entry(each: SubjectSlice, caption: Caption) -> SheetEntry:
    renderer = SliceRenderer(each.subject.volume, RenderSettings(window=caption.window))
    picture = renderer.picture(each.place) if caption.window else each.picture()
    flags = f"  flags: {', '.join(caption.flags)}" if caption.flags else ""
    return SheetEntry(picture, caption.text, f"{caption.backend} {caption.model}, score {caption.score:g}{flags}")


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    config = (tyro.conf.EnumChoicesFromValues,)
    command = parsed_command(ContactSheet, arguments, config=config, description=__doc__)
    with one_line_end():
        command.run()


if __name__ == "__main__":
    main(sys.argv[1:])
