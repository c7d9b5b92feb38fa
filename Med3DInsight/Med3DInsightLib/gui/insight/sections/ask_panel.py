"""The section "Ask": a question about slices, answered by the chosen model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from slicer.i18n import tr as _

from ....analysis.describing.backend_choice import ChatServer
from ....analysis.describing.requests import AskRequest
from ....analysis.describing.results import Answer
from ....analysis.describing.shown import question_to_send
from ....analysis.describing.slices_asked import ListedSlices, RelevantSlices, SliceIndex
from ....captions.inert_text import InertText
from ....errors import UserError
from ....mrml.insight.questions_node import ROLE, AnsweredQuestion, ShownSlice, questions_of
from ....mrml.insight.result_nodes import result_node
from ....mrml.node_grid import grid_of_node
from ....mrml.volume_nodes import volume_from_node
from ....volumes import SlicePlace, slice_of
from ...words import plane_word
from ..tasks.ask_task import AskTask, shown
from .caption_sources import LABELS, SERVER, picture_backend
from .chosen_input import ChosenInput
from .consent_box import ConsentBox
from .slices_in_view import SlicesInView
from .task_section import TaskSection


class AskPanel(TaskSection):
    """Connects the widgets of Med3DInsightAsk.ui with a task.

    panel = AskPanel(ui, chosen, task, views, consent)
    panel.setParameterNode(parameterNode)
    panel.cleanup()
    """

    def __init__(self, ui: Any, chosen: ChosenInput, task: AskTask, views: SlicesInView, consent: ConsentBox) -> None:
        super().__init__(chosen, task.hand, ui.askStatus, ui.cancelAskButton)
        self.ui = ui
        self.task = task
        self._views = views
        self._consent = consent
        self._shown: tuple[ShownSlice, ...] = ()
        self._asked: Any = None
        self._answerBegun = False
        ui.askButton.connect("clicked(bool)", self.onAsk)
        ui.questionEdit.connect("returnPressed()", self.onAsk)
        ui.questionEdit.connect("textChanged(QString)", self.refresh)
        ui.historySelector.connect("activated(int)", self.onHistory)
        ui.shownList.connect("currentRowChanged(int)", self.onSlice)
        for edit in (ui.captionModelEdit, ui.serverEdit):
            edit.connect("textChanged(QString)", self.refresh)
        ui.sourceSelector.connect("currentIndexChanged(int)", self.refresh)
        task.on_piece.connect(self.onPiece)
        task.on_chosen.connect(self.onSlicesChosen)
        task.on_answered.connect(self.onAnswered)
        self.onChosen()

    def closeScene(self) -> None:
        """Stop what runs and say nothing more of it."""
        super().closeScene()
        self.ui.answerText.plainText = ""
        self.ui.shownList.clear()

    def refresh(self) -> None:
        """Enable what can be done now, and say in the tooltip what is missing."""
        source, missing = self._source(), ""
        if self._chosen.volumeNode is None:
            missing = _("Choose a volume.")
        elif not self.ui.questionEdit.text.strip():
            missing = _("Type a question.")
        elif source == LABELS:
            missing = _("Choose a model on this computer, or a server, as the source under Captions.")
        elif not self.ui.captionModelEdit.text.strip():
            missing = _("Choose a model under Captions.")
        elif source == SERVER and not self.ui.serverEdit.text.strip():
            missing = _("Type the address of the server under Captions.")
        elif self.task.hand.busy:
            missing = _("A question is being answered.")
        self.ui.askButton.enabled = not missing
        self.ui.askButton.toolTip = missing
        super().refresh()
        self.ui.relevantCheckBox.enabled = self._chosen.readsSlices

    def onChosen(self) -> None:
        """Show the questions about the chosen volume."""
        questions = self._history()
        blocked = self.ui.historySelector.blockSignals(True)
        self.ui.historySelector.clear()
        self.ui.historySelector.addItems([" ".join(each.question.split())[:80] for each in questions])
        self.ui.historySelector.setCurrentIndex(len(questions) - 1)
        self.ui.historySelector.blockSignals(blocked)
        self.refresh()

    def onAnotherVolume(self) -> None:
        """What was told is about another volume."""
        super().onAnotherVolume()
        self._answerBegun = False
        self.ui.answerText.plainText = ""
        self._list(())

    def onAsk(self) -> None:
        """Ask about the slices in view, or look for the slices that fit the question first."""
        if not self.ui.askButton.enabled:
            return  # the return key in the line of the question
        volumeNode, self._answerBegun = self._chosen.volumeNode, False
        try:
            if self.ui.relevantCheckBox.checked and self._chosen.readsSlices:
                slices = RelevantSlices(self._chosen.model, device=self._chosen.device)
                self.task.choose_slices(volumeNode, self._request(slices))
            else:
                places = self._views.places()
                self._ask(volumeNode, self._request(_listed(places)), places)
        except UserError as error:
            self.onFailed(error)
        self.refresh()

    def onSlicesChosen(self, volumeNode: Any, request: AskRequest, places: Sequence[SlicePlace]) -> None:
        """The slices that fit the question are known; what is asked about them is what was asked then."""
        try:
            if volumeNode is not self._chosen.volumeNode:
                raise UserError(
                    _("another volume was chosen, so the question was not asked"),
                    next_step=_("choose the volume again and ask"),
                )
            self._ask(volumeNode, replace(request, slices=_listed(places)), places)
        except UserError as error:
            self.onFailed(error)
        self.refresh()

    def onPiece(self, piece: str) -> None:
        """Show a piece of the answer, if it is about the chosen volume."""
        if self._asked is self._chosen.volumeNode:
            self._answerBegun = True
            self.ui.answerText.insertPlainText(piece)

    def onAnswered(self, node: Any, answer: Answer) -> None:
        """Show the answer as it was kept, if it is about the chosen volume."""
        another = self._chosen.tellsOfAnother(node)
        if another:
            self._status.text = another
            return
        self.ui.answerText.plainText = answer.text
        self._status.text = "" if answer.complete else _("The answer was cut off by the limit of its length.")
        self.onChosen()

    def onHistory(self, row: int) -> None:
        """Show an earlier question with its answer."""
        asked = self._history()[row]
        self.ui.questionEdit.text = asked.question
        self.ui.answerText.plainText = asked.answer
        self._list(asked.slices)

    def onSlice(self, row: int) -> None:
        """Bring the views to a slice that the model was shown."""
        if row < 0:
            return
        place = self._shown[row]
        self._views.jump(slice_of(grid_of_node(self._chosen.volumeNode), place.plane, place.index))

    def onFailed(self, error: UserError) -> None:
        """Say in one line what went wrong and what to do; a part of an answer that came is marked as such."""
        super().onFailed(error)
        if self._answerBegun:
            self._status.text += _(" What is shown is not the whole answer, and it is not kept.")

    def _ask(self, volumeNode: Any, request: AskRequest, places: Sequence[SlicePlace]) -> None:
        if isinstance(request.backend, ChatServer):
            server = replace(request.backend, allowed_hosts=self._consent.hosts)
            request = replace(request, backend=server)
            if self._consent.isNeeded(server):
                sent = question_to_send(request, volume_from_node(volumeNode), places)
                goOn = partial(self.onSlicesChosen, volumeNode, request, places)
                self._consent.ask(server, sent.pictures, [sent.prompt], goOn)
                raise UserError(
                    _("nothing was sent yet"), next_step=_("look at the pictures above, and allow sending them or not")
                )
        self.ui.answerText.plainText = ""
        self._status.text = _("Asking")
        self._list(shown(places))
        self._asked = volumeNode
        self.task.ask(volumeNode, request)

    def _request(self, slices: ListedSlices | RelevantSlices) -> AskRequest:
        question = InertText.of(self.ui.questionEdit.text.strip()).text
        backend = picture_backend(self.ui, self._source(), self._chosen.device, self._consent.hosts)
        return AskRequest(question, backend, slices)

    def _source(self) -> str:
        return str(self.ui.sourceSelector.itemData(self.ui.sourceSelector.currentIndex))

    def _history(self) -> list[AnsweredQuestion]:
        node = self._chosen.volumeNode
        history = None if node is None else result_node(node, "vtkMRMLTextNode", ROLE)
        broken: list[UserError] = []
        found = [] if history is None else questions_of(history, broken.append)
        if broken:
            self._status.text = str(broken[0])
        return found

    def _list(self, slices: Sequence[ShownSlice]) -> None:
        self.ui.shownList.clear()
        self._shown = tuple(slices)
        told: str = _("{plane} {index}")
        self.ui.shownList.addItems([told.format(plane=plane_word(each.plane), index=each.index) for each in slices])


def _listed(places: Sequence[SlicePlace]) -> ListedSlices:
    """These slices; raises UserError if there is none."""
    if not places:
        raise UserError(_("no slice view shows this volume"), next_step=_("show it in a slice view"))
    return ListedSlices(tuple(SliceIndex(place.plane, place.index) for place in places))
