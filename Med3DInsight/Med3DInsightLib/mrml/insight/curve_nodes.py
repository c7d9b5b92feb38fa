"""How much every slice is like a phrase, as curves over the slices of each plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import vtk

from ...errors import UserError
from ...volumes import Plane
from ..node_errors import named
from ..scene_step import one_step
from ..translation import tr as _
from .cells import cell_number
from .charts import ChartNodes, chart_of, join_chart, label_chart, remove_series_except
from .records import record, set_record
from .result_nodes import add_below, as_before_on_failure, scene_of

ROLE = "similarity"
_RECORD = "Curves"
_SIMILARITY = "similarity"
# In the colours of Slicer's slice views.
_COLOURS = {Plane.AXIAL: (0.95, 0.29, 0.20), Plane.CORONAL: (0.43, 0.69, 0.29), Plane.SAGITTAL: (0.93, 0.84, 0.30)}


class Axis(StrEnum):
    """What curves are drawn over."""

    POSITION = "position (mm)"
    INDEX = "index"


@dataclass(frozen=True)
class SimilarityCurve:
    """The slices of a plane by index, where they are along the normal (RAS mm), and their similarities to a phrase.

    weights tell how much each slice should count for a question about the phrase; they sum to 1.

    Raises ValueError unless there is at least one slice and one position, similarity and weight for each.
    """

    plane: Plane
    indices: tuple[int, ...]
    positions_mm: tuple[float, ...]
    similarities: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.indices) == len(self.positions_mm) == len(self.similarities) == len(self.weights):
            raise ValueError(f"the {self.plane} curve has no slices, or not a position, similarity and weight for each")

    @property
    def best(self) -> int:
        """The index of the slice that is most like the phrase; of equal ones the first."""
        return self.indices[max(range(len(self.indices)), key=lambda n: self.similarities[n])]


@dataclass(frozen=True)
class PhraseCurves:
    """One curve for each plane, for one phrase and one model.

    of_vocabulary tells whether the model knew the phrase by itself, or a text tower read it.
    """

    phrase: str
    curves: tuple[SimilarityCurve, ...]
    bundle: str
    bundle_sha256: str
    of_vocabulary: bool


def show_curves(volume_node: Any, result: PhraseCurves, axis: Axis = Axis.POSITION) -> ChartNodes:
    """Show curves as one table node, one series for each plane and one chart, below the volume.

    Those of an earlier phrase are replaced in place. One step of undo, complete or not at all. Raises ValueError
    if a plane occurs twice or there is none, VolumeError if the volume has left the scene.
    """
    planes = [curve.plane for curve in result.curves]
    if not planes or len(set(planes)) < len(planes):
        raise ValueError(f"curves of {', '.join(planes) or 'no plane'}: every plane is shown once")
    scene = scene_of(volume_node)
    table = _table_of(result.curves)
    name = _("{volume} similarity").format(volume=volume_node.GetName())
    nodes = chart_of(volume_node, ROLE, [str(plane) for plane in planes], name)
    with one_step(scene), as_before_on_failure(*nodes.all):
        set_record(nodes.table, _RECORD, _content_of(result))
        nodes.table.SetAndObserveTable(table)
        for plane, series in zip(planes, nodes.series, strict=True):
            series.SetPlotType(series.PlotTypeScatter)
            series.SetYColumnName(f"{plane} {_SIMILARITY}")
            series.SetMarkerStyle(series.MarkerStyleNone)
            series.SetColor(*_COLOURS.get(plane, (0.5, 0.5, 0.5)))
        label_chart(nodes.chart, result.phrase, _word_for(axis), _("similarity"))
        for node in nodes.all:
            add_below(volume_node, node)
        draw_over(nodes, axis)
        join_chart(nodes)
        remove_series_except(volume_node, ROLE, list(map(str, _COLOURS)), list(map(str, planes)))
    return nodes


def draw_over(nodes: ChartNodes, axis: Axis) -> None:
    """Draw curves over the positions or the indices of slices."""
    for series in nodes.series:
        plane = series.GetYColumnName().removesuffix(f" {_SIMILARITY}")
        series.SetXColumnName(f"{plane} {axis}")
    nodes.chart.SetXAxisTitle(_word_for(axis))


def _word_for(axis: Axis) -> str:
    return {Axis.POSITION: _("position (mm)"), Axis.INDEX: _("index")}[axis]


def curves_of_table(table_node: Any) -> PhraseCurves:
    """What show_curves() was given, to the digit; raises UserError, naming the node, for another table."""
    kept = record(table_node, _RECORD)
    try:
        curves = tuple(
            SimilarityCurve(Plane(each["plane"]), *(tuple(each[name]) for name in _LISTS)) for each in kept["curves"]
        )
        return PhraseCurves(kept["phrase"], curves, kept["bundle"], kept["bundle_sha256"], kept["of_vocabulary"])
    except (TypeError, KeyError, ValueError) as error:
        raise UserError(_("is not a table of similarities"), named(table_node), _("choose another table")) from error


_LISTS = ("indices", "positions_mm", "similarities", "weights")


def _content_of(result: PhraseCurves) -> dict[str, Any]:
    curves = [
        {"plane": str(curve.plane), **{name: list(getattr(curve, name)) for name in _LISTS}} for curve in result.curves
    ]
    return {
        "phrase": result.phrase,
        "curves": curves,
        "bundle": result.bundle,
        "bundle_sha256": result.bundle_sha256,
        "of_vocabulary": result.of_vocabulary,
    }


def _table_of(curves: Sequence[SimilarityCurve]) -> Any:
    """Three columns for each plane. The shorter ones repeat their last slice: that draws nothing more."""
    table = vtk.vtkTable()
    rows = max(len(curve.indices) for curve in curves)
    for curve in curves:
        columns = {Axis.INDEX: curve.indices, Axis.POSITION: curve.positions_mm, _SIMILARITY: curve.similarities}
        for name, values in columns.items():
            array = vtk.vtkIntArray() if name == Axis.INDEX else vtk.vtkDoubleArray()
            array.SetName(f"{curve.plane} {name}")
            for row in range(rows):
                value = values[min(row, len(values) - 1)]
                array.InsertNextValue(int(value) if name == Axis.INDEX else cell_number(value))
            table.AddColumn(array)
    return table
