"""Widgets and parameters keep in step.

Values of widgets are read through property(), which works whether or not another test of this process has applied
PythonQt's rules.
"""

# ruff: noqa: N801, N802, N815, N816 - ctk and qMRML names are not PEP 8

import pathlib

import pytest

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
QtCore = pytest.importorskip("PySide6.QtCore", reason="PySide6 is not installed")
QtWidgets = pytest.importorskip("PySide6.QtWidgets", reason="PySide6 is not installed")
from .examples import Orientation  # noqa: E402

MODIFIED = vtk.vtkCommand.ModifiedEvent


class FakeNodeSelector(QtWidgets.QWidget):
    """Stands for a qMRMLNodeComboBox, whose scene is not of interest here."""

    currentNodeChanged = QtCore.Signal(object)
    node = None

    def currentNode(self):
        return self.node

    def setCurrentNode(self, node):
        if node is not self.node:
            self.node = node
            self.currentNodeChanged.emit(node)


qMRMLNodeComboBox = type("qMRMLNodeComboBox", (FakeNodeSelector,), {})


class ctkPathLineEdit(QtWidgets.QWidget):
    currentPathChanged = QtCore.Signal(str)
    path = ""

    def setCurrentPath(self, path):
        if path != self.path:
            self.path = path
            self.currentPathChanged.emit(path)

    currentPath = QtCore.Property(str, lambda self: self.path, setCurrentPath)


class ctkCollapsibleButton(QtWidgets.QPushButton):
    contentsCollapsed = QtCore.Signal(bool)
    is_collapsed = False

    def setCollapsed(self, collapsed):
        if collapsed != self.is_collapsed:
            self.is_collapsed = collapsed
            self.contentsCollapsed.emit(collapsed)

    collapsed = QtCore.Property(bool, lambda self: self.is_collapsed, setCollapsed)


class ctkSliderWidget(QtWidgets.QDoubleSpinBox):
    pass


def a_checkable_button():
    button = QtWidgets.QPushButton()
    button.setCheckable(True)
    return button


TIES = [
    (QtWidgets.QCheckBox, "flag", True, "checked", True),
    (a_checkable_button, "flag", True, "checked", True),
    (ctkCollapsibleButton, "flag", True, "collapsed", False),
    (QtWidgets.QSpinBox, "count", 7, "value", 7),
    (QtWidgets.QSlider, "count", 7, "value", 7),
    (QtWidgets.QDoubleSpinBox, "ratio", 0.125, "value", 0.125),
    (ctkSliderWidget, "ratio", 0.125, "value", 0.125),
    (QtWidgets.QDoubleSpinBox, "box.corner.x", 2.5, "value", 2.5),
    (QtWidgets.QLineEdit, "text", "new", "text", "new"),
    (QtWidgets.QTextEdit, "text", "new\nline", "plainText", "new\nline"),
    (QtWidgets.QPlainTextEdit, "text", "new\nline", "plainText", "new\nline"),
    (QtWidgets.QComboBox, "colour", "red", "currentIndex", 0),
    (QtWidgets.QComboBox, "orientation", Orientation.AXIAL, "currentIndex", 0),
    (ctkPathLineEdit, "path", pathlib.Path("/a/b"), "currentPath", "/a/b"),
]
each_widget = pytest.mark.parametrize(
    ("make", "name", "value", "shows", "shown"), TIES, ids=lambda value: getattr(value, "__name__", None)
)


def value_of(parameters, path):
    for name in path.split("."):
        parameters = getattr(parameters, name)
    return parameters


def assign(parameters, path, value):
    *owners, name = path.split(".")
    setattr(value_of(parameters, ".".join(owners)) if owners else parameters, name, value)


@each_widget
def test_a_widget_follows_its_parameter_until_it_is_disconnected(parameters, make, name, value, shows, shown):
    first, widget = value_of(parameters, name), make()
    tag = parameters.connectParametersToGui({name: widget})
    assert widget.property(shows) != shown
    assign(parameters, name, value)
    assert widget.property(shows) == shown
    assert value_of(parameters, name) == value
    parameters.disconnectGui(tag)
    assign(parameters, name, first)
    assert widget.property(shows) == shown


@each_widget
def test_a_parameter_follows_its_widget_until_it_is_disconnected(parameters, make, name, value, shows, shown):
    widget = make()
    tag = parameters.connectParametersToGui({name: widget})
    before = widget.property(shows)
    widget.setProperty(shows, shown)
    assert value_of(parameters, name) == value
    parameters.disconnectGui(tag)
    widget.setProperty(shows, before)
    assert value_of(parameters, name) == value


def test_a_node_selector_and_its_parameter_follow_each_other(parameters, a_scene, a_volume):
    selector = qMRMLNodeComboBox()
    parameters.connectParametersToGui({"volume": selector})
    selector.setCurrentNode(a_volume)
    assert parameters.volume is a_volume
    parameters.volume = None
    assert selector.currentNode() is None
    parameters.volume = a_volume
    a_scene.RemoveNode(a_volume)
    assert selector.currentNode() is None


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
    class Ui:
        pass

    ui = Ui()
    ui.spin, ui.other = QtWidgets.QSpinBox(), 3
    ui.spin.setProperty("SlicerParameterName", "count")
    tag = parameters.connectGui(ui)
    assert ui.spin.property("value") == 3
    parameters.disconnectGui(tag)
    parameters.disconnectGui(None)
    with pytest.raises(ValueError, match="expected the tag"):
        parameters.disconnectGui(tag)


def test_a_misspelt_parameter_name_of_a_widget_raises_and_ties_nothing(parameters, a_panel):
    a_panel.findChild(QtWidgets.QLineEdit, "untied").setProperty("SlicerParameterName", "txet")
    with pytest.raises(ValueError, match="no parameter 'txet'"):
        parameters.connectGui(a_panel)
    a_panel.findChild(QtWidgets.QSpinBox).setValue(9)
    assert parameters.count == 3


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (QtWidgets.QCheckBox, "text"),
        (QtWidgets.QSpinBox, "ratio"),
        (QtWidgets.QSpinBox, "flag"),
        (QtWidgets.QGroupBox, "flag"),
        (QtWidgets.QPushButton, "flag"),
        (QtWidgets.QComboBox, "text"),
        (QtWidgets.QLineEdit, "box"),
    ],
)
def test_a_widget_that_cannot_show_a_parameter_raises_and_leaves_the_others_untied(parameters, make, name):
    spin = QtWidgets.QSpinBox()
    with pytest.raises(ValueError, match=f"parameter '{name}'"):
        parameters.connectParametersToGui({"count": spin, name: make()})
    spin.setValue(20)
    assert parameters.count == 3


def test_range_decimals_and_step_reach_the_widget(parameters):
    spin, double = QtWidgets.QSpinBox(), QtWidgets.QDoubleSpinBox()
    parameters.connectParametersToGui({"count": spin, "ratio": double})
    assert [spin.property(name) for name in ("minimum", "maximum", "singleStep")] == [0, 50, 5]
    assert [double.property(name) for name in ("minimum", "maximum", "decimals", "singleStep")] == [0, 1, 3, 0.25]


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
