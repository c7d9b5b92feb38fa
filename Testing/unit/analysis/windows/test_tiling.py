"""Windows cover everything, and their scores add up to what one pass would give."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from monai.data.utils import compute_importance_map, dense_patch_slices

from Med3DInsightLib.analysis.windows.tiling import ScoreSum, Tiling, gaussian_importance
from Med3DInsightLib.analysis.windows.window_grid import window_corners, window_starts


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


def pointwise_scores(windows):
    """Scores (B, 3, K, J, I) that depend on the voxel alone, so that windows must not change them."""
    return torch.cat([windows, 2 * windows, 1 - windows], dim=1)


@pytest.mark.parametrize("shape", [(16, 16, 16), (17, 30, 16), (40, 33, 50)])
def test_overlapping_windows_average_to_the_scores_of_the_whole(shape):
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    array[: shape[0] // 2] = 0.0  # some windows are pure background and share their scores
    tiling = Tiling.of(array, (16, 16, 16), 0.5)
    total = ScoreSum(tiling, 3)
    for window in tiling.distinct:
        total.add(window, pointwise_scores(tiling.batch([window]))[0])
    scores = total.mean()
    assert scores.shape == (3, *shape)
    assert np.allclose(scores, np.stack([array, 2 * array, 1 - array]), atol=1e-5)


def test_windows_of_pure_background_need_one_run_together():
    array = np.zeros((16, 16, 160), np.float32)
    array[:, :, 100] = 1.0
    tiling = Tiling.of(array, (16, 16, 16), 0.5)
    assert len(tiling.corners) == 19
    assert len(tiling.distinct) == 3  # two windows hold the bright plane, one stands for the other 17
    assert sum(len(tiling.places(window)) for window in tiling.distinct) == 19
