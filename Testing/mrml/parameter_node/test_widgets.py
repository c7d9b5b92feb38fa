"""Widgets and parameters keep in step.

Slicer's own rules, such as which classes of widgets it connects, are in Base/Python/slicer/parameterNodeWrapper of
its sources.
"""

import pathlib
import sys
from types import SimpleNamespace

import pytest

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
QtCore = pytest.importorskip("PySide6.QtCore", reason="PySide6 is not installed")
QtWidgets = pytest.importorskip("PySide6.QtWidgets", reason="PySide6 is not installed")
from .examples import Orientation  # noqa: E402

MODIFIED = vtk.vtkCommand.ModifiedEvent


def make(kind):
    """A widget by the name under which a module knows it: "qt.QCheckBox"."""
    module, _, name = kind.partition(".")
    widget = getattr(sys.modules[module], name)()
    if hasattr(widget, "setMRMLScene"):
        widget.setMRMLScene(slicer.mrmlScene)
    return widget


TIES = [
    ("qt.QCheckBox", "flag", True, "checked", True),
    ("qt.QPushButton", "flag", True, "checked", True),
    ("qt.QSpinBox", "count", 7, "value", 7),
    ("qt.QSlider", "count", 7, "value", 7),
    ("ctk.ctkSliderWidget", "count", 7, "value", 7.0),
    ("qt.QDoubleSpinBox", "ratio", 0.125, "value", 0.125),
    ("ctk.ctkSliderWidget", "ratio", 0.125, "value", 0.125),
    ("slicer.qMRMLSliderWidget", "ratio", 0.125, "value", 0.125),
    ("qt.QDoubleSpinBox", "box.corner.x", 2.5, "value", 2.5),
    ("qt.QLineEdit", "text", "new", "text", "new"),
    ("qt.QTextEdit", "text", "new\nline", "plainText", "new\nline"),
    ("qt.QComboBox", "colour", "red", "currentIndex", 0),
    ("ctk.ctkComboBox", "orientation", Orientation.AXIAL, "currentIndex", 0),
    ("ctk.ctkPathLineEdit", "path", pathlib.Path("/a/b"), "currentPath", "/a/b"),
    ("ctk.ctkDirectoryButton", "path", pathlib.Path("/a/b"), "directory", "/a/b"),
]
each_widget = pytest.mark.parametrize(("kind", "name", "value", "shows", "shown"), TIES, ids=lambda value: str(value))


def value_of(parameters, path):
    for name in path.split("."):
        parameters = getattr(parameters, name)
    return parameters


def assign(parameters, path, value):
    *owners, name = path.split(".")
    setattr(value_of(parameters, ".".join(owners)) if owners else parameters, name, value)


@each_widget
def test_a_widget_follows_its_parameter_until_it_is_disconnected(parameters, kind, name, value, shows, shown):
    first, widget = value_of(parameters, name), make(kind)
    tag = parameters.connectParametersToGui({name: widget})
    assert widget.property(shows) != shown
    assign(parameters, name, value)
    assert widget.property(shows) == shown
    assert value_of(parameters, name) == value
    parameters.disconnectGui(tag)
    assign(parameters, name, first)
    assert widget.property(shows) == shown


@each_widget
def test_a_parameter_follows_its_widget_until_it_is_disconnected(parameters, kind, name, value, shows, shown):
    widget = make(kind)
    tag = parameters.connectParametersToGui({name: widget})
    before = widget.property(shows)
    setattr(widget, shows, shown)
    assert value_of(parameters, name) == value
    parameters.disconnectGui(tag)
    setattr(widget, shows, before)
    assert value_of(parameters, name) == value


def test_a_node_selector_and_its_parameter_follow_each_other(parameters, a_scene, a_volume):
    selector = slicer.qMRMLNodeComboBox()
    selector.noneEnabled = True
    selector.setMRMLScene(a_scene)
    parameters.connectParametersToGui({"volume": selector})
    assert list(selector.nodeTypes) == ["vtkMRMLScalarVolumeNode"]
    selector.setCurrentNode(a_volume)
    assert parameters.volume is a_volume
    parameters.volume = None
    assert selector.currentNode() is None
    parameters.volume = a_volume
    a_scene.RemoveNode(a_volume)
    assert selector.currentNode() is None
    selector.setMRMLScene(None)


def test_a_label_shows_and_never_sets(parameters):
    label = QtWidgets.QLabel()
    parameters.connectParametersToGui({"text": label})
    parameters.text = "shown"
    assert label.property("text") == "shown"


@pytest.fixture
def a_panel():
    panel = QtWidgets.QWidget()
    for kind, name in ((QtWidgets.QSpinBox, "count"), (QtWidgets.QLineEdit, "text"), (QtWidgets.QLineEdit, "")):
        inner = QtWidgets.QGroupBox(panel)
        widget = kind(inner)
        widget.setObjectName(name or "untied")
        widget.setProperty("SlicerParameterName", name)
    return panel


def test_widgets_are_found_by_their_dynamic_property_at_any_depth(parameters, a_panel):
    parameters.connectGui(a_panel)
    parameters.count = 11
    a_panel.findChild(QtWidgets.QLineEdit, "text").setText("typed")
    assert a_panel.findChild(QtWidgets.QSpinBox).property("value") == 11
    assert parameters.text == "typed"


