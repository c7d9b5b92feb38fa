"""make screenshots: the panels of the README, rendered by the stand-in with real runs behind them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from Testing.minislicer import start

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURES = REPOSITORY / "Resources"
_PATIENCE_SECONDS = 600.0


class Screenshots:
    """Opens modules in the stand-in and takes pictures of them, at 1280x800."""

    def __init__(self) -> None:
        self.desktop = start(with_views=True)
        self.desktop.modules.load(REPOSITORY / "Med3DInsight" / "Med3DInsight.py")
        self.module = self.desktop.modules.load(REPOSITORY / "MedInsightSegment" / "MedInsightSegment.py")

    def segmented(self) -> Any:
        """The sample volume, segmented and shown in 3D by clicks; returns the panel."""
        import SampleData
        import slicer

        SampleData.SampleDataLogic().downloadSample("ICBM152T1")
        panel = self.desktop.show(self.module)
        self.desktop.add_views().resetSliceViews()
        self.wait_until(lambda: panel.ui.estimateLabel.text.startswith("About"))
        self.click(panel.ui.runButton)
        self.wait_until(lambda: panel.ui.runButton.enabled)
        self.click(panel.ui.show3DButton)
        slicer.app.layoutManager().resetThreeDViews()
        self.take("MedInsightSegment.png")
        return panel

    def compared(self, panel: Any) -> None:
        """The structures as tissues beside a reference: the tissue maps of the template."""
        import slicer

        ui = panel.ui
        for shown in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
            shown.GetDisplayNode().SetVisibility(False)
        (structures,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
        volume_node = ui.inputVolumeSelector.currentNode()
        ui.comparedSelector.setCurrentNode(_tissues(volume_node, structures))
        for section in (ui.inputsSection, ui.structuresSection):
            section.collapsed = True
        ui.comparisonSection.collapsed = False
        ui.referenceSelector.setCurrentNode(_reference(volume_node))
        self.desktop.process_events()
        self.click(ui.compareButton)
        self.wait_until(lambda: not panel.panel.comparison.task.running)
        self.take("MedInsightSegmentComparison.png")

    def described(self) -> Any:
        """The sample scene, made by one click: structures, captions that follow the slice; returns the panel."""
        import slicer

        slicer.mrmlScene.Clear(False)
        panel = self.desktop.show(self.desktop.modules.module("Med3DInsight"))
        ui = panel.ui
        self.click(ui.sampleButton)
        self.wait_until(lambda: panel.panel.analyse.run.running)
        self.wait_until(lambda: not panel.panel.analyse.run.running)
        slicer.app.layoutManager().resetSliceViews()
        ui.analyseSection.collapsed = True
        ui.captionsSection.collapsed = False
        self.desktop.process_events()
        ui.captionsTable.selectRow(3)
        self.take("Med3DInsightPanel.png")
        return panel

    def found(self, panel: Any) -> None:
        """What the volume is, and the slices that fit a phrase."""
        from PySide6 import QtTest

        ui = panel.ui
        ui.captionsSection.collapsed = True
        for section in (ui.classesSection, ui.findSection):
            section.collapsed = False
        self.desktop.process_events()
        ui.phraseSelector.lineEdit().setFocus()
        ui.phraseSelector.lineEdit().selectAll()
        QtTest.QTest.keyClicks(ui.phraseSelector.lineEdit(), "the lateral ventricles")
        self.click(ui.findButton)
        self.wait_until(lambda: ui.curvesButton.enabled and not panel.panel.find.task.hand.busy)
        self.take("Med3DInsightFind.png")

    def models(self, panel: Any) -> None:
        """The dialog of models."""
        self.click(panel.ui.moreModelsButton)
        dialog = panel.panel.models
        dialog.panel.ui.modelsTable.selectRow(0)
        self.take("Med3DInsightModels.png", dialog.window)
        dialog.window.close()

    def take(self, name: str, widget: Any = None) -> None:
        """A picture for the README of the whole window, or of a widget."""
        slim(self.desktop.screenshot(PICTURES / name, widget))

    def click(self, widget: Any) -> None:
        """Click as a user does."""
        from PySide6 import QtCore, QtTest

        QtTest.QTest.mouseClick(widget, QtCore.Qt.LeftButton)

    def wait_until(self, condition: Any) -> None:
        """Run the event loop until a run has come as far as wanted."""
        self.desktop.wait_until(condition, _PATIENCE_SECONDS)


def slim(path: Path) -> None:
    """Write a picture with 256 colours in place of the file: a third of the size, which every clone has to fetch."""
    from PIL import Image

    picture = Image.open(path).convert("RGB")
    # Rare colours, such as those of a legend, are kept apart too; refined, they are those of the picture.
    slimmed = picture.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    slimmed.save(path, optimize=True)


def _tissues(volume_node: Any, structures: Any) -> Any:
    """All structures of a segmentation that are grey and that are white matter, as two segments that are shown."""
    import numpy as np
    from Testing.benchmarks.icbm_tissue import TABLE, values_of_tissues

    from Med3DInsightLib.mrml.label_arrays import labels_from_segmentation
    from med3dtrain.synthesis.label_table import LabelTable

    labels, names = labels_from_segmentation(structures, volume_node)
    values = values_of_tissues(LabelTable.read(TABLE, names))
    masks = [np.isin(labels.array_kji, values[tissue]) for tissue in ("grey matter", "white matter")]
    return _tissue_segmentation(volume_node, labels, masks, "tissues by brain-structures")


def _reference(volume_node: Any) -> Any:
    """Grey and white matter of the ICBM 152 template, where its maps are above one half; not shown."""
    from Testing.icbm import icbm_file

    from Med3DInsightLib.volumes import read_volume

    grey, white = (read_volume(icbm_file(kind)) for kind in ("gm", "wm"))
    masks = [each.array_kji > 127 for each in (grey, white)]
    segmentation = _tissue_segmentation(volume_node, grey, masks, "tissue maps of the template")
    segmentation.GetDisplayNode().SetVisibility(False)
    return segmentation


def _tissue_segmentation(volume_node: Any, volume: Any, masks: Any, name: str) -> Any:
    """A segmentation of masks of grey and of white matter on the grid of volume."""
    import numpy as np

    from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_labels
    from Med3DInsightLib.volumes import Code, Segment

    tissue = Code("85756007", "Tissue")
    segments = [
        Segment(1, "grey matter", (200, 200, 235), tissue, Code("389081007", "Gray matter")),
        Segment(2, "white matter", (250, 250, 225), tissue, Code("389080008", "White matter")),
    ]
    labels = volume.with_array(np.select(masks, [1, 2], 0).astype(np.uint8))
    return segmentation_from_labels(volume_node, labels, segments, name=name)


if __name__ == "__main__":
    os.environ["MED3DINSIGHT_MODELS"] = "/data/models"  # the dialog of models shows it
    screenshots = Screenshots()
    screenshots.compared(screenshots.segmented())
    described = screenshots.described()
    screenshots.found(described)
    screenshots.models(described)
    screenshots.desktop.reset()
