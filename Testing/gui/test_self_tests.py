"""What "Reload and Test" and the module Self Tests run, in which nothing may be downloaded."""

from __future__ import annotations

import slicer

from Med3DInsightLib.mrml.insight.overlay_node import overlay_of

from .models_steps import workers
from .panel_steps import count_of, segmentations


def the_sample():
    return slicer.util.getNode("ICBM 152 T1")


def test_med3d_insight_reads_the_sample(a_desktop, an_insight_module):
    slicer.selfTests["Med3DInsight"](msec=1)
    assert overlay_of(the_sample()) is not None
    assert workers() == []


def test_medinsight_segment_finds_the_structures_of_the_sample(a_desktop, a_module):
    slicer.selfTests["MedInsightSegment"](msec=1)
    (segmentation,) = segmentations()
    assert segmentation.GetName() == "ICBM 152 T1 segmentation"
    assert count_of("ScalarVolume") == 1
    assert workers() == []
