"""The Slicer module "Med3D Insight": classes, captions, attention, and text that finds the slice."""

from __future__ import annotations

import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

_SECTIONS = ("Classes", "Captions", "Attention", "Find", "Ask", "Report", "Models")


class Med3DInsight(ScriptedLoadableModule):
    """Metadata of the module; nothing is imported or installed when Slicer starts."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Med3D Insight")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = []
        self.parent.contributors = ["The Med3DInsight developers"]
        self.parent.helpText = _(
            "Shows what a model knows about a volume: classes and what speaks for them, captions of slices, where the"
            " encoder looks, and which slices a phrase fits. Research software, not a diagnostic device."
        )
        self.parent.acknowledgementText = _("The method: Med3DInsight, arXiv 2509.09064.")
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData():
    """Offer a volume to try the modules with, once the module Sample Data is there."""
    from Med3DInsightLib.gui.sample_data import register_sample_data

    register_sample_data()


class Med3DInsightWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Assembles the panel and keeps it connected to the parameter node exactly once."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = Med3DInsightLogic(qt.QTimer())
        self.gate = None
        self.panel = None
        self.modelsLabel = None
        self._parameterNode = None
        self._guiTag = None

    def setup(self):
        """Show the environment section, and the panel as soon as its packages are there; does not raise."""
        ScriptedLoadableModuleWidget.setup(self)
        from Med3DInsightLib.gui.environment_gate import EnvironmentGate

        self.gate = EnvironmentGate(self.layout, self.buildPanel, self.closePanel)
        self.gate.open()

    def buildPanel(self):
        """The widget of the panel; raises whatever a broken package raises."""
        from Med3DInsightLib.gui.insight.panel import InsightPanel

        uiWidget = self._loadUI("Med3DInsight")
        sections = slicer.util.childWidgetVariables(uiWidget).moreSections.layout()
        for name in _SECTIONS:
            sections.addWidget(self._loadUI(f"Med3DInsight{name}"))
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        self.modelsLabel = self.ui.modelsLabel
        self.panel = InsightPanel(self.ui, self.logic.engine, slicer.mrmlScene, qt.QTimer)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(scene, scene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(scene, scene.StartImportEvent, self.onSceneStartImport)
        self.addObserver(scene, scene.EndImportEvent, self.onSceneEndClose)
        self.addObserver(scene, scene.StartSaveEvent, self.onSceneStartSave)
        self.initializeParameterNode()
        return uiWidget

    def closePanel(self):
        """Undo buildPanel(), or as much of it as was done; a run is stopped."""
        self.removeObservers()
        self._setParameterNode(None)
        if self.panel is not None:
            self.panel.cleanup()
        self.panel = self.modelsLabel = None
        self.logic.close()

    def cleanup(self):
        """The application closes or the module is reloaded."""
        if self.gate is not None:
            self.gate.close()

    def onReload(self):
        """Read the libraries anew as well, which Slicer would not."""
        from Med3DInsightLib.gui.reloading import forget_packages

        forget_packages("MedInsightSegmentLib", "Med3DInsightLib")
        ScriptedLoadableModuleWidget.onReload(self)

    def enter(self):
        """The panel is shown."""
        self.gate.enter()
        self.initializeParameterNode()

    def exit(self):
        """Another module is shown; a run goes on, and slices are followed."""
        if self._parameterNode is not None:
            self._parameterNode.disconnectGui(self._guiTag)
            self._parameterNode = None

    def onSceneStartClose(self, caller, event):
        """A result would have no place to go."""
        self.panel.closeScene()
        self._setParameterNode(None)

    def onSceneStartImport(self, caller, event):
        """Selectors choose among what is loaded so far, which must not replace the choices that are being loaded."""
        self._setParameterNode(None)

    def onSceneEndClose(self, caller, event):
        """A closed scene has lost the parameter node, and a loaded one may have brought another."""
        if self.parent.isEntered:
            self.initializeParameterNode()

    def onSceneStartSave(self, caller, event):
        """What was typed into tables must be where files keep it."""
        self.panel.saveScene()

    def initializeParameterNode(self):
        """Connect the parameter node of the scene, which is made if there is none."""
        if self.panel is None:
            return
        self._setParameterNode(self.logic.getParameterNode())
        if self._parameterNode.inputVolume is None:
            self._parameterNode.inputVolume = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")

    def _loadUI(self, name):
        widget = slicer.util.loadUI(self.resourcePath(f"UI/{name}.ui"))
        widget.setMRMLScene(slicer.mrmlScene)
        return widget

    def _setParameterNode(self, parameterNode):
        if self._parameterNode is not None:
            self._parameterNode.disconnectGui(self._guiTag)
        self._parameterNode = parameterNode
        if parameterNode is not None:
            self._guiTag = parameterNode.connectGui(self.ui)
        if self.panel is not None:
            self.panel.setParameterNode(parameterNode)


class Med3DInsightLogic(ScriptedLoadableModuleLogic):
    """The same from the Python console, without the panel.

    logic = slicer.modules.med3dinsight.widgetRepresentation().self().logic
    volumeNode = slicer.util.loadVolume("head.nii.gz")
    logic.find(volumeNode, "the left kidney", model="/models/encoder").best
    """

    def __init__(self, timer=None):
        ScriptedLoadableModuleLogic.__init__(self)
        self._timer = timer
        self._engine = None

    @property
    def engine(self):
        """The worker of this logic; started when it is first needed."""
        if self._engine is None:
            from Med3DInsightLib.gui.slicer_engine import SlicerEngine

            self._engine = SlicerEngine(self._timer)
        return self._engine

    def getParameterNode(self):
        """The choices of the panel."""
        from Med3DInsightLib.gui.insight.parameters import InsightParameterNode

        return InsightParameterNode(super().getParameterNode())

    def classify(self, volumeNode, model, device="auto"):
        """The ClassificationResult of a volume node; blocks until it is there.

        Raises UserError, in one line that says what to do, as everything below does; the scene is not changed.
        """
        return self._console().classify(volumeNode, model, device)

    def attention(self, volumeNode, model, plane="axial", device="auto"):
        """The AttentionStack of all slices of a plane; blocks until it is there."""
        return self._console().attention(volumeNode, model, plane, device)

    def find(self, volumeNode, phrase, model, textTower="", device="auto"):
        """The FindResult of a phrase; blocks until it is there."""
        return self._console().find(volumeNode, phrase, model, textTower, device)

    def describe(self, volumeNode, request, segmentationNode=None):
        """The DescribedSlices of a DescribeRequest; blocks until they are there."""
        return self._console().describe(volumeNode, request, segmentationNode)

    def ask(self, volumeNode, request):
        """The Answer to an AskRequest; blocks until it is there."""
        return self._console().ask(volumeNode, request)

    def modelsAsHtml(self):
        """One paragraph of rich text per installed model; one that cannot be read is told in its place."""
        from Med3DInsightLib.catalog.installed import InstalledModels
        from Med3DInsightLib.gui.model_choice import models_as_html

        return models_as_html(InstalledModels())

    def getModel(self, name, acceptLicence=False, catalogue=""):
        """Fetch a model of a catalogue and return its name; blocks until it is there.

        catalogue is the path or address of a further catalogue.
        """
        from Med3DInsightLib.gui.models.console import get_model

        return get_model(self.engine.client, name, acceptLicence, catalogue)

    def close(self):
        """End the worker."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _console(self):
        from Med3DInsightLib.gui.insight.console import InsightConsole

        return InsightConsole(self.engine)


class Med3DInsightTest(ScriptedLoadableModuleTest):
    """For "Reload and Test" and the module Self Tests: attention in the sample, without a network."""

    def runTest(self):
        """Closes the scene; takes about a minute."""
        from Med3DInsightLib.gui.insight.self_test import check_attention

        slicer.mrmlScene.Clear()
        check_attention(self, Med3DInsightLogic())
