"""What can happen during a run of MedInsight Segment: cancelling, a dead worker, a closed scene, a reload."""

from __future__ import annotations

import psutil
import slicer

from Med3DInsightLib.mrml.volume_nodes import node_from_volume

from .panel_steps import FOUND, a_head, click, count_of, run, start_long_run, wait_until


def test_cancelling_stops_the_run_and_the_next_one_works(a_desktop, a_panel):
    node = node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    click(a_panel.ui.cancelButton)
    wait_until(a_desktop, lambda: a_panel.ui.statusLabel.text == "Cancelled.", seconds=60)
    assert (count_of("Segmentation"), a_panel.ui.progressBar.value) == (0, 0)
    slicer.mrmlScene.RemoveNode(node)
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert run(a_desktop, a_panel).endswith(FOUND)
    assert count_of("Segmentation") == 1


def test_a_killed_worker_is_an_error_in_the_panel_and_the_next_run_works(a_desktop, a_panel):
    node = node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    psutil.Process(a_panel.logic.engine.client._connection.pid).kill()
    wait_until(a_desktop, lambda: "ended unexpectedly" in a_panel.ui.statusLabel.text, seconds=60)
    assert "signal 9" in a_panel.ui.statusLabel.text
    slicer.mrmlScene.RemoveNode(node)
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert run(a_desktop, a_panel).endswith(FOUND)


def test_closing_the_scene_during_a_run_stops_it(a_desktop, a_panel):
    node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    slicer.mrmlScene.Clear(False)
    assert not a_panel.panel.segment.task.running
    wait_until(a_desktop, lambda: not a_panel.logic.engine.client.busy, seconds=60)
    assert (count_of("Segmentation"), a_panel.ui.statusLabel.text) == (0, "")
    node_from_volume(slicer.mrmlScene, a_head(), "head")
    assert run(a_desktop, a_panel).endswith(FOUND)


def test_a_volume_that_is_removed_during_a_run_is_told(a_desktop, a_panel):
    node = node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    slicer.mrmlScene.RemoveNode(node)
    wait_until(a_desktop, lambda: "no longer in the scene" in a_panel.ui.statusLabel.text, seconds=60)
    assert count_of("Segmentation") == 0


def test_leaving_and_entering_the_panel_keeps_run_and_connections(a_desktop, a_module, a_panel):
    node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    a_module.exit()
    a_module.enter()
    a_module.exit()
    a_module.enter()
    wait_until(a_desktop, lambda: a_panel.ui.statusLabel.text.endswith(FOUND))
    assert count_of("Segmentation") == 1
    parameters = a_panel.logic.getParameterNode()
    parameters.inputVolume = None
    assert not a_panel.ui.runButton.enabled


def test_reloading_the_module_during_a_run_leaves_no_worker(a_desktop, a_module, a_panel):
    node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, a_panel)
    worker = psutil.Process(a_panel.logic.engine.client._connection.pid)
    a_module = a_desktop.modules.reload("MedInsightSegment") or a_module
    psutil.wait_procs([worker], timeout=60)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
    panel = a_desktop.show(a_desktop.modules.module("MedInsightSegment"))
    assert panel is not a_panel
    assert panel.ui.runButton.enabled
