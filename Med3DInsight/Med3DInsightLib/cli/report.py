"""med3dinsight report: everything about a volume on one page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import tyro

from ..analysis.computing.device import Device
from ..analysis.computing.progress import ProgressCallback
from ..bundles import Bundle
from ..captions import volume_hash
from ..captions.reviewing import ReviewedCaption, read_reviewed
from ..catalog.installed import InstalledModels
from ..errors import UserError
from ..export.report import REPORT_FILES, ReportContent, write_report_files
from ..storage import staged_files
from ..volumes import ANATOMICAL_PLANES, Modality, Plane, SlicePlace, Volume, slice_of
from ..volumes.errors import errors_naming
from ..volumes.files.reading import read_fingerprinted
from .insight_source import LocalInsight, SharedInsight
from .interruption import Interruption
from .report_parts import ReportParts, places_to_attend
from .tables import print_files
from .terminal import progress_bar

_SEGMENTS, _CLASSIFIES, _ENCODES = "segments", "classifies", "encodes"


@dataclass(frozen=True)
class ReportCommand:
    """Write everything about a volume on one page: pictures, tables, captions, models and where it all comes from.

    OUTPUT gets report.html, which needs no other file and no network, and report.json with the same facts. Without
    a model, the page tells of the volume and its captions. Research software, not a diagnostic device.
    """

    input: Annotated[Path, tyro.conf.Positional]
    """NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Folder for the report; it is created if needed."""

    segment_model: str = ""
    """Name of a shipped model or folder of a bundle that segments."""

    classifier: str = ""
    """Folder of a bundle that classifies."""

    class_name: str = ""
    """The class that is explained; without it, the most probable one."""

    encoder: str = ""
    """Folder of a bundle with PSAT, for attention and phrases."""

    phrases: tuple[str, ...] = ()
    """What is looked for with --encoder, such as "the left kidney"."""

    text_tower: str = ""
    """Folder with the teacher's text tower, for phrases that are not in the vocabulary."""

    slices: tuple[str, ...] = ()
    """Slices whose attention is shown, such as axial:80; else those that phrases fit best, or the middle ones."""

    captions: Path | None = None
    """Captions of the volume: a captions file (.jsonl), or a table that was exported (.csv), which tells what was
    accepted."""

    modality: Modality | None = None
    """Say how the image was made if the file does not; models may treat CT and MR differently."""

    device: Device = Device.AUTO
    """Where to compute; auto takes a GPU if there is one."""

    worker: bool = False
    """Let the shared worker compute (see "med3dinsight serve"), which saves loading libraries and model."""

    overwrite: bool = False
    """Replace a report that is already in the output folder."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        self._refuse_what_lacks_a_model()
        models = self._models()
        volume, fingerprint = read_fingerprinted(self.input, self.modality)
        with staged_files(self.output, REPORT_FILES, self.overwrite) as staging, errors_naming(self.input):
            places = [_slice_named(name, volume) for name in self.slices]
            content = ReportContent(
                volume,
                fingerprint.file,
                datetime.now(UTC),
                fingerprint,
                cards=tuple(bundle.card for bundle in models.values()),
                captions=self._captions_of(volume),
            )
            with progress_bar() as show:
                content = self._with_results(content, models, places, show, interruption)
            write_report_files(staging, content, cancel=interruption)
        print_files(self.output, REPORT_FILES)

    def _with_results(
        self,
        content: ReportContent,
        models: dict[str, Bundle],
        places: list[SlicePlace],
        show: ProgressCallback,
        interruption: Interruption,
    ) -> ReportContent:
        source = SharedInsight() if self.worker else LocalInsight()
        count = len(models) + len(self.phrases)
        parts = ReportParts(source, content.volume, self.device, show, interruption, count)
        if _SEGMENTS in models:
            content = replace(content, segmentations=(parts.segmentation(models[_SEGMENTS]),))
        if _CLASSIFIES in models:
            classes, grad_cam = parts.classes(models[_CLASSIFIES], self.class_name)
            content = replace(content, classes=(classes,), maps=(grad_cam,))
        if _ENCODES in models:
            encoder = models[_ENCODES]
            # The shared worker has another current folder, so folders are named in full.
            tower = str(Path(self.text_tower).resolve()) if self.text_tower else ""
            found = tuple(parts.found(encoder, phrase, tower) for phrase in self.phrases)
            attention = parts.attention(encoder, places or places_to_attend(content.volume, found))
            content = replace(content, found=found, maps=(*content.maps, *attention))
        return content

    def _models(self) -> dict[str, Bundle]:
        """The bundles that are asked, by what they do; raises BundleError before anything is computed."""
        names = {_SEGMENTS: self.segment_model, _CLASSIFIES: self.classifier, _ENCODES: self.encoder}
        return {task: InstalledModels().find(name) for task, name in names.items() if name}

    def _captions_of(self, volume: Volume) -> tuple[ReviewedCaption, ...]:
        return () if self.captions is None else tuple(read_reviewed(self.captions, volume_hash(volume)))

    def _refuse_what_lacks_a_model(self) -> None:
        for given, option, needed in (
            (self.phrases, "--phrases", "--encoder"),
            (self.slices, "--slices", "--encoder"),
            (self.text_tower, "--text-tower", "--encoder"),
            (self.class_name, "--class-name", "--classifier"),
        ):
            if given and not (self.encoder if needed == "--encoder" else self.classifier):
                raise UserError(f"{option} needs {needed}", next_step=f"name a bundle with {needed}")


def _slice_named(name: str, volume: Volume) -> SlicePlace:
    """The slice of a name such as axial:80; raises UserError for another name or a slice that is not there."""
    plane, _, index = name.partition(":")
    if plane not in tuple(ANATOMICAL_PLANES) or not index.isdecimal():
        raise UserError(f"--slices has '{name}'", next_step="name a plane and an index from 0, such as axial:80")
    return slice_of(volume.grid, Plane(plane), int(index))
