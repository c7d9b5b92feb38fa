"""What the tests of MedInsight Segment do to its panel, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import slicer
from PySide6 import QtCore, QtTest
from Testing.unit.brightness_bundle import NAME

from Med3DInsightLib.volumes import Grid, Volume

if TYPE_CHECKING:
    from Testing.minislicer.desktop import Desktop

FOUND = "structures were found."
QUICK_MODEL = NAME
"""The model of the fixture quick_models; it finds CSF, grey and white matter by their brightness."""


def a_head(size: int = 44, affine: np.ndarray | None = None) -> Volume:
    """Nested balls with the contrast of a T1 image: skin, dark bone, grey and white matter.

    size is the number of voxels along each axis, affine maps IJK to RAS mm (2 mm voxels unless given).
    """
    at = np.indices((size,) * 3) - (size - 1) / 2
    radius = np.sqrt((at**2).sum(0)) / size
    array = np.select([radius < 0.22, radius < 0.32, radius < 0.36, radius < 0.44], [200, 140, 30, 160], 0)
    noise = np.random.default_rng(0).normal(0, 6, array.shape) * (array > 0)
    affine = np.diag([2.0, 2.0, 2.0, 1.0]) if affine is None else affine
    return Volume((array + noise).astype(np.int16), Grid((size,) * 3, affine))


def choose_quick_model(panel: Any) -> None:
    """Choose the model that takes little time; the test has the fixture quick_models."""
    index = panel.ui.modelSelector.findText(QUICK_MODEL)
    assert index >= 0, f"{QUICK_MODEL} is not offered"
    panel.ui.modelSelector.setCurrentIndex(index)


def click(widget: Any) -> None:
    """Click the middle of a widget, which must be enabled."""
    assert widget.enabled, widget.toolTip
    QtTest.QTest.mouseClick(widget, QtCore.Qt.LeftButton)


def wait_until(desktop: Desktop, condition: Callable[[], Any], seconds: float = 90.0) -> None:
    """Run the event loop until the condition holds; the limit is generous, since the machine may be busy."""
    desktop.wait_until(condition, seconds)


def run(desktop: Desktop, panel: Any) -> str:
    """Press the button, wait for the end of the run, and return what the panel says about it."""
    click(panel.ui.runButton)
    wait_until(desktop, lambda: panel.ui.runButton.enabled)
    return str(panel.ui.statusLabel.text)


def start_long_run(desktop: Desktop, panel: Any) -> None:
    """Press the button and wait until the first of some sixty windows is under way."""
    click(panel.ui.runButton)
    wait_until(desktop, lambda: panel.ui.statusLabel.text.startswith("Segmenting"))


def segmentations() -> list[Any]:
    """The segmentation nodes of the scene."""
    return [slicer.mrmlScene.GetNthNodeByClass(n, "vtkMRMLSegmentationNode") for n in range(count_of("Segmentation"))]


def count_of(kind: str) -> int:
    """How many nodes of a kind the scene has; "Segmentation" stands for vtkMRMLSegmentationNode."""
    return int(slicer.mrmlScene.GetNumberOfNodesByClass(f"vtkMRML{kind}Node"))
