"""Captions that were written elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable
from pathlib import Path

from ..volumes import Plane, SlicePlace
from .backend import Description, Undescribed
from .errors import CaptionError
from .imported_texts import ColumnMapping, ImportedText, read_texts
from .inert_text import InertText
from .record import CaptionSource
from .subject import SubjectSlice


class FileBackend:
    """Finds the text of a slice in a table, by the name or the hash of its volume.

        mapping = ColumnMapping(volume="scan", plane="view", index="slice", first_index=1, text="report")
        backend = FileBackend(Path("reports.csv"), mapping, model="HuatuoGPT-Vision-7B")
        captions = list(backend.describe(subject.slices(slices_of(volume.grid, Plane.AXIAL))))
        backend.unused_lines            # rows about slices that were not asked for

    A position finds the slice that is at most tolerance_mm away from it. model says who wrote the texts;
    without it the name of the file is told instead. A slice without a row is Undescribed.

    Raises CaptionError for a table that cannot be read, and for two rows about one slice.
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
        self._path = path
        self._tolerance_mm = tolerance_mm
        names = (model or path.name, model_revision, prompt)
        self._source = CaptionSource("file", *(InertText.of(name).text for name in names))
        self._rows: dict[tuple[str | None, Plane], list[ImportedText]] = defaultdict(list)
        for row in read_texts(path, mapping or ColumnMapping()):
            self._rows[row.volume, row.plane].append(row)
        self._unused = {row.line for rows in self._rows.values() for row in rows}

    @property
    def source(self) -> CaptionSource:
        """The file, with the model that was given."""
        return self._source

    @property
    def unused_lines(self) -> tuple[int, ...]:
        """The lines of the table about slices that nobody has asked for yet."""
        return tuple(sorted(self._unused))

    def describe(self, slices: Iterable[SubjectSlice]) -> Generator[Description | Undescribed, None, None]:
        """One result for each, in their order."""
        for each in slices:
            rows = self._rows_about(each)
            if len(rows) > 1:
                first, second = rows[:2]
                cause = f"lines {first.line} and {second.line} are about the same slice"
                raise CaptionError(cause, self._path, "leave one of them out")
            if rows:
                self._unused.discard(rows[0].line)
                yield Description(each, rows[0].text)
            else:
                yield Undescribed(each, f"{self._path.name} has no text for it")

    def _rows_about(self, each: SubjectSlice) -> list[ImportedText]:
        names = (None, each.subject.volume_id, each.subject.volume_hash)
        candidates = [row for name in names for row in self._rows.get((name, each.place.plane), ())]
        return [row for row in candidates if self._is_about(row, each.place)]

    def _is_about(self, row: ImportedText, place: SlicePlace) -> bool:
        if row.position_mm is not None:
            return abs(row.position_mm - place.offset_ras_mm) <= self._tolerance_mm
        return row.index == place.index
