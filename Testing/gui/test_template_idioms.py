"""What modules made from Slicer's extension template rely on, with the example module and with our own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import slicer
import vtk

from Med3DInsightLib.mrml.volume_nodes import node_from_volume

from .panel_steps import a_head

EXAMPLE = Path(__file__).parent / "example_module"
MODIFIED = vtk.vtkCommand.ModifiedEvent


@pytest.fixture
def an_example_file(tmp_path):
    """A copy of the example, with an icon and a self-test as templates have them."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "Resources" / "Icons").mkdir()
    picture = Path(__file__).parents[2] / "Med3DInsight" / "Resources" / "Icons" / "Med3DInsight.png"
    shutil.copy(picture, tmp_path / "Resources" / "Icons" / "Threshold.png")
    file = tmp_path / "Threshold.py"
    test = """

from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest


class ThresholdTest(ScriptedLoadableModuleTest):
    def setUp(self):
        slicer.mrmlScene.Clear()
        CALLS.append("set up")

    def test_one(self):
        self.delayDisplay("One")
        CALLS.append("one")

    def test_two(self):
        CALLS.append("two")
"""
    file.write_text(file.read_text() + test)
    return file


@pytest.fixture
def an_example(a_desktop, an_example_file):
    return a_desktop.modules.load(an_example_file)


def _add_volume(name="Volume"):
    return slicer.util.addVolumeFromArray(np.arange(24, dtype=np.int16).reshape(2, 3, 4), name=name)


def _count_changes(node):
    """A list that grows with every change of a node."""
    changes = []
    node.AddObserver(MODIFIED, lambda *_: changes.append(1))
    return changes


# The module and its logic


def test_a_module_finds_its_icon_and_resources_and_registers_its_self_test(a_desktop, an_example, an_example_file):
    assert not an_example.icon.isNull()
    panel = a_desktop.show(an_example)
    expected = an_example_file.parent / "Resources" / "UI" / "Threshold.ui"
    assert Path(panel.resourcePath("UI/Threshold.ui")) == expected
    assert Path(slicer.modules.ThresholdInstance.resourcePath("UI/Threshold.ui")) == expected
    slicer.selfTests["Threshold"](msec=1)
    calls = [call for call in sys.modules["Threshold"].CALLS if call in ("set up", "one", "two")]
    assert calls == ["set up", "one", "set up", "two"]
    assert a_desktop.dialogs.texts("delay") == ["One"]


def test_a_logic_has_one_parameter_node_unless_it_wants_more(a_desktop, an_example):
    base = slicer.ScriptedLoadableModule.ScriptedLoadableModuleLogic
    logic = sys.modules["Threshold"].ThresholdLogic()
    new = logic.createParameterNode()
    assert new.GetScene() is None
    first = base.getParameterNode(logic)
    assert base.getParameterNode(logic) is first
    assert base.getParameterNode(sys.modules["Threshold"].ThresholdLogic()) is first
    assert first.GetAttribute("ModuleName") == first.GetSingletonTag() == "Threshold"
    slicer.mrmlScene.Clear(False)  # takes the attribute away, and leaves the node
    assert base.getParameterNode(logic) is first
    assert first.GetAttribute("ModuleName") == "Threshold"

    logic.isSingletonParameterNode = False
    another = slicer.mrmlScene.AddNode(logic.createParameterNode())
    assert another is not first
    assert another.GetSingletonTag() is None
    assert logic.getAllParameterNodes() == [first, another]


def test_a_widget_without_a_parent_sets_itself_up_and_shows_itself(a_desktop):
    class AloneWidget(slicer.ScriptedLoadableModule.ScriptedLoadableModuleWidget, slicer.util.VTKObservationMixin):
        def setup(self):
            self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, print)  # the mix-in is ready
            self.layout.addWidget(slicer.qMRMLNodeComboBox())

    panel = AloneWidget()
    assert panel.moduleName == "Alone"
    assert panel.parent.visible
    assert panel.parent.mrmlScene() is slicer.mrmlScene
    assert panel.layout.count() == 1
    panel.removeObservers()
    panel.parent.deleteLater()


# The panel and the parameter node


def test_one_change_is_one_event_however_often_the_panel_was_entered(a_desktop, an_example):
    panel = a_desktop.show(an_example)
    for _ in range(3):
        an_example.exit()
        an_example.enter()
    node = panel._parameterNode.parameterNode
    changes = _count_changes(node)
    panel.ui.thresholdSlider.value = 42
    assert (len(changes), panel._parameterNode.threshold) == (1, 42)
    panel._parameterNode.threshold = 43
    assert (len(changes), panel.ui.thresholdSlider.value) == (2, 43)


