"""What the sections that wait for a job have in common."""

from __future__ import annotations

from typing import Any

from ....engine.messages import ProgressMessage
from ....errors import UserError
from ...job_in_hand import JobInHand, failure_text, progress_text
from .chosen_input import ChosenInput


class TaskSection:
    """A section of the panel with one job in hand at a time and a line of text that tells of it.

        class FindPanel(TaskSection):
            def __init__(self, ui, chosen, task):
                super().__init__(chosen, task.hand, ui.findStatus, ui.cancelFindButton)
                ...
                self.onChosen()     # when everything that it needs is there

    What a section shows depends on what is chosen: onChosen() follows another volume, model or device, and
    onAnotherVolume() comes before it if it is the volume that has changed.
    """

    def __init__(self, chosen: ChosenInput, hand: JobInHand, status: Any, cancelButton: Any) -> None:
        self._chosen = chosen
        self._hand = hand
        self._status = status
        self._cancelButton = cancelButton
        cancelButton.connect("clicked(bool)", hand.cancel)
        chosen.on_another_volume.connect(self.onAnotherVolume)
        chosen.on_changed.connect(self.onChosen)
        hand.on_progress.connect(self.onProgress)
        hand.on_failed.connect(self.onFailed)
        hand.on_changed.connect(self.refresh)

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show what a parameter node says; None while the scene closes. Another scene may have other results."""
        self.onChosen()

    def closeScene(self) -> None:
        """Stop what runs and say nothing more of it."""
        self._hand.abandon()
        self._status.text = ""

    def cleanup(self) -> None:
        """Stop what runs; the widgets are about to be deleted."""
        self._hand.abandon()
        self._chosen.on_another_volume.disconnect(self.onAnotherVolume)
        self._chosen.on_changed.disconnect(self.onChosen)

    def refresh(self) -> None:
        """Enable what can be done now."""
        self._cancelButton.enabled = self._hand.busy

    def onChosen(self) -> None:
        """Show what belongs to what is chosen."""
        self.refresh()

    def onAnotherVolume(self) -> None:
        """What was told is about another volume."""
        self._status.text = ""

    def onProgress(self, progress: ProgressMessage) -> None:
        """Show how far it is."""
        self._status.text = progress_text(progress)

    def onFailed(self, error: UserError) -> None:
        """Say in one line what went wrong and what to do."""
        self._status.text = failure_text(error)
        self.refresh()
