"""make screenshots: the panels of the README, rendered by the stand-in with a real run behind them."""

from __future__ import annotations

import time
from pathlib import Path

from Testing.icbm import icbm_file
from Testing.minislicer import start

REPOSITORY = Path(__file__).resolve().parents[1]


def segment_panel(path: Path) -> None:
    """The ICBM 152 T1, segmented and shown in 3D by clicks."""
    desktop = start(with_views=True)
    import slicer
    from PySide6 import QtCore, QtTest

    def click(widget) -> None:
        QtTest.QTest.mouseClick(widget, QtCore.Qt.LeftButton)

    desktop.modules.load(REPOSITORY / "Med3DInsight" / "Med3DInsight.py")
    module = desktop.modules.load(REPOSITORY / "MedInsightSegment" / "MedInsightSegment.py")
    slicer.util.loadVolume(str(icbm_file("t1"))).SetName("ICBM 152 T1")
    panel = desktop.show(module)
    desktop.add_views().resetSliceViews()
    click(panel.ui.runButton)
    while not panel.ui.runButton.enabled:
        desktop.process_events(1)
        time.sleep(0.01)
    click(panel.ui.show3DButton)
    slicer.app.layoutManager().resetThreeDViews()
    desktop.screenshot(path)
    desktop.reset()


if __name__ == "__main__":
    segment_panel(REPOSITORY / "Resources" / "MedInsightSegment.png")
