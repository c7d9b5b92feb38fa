"""Captions of a volume as a table node, one row a slice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...captions.errors import CaptionError
from ...captions.reviewing import ReviewedCaption
from ...errors import UserError
from ..node_errors import named
from ..scene_step import one_step
from ..translation import tr as _
from . import caption_rows as rows
from .records import forget, records_of
from .result_nodes import add_below, as_before_on_failure, prepared_node, scene_of

ROLE = "captions"


class RowError(CaptionError):
    """A row of a table of captions, counted from 0, that is not a caption."""

    def __init__(self, node: Any, row: int, error: UserError) -> None:
        cause = _("row {number}: {cause}").format(number=row + 1, cause=error.cause)
        super().__init__(cause, named(node), error.next_step)
        self.row = row


BrokenRow = Callable[[RowError], object]
"""What is told of a row that is not a caption, such as the append method of a list."""


def captions_table(volume_node: Any, reviewed: Sequence[ReviewedCaption], name: str = "") -> Any:
    """Show captions of a volume in its table of captions, which is made if the volume has none.

    Rows that were there are replaced. The node is listed below the volume, and it is one step of undo,
    complete or not at all. Everything of a caption is kept, also what has no column.

    Raises CaptionError if two captions are of the same slice and source, VolumeError if the volume has left
    the scene.
    """
    keys = [rows.row_key(each.own.key) for each in reviewed]
    if len(set(keys)) < len(keys):
        twice = next(each.own for each, key in zip(reviewed, keys, strict=True) if keys.count(key) > 1)
        told = _("the {plane} slice {index} is described twice by '{source}'")
        raise CaptionError(told.format(plane=twice.plane, index=twice.index, source=twice.backend))
    scene = scene_of(volume_node)
    of_volume = _("{volume} captions").format(volume=volume_node.GetName())
    node = prepared_node(volume_node, "vtkMRMLTableNode", ROLE, name or of_volume)
    with one_step(scene), as_before_on_failure(node):
        modifying = node.StartModify()
        try:
            for stale in records_of(node, rows.GROUP):
                forget(node, stale)
            for each in reviewed:
                rows.keep_record(node, each)
            node.SetAndObserveTable(rows.table_of(reviewed))
        finally:
            node.EndModify(modifying)
        add_below(volume_node, node)
    return node


def captions_of_table(node: Any, broken: BrokenRow | None = None) -> list[ReviewedCaption]:
    """The captions of a table node in the order of its rows, with what the user changed in the cells.

    A text that differs from the one that was shown is an edit by the user; accepted is what the box says.
    Other cells are only shown. Rows may have been sorted or removed.

    Raises CaptionError, naming the node and the row (from 1), for a row that is not a caption, or tells broken
    of it and goes on.
    """
    return [each for _row, each in read_rows(node, broken)]


def read_rows(node: Any, broken: BrokenRow | None = None) -> Iterator[tuple[int, ReviewedCaption]]:
    """The rows that are captions, with their number from 0; see captions_of_table."""
    table, seen = node.GetTable(), set[str]()
    columns = [table.GetColumnByName(name) for name in (rows.KEY, rows.TEXT, rows.ACCEPTED)]
    if None in columns:
        raise CaptionError(_("is not a table of captions"), named(node), _("choose another table"))
    keys, texts, accepted = columns
    for row in range(table.GetNumberOfRows()):
        try:
            key = keys.GetValue(row)
            if key in seen:
                raise CaptionError(_("it repeats another row"), next_step=_("remove it"))
            seen.add(key)
            yield row, rows.with_cells(rows.kept_record(node, key), texts.GetValue(row), bool(accepted.GetValue(row)))
        except UserError as error:
            told = RowError(node, row, error)
            if broken is None:
                raise told from error
            broken(told)
