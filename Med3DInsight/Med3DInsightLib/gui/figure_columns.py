"""Columns of figures in table views: one below the other, with as many decimals in each row, and none of them cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import qt

_MOST_DIGITS = 5
"""Of the largest figure of a column, before and behind the point; more would say nothing."""

_MARGIN = 10
"""Pixels left and right of a figure, together."""

_NOTHING = "–"


class FigureDelegate(qt.QStyledItemDelegate):  # type: ignore[misc]  # Qt has no types here
    """Writes the cells of a column with the same number of decimals; the model keeps all digits."""

    def __init__(self, parent: Any, decimals: int) -> None:
        qt.QStyledItemDelegate.__init__(self, parent)
        self.decimals = decimals

    def displayText(self, value: Any, locale: Any) -> str:
        """What is drawn for a cell; called by Qt."""
        return figure_text(str(value), self.decimals)


def decimals_of(values: Sequence[float]) -> int:
    """How many decimals a column needs: none that all figures lack, and no more than five digits of the largest."""
    known = [abs(value) for value in values if math.isfinite(value)]
    if not known:
        return 0
    whole = len(str(int(max(known))))
    needed = (len(f"{value:.{_MOST_DIGITS}f}".rstrip("0").partition(".")[2]) for value in known)
    return max(0, min(max(needed), _MOST_DIGITS - whole))


def figure_text(text: str, decimals: int) -> str:
    """The text of a cell with so many decimals; a dash for what is not known, and as it is if it is no figure."""
    try:
        value = float(text)
    except ValueError:
        return text
    return f"{value:.{decimals}f}" if math.isfinite(value) else _NOTHING


def show_figures(table_view: Any, table_node: Any) -> dict[int, int]:
    """Write the figures of a table node that a qMRMLTableView shows evenly, on the right of their columns.

    Returns the widths in pixels that the columns of figures need, by number; words of a heading may stand below each
    other. Repeat it when the node has other rows.
    """
    table, model = table_node.GetTable(), table_view.tableModel()
    metrics = table_view.fontMetrics()
    widths = {}
    for column in range(table.GetNumberOfColumns()):
        array = table.GetColumn(column)
        if array.IsA("vtkStringArray") or array.IsA("vtkBitArray"):
            table_view.setItemDelegateForColumn(column, None)
            continue
        values = [float(array.GetValue(row)) for row in range(array.GetNumberOfValues())]
        decimals = decimals_of(values)
        table_view.setItemDelegateForColumn(column, FigureDelegate(table_view, decimals))
        _align(model, column)
        texts = [figure_text(str(value), decimals) for value in values] + str(array.GetName()).split()
        widths[column] = max(map(metrics.horizontalAdvance, texts), default=0) + _MARGIN
    table_view.viewport().update()
    return widths


def _align(model: Any, column: int) -> None:
    """Silently, since the model would write into the node what it takes for typed."""
    blocked = model.blockSignals(True)
    for row in range(model.rowCount()):
        model.setData(model.index(row, column), int(qt.Qt.AlignRight | qt.Qt.AlignVCenter), qt.Qt.TextAlignmentRole)
    model.blockSignals(blocked)
