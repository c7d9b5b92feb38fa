"""Tables of texts that were written elsewhere."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from ...volumes import Plane
from ..errors import CaptionError
from ..plane_names import plane_of_name

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_JSON_LINES = (".jsonl", ".ndjson")
_CORRECT = "correct the table or the mapping"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ColumnMapping:
    """Which column (CSV) or key (JSON Lines) of a table holds what.

    volume holds the name or the hash of the volume; None if all rows are about the only volume there is.
    A slice is told by index, counted from first_index as the array does, or by position_mm along the
    normal of the plane (RAS): exactly one of the two columns is given. plane holds a word such as
    axial, transverse or cor; fixed_plane replaces it where all rows are of one plane.

    Raises ValueError unless the slice and its plane are told in exactly one way.
    """

    text: str = "text"
    volume: str | None = "volume"
    plane: str | None = "plane"
    fixed_plane: Plane | None = None
    index: str | None = "index"
    position_mm: str | None = None
    first_index: int = 0

    def __post_init__(self) -> None:
        if (self.index is None) == (self.position_mm is None):
            raise ValueError("a slice is told by its index or by its position: give one of the two columns")
        if (self.plane is None) == (self.fixed_plane is None):
            raise ValueError("the plane is in a column or the same for all: give one of the two")


@dataclass(frozen=True)
class ImportedText:
    """One row: a text and the slice it is about, told by index (from 0) or by position in mm."""

    line: int
    volume: str | None
    plane: Plane
    index: int | None
    position_mm: float | None
    text: str


def read_texts(path: Path, mapping: ColumnMapping) -> Iterator[ImportedText]:
    """The rows of a table: CSV (.csv), TSV (.tsv) or JSON Lines (.jsonl, .ndjson), in UTF-8.

    Raises CaptionError, with the number of the line, for a row that cannot be understood.
    """
    suffix = path.suffix.lower()
    if suffix not in (*_DELIMITERS, *_JSON_LINES):
        raise CaptionError(f"has the unknown ending '{suffix}'", path, "choose .csv, .tsv or .jsonl")
    line = 0
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            rows = _json_rows(stream) if suffix in _JSON_LINES else _csv_rows(stream, _DELIMITERS[suffix])
            for line, row in rows:
                yield _text_of(row, line, mapping)
    except _RowError as error:
        raise CaptionError(f"line {error.line}: {error}", path, _CORRECT) from error
    except ValueError as error:
        raise CaptionError(f"line {line}: {error}", path, _CORRECT) from error
    except OSError as error:
        raise CaptionError(f"cannot be read ({error.strerror})", path, "choose a table of texts") from error


class _RowError(Exception):
    """A line that is no row."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def _csv_rows(stream: TextIO, delimiter: str) -> Iterator[tuple[int, Row]]:
    reader = csv.DictReader(stream, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield reader.reader.line_num, row
    except (csv.Error, UnicodeDecodeError) as error:
        raise _RowError(reader.reader.line_num, str(error)) from error


def _json_rows(stream: TextIO) -> Iterator[tuple[int, Row]]:
    for line, text in enumerate(stream, start=1):
        try:
            row = json.loads(text)
        except RecursionError as error:
            raise _RowError(line, "the brackets are nested too deeply") from error
        except ValueError as error:
            raise _RowError(line, str(error)) from error
        if not isinstance(row, dict):
            raise _RowError(line, "is not a JSON object")
        yield line, row


def _text_of(row: Row, line: int, mapping: ColumnMapping) -> ImportedText:
    text = _entry(row, mapping.text)
    if not isinstance(text, str):
        raise ValueError(f"'{mapping.text}' is not a text")
    plane = mapping.fixed_plane or plane_of_name(str(_entry(row, str(mapping.plane))))
    if plane is None:
        raise ValueError(f"'{_entry(row, str(mapping.plane))}' is not a plane")
    volume = None if mapping.volume is None else str(_entry(row, mapping.volume))
    index = None if mapping.index is None else int(str(_entry(row, mapping.index))) - mapping.first_index
    position = None if mapping.position_mm is None else float(str(_entry(row, mapping.position_mm)))
    if position is not None and not math.isfinite(position):
        raise ValueError(f"the position {position} is nowhere")
    return ImportedText(line, volume, plane, index, position, text)


def _entry(row: Row, column: str) -> Any:
    if row.get(column) is None:
        raise ValueError(f"there is no '{column}' among {', '.join(str(key) for key in row)}")
    return row[column]
