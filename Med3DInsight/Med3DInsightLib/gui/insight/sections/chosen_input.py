"""The volume, the model and the device that the panel is about."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ....analysis.computing.device import Device
from ....bundles import ModelCard
from ....engine.signal import Signal
from ....errors import UserError
from ....mrml.insight.result_nodes import volume_of
from ...model_choice import ModelChoice, classifies, reads_slices


class ChosenInput:
    """What is chosen in the section "Analyse", for all sections.

    chosen = ChosenInput(ui, models)
    chosen.on_changed.connect(refresh)
    chosen.on_another_volume.connect(forget)        # before on_changed, if it is the volume that has changed
    chosen.volumeNode, chosen.model, chosen.card, chosen.device
    """

    def __init__(self, ui: Any, models: ModelChoice) -> None:
        self.on_changed = Signal()
        self.on_another_volume = Signal()
        self._ui = ui
        self._models = models
        self._told: Any = None

    def tell(self) -> None:
        """Tell those who listen that something else may be chosen now."""
        if self.volumeNode is not self._told:
            self._told = self.volumeNode
            self.on_another_volume.emit()
        self.on_changed.emit()

    @property
    def volumeNode(self) -> Any:
        """The volume node; None if there is none."""
        return self._ui.inputVolumeSelector.currentNode()

    def tellsOfAnother(self, resultNode: Any) -> str:
        """What to say of a result whose volume is not chosen any more; "" if it is."""
        volumeNode = volume_of(resultNode)
        if volumeNode is None or volumeNode is self.volumeNode:
            return ""
        told: str = _("The result belongs to '{volume}', which is not chosen now; choose it to see the result.")
        return told.format(volume=volumeNode.GetName())

    @property
    def model(self) -> str:
        """The name of a shipped model or the folder of a bundle; "" if there is none."""
        return str(self._ui.modelSelector.currentText)

    @property
    def card(self) -> ModelCard | None:
        """The card of the model; None if there is none or it cannot be read."""
        try:
            return self._models.card(self.model) if self.model else None
        except UserError:
            return None

    def requireCard(self) -> ModelCard:
        """The card of the model; raises BundleError if it cannot be read, UserError if none is chosen."""
        if not self.model:
            raise UserError(_("no model is chosen"), next_step=_("choose one in the section Analyse"))
        return self._models.card(self.model)

    @property
    def phrases(self) -> tuple[str, ...]:
        """The phrases that the model knows by itself; none if it cannot be read."""
        try:
            return self._models.phrases(self.model) if self.model else ()
        except UserError:
            return ()

    @property
    def device(self) -> Device:
        """Where to compute."""
        return Device(self._ui.deviceSelector.currentText)

    @property
    def classifies(self) -> bool:
        """Whether the model tells classes apart."""
        card = self.card
        return card is not None and classifies(card)

    @property
    def readsSlices(self) -> bool:
        """Whether the model has attention, and an opinion of phrases."""
        card = self.card
        return card is not None and reads_slices(card)
