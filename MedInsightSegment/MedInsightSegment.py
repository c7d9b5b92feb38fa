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
    """Shows the panel as soon as its packages are there; see ModulePanel."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = MedInsightSegmentLogic(qt.QTimer())
        self.shown = None

    @property
    def panel(self):
        """The sections while they are there, else None."""
        return None if self.shown is None else self.shown.panel

    def setup(self):
        """Show the environment section, and the panel as soon as its packages are there; does not raise."""
        ScriptedLoadableModuleWidget.setup(self)
        from Med3DInsightLib.gui.showing.module_panel import ModulePanel

        forms = ["MedInsightSegment", "MedInsightSegmentComparison", "MedInsightSegmentFolder"]
        self.shown = ModulePanel(self, forms, self.makePanel)
        self.shown.gate.open()

    def makePanel(self):
        """The sections; raises whatever a broken package raises."""
        from MedInsightSegmentLib.sections import SegmentSections

        return SegmentSections(self.ui, self.logic.engine, self.logic.getParameterNode, qt.QTimer)

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
        """Another module is shown; a run goes on."""
        self.shown.exit()


class MedInsightSegmentLogic(ScriptedLoadableModuleLogic):
    """Segmentation from the Python console, without the panel.

    node = slicer.util.loadVolume("head.nii.gz")
    segmentation = MedInsightSegmentLogic().segment(node, model="brain-structures")
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
    """For "Reload and Test" and the module Self Tests: structures of the sample, without a network."""

    def runTest(self):
        """Closes the scene; takes about a minute."""
        from MedInsightSegmentLib.self_test import check_structures

        slicer.mrmlScene.Clear()
        check_structures(self, MedInsightSegmentLogic())
