"""What the self-test of the module MedInsight Segment does."""
# ruff: noqa: PT009 - tests of Slicer's modules are made with unittest

from __future__ import annotations

from typing import Any

import numpy as np

from Med3DInsightLib.analysis.requests import PRESELECTED_MODEL
from Med3DInsightLib.gui.sample_data import load_sample
from Med3DInsightLib.mrml.label_arrays import labels_from_segmentation

_LARGE = ("cerebral cortex", "cerebral white matter")
_FEWEST_ML, _MOST_ML = 100.0, 600.0
"""Of each of these on one side, in any adult."""


def check_structures(test: Any, logic: Any) -> None:
    """Segment the sample with a model that comes with the extension, and look at what came into the scene.

    test is a ScriptedLoadableModuleTest, and logic a MedInsightSegmentLogic, which is closed.
    """
    volume_node = load_sample()
    test.delayDisplay("Segmenting the sample")
    try:
        segmentation_node = logic.segment(volume_node, model=PRESELECTED_MODEL)
    finally:
        logic.close()
    role = segmentation_node.GetReferenceImageGeometryReferenceRole()
    test.assertIs(segmentation_node.GetNodeReference(role), volume_node)
    labels, names = labels_from_segmentation(segmentation_node, volume_node)
    for side, sign in (("left", -1), ("right", 1)):  # R of RAS is positive
        for structure in _LARGE:
            name = f"{side} {structure}"
            test.assertIn(name, names)
            places_ijk = np.argwhere(labels.array_kji == names.index(name) + 1)[:, ::-1]
            volume_ml = len(places_ijk) * labels.grid.voxel_volume_ml
            test.assertTrue(_FEWEST_ML < volume_ml < _MOST_ML, f"{name}: {volume_ml:.0f} ml")
            test.assertGreater(sign * labels.grid.ras_of(places_ijk.mean(axis=0))[0], 0.0, name)
    test.delayDisplay("The structures of the sample were found")
