"""pip as Slicer offers it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import slicer
from slicer.i18n import tr as _

from ...errors import UserError

_ONLY_WHEELS = ("--only-binary", ":all:")


class PackageInstaller(Protocol):
    """Installs and removes packages. Whoever calls it has asked the user, and goes on using the GUI thread.

    Raises UserError if pip fails; what it had done until then stays.
    """

    def install(self, requirements: Sequence[str], constraints: Path, requester: str) -> None:
        """Install what fulfils the requirements, changing nothing that the constraints name."""

    def uninstall(self, names: Sequence[str]) -> None:
        """Remove packages, of which some may not be installed."""


class SlicerPackaging:
    """slicer.packaging, which came with Slicer 5.12: it shows progress, and in testing mode installs nothing.

    Its own questions are left out, since one question covers torch and the rest.
    """

    def __init__(self, packaging: Any) -> None:
        self._packaging = packaging

    def install(self, requirements: Sequence[str], constraints: Path, requester: str) -> None:
        """See PackageInstaller.install."""
        with _PipErrors():
            self._packaging.pip_ensure(
                list(requirements),
                constraints=str(constraints),
                requester=requester,
                prompt_install=False,
                prompt_restart=False,
            )

    def uninstall(self, names: Sequence[str]) -> None:
        """See PackageInstaller.uninstall."""
        with _PipErrors():
            self._packaging.pip_uninstall(list(names))


class SlicerPipInstall:
    """slicer.util.pip_install of Slicer 5.10, which has no slicer.packaging; to go with support for 5.10.

    It takes the arguments of pip, and prints what pip says into the Python console; nobody is named as requester.
    """

    def install(self, requirements: Sequence[str], constraints: Path, requester: str) -> None:
        """See PackageInstaller.install; as slicer.packaging, installs nothing in testing mode."""
        if slicer.app.testingEnabled():
            return
        with _PipErrors():
            slicer.util.pip_install([*requirements, *_ONLY_WHEELS, "-c", str(constraints)])

    def uninstall(self, names: Sequence[str]) -> None:
        """See PackageInstaller.uninstall."""
        with _PipErrors():
            slicer.util.pip_uninstall(list(names))


def installer_of_slicer() -> PackageInstaller:
    """What the Slicer that runs has."""
    try:
        import slicer.packaging
    except ImportError:
        return SlicerPipInstall()
    return SlicerPackaging(slicer.packaging)


class _PipErrors:
    """Turns what Slicer raises when pip fails into an error for the user; pip from a thread has crashed Slicer."""

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("pip must be run on the main thread")

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        if isinstance(error, subprocess.CalledProcessError):
            raise UserError(
                _("pip failed with exit code {code}").format(code=error.returncode),
                next_step=_("look for its reason in the Python console (View > Python Console) and try again"),
            ) from error
        if isinstance(error, OSError | RuntimeError):
            raise UserError(
                _("pip could not be run ({error})").format(error=error), next_step=_("restart Slicer and try again")
            ) from error
