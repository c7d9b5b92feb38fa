"""The stand-in's parameter node wrapper keeps typed values in a real MRML node and in step with real widgets."""

# ruff: noqa: N801, N802, N815, N816 - ctk and qMRML names are not PEP 8

import os
import pathlib
from enum import Enum
from typing import Annotated, ClassVar, Optional, Union

import pytest
import Testing.minislicer  # noqa: F401 - sets what Qt reads when it is loaded, below
from hypothesis import given
from hypothesis import strategies as st

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
QtCore = pytest.importorskip("PySide6.QtCore", reason="PySide6 is not installed")
QtWidgets = pytest.importorskip("PySide6.QtWidgets", reason="PySide6 is not installed")

from Testing.minislicer.parameter_node import (  # noqa: E402 - it imports slicer and PySide6
    Choice,
    Decimals,
    Default,
    Exclude,
    Maximum,
    Minimum,
    SingleStep,
    Validator,
    WithinRange,
    isParameterNodeWrapper,
    isParameterPack,
    parameterNodeWrapper,
    parameterPack,
)

MODIFIED = vtk.vtkCommand.ModifiedEvent
VTKObservationMixin = slicer.util.VTKObservationMixin


class Orientation(Enum):
    AXIAL = 1
    CORONAL = 2

    def label(self):
        return f"{self.name.title()} slices"


class Even(Validator):
    def validate(self, value):
        if value % 2:
            raise ValueError(f"{value} is odd")


@parameterPack
class Point:
    x: float
    y: Annotated[float, WithinRange(-10, 10)] = 1.0


@parameterPack
class Box:
    corner: Point
    opposite: Point = Point(5, 6)
    name: str = "box"


@parameterPack
class Span:
    _low: int
    _high: Annotated[int, Default(10)]

    def __init__(self, low=None):
        if low is not None:
            self.low = low

    @property
    def low(self):
        return self._low

    @low.setter
    def low(self, value):
        if value > self._high:
            raise ValueError("low above high")
        self._low = value


@parameterNodeWrapper
class Parameters:
    MODULE: ClassVar[str] = "Test"

    flag: bool
    count: Annotated[int, Minimum(0), Maximum(50), SingleStep(5)] = 3
    ratio: Annotated[float, WithinRange(0, 1), Decimals(3), SingleStep(0.25)] = 0.5
    text: str
    even: Annotated[int, Even()]
    path: pathlib.Path
    pure: pathlib.PurePosixPath = pathlib.PurePosixPath("/a/b")
    orientation: Orientation = Orientation.CORONAL
    colour: Annotated[str, Choice(["red", "green"]), Default("green")]
    shade: Annotated[str, Exclude(["black"])]
    maybe: Optional[int]  # noqa: UP045 - the older spelling has to work too
    mixed: Union[int, str, Orientation]  # noqa: UP007
    ints: list[int]
    pair: tuple[int, str] = (7, "seven")
    table: dict[str, list[float]]
    volume: slicer.vtkMRMLScalarVolumeNode
    volumes: list[slicer.vtkMRMLScalarVolumeNode]
    model_or_volume: slicer.vtkMRMLModelNode | slicer.vtkMRMLScalarVolumeNode | None
    named_volumes: dict[str, slicer.vtkMRMLScalarVolumeNode]
    box: Box
    points: list[Point]
    span: Span

    def double(self):
        return 2 * self.count


@pytest.fixture(scope="module", autouse=True)
def an_application():
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication([])


@pytest.fixture
def a_scene():
    scene = slicer.vtkMRMLScene()
    yield scene
    scene.Clear(True)


@pytest.fixture
def a_node(a_scene):
    return a_scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode")


@pytest.fixture
def a_volume(a_scene):
    return a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "MR")


@pytest.fixture
def parameters(a_node):
    return Parameters(a_node)


