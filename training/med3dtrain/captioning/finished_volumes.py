"""Which volumes need not be read again when a job goes on."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from Med3DInsightLib.captions import CaptionKey, CaptionSource
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Plane, SlicePlace
from Med3DInsightLib.volumes.files.source_files import Fingerprint

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Finished:
    """A line of the file."""

    work: str
    volume_hash: str
    slices: tuple[tuple[Plane, int], ...]


_LINE = TypeAdapter(_Finished)


class FinishedVolumes:
    """Remembers, beside a captions file, the slices of volumes of which every one is described.

        finished = FinishedVolumes(captions_path, source)
        work = finished.work_of(fingerprints, "uniform 8 8 8")
        finished.slices_of(work, captions.keys)         # how many, None if the volume must be read
        finished.add(work, volume_hash, places)

    Reading and hashing thousands of volumes to find that nothing is left of them would take hours. work
    names the content of the files and everything that the choice of slices depends on; the captions file
    alone decides what is described. A file that is lost or damaged costs time only.
    """

    def __init__(self, captions: Path, source: CaptionSource) -> None:
        self._path = captions.with_name(f".{captions.name}.volumes")
        self._source = source
        self._lines = {line.work: line for line in _read(self._path)}

    def work_of(self, files: Iterable[Fingerprint | None], choice: str) -> str:
        """A name for describing volumes with this content in this way."""
        told = [[asdict(file) for file in files if file is not None], choice, asdict(self._source)]
        return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()

    def slices_of(self, work: str, described: set[CaptionKey]) -> int | None:
        """How many slices were chosen, if all of them are described; None otherwise."""
        line = self._lines.get(work)
        if line is None:
            return None
        keys = (CaptionKey(line.volume_hash, plane, index, self._source) for plane, index in line.slices)
        return len(line.slices) if all(key in described for key in keys) else None

    def add(self, work: str, volume_hash: str, places: Sequence[SlicePlace]) -> None:
        """Remember a volume; raises UserError if the disk is full."""
        line = _Finished(work, volume_hash, tuple((place.plane, place.index) for place in places))
        self._lines[work] = line
        try:
            with open(self._path, "ab") as stream:
                # The line feed in front ends a line that a kill has cut.
                stream.write(b"\n" + _LINE.dump_json(line))
        except OSError as error:
            raise UserError(f"cannot be written ({error.strerror})", self._path, "free some space") from error


def _read(path: Path) -> list[_Finished]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:  # none was finished, or all are looked at again
        return []
    found = []
    for line in filter(None, lines):
        try:
            found.append(_LINE.validate_json(line))
        except ValidationError:
            _LOG.info("%s: skipped a line that a kill has cut", path)
    return found
