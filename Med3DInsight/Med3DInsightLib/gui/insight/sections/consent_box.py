"""What would leave the computer, shown before it does."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from ....analysis.describing.backend_choice import ChatServer
from ....captions.pictures.contact_sheet import SheetEntry, draw_contact_sheet
from ....captions.pictures.picture import SlicePicture

_COLUMNS, _TILE = 4, 110


class ConsentBox:
    """Asks for each host once, with the very pictures and prompts; what was allowed is forgotten with the panel.

        consent = ConsentBox(ui)
        if consent.isNeeded(server):
            consent.ask(server, pictures, prompts, goOn)     # goOn is called if the user allows it
        server = replace(server, allowed_hosts=consent.hosts)

    Nothing is sent by asking: pictures are drawn in this process. The question is taken back when something is chosen
    that would change them, so that what is sent first is what was seen.
    """

    def __init__(self, ui: Any) -> None:
        self.ui = ui
        self._allowed: set[str] = set()
        self._host = ""
        self._goOn: Callable[[], object] | None = None
        ui.allowButton.connect("clicked(bool)", self.onAllow)
        ui.refuseButton.connect("clicked(bool)", self.onRefuse)
        for edit in (ui.serverEdit, ui.captionModelEdit, ui.questionEdit):
            edit.connect("textChanged(QString)", self.close)
        ui.sourceSelector.connect("currentIndexChanged(int)", self.close)
        ui.promptSelector.connect("currentIndexChanged(int)", self.close)
        ui.slicesSpinBox.connect("valueChanged(int)", self.close)
        ui.inputVolumeSelector.connect("currentNodeChanged(vtkMRMLNode*)", self.close)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that pictures may be sent to, sorted."""
        return tuple(sorted(self._allowed))

    def isNeeded(self, server: ChatServer) -> bool:
        """Whether the user must be asked before anything is sent; raises CaptionError for no address."""
        return server.host not in self._allowed

    def ask(
        self, server: ChatServer, pictures: Sequence[SlicePicture], prompts: Sequence[str], goOn: Callable[[], object]
    ) -> None:
        """Show what would be sent, and call goOn if the user allows it; raises CaptionError for no address."""
        self._host, self._goOn = server.host, goOn
        told: str = _(
            "{count} pictures like these, with their plane and position, and the text below would be sent to {host}."
            " Patients may be recognisable in them."
        )
        self.ui.consentLabel.text = told.format(count=len(pictures), host=self._host)
        self.ui.consentPicture.setPixmap(_pixmap(pictures))
        self.ui.consentPrompt.setPlainText("\n\n".join(dict.fromkeys(prompts)))
        allow: str = _("Allow sending to {host}")
        self.ui.allowButton.text = allow.format(host=self._host)
        self.ui.consentBox.visible = True

    def close(self) -> None:
        """Take the question back; nothing is sent."""
        self._host, self._goOn = "", None
        self.ui.consentBox.visible = False

    def onAllow(self) -> None:
        """The user allows this host."""
        goOn = self._goOn
        self._allowed.add(self._host)
        self.close()
        if goOn is not None:
            goOn()

    def onRefuse(self) -> None:
        """The user does not."""
        self.close()


def _pixmap(pictures: Sequence[SlicePicture]) -> Any:
    sheet = draw_contact_sheet([SheetEntry(picture, "") for picture in pictures], columns=_COLUMNS, tile=_TILE)
    stream = io.BytesIO()
    sheet.save(stream, format="PNG")
    pixmap = qt.QPixmap()
    pixmap.loadFromData(qt.QByteArray(stream.getvalue()), "PNG")
    return pixmap
