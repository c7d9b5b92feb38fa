"""A result takes the place of a chosen segmentation completely or not at all, and in one step of undo."""

from __future__ import annotations

import numpy as np
import pytest

from Med3DInsightLib.volumes import VolumeError

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
from Med3DInsightLib.mrml import segmentation_nodes  # noqa: E402
from Med3DInsightLib.mrml.label_arrays import labels_from_segmentation  # noqa: E402
from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_labels  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume  # noqa: E402

from .scenes import (  # noqa: E402
    GREY,
    LESION,
    WHITE,
    hierarchy_of,
    names_of,
    nodes_of,
    put_under,
    reference_geometry_of,
)


def test_a_second_result_overwrites_nothing(a_head, labels):
    first = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    second = segmentation_from_labels(a_head, labels, [GREY, WHITE, LESION])
    assert (first.GetName(), second.GetName()) == ("head segmentation", "head segmentation_1")
    assert names_of(first) == ["grey matter", "white matter"]


def test_only_the_chosen_node_is_replaced(a_scene, a_head, labels):
    chosen, other = (segmentation_from_labels(a_head, labels, [GREY, WHITE]) for _ in range(2))
    before = nodes_of(a_scene)
    name = chosen.GetName()
    only_lesion = labels.map(lambda array: np.where(array == 2, 7, 0))
    assert segmentation_from_labels(a_head, only_lesion, [LESION], into=chosen) is chosen
    assert nodes_of(a_scene) == before
    assert chosen.GetName() == name
    assert (names_of(chosen), names_of(other)) == (["lesion"], ["grey matter", "white matter"])
    assert np.array_equal(labels_from_segmentation(chosen, a_head)[0].array_kji == 1, labels.array_kji == 2)


def test_a_chosen_node_keeps_its_conversion_settings(a_head, labels):
    chosen = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    chosen.GetSegmentation().SetConversionParameter("Smoothing factor", "0.123")
    segmentation_from_labels(a_head, labels, [GREY, WHITE], into=chosen)
    assert chosen.GetSegmentation().GetConversionParameter("Smoothing factor") == "0.123"


def test_a_chosen_node_that_is_new_and_empty_gets_everything(a_scene, a_head, labels):
    chosen = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "mine")
    segmentation_from_labels(a_head, labels, [GREY, WHITE], into=chosen)
    assert names_of(chosen) == ["grey matter", "white matter"]
    assert chosen.GetDisplayNode() is not None
    assert np.array_equal(labels_from_segmentation(chosen, a_head)[0].array_kji, labels.array_kji)
    assert hierarchy_of(a_scene).GetItemByDataNode(chosen) != hierarchy_of(a_scene).GetInvalidItemID()


def fail(*_):
    raise RuntimeError("no place")


def test_a_failure_half_way_leaves_the_scene_as_it_was(a_scene, a_head, labels, monkeypatch):
    before = nodes_of(a_scene)
    monkeypatch.setattr(segmentation_nodes, "place_beside", fail)
    with pytest.raises(RuntimeError, match="no place"):
        segmentation_from_labels(a_head, labels, [GREY, WHITE])
    assert nodes_of(a_scene) == before
    assert not a_scene.IsBatchProcessing()


def test_a_failure_half_way_leaves_the_chosen_node_as_it_was(a_scene, a_head, a_volume, labels, monkeypatch):
    other = node_from_volume(a_scene, a_volume, "other")
    other.SetOrigin(1.0, 2.0, 3.0)
    transform = put_under(other, np.eye(4))
    chosen = segmentation_from_labels(other, labels, [GREY, WHITE])
    before, geometry = nodes_of(a_scene), reference_geometry_of(chosen)
    monkeypatch.setattr(segmentation_nodes, "place_beside", fail)
    with pytest.raises(RuntimeError, match="no place"):
        segmentation_from_labels(a_head, labels, [LESION, GREY, WHITE], into=chosen)
    assert reference_geometry_of(chosen) == geometry
    assert nodes_of(a_scene) == before
    assert names_of(chosen) == ["grey matter", "white matter"]
    assert chosen.GetTransformNodeID() == transform.GetID()
    assert chosen.GetNodeReference(chosen.GetReferenceImageGeometryReferenceRole()) is other
    assert np.array_equal(labels_from_segmentation(chosen, other)[0].array_kji, labels.array_kji)


def test_a_result_is_complete_when_widgets_hear_of_it(a_scene, a_head, labels):
    """And it is not added within a batch, which the displayable managers of segmentations would miss."""
    heard = []

    def added(*_):
        node = a_scene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
        heard.append((names_of(node), bool(a_scene.IsBatchProcessing())))

    a_scene.AddObserver(slicer.vtkMRMLScene.NodeAddedEvent, added)
    segmentation_from_labels(a_head, labels, [GREY, WHITE])
    assert heard[0] == (["grey matter", "white matter"], False)


def test_the_desktop_hears_that_any_segment_of_the_chosen_node_may_be_new(a_head, labels):
    """Its hierarchy plugin then lists the segments anew; at that moment the node must be complete."""
    chosen = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    heard = []
    chosen.AddObserver(slicer.vtkSegmentation.SegmentModified, lambda *_: heard.append(names_of(chosen)))
    segmentation_from_labels(a_head, labels, [LESION, GREY, WHITE], into=chosen)
    assert heard
    assert all(names == ["lesion", "grey matter", "white matter"] for names in heard)


def test_a_new_node_is_one_step_of_undo(a_scene, a_head, labels):
    a_scene.SetUndoOn()
    before = nodes_of(a_scene)
    segmentation_from_labels(a_head, labels, [GREY, WHITE])
    assert a_scene.GetNumberOfUndoLevels() == 1
    a_scene.Undo()
    assert nodes_of(a_scene) == before


def test_replacing_a_chosen_node_is_one_step_of_undo(a_scene, a_head, labels):
    chosen = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    a_scene.SetUndoOn()
    segmentation_from_labels(a_head, labels, [LESION, WHITE, GREY], into=chosen)
    assert a_scene.GetNumberOfUndoLevels() == 1
    a_scene.Undo()
    assert names_of(chosen) == ["grey matter", "white matter"]
    assert np.array_equal(labels_from_segmentation(chosen, a_head)[0].array_kji, labels.array_kji)


def test_a_chosen_node_that_left_the_scene_is_refused(a_scene, a_head, labels):
    chosen = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    a_scene.RemoveNode(chosen)
    with pytest.raises(VolumeError, match="the chosen segmentation is no longer in the scene"):
        segmentation_from_labels(a_head, labels, [GREY, WHITE], into=chosen)
