"""What the tests of the section "Folder of volumes" do, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6 import QtCore, QtTest, QtWidgets

from Med3DInsightLib.export.segmentation_folder import FILES
from Med3DInsightLib.volumes import write_volume

from .panel_steps import a_head, click, wait_until

if TYPE_CHECKING:
    from Testing.minislicer.desktop import Desktop


def write_heads(folder: Path) -> None:
    """Three small heads that differ, in three formats."""
    head = a_head(40)
    for shift, name in enumerate(("a head.nii.gz", "b.nrrd", "c.mha")):
        write_volume(head.with_array(np.roll(head.array_kji, shift, 0)), folder / name)


def make_slow(path: Path, size: int = 110) -> None:
    """Replace a scan by a head of some sixty windows."""
    write_volume(a_head(size), path)


def open_section(desktop: Desktop, panel: Any) -> None:
    """Click on the heading of the section."""
    section = panel.ui.folderSection
    QtTest.QTest.mouseClick(section, QtCore.Qt.LeftButton, QtCore.Qt.NoModifier, QtCore.QPoint(60, 8))
    assert not section.collapsed
    desktop.process_events()


def choose(desktop: Desktop, edit: Any, path: Path) -> None:
    """Press the button beside a path and choose a folder in the dialog."""
    desktop.dialogs.answer("", str(path))
    click(edit.findChild(QtWidgets.QToolButton))
    assert edit.currentPath == str(path)


def choose_folders(desktop: Desktop, panel: Any, scans: Path, out: Path) -> None:
    """Choose both, and wait until the volumes are counted."""
    choose(desktop, panel.ui.folderInputEdit, scans)
    choose(desktop, panel.ui.folderOutputEdit, out)
    wait_until(desktop, lambda: panel.panel.folder.counter.finished)


def run_folder(desktop: Desktop, panel: Any) -> str:
    """Press the button, wait for the end of the run, and return what the panel says about it."""
    click(panel.ui.folderRunButton)
    wait_until(desktop, lambda: not panel.panel.folder.task.running, seconds=240)
    return str(panel.ui.folderStatusLabel.text)


def start_and_wait_for(desktop: Desktop, panel: Any, title: str) -> None:
    """Press the button and wait until windows of a case are computed."""
    seen = []
    panel.panel.folder.task.on_progress.connect(lambda message: seen.append(message.stage))
    click(panel.ui.folderRunButton)
    wait_until(desktop, lambda: seen.count(title) > 3, seconds=240)


def times(folder: Path) -> dict[Path, int]:
    """When the files of results were written (ns)."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.name in FILES}
