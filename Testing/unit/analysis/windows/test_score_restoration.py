"""Labels made tile by tile are those of interpolating everything."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from Med3DInsightLib.analysis.windows.score_restoration import labels_from_scores


def the_usual_way(scores, positions):
    """Interpolate all classes at every output voxel in float64, then take the arg-max."""
    axes = [np.arange(size) for size in scores.shape[1:]]
    points = np.stack(np.meshgrid(*positions, indexing="ij"), -1)
    full = []
    for channel in scores.double().numpy():
        padded, grid = channel, []
        for axis, along in enumerate(axes):  # scipy wants at least two samples along an axis
            if along.size == 1:
                padded = np.repeat(padded, 2, axis)
            grid.append(np.arange(padded.shape[axis]))
        full.append(RegularGridInterpolator(grid, padded)(points))
    full = np.stack(full)
    ordered = np.sort(full, 0)
    margin = ordered[-1] - ordered[-2] if len(full) > 1 else np.full(full.shape[1:], np.inf)
    return full.argmax(0), margin


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 14)] * 3),
    outputs=st.tuples(*[st.integers(1, 25)] * 3),
    classes=st.integers(1, 6),
    smooth=st.booleans(),
    tile=st.integers(1, 20),
    seed=st.integers(0, 2**31),
)
def test_labels_equal_those_of_interpolating_all_classes(shape, outputs, classes, smooth, tile, seed):
    generator = np.random.default_rng(seed)
    scores = torch.from_numpy(generator.normal(size=(classes, *shape))).float()
    if smooth:
        scores = torch.nn.functional.interpolate(scores[None, :, :2, :2, :2], size=shape, mode="trilinear")[0]
    positions = [np.sort(generator.uniform(0, size - 1, count)) for size, count in zip(shape, outputs, strict=True)]
    expected, margin = the_usual_way(scores, positions)

    labels = labels_from_scores(scores, positions, tile_voxel=tile)

    assert labels.shape == outputs
    assert ((labels == expected) | (margin < 1e-5)).all()


def test_ties_go_to_the_lower_class():
    labels = labels_from_scores(torch.zeros(4, 3, 3, 3), [np.linspace(0, 2, 7)] * 3)
    assert not labels.any()


def test_more_than_256_classes_fit_the_labels():
    scores = torch.zeros(300, 2, 2, 2)
    scores[299] = 1.0
    labels = labels_from_scores(scores, [np.linspace(0, 1, 3)] * 3)
    assert labels.dtype == np.uint16
    assert (labels == 299).all()


def test_positions_that_go_back_are_refused():
    with pytest.raises(ValueError, match="ascending"):
        labels_from_scores(torch.zeros(2, 3, 3, 3), [np.array([1.0, 0.0])] * 3)


def test_the_result_does_not_need_a_full_size_volume_of_scores():
    """At no time does a tensor exist that holds all classes at the output's size."""
    largest = 0

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            nonlocal largest
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor):
                largest = max(largest, result.numel())
            return result

    scores = torch.randn(20, 24, 24, 24)
    outputs = [np.linspace(0, 23, 120)] * 3
    with Watch():
        labels_from_scores(scores, outputs)
    assert largest <= 120**3 < 20 * 120**3
