"""The Python that a worker runs in."""

from __future__ import annotations

import shutil
import sys


def slicer_python() -> str:
    """The Python interpreter of Slicer, which is not the program that runs; elsewhere this interpreter."""
    return shutil.which("PythonSlicer") or sys.executable
