"""The Slicer module "Med3D Insight": which models are installed and what is known about them."""

from __future__ import annotations

import html

import qt
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


class Med3DInsightWidget(ScriptedLoadableModuleWidget):
    """Shows what the logic knows about the installed models."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.logic = Med3DInsightLogic()
        self.modelsLabel = None

    def setup(self):
        """Build the panel; a model that cannot be read is told in the panel instead of raising."""
        ScriptedLoadableModuleWidget.setup(self)
        self.modelsLabel = qt.QLabel()
        self.modelsLabel.objectName = "modelsLabel"
        self.modelsLabel.wordWrap = True
        self.layout.addWidget(self.modelsLabel)
        self.layout.addStretch(1)
        self.modelsLabel.text = self.logic.modelsAsHtml()


class Med3DInsightLogic(ScriptedLoadableModuleLogic):
    """What the panel shows, usable from the Python console.

    slicer.modules.med3dinsight.widgetRepresentation().self().logic.modelsAsHtml()
    """

    def modelsAsHtml(self):
        """One paragraph of rich text per installed model, or a sentence that says what is missing."""
        try:
            from Med3DInsightLib.catalog.shipped import ShippedModels
            from Med3DInsightLib.errors import UserError
        except ImportError as error:
            return html.escape(
                _("The Python package '{name}' is missing. Install it with slicer.util.pip_install('{name}').").format(
                    name=error.name
                )
            )
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
