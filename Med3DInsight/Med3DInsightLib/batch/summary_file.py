"""The table of a run as CSV (RFC 4180, UTF-8): complete at every moment, and read again by panels."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ..errors import UserError
from ..storage import OutputError, whole_file
from ..storage.spreadsheet_cells import cell_of, text_of_cell
from .summary import CaseRow, Status, Summary

_FIRST, _LAST = ["case"], ["status", "seconds", "error"]
_UNIT = " (ml)"


def write_summary(summary: Summary, path: Path) -> None:
    """Replace the table at path in one step: whoever looks finds the old one or the new one.

    A name that a spreadsheet would take for a formula has an apostrophe in front, which read_summary() takes back.

    Raises OutputError if that is not possible; the old one is then still there.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    columns = summary.columns()
    writer.writerow(map(cell_of, columns))
    writer.writerows(map(cell_of, row) for row in zip(*columns.values(), strict=True))
    try:
        with whole_file(path, alone=True) as unfinished:
            unfinished.write_text(stream.getvalue(), encoding="utf-8", newline="")
    except OSError as error:
        raise OutputError(
            f"cannot be written ({error.strerror})",
            path,
            "free some space, close the table in other programs, or choose another output folder",
        ) from error


def read_summary(path: Path) -> Summary | None:
    """The table at path, None if there is none. Raises UserError if it is some other table."""
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        _require(header[:1] == _FIRST and header[-len(_LAST) :] == _LAST)
        structures = tuple(text_of_cell(name).removesuffix(_UNIT) for name in header[1 : -len(_LAST)])
        return Summary(structures, tuple(_row_of(structures, cells) for cells in rows))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", path, "make it readable") from error
    except (ValueError, csv.Error) as error:
        raise UserError(
            "is not the table of a run", path, "choose another output folder, or allow replacing it (--overwrite)"
        ) from error


def _row_of(structures: tuple[str, ...], cells: list[str]) -> CaseRow:
    _require(len(cells) == len(_FIRST) + len(structures) + len(_LAST))
    case, *volumes, status, seconds, error = cells
    volumes_ml = {name: float(cell) for name, cell in zip(structures, volumes, strict=True) if cell}
    return CaseRow(text_of_cell(case), Status(status), volumes_ml, _figure(seconds), text_of_cell(error))


def _figure(cell: str) -> float | None:
    return float(cell) if cell else None


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError("the columns are not those of a summary")
