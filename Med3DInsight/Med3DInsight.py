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
    """Shows the panel as soon as its packages are there; see ModulePanel."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = Med3DInsightLogic(qt.QTimer())
        self.shown = None

    @property
    def panel(self):
        """The sections while they are there, else None."""
        return None if self.shown is None else self.shown.panel

    def setup(self):
        """Show the environment section, and the panel as soon as its packages are there; does not raise."""
        ScriptedLoadableModuleWidget.setup(self)
        from Med3DInsightLib.gui.showing.module_panel import ModulePanel

        forms = ["Med3DInsight", *(f"Med3DInsight{name}" for name in _SECTIONS)]
        self.shown = ModulePanel(self, forms, self.makePanel)
        self.shown.gate.open()

    def makePanel(self):
        """The sections; raises whatever a broken package raises."""
        from Med3DInsightLib.gui.insight.panel import InsightPanel

        return InsightPanel(self.ui, self.logic.engine, slicer.mrmlScene, qt.QTimer)

    def cleanup(self):
        """The application closes or the module is reloaded."""
        if self.shown is not None:
            self.shown.close()

    def onReload(self):
        """Read the libraries anew as well, which Slicer would not."""
        from Med3DInsightLib.gui.reloading import forget_packages

        forget_packages("MedInsightSegmentLib", "Med3DInsightLib")
        ScriptedLoadableModuleWidget.onReload(self)

    def enter(self):
        """The panel is shown."""
        self.shown.enter()

    def exit(self):
        """Another module is shown; a run goes on, and slices are followed."""
        self.shown.exit()


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
