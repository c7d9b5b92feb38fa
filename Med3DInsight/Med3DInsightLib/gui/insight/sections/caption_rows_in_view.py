"""The table of captions on the screen: its columns, and the row that is chosen."""

from __future__ import annotations

from typing import Any

import qt

from ....mrml.insight import caption_rows
from ...figure_columns import show_figures
from ...table_export import set_low_rows

_HIDDEN = ("key",)
_TEXT_WIDTH = 190


def arrange(view: Any, table: Any) -> None:
    """Columns as wide as they need, but for the text, of which the whole is below; the user edits it there."""
    show_figures(view, table)
    header = view.horizontalHeader()
    header.setSectionResizeMode(qt.QHeaderView.ResizeToContents)
    text = table.GetColumnIndex(caption_rows.TEXT)
    header.setSectionResizeMode(text, qt.QHeaderView.Interactive)
    view.setColumnWidth(text, _TEXT_WIDTH)
    set_low_rows(view)
    view.setWordWrap(False)
    view.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
    view.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
    for name in _HIDDEN:
        view.setColumnHidden(table.GetColumnIndex(name), True)


def chosen_row(view: Any, table: Any) -> int | None:
    """The row of the table node that is chosen in the view, which may be sorted; None if there is none."""
    index = view.currentIndex()
    if table is None or not index.isValid():
        return None
    keys = table.GetTable().GetColumnByName(caption_rows.KEY)
    column = table.GetColumnIndex(caption_rows.KEY)
    key = str(index.sibling(index.row(), column).data())
    rows = range(table.GetNumberOfRows())
    return next((row for row in rows if keys is not None and keys.GetValue(row) == key), None)
