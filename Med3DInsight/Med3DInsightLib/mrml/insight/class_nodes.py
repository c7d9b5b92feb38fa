"""What a volume is, as a table of probabilities and a bar plot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import vtk

from ...captions.inert_text import InertText
from ...errors import UserError
from ..node_errors import named
from ..scene_step import one_step
from ..translation import tr as _
from .cells import cell_number, cell_text
from .charts import ChartNodes, chart_of, join_chart, label_chart
from .records import record, set_record
from .result_nodes import add_below, as_before_on_failure, scene_of

ROLE = "classes"
_CLASS, _PROBABILITY = "class", "probability"


@dataclass(frozen=True)
class ClassProbabilities:
    """The probability of every class by name, and what is known of how far it can be trusted.

    unlikeness is the share of ordinary cases that are more like the training data, temperature what the scores
    were divided by so that probabilities are honest; each None if it is not known. bundle and bundle_sha256 are
    the name and the hash of the model.
    """

    probabilities: Mapping[str, float]
    unlikeness: float | None
    temperature: float | None
    bundle: str
    bundle_sha256: str


def show_classes(volume_node: Any, result: ClassProbabilities) -> ChartNodes:
    """Show probabilities as a table node with a bar plot, below the volume; an earlier result is replaced in place.

    Classes are listed by probability, the highest first. One step of undo, complete or not at all. Raises
    VolumeError if the volume has left the scene, ValueError without classes.
    """
    if not result.probabilities:
        raise ValueError("a volume cannot be none of no classes")
    scene = scene_of(volume_node)
    table = _table_of(result)
    nodes = chart_of(volume_node, ROLE, [""], _("{volume} classes").format(volume=volume_node.GetName()))
    with one_step(scene), as_before_on_failure(*nodes.all):
        set_record(nodes.table, "Classes", {**asdict(result), "probabilities": dict(result.probabilities)})
        nodes.table.SetAndObserveTable(table)
        (series,) = nodes.series
        series.SetPlotType(series.PlotTypeBar)
        series.SetLabelColumnName(_CLASS)
        series.SetYColumnName(_PROBABILITY)
        title = f"{volume_node.GetName()}: {InertText.of(result.bundle).text}"
        label_chart(nodes.chart, title, _("class"), _("probability"))
        nodes.chart.SetLegendVisibility(False)
        nodes.chart.SetYAxisRangeAuto(False)
        nodes.chart.SetYAxisRange(0.0, 1.0)
        for node in nodes.all:
            add_below(volume_node, node)
        join_chart(nodes)
    return nodes


def classes_of_table(table_node: Any) -> ClassProbabilities:
    """What show_classes() was given, to the digit; raises UserError, naming the node, for another table."""
    kept = record(table_node, "Classes")
    try:
        return ClassProbabilities(**kept)
    except TypeError as error:
        cause = _("is not a table of class probabilities")
        raise UserError(cause, named(table_node), _("choose another table")) from error


def _table_of(result: ClassProbabilities) -> Any:
    names, probabilities = vtk.vtkStringArray(), vtk.vtkDoubleArray()
    names.SetName(_CLASS)
    probabilities.SetName(_PROBABILITY)
    for name, probability in sorted(result.probabilities.items(), key=lambda item: -item[1]):
        names.InsertNextValue(cell_text(InertText.of(name).text))
        probabilities.InsertNextValue(cell_number(probability))
    table = vtk.vtkTable()
    table.AddColumn(names)
    table.AddColumn(probabilities)
    return table
