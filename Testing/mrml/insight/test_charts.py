"""Classes and similarities are tables with plots, replaced in place, and survive the scene."""

from __future__ import annotations

from dataclasses import replace

import pytest

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Plane

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("vtk")
from Med3DInsightLib.mrml.insight import class_nodes, curve_nodes  # noqa: E402
from Med3DInsightLib.mrml.insight.class_nodes import ClassProbabilities, classes_of_table, show_classes  # noqa: E402
from Med3DInsightLib.mrml.insight.curve_nodes import (  # noqa: E402
    Axis,
    PhraseCurves,
    SimilarityCurve,
    curves_of_table,
    draw_over,
    show_curves,
)
from Med3DInsightLib.mrml.insight.result_nodes import remove_nodes, result_node, results_of, volume_of  # noqa: E402
from Med3DInsightLib.mrml.table_nodes import columns_from_table  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume  # noqa: E402

from ..saved_scenes import save_and_load  # noqa: E402
from ..scenes import hierarchy_of, nodes_of  # noqa: E402

HOSTILE = '"<b># \t; =1+1'
CLASSES = ClassProbabilities({"healthy": 1 / 3, HOSTILE: 2 / 3}, 0.1 + 0.2, 1.7, HOSTILE, "0" * 64)
AXIAL = SimilarityCurve(Plane.AXIAL, (0, 1, 2), (-10.0, 1 / 3, 10.0), (0.1, 0.30000000000000004, 0.2), (0.2, 0.5, 0.3))
CORONAL = SimilarityCurve(Plane.CORONAL, (5, 6), (0.0, 2.0), (-0.5, -0.25), (0.25, 0.75))
CURVES = PhraseCurves(f"the liver {HOSTILE}", (AXIAL, CORONAL), "bundle", "0" * 64, of_vocabulary=True)


def test_classes_are_listed_by_probability_and_drawn_as_bars(a_head):
    nodes = show_classes(a_head, CLASSES)
    assert columns_from_table(nodes.table) == {
        "class": ["”<b>＃  ; =1+1", "healthy"],
        "probability": [0.666667, 0.333333],
    }
    (series,) = nodes.series
    assert (series.GetPlotType(), series.GetTableNode()) == (series.PlotTypeBar, nodes.table)
    assert (series.GetYColumnName(), series.GetLabelColumnName()) == ("probability", "class")
    assert nodes.chart.GetNthPlotSeriesNode(0) is series
    assert classes_of_table(nodes.table) == CLASSES


def test_curves_have_a_series_for_each_plane_in_one_chart(a_head):
    nodes = show_curves(a_head, CURVES)
    columns = columns_from_table(nodes.table)
    assert columns["axial position (mm)"] == [-10.0, 0.333333, 10.0]
    assert columns["coronal similarity"] == [-0.5, -0.25, -0.25]
    assert [series.GetXColumnName() for series in nodes.series] == ["axial position (mm)", "coronal position (mm)"]
    assert nodes.chart.GetNumberOfPlotSeriesNodes() == 2
    assert nodes.chart.GetTitle() == 'the liver "<b># ; =1+1'
    draw_over(nodes, Axis.INDEX)
    assert [series.GetXColumnName() for series in nodes.series] == ["axial index", "coronal index"]
    assert nodes.chart.GetXAxisTitle() == "index"
    assert all(series.GetXColumnName() in columns for series in nodes.series)


def test_the_best_slice_of_a_curve_is_known(a_head):
    found = curves_of_table(show_curves(a_head, CURVES).table)
    assert found == CURVES
    assert [curve.best for curve in found.curves] == [1, 6]


@pytest.mark.parametrize("how", ["mrb", "folder"])
def test_charts_survive_saving_and_loading_the_scene_to_the_digit(a_core, a_volume, tmp_path, how):
    head = node_from_volume(a_core.scene, a_volume, "head")
    show_classes(head, CLASSES)
    before = columns_from_table(show_curves(head, CURVES).table)
    scene = save_and_load(a_core, tmp_path, how)
    head = scene.GetFirstNodeByName("head")
    classes, curves = (result_node(head, "vtkMRMLTableNode", role) for role in (class_nodes.ROLE, curve_nodes.ROLE))
    assert classes_of_table(classes) == CLASSES
    assert curves_of_table(curves) == CURVES
    assert columns_from_table(curves) == before
    chart = result_node(head, "vtkMRMLPlotChartNode", curve_nodes.ROLE)
    assert [chart.GetNthPlotSeriesNode(n).GetTableNode() for n in range(2)] == [curves, curves]
    kept = nodes_of(scene)
    assert show_curves(head, CURVES).table is curves
    assert show_classes(head, CLASSES).table is classes
    assert nodes_of(scene) == kept


