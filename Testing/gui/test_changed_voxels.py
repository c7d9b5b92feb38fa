"""Voxels that are changed in place, as modules for filtering do, leave no result that is taken for one of now."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from Med3DInsightLib.analysis.slices.attention_choice import AttentionChoice
from Med3DInsightLib.analysis.slices.attention_stack import AttentionStack
from Med3DInsightLib.engine.job import ClientJob
from Med3DInsightLib.engine.messages import Request
from Med3DInsightLib.mrml.insight.overlay_node import overlay_of
from Med3DInsightLib.mrml.node_grid import grid_of_node
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import Plane, slice_of

from .panel_steps import FOUND, a_head, click, wait_until

WARNING = " The volume was changed meanwhile: this is about what it was before."


@pytest.fixture
def a_node(a_desktop):
    return node_from_volume(slicer.mrmlScene, a_head(), "head")


def change_voxels(node):
    slicer.util.arrayFromVolume(node)[:4] = 0
    slicer.util.arrayFromVolumeModified(node)


class InsightAnsweredByHand:
    """Stands for the worker; the test answers its jobs."""

    def __init__(self):
        self.client = CancelledJobs()
        self.jobs = []

    def attention(self, request, volume):
        self.jobs.append(ClientJob(Request(f"{len(self.jobs)}", "attention", ""), lambda body: body, None))
        return self.jobs[-1]


class CancelledJobs(list):
    """An engine client that only remembers what it was asked to stop."""

    cancel = list.append


@pytest.fixture
def a_task(a_node, a_card):
    """A task that was asked for the attention of a slice, and the slice."""
    from Med3DInsightLib.analysis.computing.device import Device
    from Med3DInsightLib.gui.insight.tasks.attention_task import AttentionSource, AttentionTask
    from Med3DInsightLib.gui.insight.tasks.overlay_turns import OverlayTurns

    task = AttentionTask(InsightAnsweredByHand(), OverlayTurns())
    place = slice_of(grid_of_node(a_node), Plane.AXIAL, 20)
    task.choose(AttentionSource(a_node, "encoder", a_card, Device.AUTO, AttentionChoice()))
    task.show(place)
    yield task, place
    task.forget()


def answer(task, place, grid):
    (job,) = task._insight.jobs
    maps = np.full((1, *grid.shape_kji), 0.5, np.float32)
    job.succeed(AttentionStack((place,), maps, grid, AttentionChoice(), 1))
    job.on_finished.emit(job)


def test_attention_of_earlier_voxels_is_followed_no_more_and_that_is_told(a_node, a_task):
    (task, place), told = a_task, []
    task.on_outdated.connect(lambda: told.append("outdated"))
    answer(task, place, grid_of_node(a_node))
    assert overlay_of(a_node) is not None
    a_node.SetName("renamed")
    assert (task.source is not None, told) == (True, [])

    change_voxels(a_node)

    assert (task.source, told) == (None, ["outdated"])
    task.show(place)
    assert not task.hand.busy


def test_attention_that_is_computed_while_voxels_change_is_given_up(a_node, a_task):
    task, place = a_task
    change_voxels(a_node)
    assert (task.source, task.hand.busy) == (None, False)
    answer(task, place, grid_of_node(a_node))
    assert overlay_of(a_node) is None


def test_a_segmentation_of_earlier_voxels_says_so(a_desktop, a_node, a_panel):
    click(a_panel.ui.runButton)
    change_voxels(a_node)
    wait_until(a_desktop, lambda: a_panel.ui.runButton.enabled)
    assert a_panel.ui.statusLabel.text.endswith(f"{FOUND}{WARNING}")
    click(a_panel.ui.runButton)
    wait_until(a_desktop, lambda: a_panel.ui.runButton.enabled)
    assert a_panel.ui.statusLabel.text.endswith(FOUND)


def test_classes_of_earlier_voxels_say_so(a_desktop, a_node, an_insight_panel, a_card, tmp_path):
    from Testing.unit.insight_bundles import a_classifier_bundle

    from .insight_steps import choose_bundle, open_sections

    choose_bundle(a_desktop, an_insight_panel, a_classifier_bundle(a_card, tmp_path / "classifier"))
    open_sections(a_desktop, an_insight_panel, "classes")
    click(an_insight_panel.ui.gradCamButton)
    change_voxels(a_node)
    wait_until(a_desktop, lambda: not an_insight_panel.panel.classes.task.hand.busy)
    assert an_insight_panel.ui.classesStatus.text.endswith(WARNING)
