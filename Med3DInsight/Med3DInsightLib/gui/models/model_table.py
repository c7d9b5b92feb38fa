"""The list of models as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import qt

from ...catalog.listing import ListedModel
from ..selectors import as_tool_tip
from .texts import row_of


class ModelTable:
    """Shows a model per row; names tell rows apart.

    table = ModelTable(ui.modelsTable)
    table.show(models, known.size_bytes)
    table.chosen                # the name of the chosen model, or ""
    """

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        widget.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)

    @property
    def chosen(self) -> str:
        """The name in the chosen row; "" if none is."""
        items = self._widget.selectedItems()
        return self._widget.item(items[0].row(), 0).text() if items else ""

    def show(self, models: Sequence[ListedModel], size_bytes: Callable[[ListedModel], int]) -> None:
        """Show these models, and keep the chosen one; nobody is told of it."""
        chosen = self.chosen
        blocked = self._widget.blockSignals(True)
        self._widget.clearSelection()
        self._widget.setRowCount(len(models))
        for row, model in enumerate(models):
            for column, text in enumerate(row_of(model, size_bytes(model))):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(as_tool_tip(model.title))
                self._widget.setItem(row, column, item)
        self.choose(chosen)
        self._widget.blockSignals(blocked)

    def choose(self, name: str) -> None:
        """Choose the row of a model, if it is listed."""
        for row in range(self._widget.rowCount):
            if self._widget.item(row, 0).text() == name:
                self._widget.selectRow(row)
