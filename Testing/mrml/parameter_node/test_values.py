"""A typed value comes back from the MRML node as it went in, or is refused by name."""

import pathlib
from typing import Annotated, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
from Testing.minislicer.parameter_node import (  # noqa: E402
    Default,
    Minimum,
    isParameterNodeWrapper,
    isParameterPack,
    parameterNodeWrapper,
)

from .examples import Box, Orientation, Parameters, Point, free_parameters  # noqa: E402

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
def test_every_value_comes_back_equal_and_every_plain_one_of_the_same_type_in_another_wrapper(data, name):
    _scene, parameters = free_parameters()
    for _ in range(2):  # the second value replaces the first one and leaves nothing of it
        value = data.draw(VALUES[name])
        setattr(parameters, name, value)
        read = getattr(Parameters(parameters.parameterNode), name)
        assert read == value
        assert isinstance(read, type(value)) or isinstance(value, list | dict)


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
        ("ints", 3, TypeError),
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


def test_what_slicer_cannot_wrap_is_refused():
    with pytest.raises(ValueError, match="Derived is derived from a class with parameters"):

        @parameterNodeWrapper
        class Derived(Parameters):
            extra: int = 9

    with pytest.raises(ValueError, match="cannot have a parameter named 'default'"):

        @parameterNodeWrapper
        class Taken:
            default: int

    with pytest.raises(TypeError, match=r"parameter 'Constant\.NAME'.*cannot hold"):

        @parameterNodeWrapper
        class Constant:
            NAME: ClassVar[str] = "constant"


def test_values_are_also_read_and_set_by_name(parameters):
    parameters.setValue("count", 7)
    parameters.setValue("box.corner.x", 2)
    parameters.box.setValue("opposite.y", -3)
    assert (parameters.count, parameters.box.corner.x) == (7, 2.0)
    assert (parameters.getValue("count"), parameters.getValue("box.corner.x")) == (7, 2.0)
    assert parameters.box.getValue("opposite.y") == -3.0
    assert parameters.default("count").value == 3
    for name in ("cuont", "box.x", "count.x"):
        with pytest.raises(ValueError, match=name.split(".")[-1]):
            parameters.getValue(name)
    with pytest.raises(ValueError, match="no member 'z'"):
        parameters.box.getValue("corner.z")


def test_only_a_parameter_node_can_be_wrapped(a_volume):
    with pytest.raises(TypeError, match="expected a vtkMRMLScriptedModuleNode"):
        Parameters(a_volume)
