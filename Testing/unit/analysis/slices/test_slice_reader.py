"""A reader gives every slice of a volume its embedding, runs the encoder once, and stops when asked."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from Testing.conftest import oblique_affine

from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled
from Med3DInsightLib.analysis.slices.reader import SliceReader
from Med3DInsightLib.analysis.windows.feature_cache import FeatureCache
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.volumes import Grid, Plane, Reorientation, Volume, VolumeError, slices_of
from Med3DInsightLib.volumes.slices import place_in

from .parts import SETTINGS, encoder_card, random_encoder

CPU = torch.device("cpu")


@pytest.fixture
def a_reader(a_card):
    return SliceReader(encoder_card(a_card), random_encoder(), CPU, FeatureCache(10**8))


@pytest.fixture
def a_large_volume():
    """Of several windows: 40 x 50 x 40 mm for a patch of 32 mm."""
    array = np.random.default_rng(0).uniform(0, 100, (20, 55, 38)).astype(np.float32)
    array += np.linspace(0, 900, 55, dtype=np.float32)[:, None]
    return Volume(array, Grid(array.shape, oblique_affine() @ np.diag([1.0, 1.0, 0.8, 1.0])))


@pytest.fixture
def a_small_volume():
    """Of one window."""
    array = np.random.default_rng(0).uniform(0, 1000, (10, 22, 26)).astype(np.float32)
    return Volume(array, Grid(array.shape, oblique_affine()))


@torch.inference_mode()
def test_in_one_window_the_embeddings_are_what_psat_reads(a_reader, a_small_volume):
    windows = a_reader.windows_of(a_small_volume)
    field = windows.field_of_view(0)
    readings = a_reader.read(a_small_volume)
    assert windows.count == readings.encoded_windows == 1
    for each in readings.planes:
        assert each.places == slices_of(a_small_volume.grid, each.plane)
        places = [place_in(field, place) for place in each.places]
        expected = a_reader.network(windows.tiling.batch([0]), [field], [places])[0]
        expected = expected / expected.norm(dim=-1, keepdim=True)
        assert each.embeddings.dtype == np.float32
        assert np.abs(each.embeddings - expected.numpy()).max() < 1e-5


@torch.inference_mode()
def test_in_several_windows_it_is_the_mean_weighted_by_area(a_reader, a_large_volume):
    windows = a_reader.windows_of(a_large_volume)
    (read,) = a_reader.read(a_large_volume, [Plane.AXIAL]).planes
    place, total = read.places[0], 0
    seen = [window for window in range(windows.count) if windows.shares(window, [place])[0] > 0]
    for window in seen:
        field = windows.field_of_view(window)
        one = a_reader.network(windows.tiling.batch([window]), [field], [[place_in(field, place)]])[0, 0]
        total = total + float(windows.shares(window, [place])[0]) * one / one.norm()
    assert 1 < len(seen) < windows.count
    shares = [float(windows.shares(window, [place])[0]) for window in seen]
    assert max(shares) - min(shares) > 0.1
    assert np.abs(read.embeddings[0] - (total / total.norm()).numpy()).max() < 1e-5


def test_a_second_question_does_not_run_the_encoder_again(a_reader, a_large_volume):
    first = a_reader.read(a_large_volume)
    again = a_reader.read(a_large_volume)
    stack = a_reader.attention(a_large_volume, Plane.AXIAL, [3])
    assert first.encoded_windows == a_reader.network.backbone.windows > 1
    assert (again.encoded_windows, stack.encoded_windows) == (0, 0)
    assert all(np.array_equal(again.of(each.plane).embeddings, each.embeddings) for each in first.planes)
    a_reader.read(a_large_volume.map(lambda array: array[::-1].copy()))
    assert a_reader.network.backbone.windows == 2 * first.encoded_windows


@pytest.mark.parametrize("codes", ["RAS", "LPS", "SAR", "ILP"])
def test_a_slice_reads_the_same_however_the_file_is_stored(a_reader, a_small_volume, codes):
    turned = Reorientation.to(a_small_volume.grid, codes).volume(a_small_volume)
    for each in a_reader.read(a_small_volume).planes:
        found = a_reader.read(turned, [each.plane]).planes[0]
        backwards = np.allclose(found.places[0].position_ras_mm, each.places[-1].position_ras_mm)
        embeddings = found.embeddings[::-1] if backwards else found.embeddings
        assert np.abs(embeddings - each.embeddings).max() < 1e-4


def test_slices_differ(a_reader, a_small_volume):
    for each in a_reader.read(a_small_volume).planes:
        assert np.abs(each.embeddings[0] - each.embeddings[-1]).max() > 1e-3


def test_progress_grows_to_one_and_cancelling_stops_before_the_next_window(a_reader, a_large_volume):
    fractions, wish = [], threading.Event()
    a_reader.read(a_large_volume, progress=lambda report: fractions.append(report.fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)

    fresh = SliceReader(a_reader.card, random_encoder(), CPU, FeatureCache(10**8))

    def stop_after_two(report):
        if fresh.network.backbone.windows == 2:
            wish.set()

    with pytest.raises(AnalysisCancelled):
        fresh.read(a_large_volume, progress=stop_after_two, cancel=wish)
    assert fresh.network.backbone.windows in (2, 3)
    wish.clear()
    assert fresh.read(a_large_volume).encoded_windows > 3


def test_models_without_psat_are_refused(a_bundle, a_card):
    with pytest.raises(UserError, match=r"model 'tiny' has no plane-slice-aware transformer .*pretrained encoder"):
        SliceReader.open(a_bundle)
    with pytest.raises(UserError, match="cannot read slices"):
        SliceReader(a_card, build_network(a_card.architecture), CPU)


def test_volumes_without_content_are_refused(a_reader, a_small_volume):
    broken = a_small_volume.array_kji.copy()
    broken[0, 0, 0] = np.nan
    with pytest.raises(VolumeError, match="NaN"):
        a_reader.read(a_small_volume.with_array(broken))
    with pytest.raises(VolumeError, match="every voxel"):
        a_reader.attention(a_small_volume.map(np.zeros_like), Plane.AXIAL)


def test_a_bundle_is_read_from_disk(a_card, a_small_volume, tmp_path):
    card = encoder_card(a_card, replace(SETTINGS, levels=1))
    torch.manual_seed(0)
    bundle = save_network(build_network(card.architecture), card, tmp_path / "encoder")
    readings = SliceReader.open(bundle).read(a_small_volume)
    assert readings.of(Plane.SAGITTAL).embeddings.shape == (a_small_volume.grid.shape_kji[2], 8)
    with pytest.raises(KeyError):
        readings.of(Plane.OBLIQUE)
