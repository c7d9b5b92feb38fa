"""Windows cover everything, and their scores add up to what one pass would give."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from monai.data.utils import compute_importance_map, dense_patch_slices

from Med3DInsightLib.analysis.windows import WindowedInference, gaussian_importance, window_corners, window_starts


@given(window=st.integers(1, 40), extra=st.integers(0, 200), overlap=st.floats(0.0, 0.9))
def test_windows_cover_the_axis_with_at_least_the_overlap(window, extra, overlap):
    size = window + extra
    starts = window_starts(size, window, overlap)
    assert starts[0] == 0
    assert starts[-1] == size - window
    steps = np.diff(starts)
    assert (steps <= max(1, window * (1 - overlap))).all()
    assert (steps >= 0).all()


def test_windows_and_weights_are_those_of_monai():
    shape, window = (41, 64, 33), (16, 24, 32)
    ours = set(window_corners(shape, window, 0.5))
    step = tuple(int(size * 0.5) for size in window)
    theirs = {tuple(part.start for part in place) for place in dense_patch_slices(shape, window, step)}
    assert ours == theirs
    reference = compute_importance_map(window, mode="gaussian", sigma_scale=0.125, dtype=torch.float32)
    assert torch.allclose(gaussian_importance(window), reference, atol=1e-3)


class Pointwise(torch.nn.Module):
    """Scores that depend on the voxel alone, so that windows must not change them."""

    def forward(self, x):
        return torch.cat([x, 2 * x, -x], dim=1)


@pytest.mark.parametrize("shape", [(16, 16, 16), (17, 30, 16), (40, 33, 50)])
def test_overlapping_windows_average_to_the_scores_of_the_whole(shape):
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    scores = WindowedInference(Pointwise(), 3, (16, 16, 16)).run(array)
    assert scores.shape == (3, *shape)
    assert np.allclose(scores, np.stack([array, 2 * array, -array]), atol=1e-5)


def test_every_window_is_announced_before_it_is_computed():
    seen = []
    WindowedInference(Pointwise(), 3, (16, 16, 16)).run(
        np.zeros((32, 16, 16), np.float32), lambda done, of: seen.append((done, of))
    )
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
