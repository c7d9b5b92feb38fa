"""A small scripted module in the style of Slicer's extension template, to try the stand-in with."""
# ruff: noqa: N802, N806, N815 - Slicer's style

from pathlib import Path
from typing import Annotated

import slicer
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

CALLS = []


class Threshold(ScriptedLoadableModule):
    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Threshold")
        self.parent.categories = ["Examples"]
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData():
    import SampleData

    CALLS.append("sample data")
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category="Threshold",
        sampleName="Small",
        uris=Path(__file__).with_name("small.nrrd").as_uri(),
        fileNames="small.nrrd",
        nodeNames="Small",
    )


@parameterNodeWrapper
class ThresholdParameterNode:
    inputVolume: slicer.vtkMRMLScalarVolumeNode
    threshold: Annotated[float, WithinRange(0, 500)] = 10.5


class ThresholdWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self._parameterNode = None
        self._guiTag = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        uiWidget = slicer.util.loadUI(self.resourcePath("UI/Threshold.ui"))
        self.layout.addWidget(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        self.logic = ThresholdLogic()
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.ui.applyButton.connect("clicked(bool)", self.onApplyButton)
        self.ui.inputSelector.connect("currentNodeChanged(vtkMRMLNode*)", self.check)
        self.setParameterNode(self.logic.getParameterNode())  # a reload does not enter
        self.check()

    def check(self, node=None):
        self.ui.applyButton.enabled = self.ui.inputSelector.currentNode() is not None

    def enter(self):
        CALLS.append("enter")
        self.setParameterNode(self.logic.getParameterNode())

    def exit(self):
        CALLS.append("exit")
        self.setParameterNode(None)

    def cleanup(self):
        CALLS.append("cleanup")
        self.setParameterNode(None)
        self.removeObservers()

    def onSceneStartClose(self, caller, event):
        CALLS.append("start close")
        self.setParameterNode(None)

    def onSceneEndClose(self, caller, event):
        CALLS.append("end close")
        if self.parent.isEntered:
            self.setParameterNode(self.logic.getParameterNode())

    def setParameterNode(self, node):
        if self._parameterNode is not None:
            self._parameterNode.disconnectGui(self._guiTag)
        self._parameterNode = node
        if node is not None:
            self._guiTag = node.connectGui(self.ui)

    def onApplyButton(self):
        with slicer.util.tryWithErrorDisplay("Failed.", waitCursor=True):
            above = self.logic.count(self._parameterNode.inputVolume, self._parameterNode.threshold)
            self.ui.resultLabel.text = f"{above} voxels"
            self.ui.progressBar.value = 100


class ThresholdLogic(ScriptedLoadableModuleLogic):
    def getParameterNode(self):
        return ThresholdParameterNode(super().getParameterNode())

    def count(self, volume, threshold):
        return int((slicer.util.arrayFromVolume(volume) > threshold).sum())