def free_parameters():
    scene = slicer.vtkMRMLScene()
    return scene, Parameters(scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES = {
    "flag": st.booleans(),
    "count": st.integers(0, 50),
    "ratio": st.floats(0, 1),
    "text": TEXT,
    "path": TEXT.map(pathlib.Path),
    "orientation": st.sampled_from(Orientation),
    "maybe": st.none() | st.integers(),
    "mixed": st.integers() | TEXT | st.sampled_from(Orientation),
    "ints": st.lists(st.integers()),
    "pair": st.tuples(st.integers(), TEXT),
    "table": st.dictionaries(TEXT, st.lists(st.floats(allow_nan=False), max_size=3), max_size=3),
    "points": st.lists(st.builds(Point, st.floats(allow_nan=False), st.floats(-10, 10)), max_size=3),
}


@given(st.data(), st.sampled_from(sorted(VALUES)))
def test_every_value_comes_back_equal_and_of_the_same_type_in_another_wrapper(data, name):
    _scene, parameters = free_parameters()
    for _ in range(2):  # the second value replaces the first one and leaves nothing of it
        value = data.draw(VALUES[name])
        setattr(parameters, name, value)
        read = getattr(Parameters(parameters.parameterNode), name)
        assert read == value
        assert isinstance(read, type(value))


def test_without_a_word_about_defaults_a_parameter_begins_with_the_default_of_its_type(parameters):
    assert parameters.flag is False
    assert parameters.text == ""
    assert parameters.path == pathlib.Path()
    assert parameters.maybe is None
    assert parameters.mixed == 0
    assert (parameters.ints, parameters.table, parameters.volumes) == ([], {}, [])
    assert parameters.volume is None
    assert parameters.model_or_volume is None


def test_defaults_come_from_assignment_and_from_annotated(parameters):
    assert (parameters.count, parameters.ratio, parameters.pair) == (3, 0.5, (7, "seven"))
    assert parameters.orientation is Orientation.CORONAL
    assert parameters.colour == "green"
    assert parameters.pure == pathlib.PurePosixPath("/a/b")
    assert parameters.box == Box(Point(0, 1), Point(5, 6), "box")


def test_a_generator_is_asked_when_the_wrapper_is_made(a_node):
    asked = []

    @parameterNodeWrapper
    class Generated:
        folder: Annotated[str, Default(generator=lambda: asked.append(1) or "made")]

    assert asked == []
    assert Generated(a_node).folder == "made"


def test_a_node_that_holds_a_value_keeps_it_against_the_default(a_node):
    a_node.SetParameter("count", "42")
    assert Parameters(a_node).count == 42


def test_a_default_that_its_validator_refuses_is_found_when_the_class_is_made():
    with pytest.raises(ValueError, match=r"parameter 'Wrong\.low'.*at least 5"):

        @parameterNodeWrapper
        class Wrong:
            low: Annotated[int, Minimum(5)]


def test_two_defaults_and_unknown_types_are_found_when_the_class_is_made():
    with pytest.raises(TypeError, match="two defaults"):

        @parameterNodeWrapper
        class Twice:
            a: Annotated[int, Default(1)] = 2

    with pytest.raises(TypeError, match=r"parameter 'Odd\.a'.*cannot hold"):

        @parameterNodeWrapper
        class Odd:
            a: complex


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("count", -1, ValueError),
        ("count", 51, ValueError),
        ("count", 1.5, TypeError),
        ("count", None, ValueError),
        ("ratio", 1.01, ValueError),
        ("ratio", float("nan"), ValueError),
        ("ratio", "0.5", TypeError),
        ("flag", 1, TypeError),
        ("text", b"x", TypeError),
        ("path", "x", TypeError),
        ("even", 3, ValueError),
        ("orientation", "AXIAL", TypeError),
        ("colour", "blue", ValueError),
        ("shade", "black", ValueError),
        ("maybe", "1", TypeError),
        ("ints", [1, "2"], TypeError),
        ("ints", (1, 2), TypeError),
        ("pair", (1,), ValueError),
        ("pair", (1, 2), TypeError),
        ("table", {"a": ["b"]}, TypeError),
        ("volume", "MR", TypeError),
        ("volume", slicer.vtkMRMLModelNode(), TypeError),
        ("box", (1, 2), TypeError),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name_and_changes_nothing(parameters, name, value, error):
    before = getattr(parameters, name)
    with pytest.raises(error, match=f"parameter '{name}'"):
        setattr(parameters, name, value)
    assert getattr(parameters, name) == before


def test_a_misspelt_parameter_raises(parameters):
    with pytest.raises(AttributeError, match="no parameter 'cuont'"):
        parameters.cuont = 3
    with pytest.raises(AttributeError):
        _ = parameters.cuont
    with pytest.raises(AttributeError, match="no parameter 'z'"):
        parameters.box.corner.z = 3
    with pytest.raises(AttributeError):
        parameters.connectGui = None


def test_what_the_node_holds_wrongly_is_reported_by_name(parameters):
    for name, text in (("count", "many"), ("flag", "yes"), ("orientation", "OBLIQUE")):
        parameters.parameterNode.SetParameter(name, text)
        with pytest.raises(ValueError, match=f"parameter '{name}'"):
            getattr(parameters, name)


def test_methods_and_constants_of_the_class_stay(parameters):
    assert parameters.double() == 6
    assert Parameters.__name__ == "Parameters"
    assert parameters.MODULE == "Test"
    assert isParameterNodeWrapper(parameters)
    assert isParameterNodeWrapper(Parameters)
    assert not isParameterNodeWrapper(Point)
    assert isParameterPack(Point(1, 2))
    assert not isParameterPack(3)


def test_a_derived_wrapper_has_the_parameters_of_both(a_node):
    @parameterNodeWrapper
    class Derived(Parameters):
        extra: int = 9

    derived = Derived(a_node)
    assert (derived.extra, derived.count) == (9, 3)


def test_only_a_parameter_node_can_be_wrapped(a_volume):
    with pytest.raises(TypeError, match="expected a vtkMRMLScriptedModuleNode"):
        Parameters(a_volume)


# MRML nodes


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


# Containers and packs write through


def test_a_list_writes_its_changes_through(parameters):
    ints = parameters.ints
    ints.append(3)
    ints += [1, 2]
    parameters.ints.sort()
    parameters.ints[0] = 9
    assert parameters.ints == [9, 2, 3]
    assert parameters.ints.pop() == 3
    del parameters.ints[0]
    assert Parameters(parameters.parameterNode).ints == [2]
    with pytest.raises(TypeError, match="parameter 'ints'"):
        parameters.ints.append("x")
    assert parameters.ints == [2]


def test_two_views_of_a_list_lose_none_of_their_changes(parameters):
    one, other = parameters.ints, parameters.ints
    one.append(1)
    other.append(2)
    assert parameters.ints == [1, 2]


def test_a_dict_and_the_lists_in_it_write_their_changes_through(parameters):
    table = parameters.table
    table["a"] = [1.0]
    table |= {"b": []}
    parameters.table["b"].append(2)
    assert Parameters(parameters.parameterNode).table == {"a": [1.0], "b": [2.0]}
    assert parameters.table.pop("a") == [1.0]
    assert parameters.table == {"b": [2.0]}


def test_a_shorter_list_leaves_nothing_in_the_node(parameters):
    names = set(parameters.parameterNode.GetParameterNames())
    parameters.ints = [1, 2, 3]
    parameters.table = {"a": [1.0]}
    parameters.maybe = 4
    parameters.ints = []
    parameters.table.clear()
    parameters.maybe = None
    assert set(parameters.parameterNode.GetParameterNames()) == names


def test_a_pack_is_stored_by_dotted_names_and_writes_through(parameters):
    parameters.box.corner.x = 4.5
    parameters.box.opposite = Point(-1, y=-2)
    node = parameters.parameterNode
    assert node.GetParameter("box.corner.x") == "4.5"
    assert node.GetParameter("box.opposite.y") == "-2.0"
    assert Parameters(node).box == Box(Point(4.5, 1), Point(-1, -2), "box")
    with pytest.raises(ValueError, match=r"parameter 'box\.corner\.y'"):
        parameters.box.corner.y = 11


def test_packs_in_a_list_are_independent_of_their_place_once_taken_out(parameters):
    parameters.points = [Point(1, 1), Point(2, 2)]
    parameters.points[1].x = 7
    assert parameters.points.pop(0) == Point(1, 1)
    assert parameters.points == [Point(7, 2)]


def test_an_assigned_pack_or_list_is_copied(parameters):
    point, ints = Point(1, 1), [1]
    parameters.box.corner, parameters.ints = point, ints
    point.x = 9
    ints.append(2)
    assert parameters.box.corner.x == 1
    assert parameters.ints == [1]


def test_a_pack_behaves_like_a_dataclass():
    assert Point() == Point(0, 1)
    assert Point(3, y=2) != Point(3, 3)
    assert str(Point(3)) == "Point(x=3.0, y=1.0)"
    for args, keywords in (((1, 2, 3), {}), ((1,), {"x": 2}), ((), {"z": 1})):
        with pytest.raises(TypeError, match="Point takes"):
            Point(*args, **keywords)
    with pytest.raises(ValueError, match="parameter 'y'"):
        Point(0, 11)


def test_a_pack_keeps_its_own_constructor_and_invariants(parameters):
    assert Span(3).low == 3
    parameters.span = Span(4)
    parameters.span.low = 6
    with pytest.raises(ValueError, match="low above high"):
        parameters.span.low = 11
    assert parameters.span.low == 6


# Events and scenes


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


def test_a_pack_that_got_a_new_attribute_since_the_scene_was_saved_gets_its_default(a_node):
    a_node.SetParameter("box.corner.x", "2")
    assert Parameters(a_node).box == Box(Point(2, 1))


# Widgets. Their values are read through property(), which works whether or not another test of this process has
# applied PythonQt's rules.


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