def test_widgets_are_found_in_an_object_that_has_them_as_attributes(parameters):
    ui = SimpleNamespace(spin=QtWidgets.QSpinBox(), untied=QtWidgets.QSpinBox())
    ui.spin.setProperty("SlicerParameterName", "count")
    tag = parameters.connectGui(ui)
    assert tag == 0  # so "if tag:" does not tell whether there is a connection
    assert ui.spin.property("value") == 3
    parameters.disconnectGui(tag)
    assert parameters.connectGui(ui) == 1
    for no_connection in (tag, None, 77):
        parameters.disconnectGui(no_connection)
    parameters.count = 4
    assert ui.spin.property("value") == 4
    ui.other = "no widget"
    with pytest.raises(AttributeError, match="property"):
        parameters.connectGui(ui)


def test_of_two_widgets_with_the_same_name_the_latter_is_connected(parameters):
    ui = SimpleNamespace(first=QtWidgets.QSpinBox(), second=QtWidgets.QSpinBox())
    for widget in vars(ui).values():
        widget.setProperty("SlicerParameterName", "count")
    parameters.connectGui(ui)
    assert (ui.first.property("value"), ui.second.property("value")) == (0, 3)


def test_what_widgets_say_while_they_are_set_from_the_node_does_not_count(parameters):
    count, text = QtWidgets.QSpinBox(), QtWidgets.QLineEdit()
    parameters.connectParametersToGui({"count": count, "text": text})
    count.connect("valueChanged(int)", lambda value: text.setText(f"{value} typed"))
    parameters.count = 5
    assert (text.property("text"), parameters.text) == ("", "")
    count.setValue(6)
    assert parameters.text == "6 typed"


def test_a_misspelt_parameter_name_of_a_widget_raises_and_ties_nothing(parameters, a_panel):
    a_panel.findChild(QtWidgets.QLineEdit, "untied").setProperty("SlicerParameterName", "txet")
    with pytest.raises(ValueError, match="no parameter 'txet'"):
        parameters.connectGui(a_panel)
    a_panel.findChild(QtWidgets.QSpinBox).setValue(9)
    assert parameters.count == 3


@pytest.mark.parametrize(
    ("kind", "name", "cause"),
    [
        ("qt.QCheckBox", "text", "parameter 'text'"),
        ("qt.QSpinBox", "ratio", "parameter 'ratio'"),
        ("qt.QSpinBox", "flag", "parameter 'flag'"),
        ("qt.QGroupBox", "flag", "parameter 'flag'"),
        ("ctk.ctkCollapsibleButton", "flag", "parameter 'flag'"),
        ("qt.QPlainTextEdit", "text", "parameter 'text'"),
        ("ctk.ctkSearchBox", "text", "parameter 'text'"),
        ("qt.QLineEdit", "box", "parameter 'box'"),
        ("qt.QComboBox", "text", "a combo box needs to know"),
        ("qt.QSlider", "even", "a slider needs a parameter with a range"),
    ],
)
def test_a_widget_that_slicer_does_not_connect_raises_and_leaves_the_others_untied(parameters, kind, name, cause):
    spin = QtWidgets.QSpinBox()
    with pytest.raises(RuntimeError, match=cause):
        parameters.connectParametersToGui({"count": spin, name: make(kind)})
    spin.setValue(20)
    assert parameters.count == 3


def test_range_decimals_and_step_reach_the_widget(parameters):
    spin, double = QtWidgets.QSpinBox(), QtWidgets.QDoubleSpinBox()
    parameters.connectParametersToGui({"count": spin, "ratio": double})
    assert [spin.property(name) for name in ("minimum", "maximum", "singleStep")] == [0, 50, 5]
    assert [double.property(name) for name in ("minimum", "maximum", "decimals", "singleStep")] == [0, 1, 3, 0.25]


def test_without_a_range_a_spin_box_loses_its_own(parameters):
    spin, double = QtWidgets.QSpinBox(), QtWidgets.QDoubleSpinBox()
    parameters.connectParametersToGui({"even": spin, "box.corner.x": double})
    assert [spin.property(name) for name in ("minimum", "maximum")] == [-(2**31), 2**31 - 1]
    assert [double.property(name) for name in ("minimum", "maximum")] == [float("-inf"), float("inf")]


def test_who_listens_to_a_combo_box_hears_that_it_is_filled(parameters):
    combo, heard = QtWidgets.QComboBox(), []
    combo.connect("currentIndexChanged(int)", heard.append)
    parameters.connectParametersToGui({"colour": combo})
    assert heard == [0, 1]


def test_a_combo_box_offers_the_choices_and_the_labels_of_an_enumeration(parameters):
    choice, enumeration = QtWidgets.QComboBox(), QtWidgets.QComboBox()
    for _ in range(2):  # connecting again does not add them again
        tag = parameters.connectParametersToGui({"colour": choice, "orientation": enumeration})
        parameters.disconnectGui(tag)
    assert [choice.itemText(index) for index in range(choice.property("count"))] == ["red", "green"]
    assert enumeration.property("currentText") == "Coronal slices"
    assert enumeration.property("count") == 2
    assert parameters.colour == "green"


def test_a_widget_that_rounds_does_not_round_the_parameter(parameters):
    spin = QtWidgets.QDoubleSpinBox()
    parameters.connectParametersToGui({"ratio": spin})
    parameters.ratio = 0.123456
    parameters.text = "another change of the node"
    assert spin.property("value") == 0.123
    assert parameters.ratio == 0.123456


def test_one_change_of_a_widget_is_one_event_of_the_node(parameters):
    spin, slider, events = QtWidgets.QSpinBox(), QtWidgets.QSlider(), []
    parameters.connectParametersToGui({"count": spin})
    parameters.connectParametersToGui({"count": slider})
    parameters.AddObserver(MODIFIED, lambda *_: events.append(1))
    spin.setValue(8)
    assert slider.property("value") == 8
    assert len(events) == 1
