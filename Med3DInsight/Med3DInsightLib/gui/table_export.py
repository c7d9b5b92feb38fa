"""Tables of the panel as files."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ..errors import UserError
from ..mrml.table_nodes import write_csv
from .figure_columns import show_figures

_ROW_MARGIN = 8
"""Pixels above and below the text of a row, together."""


def export_table(table_node: Any) -> str:
    """Ask where, write the table as CSV there, and return what to tell the user; nothing if they changed their mind."""
    path = qt.QFileDialog.getSaveFileName(
        slicer.util.mainWindow(), _("Export table"), f"{table_node.GetName()}.csv", "CSV (*.csv)"
    )
    if not path:
        return ""
    try:
        write_csv(table_node, path)
    except UserError as error:
        return str(error)
    told: str = _("The table was written to {path}.").format(path=path)
    return told


def show_table(table_view: Any, table_node: Any) -> None:
    """Show a table node, or nothing; what was measured cannot be typed over, as it could in Slicer's own view."""
    forbid_editing(table_view)
    table_view.setMRMLTableNode(table_node)
    if table_node is not None:
        fit_columns(table_view, table_node)


def forbid_editing(table_view: Any) -> None:
    """Let a double click change nothing."""
    table_view.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)


def fit_columns(table_view: Any, table_node: Any) -> None:
    """Share the width of a panel: names as wide as they are, figures below headings of several lines, none cut.

    Where the panel is too narrow for that, the table is scrolled.
    """
    widths = show_figures(table_view, table_node)
    header = table_view.horizontalHeader()
    header.setMinimumHeight(2 * header.fontMetrics().height() + 6)
    header.setDefaultAlignment(qt.Qt.AlignCenter | qt.Qt.TextWordWrap)
    header.setMinimumSectionSize(min(widths.values(), default=0))
    header.setSectionResizeMode(qt.QHeaderView.ResizeToContents)
    for column, width in widths.items():
        header.setSectionResizeMode(column, qt.QHeaderView.Interactive)
        table_view.setColumnWidth(column, width)
    header.setStretchLastSection(True)
    set_low_rows(table_view)


def set_low_rows(table_view: Any) -> None:
    """Rows without numbers and as low as their text, below a header that does not change with what is chosen."""
    table_view.verticalHeader().setVisible(False)
    table_view.verticalHeader().setDefaultSectionSize(table_view.fontMetrics().height() + _ROW_MARGIN)
    table_view.horizontalHeader().setHighlightSections(False)
