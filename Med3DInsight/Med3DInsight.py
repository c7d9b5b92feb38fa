"""The Slicer module "Med3D Insight": which models are installed and what is known about them."""

from __future__ import annotations

import html

import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleWidget,
)


class Med3DInsight(ScriptedLoadableModule):
    """Metadata of the module; nothing is imported or installed when Slicer starts."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Med3D Insight")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = []
        self.parent.contributors = ["The Med3DInsight developers"]
        self.parent.helpText = _(
            "Lists the installed models: what they segment, in which images, their licence and measured quality."
            " Research software, not a diagnostic device."
        )
        self.parent.acknowledgementText = _("The method: Med3DInsight, arXiv 2509.09064.")
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData():
    """Offer a volume to try the modules with, once the module Sample Data is there."""
    from Med3DInsightLib.gui.sample_data import register_sample_data

    register_sample_data()


class Med3DInsightWidget(ScriptedLoadableModuleWidget):
    """Shows what the logic knows about the installed models."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.logic = Med3DInsightLogic()
        self.gate = None
        self.modelsLabel = None

    def setup(self):
        """Show the environment section, and the panel as soon as its packages are there; does not raise."""
        ScriptedLoadableModuleWidget.setup(self)
        from Med3DInsightLib.gui.environment_gate import EnvironmentGate

        self.gate = EnvironmentGate(self.layout, self.buildPanel, self.closePanel)
        self.gate.open()

    def buildPanel(self):
        """The widget of the panel; raises whatever a broken package raises."""
        modelsLabel = qt.QLabel(self.logic.modelsAsHtml())
        modelsLabel.objectName = "modelsLabel"
        modelsLabel.wordWrap = True
        modelsLabel.margin = 9
        self.modelsLabel = modelsLabel
        return modelsLabel

    def closePanel(self):
        """The widget of buildPanel() is about to go."""
        self.modelsLabel = None

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


class Med3DInsightLogic(ScriptedLoadableModuleLogic):
    """What the panel shows, usable from the Python console.

    slicer.modules.med3dinsight.widgetRepresentation().self().logic.modelsAsHtml()
    """

    def modelsAsHtml(self):
        """One paragraph of rich text per installed model; one that cannot be read is told in its place."""
        from Med3DInsightLib.catalog.shipped import ShippedModels
        from Med3DInsightLib.errors import UserError

        models = ShippedModels()
        paragraphs = []
        for name in models.names():
            try:
                paragraphs.append(self._cardAsHtml(models.find(name).card))
            except UserError as error:
                paragraphs.append(html.escape(str(error)))
        return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs) or _("No models are installed.")

    def _cardAsHtml(self, card):
        rows = [
            (_("Segments"), ", ".join(segment.name for segment in card.segments)),
            (_("Images"), ", ".join(card.modalities)),
            (_("Licence"), card.licence),
            (_("Measured"), ", ".join(f"{r.measure} {r.value:.2f} ({r.dataset})" for r in card.results)),
        ]
        lines = [f"<b>{html.escape(card.title)}</b>", html.escape(card.description)]
        lines += [f"{label}: {html.escape(text)}" for label, text in rows if text]
        return "<br>".join(lines)
