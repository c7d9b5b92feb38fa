"""What the self-test of the module MedInsight Segment does."""
# ruff: noqa: PT009 - tests of Slicer's modules are made with unittest

from __future__ import annotations

from typing import Any

import numpy as np

from Med3DInsightLib.gui.sample_data import load_sample
from Med3DInsightLib.mrml.label_arrays import labels_from_segmentation

_MODEL = "brain-tissue"
_NAMES = ("CSF", "grey matter", "white matter")
_FEWEST_ML, _MOST_ML = 300.0, 1500.0
"""Of grey and of white matter, in any adult."""


def check_tissues(test: Any, logic: Any) -> None:
    """Segment the sample with a model that comes with the extension, and look at what came into the scene.

    test is a ScriptedLoadableModuleTest, and logic a MedInsightSegmentLogic, which is closed.
    """
    volume_node = load_sample()
    test.delayDisplay("Segmenting the sample")
    try:
        segmentation_node = logic.segment(volume_node, model=_MODEL)
    finally:
        logic.close()
    role = segmentation_node.GetReferenceImageGeometryReferenceRole()
    test.assertIs(segmentation_node.GetNodeReference(role), volume_node)
    labels, names = labels_from_segmentation(segmentation_node, volume_node)
    test.assertEqual(names, _NAMES)
    volumes_ml = np.bincount(labels.array_kji.ravel(), minlength=4) * labels.grid.voxel_volume_ml
    for label in (2, 3):
        test.assertTrue(_FEWEST_ML < volumes_ml[label] < _MOST_ML, f"{names[label - 1]}: {volumes_ml[label]:.0f} ml")
    test.delayDisplay("The tissues of the sample were found")
