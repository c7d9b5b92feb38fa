"""The Slicer module "MedInsight Segment": structures of a volume, their sizes, and their surfaces."""

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


class MedInsightSegment(ScriptedLoadableModule):
    """Metadata of the module; nothing is imported or installed when Slicer starts."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("MedInsight Segment")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Med3DInsight"]
        self.parent.contributors = ["The Med3DInsight developers"]
        self.parent.helpText = _(
            "Labels the structures of a volume with a trained model, measures them, and shows them in slices and 3D."
            " Research software, not a diagnostic device."
        )
        self.parent.acknowledgementText = _("The method: Med3DInsight, arXiv 2509.09064.")


class MedInsightSegmentWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Assembles the panel and keeps it connected to the parameter node exactly once."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self.gate = None
        self.panel = None
        self.comparison = None
        self.folder = None
        self.models = None
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
        from Med3DInsightLib.catalog.installed import InstalledModels
        from Med3DInsightLib.gui.model_choice import ModelChoice, segments
        from Med3DInsightLib.gui.models.dialog import ModelsDialog
        from MedInsightSegmentLib.comparison_panel import ComparisonPanel
        from MedInsightSegmentLib.folder_panel import FolderPanel
        from MedInsightSegmentLib.panel import SegmentPanel

        uiWidget = self._loadUI("MedInsightSegment")
        sections = slicer.util.childWidgetVariables(uiWidget).moreSections.layout()
        sections.addWidget(self._loadUI("MedInsightSegmentComparison"))
        sections.addWidget(self._loadUI("MedInsightSegmentFolder"))
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        self.logic = MedInsightSegmentLogic(qt.QTimer())
        engine, findParameters = self.logic.engine, self.logic.getParameterNode
        self.panel = SegmentPanel(self.ui, engine, ModelChoice(InstalledModels(), segments), findParameters)
        self.comparison = ComparisonPanel(self.ui, engine.analysis, findParameters)
        self.folder = FolderPanel(self.ui, engine.analysis, self.panel.request, findParameters)
        self.models = ModelsDialog(qt.QTimer())
        self.models.on_changed.connect(self.panel.refreshModels)
        self.ui.moreModelsButton.connect("clicked(bool)", self.models.open)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartImportEvent, self.onSceneStartImport)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self.onSceneEndClose)
        self.initializeParameterNode()
        return uiWidget

    def closePanel(self):
        """Undo buildPanel(), or as much of it as was done; a run is stopped."""
        self.removeObservers()
        self._setParameterNode(None)
        for section in self._sections():
            section.cleanup()
        if self.models is not None:
            self.models.cleanup()
        self.panel = self.comparison = self.folder = self.models = None
        if self.logic is not None:
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
        """Another module is shown; a run goes on."""
        self._setParameterNode(None)

    def onSceneStartClose(self, caller, event):
        """A result would have no place to go."""
        self.panel.closeScene()
        self.comparison.closeScene()
        self.models.stop()
        self._setParameterNode(None)

    def onSceneStartImport(self, caller, event):
        """Selectors choose among what is loaded so far, which must not replace the choices that are being loaded."""
        self._setParameterNode(None)

    def onSceneEndClose(self, caller, event):
        """A closed scene has lost the parameter node, and a loaded one may have brought another."""
        if self.parent.isEntered:
            self.initializeParameterNode()

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
        for section in self._sections():
            section.setParameterNode(parameterNode)

    def _sections(self):
        return [section for section in (self.panel, self.comparison, self.folder) if section is not None]


class MedInsightSegmentLogic(ScriptedLoadableModuleLogic):
    """Segmentation from the Python console, without the panel.

    node = slicer.util.loadVolume("head.nii.gz")
    segmentation = MedInsightSegmentLogic().segment(node, model="brain-tissue")
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
        from MedInsightSegmentLib.parameters import SegmentParameterNode

        return SegmentParameterNode(super().getParameterNode())

    def segment(self, volumeNode, model="", outputSegmentation=None, device="auto"):
        """Segment volumeNode and return the segmentation node; blocks until it is done.

        Without a model it takes the one that the panel takes at first, brain-structures. Raises UserError, in one
        line that says what to do, and then changes nothing in the scene.
        """
        from Med3DInsightLib.analysis.computing.device import Device
        from Med3DInsightLib.analysis.requests import PRESELECTED_MODEL, SegmentRequest
        from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_result
        from Med3DInsightLib.mrml.volume_nodes import volume_from_node

        request = SegmentRequest(model or PRESELECTED_MODEL, Device(device))
        job = self.engine.analysis.segment(request, volume_from_node(volumeNode))
        return segmentation_from_result(volumeNode, self.engine.client.wait(job), outputSegmentation)

    def getModel(self, name, acceptLicence=False, catalogue=""):
        """Fetch a model of a catalogue and return its name; blocks until it is there.

        catalogue is the path or address of a further catalogue. Raises UserError as segment() does.
        """
        from Med3DInsightLib.gui.models.console import get_model

        return get_model(self.engine.client, name, acceptLicence, catalogue)

    def close(self):
        """End the worker."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


class MedInsightSegmentTest(ScriptedLoadableModuleTest):
    """For "Reload and Test" and the module Self Tests: tissues of the sample, without a network."""

    def runTest(self):
        """Closes the scene; takes about a minute."""
        from MedInsightSegmentLib.self_test import check_tissues

        slicer.mrmlScene.Clear()
        check_tissues(self, MedInsightSegmentLogic())
