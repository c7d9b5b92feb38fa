"""Slicer 5.10, where it differs for modules that install packages."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import slicer

from . import packaging


@contextmanager
def slicer_5_10() -> Iterator[None]:
    """No slicer.packaging; slicer.util.pip_install and pip_uninstall take the arguments of pip and nothing else.

    Calls are recorded, and take effect, as those of slicer.packaging do.
    """
    util = mock.patch.multiple(slicer.util, pip_install=_pip_install, pip_uninstall=_pip_uninstall)
    version = mock.patch.multiple(slicer.app, applicationVersion="5.10.0", minorVersion=10)
    with util, version:
        sys.modules["slicer.packaging"] = None  # what makes an import fail
        del slicer.packaging
        try:
            yield
        finally:
            sys.modules["slicer.packaging"] = slicer.packaging = packaging


def _pip_install(requirements: str | list[str]) -> None:
    arguments = shlex.split(requirements) if isinstance(requirements, str) else list(requirements)
    packaging.run_pip_install(arguments, None, None)


def _pip_uninstall(requirements: str | list[str]) -> None:
    packaging.pip_uninstall(requirements)
