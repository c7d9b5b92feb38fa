"""Parameters that are MRML nodes, observers, and scenes that are saved and loaded."""

import pathlib

import pytest

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
QtWidgets = pytest.importorskip("PySide6.QtWidgets", reason="PySide6 is not installed")
from .examples import Box, Orientation, Parameters, Point  # noqa: E402

MODIFIED = vtk.vtkCommand.ModifiedEvent
VTKObservationMixin = slicer.util.VTKObservationMixin


def test_a_mrml_node_is_stored_as_a_reference_and_gone_when_the_scene_drops_it(parameters, a_scene, a_volume):
    parameters.volume = a_volume
    parameters.model_or_volume = a_volume
    parameters.volumes = [a_volume]
    assert parameters.parameterNode.GetNodeReferenceID("volume") == a_volume.GetID()
    assert parameters.parameterNode.GetParameter("volume") == ""
    assert parameters.volume is a_volume
    assert parameters.volumes == [a_volume]
    a_scene.RemoveNode(a_volume)
    assert parameters.volume is None
    assert parameters.model_or_volume is None


def test_a_derived_mrml_class_fits_and_none_takes_the_reference_away(parameters, a_scene):
    labels = a_scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    parameters.volume = labels
    assert parameters.volume is labels
    parameters.volume = None
    assert parameters.volume is None
    assert parameters.parameterNode.HasParameter("volume")
    assert parameters.parameterNode.GetNodeReferenceID("volume") is None


def test_a_mrml_node_outside_the_scene_is_refused(parameters):
    stranger = slicer.vtkMRMLScalarVolumeNode()
    with pytest.raises(ValueError, match="parameter 'volume'.*in a scene"):
        parameters.volume = stranger
    with pytest.raises(ValueError, match="parameter 'volumes'"):
        parameters.volumes = [stranger]
    assert parameters.volumes == []
    other_scene = slicer.vtkMRMLScene()
    other_scene.AddNode(stranger)
    with pytest.raises(ValueError, match="parameter 'volume'.*of another"):
        parameters.volume = stranger


def test_observers_of_the_wrapper_hear_the_node(parameters, a_volume):
    class Widget(VTKObservationMixin):
        calls = 0

        def changed(self, caller, _event):
            assert caller is parameters.parameterNode
            self.calls += 1

    widget = Widget()
    widget.addObserver(parameters, MODIFIED, widget.changed)
    parameters.count = 4
    parameters.volume = a_volume
    assert widget.calls == 2
    parameters.count = 4
    assert widget.calls == 2
    was_modifying = parameters.StartModify()
    parameters.count, parameters.ints = 5, [1, 2, 3]
    assert widget.calls == 2
    parameters.EndModify(was_modifying)
    assert widget.calls == 3
    widget.removeObserver(parameters, MODIFIED, widget.changed)
    parameters.Modified()
    assert widget.calls == 3


def test_a_saved_scene_restores_all_values(parameters, a_scene, a_volume, tmp_path):
    parameters.text = 'a "quoted" <ünïcode> & \n line; 100 %'
    parameters.ints, parameters.ratio, parameters.path = [1, -2], 0.1 + 0.2, pathlib.Path("/x y/z")
    parameters.orientation, parameters.maybe, parameters.mixed = Orientation.AXIAL, 5, "text"
    parameters.volume = a_volume
    parameters.volumes = [a_volume, None]
    parameters.named_volumes = {"moving": a_volume}
    parameters.box.corner.x = 3
    a_scene.SetURL(str(tmp_path / "scene.mrml"))
    assert a_scene.Commit()

    loaded_scene = slicer.vtkMRMLScene()
    loaded_scene.SetURL(a_scene.GetURL())
    assert loaded_scene.Import()
    loaded = Parameters(loaded_scene.GetFirstNodeByClass("vtkMRMLScriptedModuleNode"))
    volume = loaded_scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
    assert volume.GetName() == "MR"
    assert loaded.volume is volume
    assert loaded.volumes == [volume, None]
    assert loaded.named_volumes == {"moving": volume}
    for name in ("text", "ints", "ratio", "path", "orientation", "maybe", "mixed", "pair", "colour", "box"):
        assert getattr(loaded, name) == getattr(parameters, name), name


def test_what_a_closed_scene_has_lost_is_the_default_again(parameters, a_scene, a_volume):
    node = parameters.parameterNode
    a_scene.RemoveNode(node)
    node.SetSingletonTag("Test")
    a_scene.AddNode(node)
    parameters.count, parameters.volume, parameters.ints = 7, a_volume, [1]
    parameters.box.corner.x = 4
    parameters.connectParametersToGui({"count": QtWidgets.QSpinBox()})
    a_scene.Clear(False)  # keeps singletons, but not what they hold
    assert a_scene.GetSingletonNode("Test", "vtkMRMLScriptedModuleNode") is node
    assert (parameters.count, parameters.volume, parameters.ints) == (3, None, [])
    assert parameters.box == Box(Point(0, 1))
    assert node.GetParameter("count") == "3"


def test_a_pack_that_got_a_new_attribute_since_the_scene_was_saved_gets_its_default(a_node):
    a_node.SetParameter("box.corner.x", "2")
    assert Parameters(a_node).box == Box(Point(2, 1))
