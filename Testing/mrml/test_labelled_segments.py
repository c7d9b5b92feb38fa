"""Segments come back out of segmentation nodes with what they stand for."""

from __future__ import annotations

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
from Med3DInsightLib.mrml.labelled_segments import labelled_segments, segmentations_of  # noqa: E402
from Med3DInsightLib.mrml.segmentation_nodes import segmentation_from_labels  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume  # noqa: E402
from Med3DInsightLib.volumes import Code  # noqa: E402

from .scenes import GREY, LESION, WHITE  # noqa: E402


def test_labels_and_segments_come_back_as_they_went_in(a_head, labels):
    of_three = labels.map(lambda array: np.where(array == 2, 7, array).astype(np.uint8))
    node = segmentation_from_labels(a_head, of_three, [GREY, WHITE, LESION])
    found, segments = labelled_segments(node, a_head)
    assert segments == (GREY, WHITE, LESION)
    assert np.array_equal(found.array_kji, of_three.array_kji)


def test_segments_that_share_a_label_value_in_different_layers_are_counted_from_one(a_head, labels):
    node = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    node.GetSegmentation().SeparateSegmentLabelmap("Segment_2")
    values = [node.GetSegmentation().GetNthSegment(n).GetLabelValue() for n in range(2)]
    assert values == [1, 1]
    found, segments = labelled_segments(node, a_head)
    assert [segment.label_value for segment in segments] == [1, 2]
    assert np.array_equal(found.array_kji, labels.array_kji)


def test_a_segment_that_a_user_drew_has_no_codes(a_head, labels):
    node = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    node.GetSegmentation().GetNthSegment(0).RemoveTag(slicer.vtkSegment.GetTerminologyEntryTagName())
    _, segments = labelled_segments(node, a_head)
    assert segments[0].type == Code("", "", "")
    assert segments[1].type == WHITE.type


def test_only_segmentations_with_segments_that_refer_to_the_volume_are_its(a_scene, a_head, a_volume, labels):
    mine = segmentation_from_labels(a_head, labels, [GREY, WHITE])
    segmentation_from_labels(node_from_volume(a_scene, a_volume, "other"), labels, [GREY, WHITE])
    empty = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    empty.SetReferenceImageGeometryParameterFromVolumeNode(a_head)
    assert segmentations_of(a_head) == [mine]
