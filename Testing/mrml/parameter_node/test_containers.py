"""Lists, dictionaries and packs write what is done to them through to the MRML node."""

import operator

import pytest

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
from .examples import Box, Parameters, Point, Span  # noqa: E402


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


def test_a_list_and_a_dict_are_no_plain_ones_and_do_what_slicers_do(parameters):
    parameters.ints = (1, 2)
    assert not isinstance(parameters.ints, list)
    for operation, other in ((operator.add, [3]), (operator.mul, 2)):
        for operands in ((parameters.ints, other), (other, parameters.ints)):
            with pytest.raises(NotImplementedError, match="list"):
                operation(*operands)
    ints = parameters.ints
    ints *= 2
    assert list(parameters.ints) == [1, 2, 1, 2]
    parameters.table = {"a": [1.0]}
    assert not isinstance(parameters.table, dict)
    assert parameters.table.get("b") is None
    assert dict(parameters.table) == {"a": [1.0]}
    with pytest.raises(TypeError):
        parameters.table.get("b", [])
    with pytest.raises(TypeError):
        parameters.table | {"b": []}


def test_two_views_of_a_list_lose_none_of_their_changes(parameters):
    one, other = parameters.ints, parameters.ints
    one.append(1)
    other.append(2)
    assert parameters.ints == [1, 2]


def test_a_dict_and_the_lists_in_it_write_their_changes_through(parameters):
    table = parameters.table
    table["a"] = [1.0]
    table.update({"b": []})
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
