"""What a module shows while packages are missing, and how it goes on when they are there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from .environment_changes import EnvironmentChanges
from .environment_panel import EnvironmentPanel
from .package_installer import installer_of_slicer
from .torch_extension import TorchExtension

PACKAGES_CHANGE_EVENT = 1_093_251
"""Of the scene, which both modules know whichever was reloaded; numbers of VTK and MRML are far below."""


class EnvironmentGate:
    """Puts the environment section at the bottom of a module, and the rest above it once everything is there.

        gate = EnvironmentGate(widget.layout, build, close)
        gate.open()              # in setup(); does not raise, whatever is missing or broken
        gate.enter()             # in enter(): perhaps the other module installed something
        gate.close()             # in cleanup()

    build() imports what it needs and returns a widget. It may raise anything: that is told in the section,
    and it is tried again after every change. close() undoes it, also what it had begun when it raised. It is
    called as well before the other module changes packages; enter() then builds anew.
    """

    def __init__(self, layout: Any, build: Callable[[], Any], close: Callable[[], None]) -> None:
        self._layout = layout
        self._build = build
        self._close = close
        self._rest: Any = None
        self._tag = slicer.mrmlScene.AddObserver(PACKAGES_CHANGE_EVENT, self._onPackagesChange)
        changes = EnvironmentChanges(installer_of_slicer(), TorchExtension(), _ask, self._changing)
        self.panel = EnvironmentPanel(changes, qt.QTimer())
        self.panel.checked.connect(self._onChecked)

    def open(self) -> None:
        """Show the section, and the rest if it can be built."""
        self._layout.addWidget(self.panel.widget)
        self._layout.addStretch(1)
        self.panel.check()

    def enter(self) -> None:
        """Look again if the rest is not there."""
        if self._rest is None:
            self.panel.check()

    def close(self) -> None:
        """The module ends; Slicer itself only hides what was there before a reload, and keeps it alive."""
        slicer.mrmlScene.RemoveObserver(self._tag)
        self.panel.cleanup()
        self._closeRest()
        self._layout.removeWidget(self.panel.widget)
        self.panel.widget.deleteLater()

    def _onChecked(self) -> None:
        if self.panel.usable and self._rest is None:
            self._buildRest()
        if self._rest is not None:
            self._rest.visible = self.panel.usable

    def _onPackagesChange(self, caller: Any, event: Any) -> None:
        self._closeRest()

    def _buildRest(self) -> None:
        try:
            rest = self._build()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # packages raise anything on import, also panics of compiled code
            logging.exception("The panel could not be built")
            self._close()
            self.panel.tellProblem(
                _(
                    'The panel could not be built ({kind}: {error}). "Try it" shows whether a package is to blame;'
                    " restarting Slicer helps if one was replaced."
                ).format(kind=type(error).__name__, error=error)
            )
            return
        self._layout.insertWidget(self._layout.indexOf(self.panel.widget), rest)
        self._rest = rest

    def _closeRest(self) -> None:
        if self._rest is not None:
            self._close()
            self._layout.removeWidget(self._rest)
            self._rest.setParent(None)
            self._rest.deleteLater()
            self._rest = None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """No worker of either module runs meanwhile, and nothing can be clicked while pip lets events pass."""
        slicer.mrmlScene.InvokeEvent(PACKAGES_CHANGE_EVENT)
        text = _("The Python packages of Slicer are being changed. This can take some minutes.")
        with slicer.util.MessageDialog(text), slicer.util.WaitCursor():
            yield


def _ask(text: str, details: str) -> bool:
    return bool(slicer.util.confirmOkCancelDisplay(text, _("Python packages of Med3DInsight"), detailedText=details))
