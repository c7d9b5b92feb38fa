"""Charts in the views of the application."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _


def show_chart(chart_node: Any) -> str:
    """Draw a chart in a plot view, in a layout that has one, and return what to tell the user."""
    if chart_node is None:
        missing: str = _("There is no chart of this volume yet.")
        return missing
    plots = getattr(slicer.modules, "plots", None)
    if plots is None:
        elsewhere: str = _("This application has no plot views; the chart '{name}' is in the scene.")
        return elsewhere.format(name=chart_node.GetName())
    plots.logic().ShowChartInLayout(chart_node)
    shown: str = _("The chart '{name}' is in a plot view.")
    return shown.format(name=chart_node.GetName())
