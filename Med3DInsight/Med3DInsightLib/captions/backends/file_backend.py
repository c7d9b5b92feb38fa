"""Captions that were written elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable
from pathlib import Path

from ...volumes import Plane
from ...volumes.files.image_names import bare_name
from ...volumes.files.source_files import Fingerprint
from ..errors import CaptionError
from ..files.imported_texts import ColumnMapping, ImportedText, read_texts
from ..inert_text import InertText
from ..record import Caption, CaptionSource
from ..slices.subject import SubjectSlice
from .backend import Description, Undescribed


class FileBackend:
    """Finds the text of a slice in a table, by the name or the hash of its volume.

        mapping = ColumnMapping(volume="scan", plane="view", index="slice", first_index=1, text="report")
        backend = FileBackend(Path("reports.csv"), mapping, model="HuatuoGPT-Vision-7B")
        captions = list(backend.describe(subject.slices(slices_of(volume.grid, Plane.AXIAL))))
        backend.unused_lines            # rows about slices that were not asked for

    A position finds the slice that is at most tolerance_mm away from it. An ending such as .nii.gz counts only if
    both names of a volume have one. model says who wrote the texts; without it the name of the file is told instead.
    Without model_revision, captions remember a hash of the table: a table that was changed is another source. A slice
    without a row is Undescribed.

    Raises CaptionError for a table that cannot be read or is empty, and for two rows about one slice.
    """

    def __init__(
        self,
        path: Path,
        mapping: ColumnMapping | None = None,
        model: str = "",
        model_revision: str = "",
        prompt: str = "",
        tolerance_mm: float = 0.1,
    ) -> None:
        self.path = path
        self._tolerance_mm = tolerance_mm
        self._rows: dict[tuple[str | None, Plane], list[ImportedText]] = defaultdict(list)
        for row in read_texts(path, mapping or ColumnMapping()):
            self._rows[None if row.volume is None else bare_name(row.volume), row.plane].append(row)
        if not self._rows:
            raise CaptionError("has no rows", path, "choose a table of texts")
        self._unused = {row.line for rows in self._rows.values() for row in rows}
        names = (model or path.name, model_revision or f"sha256 {Fingerprint.of(path).sha256[:16]}", prompt)
        self._source = CaptionSource("file", *(InertText.of(name).text for name in names))

    @property
    def source(self) -> CaptionSource:
        """The file, with the model that was given."""
        return self._source

    @property
    def unused_lines(self) -> tuple[int, ...]:
        """The lines of the table about slices that nobody has asked for yet."""
        return tuple(sorted(self._unused))

    @property
    def fits_nothing(self) -> bool:
        """Whether no line is about a slice that somebody has asked for."""
        return len(self._unused) == sum(map(len, self._rows.values()))

    def remember(self, caption: Caption) -> None:
        """Count the line of a caption that an earlier run has written."""
        rows = self._rows_of(caption.volume_id, caption.volume_hash, caption.plane)
        self._unused -= {row.line for row in rows if self._is_about(row, caption.index, caption.position_mm)}

    def describe(self, slices: Iterable[SubjectSlice]) -> Generator[Description | Undescribed, None, None]:
        """One result for each, in their order."""
        for each in slices:
            rows = self._rows_of(each.subject.volume_id, each.subject.volume_hash, each.place.plane)
            rows = [row for row in rows if self._is_about(row, each.place.index, each.place.offset_ras_mm)]
            if len(rows) > 1:
                first, second = rows[:2]
                cause = f"lines {first.line} and {second.line} are about the same slice"
                raise CaptionError(cause, self.path, "leave one of them out")
            if rows:
                self._unused.discard(rows[0].line)
                yield Description(each, rows[0].text)
            else:
                yield Undescribed(each, f"{self.path.name} has no text for it")

    def _rows_of(self, volume_id: str, volume_hash: str, plane: Plane) -> list[ImportedText]:
        rows = [row for name in (None, volume_hash) for row in self._rows.get((name, plane), ())]
        named = self._rows.get((bare_name(volume_id), plane), ())
        return rows + [row for row in named if _is_same_volume(str(row.volume), volume_id)]

    def _is_about(self, row: ImportedText, index: int, position_mm: float) -> bool:
        if row.position_mm is not None:
            return abs(row.position_mm - position_mm) <= self._tolerance_mm
        return row.index == index


def _is_same_volume(first: str, second: str) -> bool:
    """Whether two names are equal but for an ending that only one of them has."""
    return first == second or bare_name(first) == second or first == bare_name(second)
