"""What the tests of the dialog "Models" do, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from PySide6 import QtCore, QtTest

from .insight_steps import click_row, type_text
from .panel_steps import click, wait_until

if TYPE_CHECKING:
    from Testing.minislicer.desktop import Desktop

PATIENCE_S = 240.0


def open_models(desktop: Desktop, widget: Any) -> Any:
    """Press "More models..." and return the dialog."""
    click(widget.ui.moreModelsButton)
    desktop.process_events()
    assert widget.panel.models.window.visible
    return widget.panel.models.panel


def listed(models: Any) -> dict[str, str]:
    """The names in the list, and where each model is."""
    table = models.ui.modelsTable
    return {table.item(row, 0).text(): table.item(row, 5).text() for row in range(table.rowCount)}


def choose_model(desktop: Desktop, models: Any, name: str) -> str:
    """Click the row of a model; what the dialog tells of it."""
    click_row(models.ui.modelsTable, [*listed(models)].index(name))
    desktop.process_events()
    return str(models.ui.detailsText.toPlainText())


def read_catalogue(desktop: Desktop, models: Any, place: str) -> None:
    """Type a path or an address, add it, and read it."""
    models.ui.cataloguesSection.collapsed = False
    desktop.process_events()
    type_text(models.ui.placeEdit, place)
    click(models.ui.addButton)
    assert_done(desktop, models, models.ui.readButton, "catalogues were read")


def assert_done(desktop: Desktop, models: Any, button: Any, told: str) -> None:
    """Press a button, wait for the end of what it does, and find these words in the line below."""
    click(button)
    wait_until(desktop, lambda: not models.jobs.busy, PATIENCE_S)
    assert told in models.ui.statusLabel.text, models.ui.statusLabel.text


def offered(widget: Any) -> list[str]:
    """The models in the selector of a panel."""
    selector = widget.ui.modelSelector
    return [selector.itemText(index) for index in range(selector.count)]


def weights_so_far(store: Path) -> int:
    """How many bytes of weights an unfinished download has brought."""
    return sum(path.stat().st_size for path in store.glob(".partial/*/model.safetensors"))


def workers() -> list[psutil.Process]:
    """The workers that this process has started and that are not gone."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with _gone_is_gone():
            if child.status() != psutil.STATUS_ZOMBIE and "Med3DInsightLib.engine.worker" in child.cmdline():
                found.append(child)
    return found


def press_close(window: Any) -> None:
    """Close a window as a user does, with the Escape key."""
    QtTest.QTest.keyClick(window, QtCore.Qt.Key_Escape)


@contextmanager
def _gone_is_gone() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:
        return