def test_a_panel_that_was_left_neither_reads_nor_writes_the_parameter_node(a_desktop, an_example):
    panel = a_desktop.show(an_example)
    parameters = panel.logic.getParameterNode()
    an_example.exit()
    parameters.threshold = 77
    assert panel.ui.thresholdSlider.value == 10.5
    panel.ui.thresholdSlider.value = 5
    assert parameters.threshold == 77
    an_example.enter()
    assert panel.ui.thresholdSlider.value == 77


def test_parameters_are_restored_from_a_bundle(a_desktop, an_example, tmp_path):
    panel = a_desktop.show(an_example)
    panel.ui.inputSelector.setCurrentNode(_add_volume("first"))
    panel.ui.inputSelector.setCurrentNode(_add_volume("second"))
    panel.ui.thresholdSlider.value = 12.5
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(False)
    assert (panel.ui.inputSelector.currentNode(), panel.ui.thresholdSlider.value) == (None, 10.5)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    an_example.exit()
    an_example.enter()
    assert panel.ui.inputSelector.currentNode().GetName() == "second"
    assert panel.ui.thresholdSlider.value == 12.5
    own = panel.logic.getParameterNode().parameterNode.GetAttribute("ModuleName")
    nodes = slicer.util.getNodesByClass("vtkMRMLScriptedModuleNode")
    assert own == "Threshold"  # of the example's logic
    assert [node.GetAttribute("ModuleName") for node in nodes].count(own) == 1  # other modules may have theirs


def test_after_cleanup_the_scene_is_not_observed_any_more(a_desktop, an_example):
    panel = a_desktop.show(an_example)
    assert panel.hasObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, panel.onSceneEndClose)
    calls = sys.modules["Threshold"].CALLS
    an_example.exit()
    panel.cleanup()
    calls.clear()
    slicer.mrmlScene.Clear(False)
    assert calls == []


# The same with MedInsight Segment


def test_a_choice_made_by_a_script_shows_in_the_panel_at_once_or_when_it_is_entered(a_module, a_panel):
    head, other = (node_from_volume(slicer.mrmlScene, a_head(8), name) for name in ("head", "other"))
    a_panel.shown.parameterNode.inputVolume = other
    assert a_panel.ui.inputVolumeSelector.currentNode() is other
    a_module.exit()
    a_panel.logic.getParameterNode().inputVolume = head
    a_panel.logic.getParameterNode().device = "cpu"
    assert a_panel.ui.inputVolumeSelector.currentNode() is other
    a_module.enter()
    assert a_panel.ui.inputVolumeSelector.currentNode() is head
    assert a_panel.ui.deviceSelector.currentText == "cpu"


def test_each_choice_is_one_event_of_the_node_however_often_the_panel_was_entered(a_module, a_panel):
    head, other = (node_from_volume(slicer.mrmlScene, a_head(8), name) for name in ("head", "other"))
    for _ in range(3):
        a_module.exit()
        a_module.enter()
    assert a_panel.ui.inputVolumeSelector.currentNode() is head
    changes = _count_changes(a_panel.shown.parameterNode.parameterNode)
    a_panel.ui.inputVolumeSelector.setCurrentNode(other)
    assert (len(changes), a_panel.shown.parameterNode.inputVolume) == (1, other)
    a_panel.ui.toleranceSpinBox.value = 2.5
    assert (len(changes), a_panel.shown.parameterNode.toleranceMm) == (2, 2.5)


def test_a_scene_that_is_closed_while_another_module_is_shown_connects_nothing(a_module, a_panel):
    node_from_volume(slicer.mrmlScene, a_head(8), "head")
    a_module.exit()
    slicer.mrmlScene.Clear(False)
    assert a_panel.shown.parameterNode is None
    node_from_volume(slicer.mrmlScene, a_head(8), "new")
    assert a_panel.shown.parameterNode is None
    a_module.enter()
    assert a_panel.ui.inputVolumeSelector.currentNode().GetName() == "new"
    assert a_panel.shown.parameterNode.inputVolume.GetName() == "new"
    slicer.mrmlScene.Clear(False)
    assert a_panel.shown.parameterNode is not None
    assert not a_panel.ui.runButton.enabled


def test_a_connected_spin_box_keeps_the_range_that_the_form_gives_it(a_panel):
    spin = a_panel.ui.toleranceSpinBox
    assert (spin.minimum, spin.maximum, spin.value) == (0.0, 50.0, 1.0)
