"""Writing a set to pretrain with: a list of volumes, synthetic heads, and a captions file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.captions import Caption
from Med3DInsightLib.captions.backends import LabelsBackend
from Med3DInsightLib.captions.files import CaptionsFile
from Med3DInsightLib.captions.label_maps.label_names import read_label_names
from Med3DInsightLib.captions.quality import CaptionJudge, captions_of
from Med3DInsightLib.captions.slices import CaptionSubject, uniform_slices
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.storage import write_whole
from Med3DInsightLib.volumes import ANATOMICAL_PLANES, LabelLayer, Volume, read_volume

from .drawn_heads import DrawnHeads
from .settings import CaptionedSetSettings, RealVolume


class CaptionedSet:
    """Describes real volumes and synthetic heads by their label maps.

        CaptionedSet(settings, Path("../shared/data"), Path("training/configs"), print).write(Path("runs/small-set"))

    OUTPUT/volumes.txt lists the volumes with their modality, OUTPUT/captions.jsonl describes slices of them, and
    OUTPUT/heads has the synthetic images. Real volumes stay where they are. Started again it goes on:
    what is described is not described again.
    """

    def __init__(
        self, settings: CaptionedSetSettings, volumes: Path, configs: Path, report: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._volumes = volumes
        self._configs = configs
        self._report = report

    def write(self, output: Path) -> None:
        """Write the set; raises UserError if something cannot be read or written."""
        try:
            self._write(output)
        except OSError as error:
            raise UserError(
                f"cannot be written ({error.strerror})", error.filename or output, "free some space"
            ) from error

    def _write(self, output: Path) -> None:
        output.mkdir(parents=True, exist_ok=True)
        lines = ["# path, modality; licences are in the settings of the set"]
        with CaptionsFile.open(output / "captions.jsonl") as captions:
            for path, subject in self._subjects(output):
                lines.append(f"{path.resolve()}\t{subject.volume.modality}")
                count = self._describe(subject, captions)
                self._report(f"{subject.volume_id}: {count} captions")
        write_whole(output / "volumes.txt", "\n".join(lines).encode() + b"\n")

    def _describe(self, subject: CaptionSubject, captions: CaptionsFile) -> int:
        places = [
            place
            for plane in ANATOMICAL_PLANES
            for place in uniform_slices(subject.volume.grid, plane, self._settings.slices_per_plane)
        ]
        slices = [each for each in subject.slices(places) if each.structures()]
        written = 0
        for wording in range(self._settings.wordings):
            backend = LabelsBackend(self._settings.seed + wording, self._settings.detailed)
            waiting = [each for each in slices if each.key(backend.source) not in captions.keys]
            made = [one for one in captions_of(backend, waiting, CaptionJudge()) if isinstance(one, Caption)]
            captions.append(made)
            written += len(made)
        return written

    def _subjects(self, output: Path) -> Iterator[tuple[Path, CaptionSubject]]:
        for each in self._settings.real:
            path = self._volumes / each.volume
            volume = read_volume(path, each.modality)
            yield path, CaptionSubject(str(each.volume), volume, [self._labels_of(each, volume)])
        if self._settings.heads is not None:
            heads = DrawnHeads(self._settings.heads, self._volumes, self._configs, self._settings.seed)
            yield from heads.subjects(output / "heads")

    def _labels_of(self, each: RealVolume, volume: Volume) -> LabelLayer:
        if each.labels is not None and each.names is not None:
            return LabelLayer(read_volume(self._volumes / each.labels), read_label_names(self._configs / each.names))
        session = Session.open(InstalledModels().find(each.model))
        names = {segment.label_value: segment.name for segment in session.card.segments}
        return LabelLayer(session.segment(volume).labels, names)
