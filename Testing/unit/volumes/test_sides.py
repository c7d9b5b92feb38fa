"""Which structure is the same on the other side, and where left and right are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from Med3DInsightLib.volumes import Grid, Reorientation
from Med3DInsightLib.volumes.orientation import ALL_AXIS_CODES
from Med3DInsightLib.volumes.sides import has_side, left_right_axis_kji, twins


def test_left_and_right_of_a_structure_are_twins_and_everything_else_is_its_own():
    names = ["background", "left thalamus", "brain stem", "right thalamus", "left lung", "leftover"]
    assert twins(names) == [0, 3, 2, 1, 4, 5]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Left Lung", "Right Lung"),
        ("kidney_left", "kidney_right"),
        ("kidney left", "kidney right"),
        ("left_kidney", "right_kidney"),
        ("Left-Cerebellum-Cortex", "Right-Cerebellum-Cortex"),
        ("lung_upper_lobe_left", "lung_upper_lobe_right"),
        ("LEFT EYE", "right eye"),
        ("Left", "Right"),
    ],
)
def test_a_side_is_a_whole_word_wherever_it_stands_and_however_it_is_written(left, right):
    assert twins([right, "spleen", left]) == [2, 1, 0]
    assert has_side(left)
    assert has_side(right)


@pytest.mark.parametrize("other", ["leftover", "lefthippocampus", "bright spot", "rightmost", "aorta"])
def test_parts_of_words_are_no_sides(other):
    assert not has_side(other)
    assert twins([other, other.replace("left", "right"), other.replace("right", "left")])[0] == 0


def test_names_that_differ_only_in_case_or_separators_have_no_twin():
    assert twins(["left lung", "Left Lung", "right lung", "left_lung"]) == [0, 1, 2, 3]


@given(
    st.lists(
        st.sampled_from(["left ear", "right ear", "Eye_Left", "eye right", "eye-left", "nose", "left", "right"]),
        unique=True,
    )
)
def test_the_twin_of_a_twin_is_the_structure_itself(names):
    other = twins(names)
    assert [other[index] for index in other] == list(range(len(names)))


@pytest.mark.parametrize("orientation", sorted(ALL_AXIS_CODES))
def test_a_step_along_the_left_right_axis_is_a_step_to_the_left_or_right(orientation):
    grid = Reorientation.to(Grid((3, 4, 5), np.eye(4)), orientation).target
    step_ras = grid.ijk_to_ras[:3, 2 - left_right_axis_kji(orientation)]
    assert abs(step_ras[0]) == 1.0
