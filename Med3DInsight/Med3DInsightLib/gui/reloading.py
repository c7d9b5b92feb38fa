"""Reading libraries anew when a module is reloaded."""

from __future__ import annotations

import sys


def forget_packages(*packages: str) -> None:
    """Let the next import read these packages and everything in them from their files again.

    Slicer's button "Reload" reads only the entry file of a module. In the widget's onReload():

        forget_packages("MedInsightSegmentLib", "Med3DInsightLib")
        ScriptedLoadableModuleWidget.onReload(self)

    Objects of the old classes go on working with what they have imported. The packages are forgotten
    together, because an error of an old class is not caught as one of the new class. importlib.reload()
    would need an order, and names that were imported from a module would stay the old ones.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        del sys.modules[name]
