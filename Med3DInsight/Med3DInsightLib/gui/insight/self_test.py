"""What the self-test of the module Med3D Insight does."""
# ruff: noqa: PT009 - tests of Slicer's modules are made with unittest

from __future__ import annotations

from typing import Any

from ...mrml.insight.overlay_node import overlay_of, show_overlay
from ...mrml.insight.overlay_subject import OverlaySubject
from ...mrml.node_grid import grid_of_node
from ..sample_data import load_sample
from .tasks.attention_task import METHOD

_MODEL = "head-encoder"


def check_attention(test: Any, logic: Any) -> None:
    """Let the encoder that comes with the extension read the sample, and show one slice of it over the volume.

    test is a ScriptedLoadableModuleTest, and logic a Med3DInsightLogic, which is closed.
    """
    volume_node = load_sample()
    grid = grid_of_node(volume_node)
    test.delayDisplay("Reading the slices of the sample")
    try:
        stack = logic.attention(volume_node, _MODEL)
    finally:
        logic.close()
    test.assertEqual([place.index for place in stack.places], list(range(grid.shape_kji[0])))
    values = stack.map_of(grid.shape_kji[0] // 2, grid)
    overlay = show_overlay(volume_node, values, OverlaySubject(METHOD, _MODEL, ""))
    test.assertIs(overlay_of(volume_node), overlay)
    test.assertEqual(overlay.GetImageData().GetDimensions(), grid.shape_ijk)
    test.assertGreater(overlay.GetImageData().GetScalarRange()[1], 0.0)
    test.delayDisplay("Attention is shown over the sample")
