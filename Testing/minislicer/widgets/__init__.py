"""The ctk, qMRML and qSlicer widgets that panels use, imitated with PySide6.

find_class() is the one place that knows them by name; the modules ``ctk`` and ``slicer`` and the .ui
loader ask it.
"""

from .registry import PLACEHOLDERS, find_class

__all__ = ["PLACEHOLDERS", "find_class"]
