"""Columns of names and figures as table nodes, and table nodes as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import vtk

from ..errors import UserError
from ..storage import whole_file
from ..storage.spreadsheet_cells import cell_of
from .hierarchy import place_beside
from .scene_step import enable_undo, new_node, one_step
from .translation import tr as _

Cell = str | float | None
"""A name, a figure, or nothing: an empty text, or NaN among figures."""


def table_from_columns(
    scene: Any, columns: Mapping[str, Sequence[Cell]], name: str, into: Any = None, beside: Any = None
) -> Any:
    """A vtkMRMLTableNode with a text column or a column of doubles for every entry, in order.

        table_from_columns(scene, {"structure": ["CSF"], "volume (ml)": [312.5]}, "volumes", beside=volume_node)

    The unit of a figure is part of the name of its column. It is one step of undo.

    Args:
        scene: the scene of the new node.
        columns: name of a column to its cells; all have the same number of cells.
        name: the name of a new node; a number is added if it is taken.
        into: a table node that the user chose; its columns are replaced. None makes a new node.
        beside: the node beside which a new node is listed.

    Raises ValueError if columns differ in length, and TypeError if one mixes texts and figures; the
    scene is then as it was.
    """
    if len({len(cells) for cells in columns.values()}) > 1:
        raise ValueError(f"the columns {list(columns)} differ in length")
    arrays = [_array_of(title, cells) for title, cells in columns.items()]
    table = vtk.vtkTable()
    for array in arrays:
        table.AddColumn(array)
    node = new_node(scene, "vtkMRMLTableNode", name) if into is None else into
    enable_undo(scene, node)
    with one_step(scene):
        node.SetAndObserveTable(table)
        if into is None:
            scene.AddNode(node)
            place_beside(node, beside)
    return node


def columns_from_table(node: Any) -> dict[str, list[Cell]]:
    """The columns of a table node by name: texts, and figures as float."""
    table = node.GetTable()
    return {table.GetColumnName(n): _cells_of(table.GetColumn(n)) for n in range(table.GetNumberOfColumns())}


def csv_text(node: Any) -> str:
    """A table node as CSV (RFC 4180, lines end in CRLF) with a line of column names.

    Figures keep all digits; NaN is an empty cell. A text that a spreadsheet would take for a formula has an apostrophe
    in front; see cell_of_text().
    """
    columns = columns_from_table(node)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(map(cell_of, columns))
    for row in zip(*columns.values(), strict=True):
        writer.writerow("" if isinstance(cell, float) and math.isnan(cell) else cell_of(cell) for cell in row)
    return stream.getvalue()


def write_csv(node: Any, path: str | Path) -> None:
    """Write a table node as CSV (UTF-8), complete or not at all; a file of that name is replaced."""
    path = Path(path)
    try:
        with whole_file(path) as unfinished:
            unfinished.write_text(csv_text(node), encoding="utf-8", newline="")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        told = _("cannot be written ({reason})").format(reason=reason)
        raise UserError(told, path, _("choose another folder")) from error


def _array_of(title: str, cells: Sequence[Cell]) -> Any:
    texts = any(isinstance(cell, str) for cell in cells)
    if texts and not all(isinstance(cell, str) or cell is None for cell in cells):
        raise TypeError(f"the column '{title}' mixes texts and figures")
    array = vtk.vtkStringArray() if texts else vtk.vtkDoubleArray()
    array.SetName(title)
    for cell in cells:
        empty = "" if texts else float("nan")
        array.InsertNextValue(empty if cell is None else cell)
    return array


def _cells_of(array: Any) -> list[Cell]:
    text = array.IsA("vtkStringArray")
    return [str(array.GetValue(n)) if text else float(array.GetValue(n)) for n in range(array.GetNumberOfValues())]
