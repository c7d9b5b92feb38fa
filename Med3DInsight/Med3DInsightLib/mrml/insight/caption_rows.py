"""Captions as rows of a table node: what is seen, and the record behind each row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any

import vtk

from ...captions.errors import CaptionError
from ...captions.files.caption_lines import caption_of_line, line_of
from ...captions.inert_text import InertText
from ...captions.record import Caption, CaptionKey
from ...captions.reviewing import ReviewedCaption
from ..translation import tr as _
from .cells import cell_number, cell_text
from .records import record, set_record

TEXT, ACCEPTED, ORIGIN, KEY = "text", "accepted", "origin", "key"
GROUP = "Caption"
_REVISION_CHARACTERS = 12
_COLUMNS = {
    "plane": vtk.vtkStringArray,
    "index": vtk.vtkIntArray,
    "position (mm)": vtk.vtkDoubleArray,
    TEXT: vtk.vtkStringArray,
    ACCEPTED: vtk.vtkBitArray,  # Slicer's table view shows bits as boxes to tick
    ORIGIN: vtk.vtkStringArray,
    "score": vtk.vtkDoubleArray,
    "flags": vtk.vtkStringArray,
    "source": vtk.vtkStringArray,
    KEY: vtk.vtkStringArray,
}


def table_of(reviewed: Sequence[ReviewedCaption]) -> Any:
    """A vtkTable with one row for each."""
    table = vtk.vtkTable()
    for name, kind in _COLUMNS.items():
        array = kind()
        array.SetName(name)
        table.AddColumn(array)
    for each in reviewed:
        for number, cell in enumerate(_cells_of(each)):
            table.GetColumn(number).InsertNextValue(cell)
    return table


def row_key(key: CaptionKey) -> str:
    """What tells the row of a caption from others, 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(astuple(key)).encode()).hexdigest()[:16]


def show_row(table: Any, row: int, reviewed: ReviewedCaption) -> None:
    """Write the cells of a row of a vtkTable, in the columns that are there."""
    for name, cell in zip(_COLUMNS, _cells_of(reviewed), strict=True):
        if table.GetColumnByName(name) is not None:
            table.SetValueByName(row, name, vtk.vtkVariant(cell))


def shows(table: Any, row: int, reviewed: ReviewedCaption) -> bool:
    """Whether the cells of a row of a vtkTable, in the columns that are there, are those of the caption."""
    columns = (table.GetColumnByName(name) for name in _COLUMNS)
    cells = zip(columns, _cells_of(reviewed), strict=True)
    return all(column is None or column.GetValue(row) == cell for column, cell in cells)


def keep_record(node: Any, reviewed: ReviewedCaption) -> None:
    """Remember in a table node what the cells of a row cannot hold."""
    name = f"{GROUP}.{row_key(reviewed.own.key)}"
    set_record(node, name, {"own": line_of(reviewed.own).decode("ascii"), TEXT: reviewed.text})


def kept_record(node: Any, key: str) -> ReviewedCaption:
    """What keep_record() remembered; raises CaptionError if there is nothing or it is damaged."""
    kept = record(node, f"{GROUP}.{key}")
    if kept is None:
        step = _("remove the row; texts of your own are added in the panel")
        raise CaptionError(_("its key is unknown"), next_step=step)
    try:
        own: Caption = caption_of_line(kept["own"].encode())
        return ReviewedCaption(own, str(kept[TEXT]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        cause = _("its record is damaged ({error})").format(error=error)
        raise CaptionError(cause, next_step=_("remove the row")) from error


def with_cells(kept: ReviewedCaption, text: str, accepted: bool) -> ReviewedCaption:
    """The caption of a record, with what the user may have changed in the cells of its row."""
    if text != cell_text(kept.text) and InertText.of(text).text.strip():
        kept = kept.edited(text)
    return replace(kept, accepted=accepted)


def _cells_of(reviewed: ReviewedCaption) -> tuple[Any, ...]:
    own = reviewed.current
    source = f"{reviewed.own.backend}: {reviewed.own.model}" if reviewed.own.model else reviewed.own.backend
    if reviewed.own.model_revision:
        source = f"{source} ({reviewed.own.model_revision[:_REVISION_CHARACTERS]})"
    return (
        str(own.plane),
        own.index,
        cell_number(own.position_mm),
        cell_text(reviewed.text),
        int(reviewed.accepted),
        str(reviewed.origin),
        cell_number(own.score),
        " ".join(own.flags),
        cell_text(source),
        row_key(reviewed.own.key),
    )
