"""A volume to try the modules with is offered when the application has started."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import unquote, urlparse

import slicer
from PySide6 import QtCore, QtGui
from Testing.icbm import icbm_file

from .panel_steps import FOUND, choose_quick_model, run


def test_the_icbm_template_is_registered_loads_and_can_be_segmented(quick_models, a_desktop, a_module):
    import SampleData

    source = SampleData.SampleDataLogic().sourceForSampleName("ICBM152T1")
    path = Path(unquote(urlparse(source.uris[0]).path))
    assert source.checksums == [f"SHA256:{hashlib.sha256(path.read_bytes()).hexdigest()}"]
    assert path.read_bytes() == icbm_file("t1").read_bytes()  # unchanged, as its README says
    node = SampleData.SampleDataLogic().downloadSample("ICBM152T1")
    assert (node.GetName(), node.GetImageData().GetDimensions()) == ("ICBM 152 T1", (197, 233, 189))
    panel = a_desktop.show(a_module)
    assert panel.ui.inputVolumeSelector.currentNode() is node
    choose_quick_model(panel)
    assert run(a_desktop, panel).endswith(FOUND)
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1


def test_the_thumbnail_is_a_picture(a_desktop, a_module):
    import SampleData

    source = SampleData.SampleDataLogic().sourceForSampleName("ICBM152T1")
    assert QtGui.QImage(str(source.thumbnailFileName)).size() == QtCore.QSize(128, 128)
