"""Dialogs, which would block a test: they are recorded instead, and answered as the test says.

    desktop.dialogs.answer("Install", False)  # Cancel the next dialog whose text contains "Install"
    ...
    assert "Install" in desktop.dialogs.shown[-1].text

Without an answer, messages are closed with OK, questions are answered with OK or Yes, and file dialogs
are cancelled.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import slicer
from PySide6 import QtWidgets

_Box = QtWidgets.QMessageBox
_ACCEPT = (_Box.Yes, _Box.Ok, _Box.Retry)
_REJECT = (_Box.No, _Box.Cancel, _Box.Close)


@dataclass(frozen=True)
class Shown:
    """One dialog; kind is info, warning, error, question, delay, file or input."""

    kind: str
    text: str
    details: str = ""


class Dialogs:
    """Records and answers; install() replaces the functions of slicer.util and the static ones of Qt."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []
        self._answers: list[tuple[str, Any]] = []

    def answer(self, text: str, value: Any) -> None:
        """Answer the next dialog that contains this text: True, False, or what a file or input dialog returns."""
        self._answers.append((text, value))

    def clear(self) -> None:
        self.shown.clear()
        self._answers.clear()

    def texts(self, kind: str) -> list[str]:
        return [dialog.text for dialog in self.shown if dialog.kind == kind]

    def record(self, kind: str, text: str, default: Any, details: str = "") -> Any:
        """Keep the dialog; the answer that a test prepared for it, or the default."""
        self.shown.append(Shown(kind, text, details))
        for index, (wanted, value) in enumerate(self._answers):
            if wanted in text:
                del self._answers[index]
                return value
        return default

    def install(self) -> None:
        slicer.util._messageDisplay = self._message_display
        slicer.util.messageBox = self._message_box
        slicer.util.delayDisplay = self._delay_display
        for name, kind in (
            ("information", "info"),
            ("warning", "warning"),
            ("critical", "error"),
            ("question", "question"),
        ):
            setattr(_Box, name, staticmethod(self._static_box(kind)))
        _Box.exec = _Box.exec_ = lambda box: self._ask("question", box.text, box.standardButtons(), box.informativeText)
        for name, cancelled in (("getOpenFileName", ""), ("getSaveFileName", ""), ("getExistingDirectory", "")):
            setattr(QtWidgets.QFileDialog, name, staticmethod(self._static("file", cancelled)))
        QtWidgets.QFileDialog.getOpenFileNames = staticmethod(self._static("file", []))
        QtWidgets.QInputDialog.getText = staticmethod(self._static("input", ""))

    def _message_display(
        self, level: int, text: str, _testing: Any, *_: Any, standardButtons: int = _Box.Ok, **options: Any
    ) -> int:
        logging.log(level, text)
        question = options.get("icon") == _Box.Question or standardButtons != _Box.Ok
        kind = {logging.INFO: "info", logging.WARNING: "warning"}.get(level, "error")
        return self._ask("question" if question else kind, text, standardButtons, options.get("detailedText", ""))

    def _message_box(self, text: str, _parent: Any = None, standardButtons: int = _Box.Ok, **options: Any) -> int:
        return self._ask("info", text, standardButtons, options.get("detailedText", ""))

    def _delay_display(self, message: str, *_: Any, **__: Any) -> None:
        logging.info(message)
        self.record("delay", message, None)
        slicer.app.processEvents()

    def _static_box(self, kind: str) -> Any:
        def ask(_parent: Any, _title: str, text: str, buttons: int = _Box.Ok, *_: Any) -> int:
            if kind == "question" and buttons == _Box.Ok:
                buttons = _Box.Yes | _Box.No
            return self._ask(kind, text, buttons, "")

        return ask

    def _static(self, kind: str, cancelled: Any) -> Any:
        def ask(_parent: Any = None, title: str = "", *_: Any, **__: Any) -> Any:
            return self.record(kind, str(title), cancelled)

        return ask

    def _ask(self, kind: str, text: str, buttons: int, details: str) -> int:
        answer = self.record(kind, text, True, details)
        if not isinstance(answer, bool):
            return answer
        choices = _ACCEPT if answer else _REJECT
        return next((choice for choice in choices if buttons & choice), _Box.Ok if answer else _Box.Cancel)
