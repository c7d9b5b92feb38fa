"""Reading a table with one case a line."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import DatasetError

IMAGE, SPLIT = "image", "split"


@dataclass(frozen=True)
class TableRow:
    """A line of a table, numbered as editors number it, and its cells by column."""

    line: int
    cells: dict[str, str]


def read_case_table(table: Path, target: str, split: str = "") -> list[TableRow]:
    """The rows of a CSV with the columns image (each once), target, and perhaps split; both have an entry in every row.

    With split only its rows are given. Raises DatasetError for a table that is not so, or has no such row.
    """
    rows, columns = _read(table)
    missing = [column for column in (IMAGE, target, *([SPLIT] if split else [])) if column not in columns]
    if missing:
        raise DatasetError(f"has no column {', '.join(missing)}", table, f"name the columns image,{target},split")
    chosen = [row for row in rows if not split or row.cells[SPLIT] == split]
    if not chosen:
        known = ", ".join(sorted({str(row.cells.get(SPLIT)) for row in rows})) if split else "no rows"
        raise DatasetError(f"has no case with split '{split}' ({known})", table, "choose another split")
    for row in chosen:
        if not (row.cells[IMAGE] and row.cells[target]):
            raise DatasetError(f"line {row.line} lacks an image or a {target}", table, "complete it or remove it")
    require_once([row.cells[IMAGE] for row in chosen], table)
    return chosen


def require_once(names: Sequence[str], source: Path) -> None:
    """Raise DatasetError if a case comes twice."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(f"has the case '{twice[0]}' twice", source, "keep one of them")


def _read(table: Path) -> tuple[list[TableRow], list[str]]:
    try:
        with open(table, encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restval="")
            columns = list(reader.fieldnames or ())
            return [TableRow(reader.line_num, row) for row in reader if any(row.values())], columns
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"cannot be read as a table ({error})", table, "save it as CSV in UTF-8") from error
