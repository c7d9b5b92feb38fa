"""A session labels a volume on its own grid, tells how far it is, and stops when asked."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from Med3DInsightLib.analysis.computing.device import Device, choose_device
from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Architecture, HeadKind
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.backbones.backbone import Backbone
from Med3DInsightLib.networks.segmentation import SegmentationNetwork
from Med3DInsightLib.volumes import Grid, Recipe, Reorientation, Volume, VolumeError
from Med3DInsightLib.volumes.orientation import ALL_AXIS_CODES


class Voxels(Backbone):
    """An encoder whose only features are the voxels; counts the windows it reads."""

    def __init__(self):
        super().__init__(1, (1,), (1,))
        self.windows = 0

    def forward(self, x):
        self.windows += len(x)
        return [x]


class Scores(torch.nn.Module):
    """Class 1 where the scaled intensity is above .5, class 2 above .8."""

    def forward(self, levels):
        x = levels[0]
        return torch.cat([torch.full_like(x, 0.5), x, 4 * (x - 0.6)], dim=1)


def threshold_network(backbone=None, decoder=None):
    network = SegmentationNetwork(Voxels(), classes=3)
    network.backbone, network.decoder = backbone or Voxels(), decoder or Scores()
    return network


@pytest.fixture
def a_session(a_card):
    return Session(a_card, threshold_network(), torch.device("cpu"))


def a_ball(grid: Grid, centre_ras_mm, radius_mm: float) -> Volume:
    at_k, at_j, at_i = np.meshgrid(*[np.arange(size) for size in grid.shape_kji], indexing="ij")
    distance = np.linalg.norm(grid.ras_of(np.stack([at_i, at_j, at_k], -1)) - centre_ras_mm, axis=-1)
    return Volume((1000 * (distance < radius_mm)).astype(np.int16), grid)


def test_labels_are_on_the_grid_of_the_input(a_session, a_volume):
    result = a_session.segment(a_volume)
    assert result.labels.grid is a_volume.grid
    assert result.labels.array_kji.shape == a_volume.array_kji.shape
    assert set(np.unique(result.labels.array_kji)) <= {0, 1, 2}


@pytest.mark.parametrize("codes", ALL_AXIS_CODES)
def test_the_result_does_not_depend_on_how_the_file_is_stored(a_session, a_volume, codes):
    """All 48 orders and flips of the same oblique volume give the same labels at the same places."""
    turn = Reorientation.to(a_volume.grid, codes)
    expected = a_session.segment(a_volume).labels.array_kji
    turned = a_session.segment(turn.volume(a_volume)).labels.array_kji
    agreement = (turn.undo(turned) == expected).mean()
    # The model grid starts at the first voxel of the reoriented volume, which is the same for all.
    assert agreement == 1.0


@pytest.mark.parametrize("shape", [(30, 40, 50), (1, 40, 50), (30, 1, 50), (30, 40, 1)])
def test_a_ball_is_found_where_it_is(a_session, shape):
    grid = Grid(shape, np.diag([1.0, 1.0, 1.0, 1.0]))
    centre = grid.ras_of((np.array(grid.shape_ijk) - 1) / 2)
    ball = a_ball(grid, centre, 9.0)
    found = a_session.segment(ball).labels.array_kji > 0
    truth = ball.array_kji > 0
    overlap = 2 * (found & truth).sum() / (found.sum() + truth.sum())
    assert overlap > 0.85
    off_voxel = np.abs(np.argwhere(found).mean(0) - np.argwhere(truth).mean(0))
    assert (off_voxel <= 0.5).all()


def test_volumes_are_counted_in_millilitres(a_session):
    grid = Grid((40, 40, 40), np.diag([1.5, 1.5, 1.5, 1.0]))
    ball = a_ball(grid, grid.ras_of([19.5] * 3), 15.0)
    result = a_session.segment(ball)
    assert sum(result.volumes_ml().values()) == pytest.approx(4 / 3 * np.pi * 1.5**3, rel=0.05)
    counted = (result.labels.array_kji == 2).sum() * 1.5**3 / 1000
    assert result.volumes_ml()["white matter"] == pytest.approx(counted)


def test_progress_grows_to_one_and_tells_the_time_left(a_session, a_volume):
    reports = []
    a_session.segment(a_volume, reports.append)
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == pytest.approx(1.0)
    assert next(report.stage for report in reports) == "preparing"
    assert reports[-1].seconds_left == pytest.approx(0.0)
    assert all(report.seconds_left >= 0 for report in reports if report.fraction > 0.05)


def test_cancelling_stops_before_the_next_window(a_card):
    wish, windows = threading.Event(), []

    class CancelAfterTwo(Scores):
        def forward(self, levels):
            windows.append(1)
            if len(windows) == 2:
                wish.set()
            return super().forward(levels)

    volume = Volume(
        np.random.default_rng(0).normal(size=(60, 60, 60)).astype(np.float32), Grid((60, 60, 60), np.eye(4))
    )
    with pytest.raises(AnalysisCancelled):
        Session(a_card, threshold_network(decoder=CancelAfterTwo()), torch.device("cpu")).segment(volume, cancel=wish)
    assert len(windows) == 2


def test_a_session_can_be_used_again_after_cancelling(a_session, a_volume):
    wish = threading.Event()
    wish.set()
    with pytest.raises(AnalysisCancelled):
        a_session.segment(a_volume, cancel=wish)
    assert a_session.segment(a_volume).labels.array_kji.any()


def test_voxels_that_are_not_finite_are_refused(a_session, a_volume):
    array = a_volume.array_kji.copy()
    array[0, 0, 0] = np.inf
    with pytest.raises(VolumeError, match="1 of .* voxels are NaN or infinite"):
        a_session.segment(a_volume.with_array(array))


def test_a_volume_of_one_value_is_refused(a_session, a_volume):
    with pytest.raises(VolumeError, match="every voxel has the value 0"):
        a_session.segment(a_volume.map(np.zeros_like))


def test_an_encoder_without_head_does_not_segment(a_card, a_volume):
    architecture = Architecture("segresnet", {}, HeadKind.NONE)
    session = Session(replace(a_card, architecture=architecture, segments=()), threshold_network(), torch.device("cpu"))
    with pytest.raises(UserError, match="does not segment"):
        session.segment(a_volume)


def test_a_bundle_is_opened_and_run(a_bundle, a_volume):
    session = Session.open(a_bundle, Device.CPU)
    first, second = (session.segment(a_volume).labels.array_kji for _ in range(2))
    assert np.array_equal(first, second)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spacing=st.tuples(*[st.floats(0.6, 4.0)] * 3), model_spacing=st.floats(1.0, 3.0))
def test_a_ball_keeps_its_place_for_any_spacing_of_input_and_model(a_card, spacing, model_spacing):
    shape = tuple(round(44.0 / mm) for mm in spacing[::-1])
    grid = Grid(shape, np.diag([*spacing, 1.0]))
    ball = a_ball(grid, grid.ras_of((np.array(grid.shape_ijk) - 1) / 2), 14.0)
    recipe: Recipe = replace(a_card.recipe, spacing_ijk_mm=(model_spacing,) * 3)
    found = (
        Session(replace(a_card, recipe=recipe), threshold_network(), torch.device("cpu")).segment(ball).labels.array_kji
        > 0
    )
    off_mm = np.abs(np.argwhere(found).mean(0) - np.argwhere(ball.array_kji > 0).mean(0)) * spacing[::-1]
    assert (off_mm <= 0.5 * np.maximum(spacing[::-1], model_spacing)).all()


def test_a_device_that_is_not_there_is_refused():
    if torch.cuda.is_available():
        pytest.skip("this computer has a CUDA device")
    with pytest.raises(UserError, match="no usable CUDA device"):
        choose_device(Device.CUDA)
    assert choose_device(Device.CPU).type == "cpu"
