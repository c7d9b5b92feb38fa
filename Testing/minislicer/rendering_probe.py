"""Can this computer render offscreen? Asked in a process of its own, because VTK crashes where it cannot."""

from __future__ import annotations

import functools
import subprocess
import sys

_PROBE = """
import vtk
window = vtk.vtkRenderWindow()
window.SetOffScreenRendering(1)
window.SetSize(8, 8)
window.AddRenderer(vtk.vtkRenderer())
window.Render()
"""


@functools.cache
def require_rendering() -> None:
    """Raise an error that says what to install, once and cheaply."""
    finished = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=120)
    if finished.returncode != 0:
        raise RuntimeError(
            "Views cannot be rendered offscreen: EGL is missing or has no driver."
            " On Debian: sudo apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri"
            f" (the probe ended with {finished.returncode}: {finished.stderr.strip()[-300:]})"
        )
