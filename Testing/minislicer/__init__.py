"""A stand-in for the desktop of 3D Slicer, so that unmodified scripted modules run in tests.

MRML, rendering and file formats are real (slicer-core); the desktop around them is imitated on PySide6.
README.md says what is real, what is imitated and what is missing.

    from Testing.minislicer import start

    desktop = start()
    module = desktop.modules.load("Med3DInsight/Med3DInsight.py")
    widget = module.enter()  # setup() on first use, then enter()
    desktop.show(module)
    desktop.screenshot("panel.png")

Qt reads its environment when it is loaded, so the variables below must be set first.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

# PySide6 looks into every loaded module when something is imported, which trips over pydantic's own lazy
# imports half-way, so these are done before. This can go when shiboken's import hook leaves modules alone.
from pydantic import ConfigDict, Field, TypeAdapter  # noqa: F401

if TYPE_CHECKING:
    from .desktop import Desktop

# PythonQt hands enumerators out as integers, under their short names (qt.Qt.AlignLeft).
os.environ.setdefault("PYSIDE6_OPTION_PYTHON_ENUM", "0x06")
if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")


def start(with_views: bool = False) -> Desktop:
    """The one desktop of this process, started on the first call; views need EGL and cost half a second."""
    from .desktop import Desktop

    desktop = Desktop.instance()
    if with_views:
        desktop.add_views()
    return desktop
