"""A chart with series that draw columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...captions.inert_text import InertText
from ..translation import tr as _
from .result_nodes import prepared_node, remove_nodes, result_node


@dataclass(frozen=True)
class ChartNodes:
    """A table node, the series that draw its columns, and the chart that shows them."""

    table: Any
    series: tuple[Any, ...]
    chart: Any

    @property
    def all(self) -> tuple[Any, ...]:
        """Every node, the table first."""
        return (self.table, *self.series, self.chart)


def chart_of(volume_node: Any, role: str, series: Sequence[str], name: str) -> ChartNodes:
    """The nodes of a role of a volume, those that are there and new ones for the rest.

    series tells the names of the series, and name that of a new table; nothing is in the scene yet that was not there
    before.
    """
    return ChartNodes(
        prepared_node(volume_node, "vtkMRMLTableNode", role, name),
        tuple(
            prepared_node(volume_node, "vtkMRMLPlotSeriesNode", _series_role(role, each), f"{name} {each}".strip())
            for each in series
        ),
        prepared_node(volume_node, "vtkMRMLPlotChartNode", role, _("{name} chart").format(name=name)),
    )


def join_chart(nodes: ChartNodes) -> None:
    """Let the chart show the series, and the series refer to the table; all nodes are in the scene."""
    nodes.chart.RemoveAllPlotSeriesNodeIDs()
    for series in nodes.series:
        series.SetAndObserveTableNodeID(nodes.table.GetID())
        nodes.chart.AddAndObservePlotSeriesNodeID(series.GetID())


def label_chart(chart: Any, title: str, x: str, y: str) -> None:
    """Give a chart node its title and the names of its axes, as one inert line each."""
    chart.SetTitle(" ".join(InertText.of(title).text.split()))
    chart.SetXAxisTitle(x)
    chart.SetYAxisTitle(y)


def remove_series_except(volume_node: Any, role: str, possible: Sequence[str], kept: Sequence[str]) -> None:
    """Remove series of a role that an earlier result had and this one does not."""
    for name in possible:
        if name not in kept:
            gone = result_node(volume_node, "vtkMRMLPlotSeriesNode", _series_role(role, name))
            remove_nodes([] if gone is None else [gone])


def _series_role(role: str, name: str) -> str:
    return f"{role} {name}".strip()
