"""Changes to the captions of a table node, by the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...captions.errors import CaptionError
from ...captions.reviewing import ReviewedCaption
from ..node_errors import named
from ..scene_step import enable_undo, one_step
from ..translation import tr as _
from . import caption_rows as rows
from .captions_table import BrokenRow, RowError, read_rows
from .result_nodes import as_before_on_failure


def edit_caption(node: Any, row: int, text: str) -> ReviewedCaption:
    """Replace the text of a row (from 0) by the user's; the model's own text is kept. One step of undo.

    Raises CaptionError for a text without words, and for a row that is not a caption.
    """
    edited = _row(node, row).edited(text)
    _write(node, {row: edited})
    return edited


def accept_captions(node: Any, row_numbers: list[int], accepted: bool = True) -> None:
    """Tick, or untick, the captions of rows (from 0). One step of undo; raises CaptionError as edit_caption does."""
    _write(node, {row: replace(_row(node, row), accepted=accepted) for row in row_numbers})


def add_caption(node: Any, reviewed: ReviewedCaption) -> int:
    """Add a caption, such as one that the user wrote, as the last row, and return the number of the row.

    One step of undo. Raises CaptionError if its source has described the slice already.
    """
    key, row = rows.row_key(reviewed.own.key), int(node.GetNumberOfRows())
    keys = node.GetTable().GetColumnByName(rows.KEY)
    if key in [keys.GetValue(n) for n in range(row)]:
        told = _("the {plane} slice {index} has a caption of this source already")
        cause = told.format(plane=reviewed.own.plane, index=reviewed.own.index)
        raise CaptionError(cause, named(node), _("edit that one"))
    _write(node, {row: reviewed})
    return row


def fold_in_cell_edits(node: Any, broken: BrokenRow | None = None) -> int:
    """Bring records and cells together after the user typed into the table itself; how many rows have changed.

    Call it before the scene is saved, at the latest when typing has ended: Slicer's table files garble a cell
    with quotes or #, which this replaces by what looks alike. It is no step of undo, since the edit was none.
    """
    changed = {row: each for row, each in read_rows(node, broken) if _is_stale(node, row, each)}
    with as_before_on_failure(node):
        _show(node, changed)
    return len(changed)


def _row(node: Any, row: int) -> ReviewedCaption:
    errors: list[RowError] = []
    found = dict(read_rows(node, errors.append))
    if row in found:
        return found[row]
    at_fault = [error for error in errors if error.row == row]
    raise at_fault[0] if at_fault else CaptionError(_("has no row {number}").format(number=row + 1), named(node))


def _is_stale(node: Any, row: int, reviewed: ReviewedCaption) -> bool:
    before = rows.kept_record(node, rows.row_key(reviewed.own.key))
    return before.text != reviewed.text or not rows.shows(node.GetTable(), row, reviewed)


def _write(node: Any, changed: Mapping[int, ReviewedCaption]) -> None:
    scene = node.GetScene()
    enable_undo(scene, node)
    with one_step(scene), as_before_on_failure(node):
        _show(node, changed)


def _show(node: Any, changed: Mapping[int, ReviewedCaption]) -> None:
    table = node.GetTable()
    modifying = node.StartModify()
    try:
        for row, reviewed in changed.items():
            if row == table.GetNumberOfRows():
                table.InsertNextBlankRow()
            rows.keep_record(node, reviewed)
            rows.show_row(table, row, reviewed)
        table.Modified()
    finally:
        node.EndModify(modifying)
