"""The panel tells what a run would cost before it is started."""

from __future__ import annotations

import re

import numpy as np
import slicer

from Med3DInsightLib.analysis.windows.estimate import Estimate
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import Grid, Volume

from .panel_steps import FOUND, a_head, run, wait_until

TOLD = re.compile(r"About (\d+) (s|min) and (\d+\.\d) GB of memory; \d+\.\d GB are free\.")


def told(desktop, panel):
    wait_until(desktop, lambda: TOLD.match(panel.ui.estimateLabel.text))
    return TOLD.match(panel.ui.estimateLabel.text).groups()


def test_choosing_a_volume_tells_time_and_memory_and_a_larger_one_costs_more(a_desktop, a_panel):
    assert not a_panel.ui.estimateLabel.visible
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert a_panel.ui.estimateLabel.text == "Estimating time and memory ..."
    small = told(a_desktop, a_panel)
    grid = Grid((300, 300, 300), np.eye(4))
    large = node_from_volume(slicer.mrmlScene, Volume(np.zeros(grid.shape_kji, np.uint8), grid), "large")
    a_panel.ui.inputVolumeSelector.setCurrentNode(large)
    assert a_panel.ui.estimateLabel.text == "Estimating time and memory ..."
    assert float(told(a_desktop, a_panel)[2]) > float(small[2])


def test_the_same_choice_is_not_asked_for_again(a_desktop, a_panel):
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    told(a_desktop, a_panel)
    a_panel.exit()
    a_panel.enter()
    assert run(a_desktop, a_panel).endswith(FOUND)
    assert TOLD.match(a_panel.ui.estimateLabel.text)


def test_an_empty_choice_takes_the_estimate_back(a_desktop, a_panel):
    node = node_from_volume(slicer.mrmlScene, a_head(), "head")
    slicer.mrmlScene.RemoveNode(node)
    assert not a_panel.ui.estimateLabel.visible
    a_desktop.process_events()
    wait_until(a_desktop, lambda: not a_panel.logic.engine.client.busy)
    assert a_panel.ui.estimateLabel.text == ""


def test_too_little_memory_is_said_in_words(a_panel):
    from Med3DInsightLib.gui.run_estimate import sentence

    text = sentence(Estimate(windows=9, seconds=600.0, memory_bytes=16_000_000_000, available_bytes=3_000_000_000))
    assert text.startswith("About 10 min and 16.0 GB of memory, but only 3.0 GB are free: close other programs")
