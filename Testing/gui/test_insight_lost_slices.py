"""Results about slices that the volume does not have any more are told in one line, and nothing is left half done."""

from __future__ import annotations

import pytest
import slicer
from Testing.unit.captions.parts import a_caption

from Med3DInsightLib.captions.reviewing import ReviewedCaption
from Med3DInsightLib.mrml.insight.captions_table import captions_table
from Med3DInsightLib.mrml.insight.curve_nodes import PhraseCurves, SimilarityCurve, show_curves
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import Plane

from .insight_steps import click_row, open_sections
from .panel_steps import a_head, click

NO_SLICE = "there is no axial slice 40. Choose one of 0 to 7."


@pytest.fixture
def a_small_head(a_desktop):
    return node_from_volume(slicer.mrmlScene, a_head(8), "head")


def test_a_caption_of_a_slice_that_is_not_there(a_desktop, a_small_head, an_insight_module):
    captions_table(a_small_head, [ReviewedCaption.of(a_caption(index=40, text="Beyond"))])
    panel = a_desktop.show(an_insight_module)
    open_sections(a_desktop, panel, "captions")
    click_row(panel.ui.captionsTable, 0)
    assert panel.ui.captionsStatus.text == NO_SLICE
    assert panel.ui.captionText.plainText == "Beyond"
    assert panel.ui.acceptButton.enabled


def test_a_best_slice_that_is_not_there(a_desktop, a_small_head, an_insight_module):
    curve = SimilarityCurve(Plane.AXIAL, (40,), (0.0,), (0.5,), (1.0,))
    show_curves(a_small_head, PhraseCurves("liver", (curve,), "tiny", "0" * 64, of_vocabulary=True))
    panel = a_desktop.show(an_insight_module)
    open_sections(a_desktop, panel, "find")
    click(panel.ui.jumpAxialButton)
    assert panel.ui.findStatus.text == NO_SLICE