def test_everything_is_listed_below_the_volume(a_scene, a_head):
    hierarchy = hierarchy_of(a_scene)
    for node in (*show_classes(a_head, CLASSES).all, *show_curves(a_head, CURVES).all):
        parent = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))
        assert parent == hierarchy.GetItemByDataNode(a_head)
        assert volume_of(node) is a_head


def test_a_new_result_replaces_the_old_one_in_place(a_scene, a_head):
    first, classes = show_curves(a_head, CURVES), show_classes(a_head, CLASSES)
    before = nodes_of(a_scene)
    other = replace(CURVES, phrase="the spleen", curves=(CORONAL, replace(AXIAL, similarities=(0.0, 0.5, 1.0))))
    assert set(show_curves(a_head, other).all) == set(first.all)
    assert show_classes(a_head, replace(CLASSES, probabilities={"b": 1.0})) == classes
    assert nodes_of(a_scene) == before
    assert (curves_of_table(first.table), first.chart.GetTitle()) == (other, "the spleen")
    assert first.chart.GetNumberOfPlotSeriesNodes() == 2
    assert columns_from_table(classes.table)["class"] == ["b"]


def test_a_plane_that_is_no_longer_shown_leaves_nothing_behind(a_scene, a_head):
    show_curves(a_head, CURVES)
    nodes = show_curves(a_head, replace(CURVES, curves=(AXIAL,)))
    assert nodes.chart.GetNumberOfPlotSeriesNodes() == 1
    assert a_scene.GetNumberOfNodesByClass("vtkMRMLPlotSeriesNode") == 1


def test_results_of_two_volumes_are_apart(a_scene, a_head, a_volume):
    other = node_from_volume(a_scene, a_volume, "other")
    mine, others = show_classes(a_head, CLASSES), show_classes(other, CLASSES)
    assert not set(mine.all) & set(others.all)
    remove_nodes(results_of(other))
    assert results_of(a_head) == list(mine.all)


def test_removing_results_leaves_nothing_behind(a_scene, a_head):
    hierarchy, before = hierarchy_of(a_scene), nodes_of(a_scene)
    show_curves(a_head, CURVES)
    show_classes(a_head, CLASSES)
    remove_nodes(results_of(a_head))
    assert nodes_of(a_scene) == before
    assert hierarchy.GetNumberOfItems() == 1  # the volume


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    ("module", "show", "read", "result", "other"),
    [
        (class_nodes, show_classes, classes_of_table, CLASSES, replace(CLASSES, bundle="b")),
        (curve_nodes, show_curves, curves_of_table, CURVES, replace(CURVES, phrase="p")),
    ],
    ids=["classes", "curves"],
)
def test_a_failure_half_way_leaves_the_scene_as_it_was(
    a_scene, a_head, monkeypatch, again, module, show, read, result, other
):
    def fail(*_):
        raise RuntimeError("no chart")

    nodes = show(a_head, result) if again else None
    before = nodes_of(a_scene)
    monkeypatch.setattr(module, "join_chart", fail)
    with pytest.raises(RuntimeError, match="no chart"):
        show(a_head, other)
    assert nodes_of(a_scene) == before
    if nodes is not None:
        assert read(nodes.table) == result
        assert nodes.chart.GetNumberOfPlotSeriesNodes() == len(nodes.series)


@pytest.mark.parametrize(("show", "result"), [(show_classes, CLASSES), (show_curves, CURVES)])
def test_a_chart_is_one_step_of_undo(a_scene, a_head, show, result):
    a_scene.SetUndoOn()
    before = nodes_of(a_scene)
    show(a_head, result)
    assert a_scene.GetNumberOfUndoLevels() == 1
    a_scene.Undo()
    assert nodes_of(a_scene) == before


def test_what_cannot_be_shown_changes_nothing(a_scene, a_head):
    before = nodes_of(a_scene)
    with pytest.raises(ValueError, match="every plane is shown once"):
        show_curves(a_head, replace(CURVES, curves=(AXIAL, AXIAL)))
    with pytest.raises(ValueError, match="not a position, similarity and weight for each"):
        SimilarityCurve(Plane.AXIAL, (1,), (), (1.0,), (1.0,))
    with pytest.raises(ValueError, match="none of no classes"):
        show_classes(a_head, replace(CLASSES, probabilities={}))
    assert nodes_of(a_scene) == before


def test_another_table_is_refused(a_scene):
    node = a_scene.AddNewNodeByClass("vtkMRMLTableNode", "volumes")
    with pytest.raises(UserError, match="'volumes': is not a table of class probabilities"):
        classes_of_table(node)
    node.SetAttribute("Med3DInsight.Curves", "{")
    with pytest.raises(UserError, match="'volumes': its record 'Curves' is damaged"):
        curves_of_table(node)
