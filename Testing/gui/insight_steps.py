"""What the tests of Med3D Insight do to its panel, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer
from PySide6 import QtCore, QtTest

from Med3DInsightLib.bundles import Bundle

from .panel_steps import click, wait_until

if TYPE_CHECKING:
    from Testing.minislicer.desktop import Desktop


def open_sections(desktop: Desktop, panel: Any, *names: str) -> None:
    """Open these sections and close all others, so that everything in them can be clicked."""
    for name in ("analyse", "classes", "captions", "attention", "find", "ask", "report", "models", "log"):
        getattr(panel.ui, f"{name}Section").collapsed = name not in names
    desktop.process_events()


def choose_bundle(desktop: Desktop, panel: Any, bundle: Bundle) -> None:
    """Choose the folder of a bundle as a user does, by the button and its dialog."""
    desktop.dialogs.answer("Folder of a model bundle", str(bundle.folder))
    click(panel.ui.modelFolderButton)


def choose(selector: Any, text: str) -> None:
    """Choose the entry of a combo box by typing its text."""
    assert selector.findText(text) >= 0, [selector.itemText(n) for n in range(selector.count)]
    selector.setCurrentIndex(selector.findText(text))


def analyse(desktop: Desktop, panel: Any) -> str:
    """Press Analyse, wait for the end of the run, and return what the panel says about it."""
    click(panel.ui.analyseButton)
    wait_until(desktop, lambda: not panel.panel.analyse.run.running)
    return str(panel.ui.statusLabel.text)


def type_text(widget: Any, text: str) -> None:
    """Type into a line or a text, in place of what is there."""
    widget.setFocus()
    widget.selectAll()
    QtTest.QTest.keyClicks(widget, text)


def click_row(table_view: Any, row: int) -> None:
    """Click the first cell of a row."""
    where = table_view.visualRect(table_view.model().index(row, 0)).center()
    QtTest.QTest.mouseClick(table_view.viewport(), QtCore.Qt.LeftButton, QtCore.Qt.NoModifier, where)


def slice_index(view: str, volume_node: Any) -> int:
    """Which slice of a volume a view shows, such as "Red"."""
    from Med3DInsightLib.mrml.insight.slice_views import slice_in_view

    node = slicer.app.layoutManager().sliceWidget(view).mrmlSliceNode()
    place = slice_in_view(volume_node, node)
    assert place is not None
    return place.index
