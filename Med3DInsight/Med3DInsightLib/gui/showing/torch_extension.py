"""torch from the PyTorch extension of Slicer."""

from __future__ import annotations

import importlib
import inspect
import threading
from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...errors import UserError

_MODULE = "PyTorchUtils"


class TorchExtension:
    """Installs the build of torch that fits the graphics driver, through the module PyTorchUtils.

        extension = TorchExtension()
        extension.check()                # UserError if the extension is not there
        extension.install(">=2.8")       # on the GUI thread; the user was asked before

    The keywords of its installTorch() have changed over the years (confirm, askConfirmation,
    forceComputationBackend, torchVersionRequirement, ...), so only those that it knows are passed on. At
    its end it imports torch into Slicer, which nothing of ours does.
    """

    def check(self) -> None:
        """Raises UserError, which says how to get the extension, if it is not installed."""
        self._logic()

    def install(self, version: str) -> None:
        """Install torch of a version such as ">=2.8". Raises UserError if that fails, for whatever reason."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("pip must be run on the main thread")
        install = self._logic().installTorch
        wanted = {"askConfirmation": False, "confirm": False, "torchVersionRequirement": version}
        try:
            torch = install(**_known(install, wanted))
        except Exception as error:  # a call of pip, an import of torch, and code of others lie behind it
            told = _("the PyTorch extension could not install PyTorch ({kind}: {error})")
            cause = told.format(kind=type(error).__name__, error=error)
            raise UserError(cause, next_step=_what_to_do()) from error
        if torch is None:
            raise UserError(_("the PyTorch extension did not install PyTorch"), next_step=_what_to_do())

    def _logic(self) -> Any:
        try:
            return importlib.import_module(_MODULE).PyTorchUtilsLogic()
        except ModuleNotFoundError as error:
            if error.name != _MODULE:
                cause = _("the PyTorch extension is damaged ({error})").format(error=error)
                raise UserError(cause, next_step=_("install it again")) from error
            raise UserError(
                _("PyTorch comes from the PyTorch extension, which is not installed"),
                next_step=_("open View > Extensions Manager, search for PyTorch, install it, and restart Slicer"),
            ) from error


def _what_to_do() -> str:
    told: str = _("look for its reason in the Python console (View > Python Console), restart Slicer and try again")
    return told


def _known(function: Callable[..., Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Those keywords that a function takes; none if it does not tell."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
    return {name: value for name, value in wanted.items() if name in parameters}
