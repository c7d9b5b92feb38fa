"""A network that looks for brightness says that the bright cube was decisive, where it is in the patient."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from Testing.conftest import oblique_affine
from torch import nn

from Med3DInsightLib.analysis.classes.classifier import Classifier
from Med3DInsightLib.analysis.computing.progress import AnalysisCancelled
from Med3DInsightLib.analysis.saliency.class_explainer import ClassExplainer
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Architecture, HeadKind
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.classification import ClassificationNetwork
from Med3DInsightLib.volumes import Grid, Reorientation, VolumeError

from ..slices.parts import SEGRESNET, Brightness, dim_volume, encoder_card, with_bright_cube

CPU = torch.device("cpu")


@pytest.fixture
def a_class_card(a_card):
    return replace(
        encoder_card(a_card),
        architecture=Architecture("segresnet", SEGRESNET, HeadKind.CLASSIFICATION, classes=2),
        teacher="",
        class_names=("dark", "bright"),
    )


@pytest.fixture
def a_classifier(a_class_card):
    """Bright is what has a high mean and maximum."""
    network = ClassificationNetwork(Brightness(), classes=2)
    network.norm = nn.Identity()
    nn.init.zeros_(network.head.bias)
    network.head.weight.data[0], network.head.weight.data[1] = -0.1, 0.1
    return Classifier(a_class_card, network, CPU)


@pytest.fixture
def an_explainer(a_classifier):
    return ClassExplainer(a_classifier)


def a_segresnet(dimensions=2, mirrored=()):
    torch.manual_seed(0)
    return ClassificationNetwork(build_backbone("segresnet", **SEGRESNET), dimensions, mirrored).eval()


def off_mm(saliency, grid, centre):
    values = saliency.on_grid(grid)
    found = grid.ras_of(np.unravel_index(values.argmax(), values.shape)[::-1])
    return np.abs(saliency.grid.directions_ras.T @ (found - centre)).max()


def test_stages_are_told_with_the_time_left_and_can_be_stopped_between(an_explainer):
    volume, reports, stop = dim_volume(Grid((24, 24, 24), np.eye(4))), [], threading.Event()
    an_explainer.explain(volume, progress=reports.append, cancel=stop)
    assert [report.stage for report in reports] == ["preparing", "classifying", "explaining"]
    assert [report.fraction for report in reports] == pytest.approx([0.0, 0.2, 0.8])
    assert all(report.seconds_left is not None for report in reports[1:])
    with pytest.raises(AnalysisCancelled):
        an_explainer.explain(volume, progress=lambda report: stop.set(), cancel=stop)


@pytest.mark.parametrize("codes", ["RAS", "LPI", "ASR"])
@pytest.mark.parametrize("shape", [(12, 28, 26), (20, 60, 50)])
def test_the_bright_cube_is_decisive_where_it_is(an_explainer, shape, codes):
    grid = Grid(shape, oblique_affine())
    turned = Reorientation.to(grid, codes).target
    centre = grid.ras_of((np.array(grid.shape_ijk) - 1) * [0.4, 0.6, 0.6])
    volume = with_bright_cube(dim_volume(turned), centre, half_mm=5.0)
    for level, token_mm in ((-1, 8.0), (1, 8.0)):
        assert off_mm(an_explainer.explain(volume, "bright", level).saliency, turned, centre) <= token_mm
    hidden = an_explainer.occlude(volume, "bright")
    assert off_mm(hidden, turned, centre) <= 8.0
    assert hidden.values_kji.max() > 0.01


def test_what_speaks_against_a_class_is_cut_off(an_explainer, a_volume):
    saliency = an_explainer.explain(a_volume.map(lambda array: np.abs(array) * 100), "dark").saliency
    assert saliency.subject == "dark"
    assert not saliency.values_kji.any()


def test_one_pass_of_the_encoder_gives_what_a_session_says_and_the_map(a_class_card, a_classifier, an_explainer):
    volume = with_bright_cube(dim_volume(Grid((20, 20, 20), np.eye(4))), [9.0] * 3, 4.0)
    network = a_segresnet()
    other = Classifier(a_class_card, network, CPU)
    expected = Session(a_class_card, network, CPU).classify(volume)
    explained = ClassExplainer(other).explain(volume)
    assert explained.result.probabilities == other.classify(volume).probabilities == expected.probabilities
    assert explained.saliency.subject == expected.most_probable
    before = a_classifier.network.backbone.windows
    an_explainer.explain(volume)
    assert a_classifier.network.backbone.windows == before + 1


def test_a_network_that_averages_over_mirror_images_gives_what_a_session_says_and_the_map_of_the_volume(a_class_card):
    volume = with_bright_cube(dim_volume(Grid((20, 20, 20), np.eye(4))), [5.0] * 3, 4.0)
    averaging, plain = a_segresnet(mirrored=(0, 1, 2)), a_segresnet()
    expected = Session(a_class_card, averaging, CPU).classify(volume)
    explained = ClassExplainer(Classifier(a_class_card, averaging, CPU)).explain(volume, "bright")
    alone = ClassExplainer(Classifier(a_class_card, plain, CPU)).explain(volume, "bright")
    assert explained.result.probabilities == expected.probabilities != alone.result.probabilities
    assert np.array_equal(explained.saliency.values_kji, alone.saliency.values_kji)


def test_the_map_is_that_of_the_definition(a_class_card):
    """Channels weighted with their mean gradients, by finite differences of the score."""
    network = a_segresnet().double()
    volume = dim_volume(Grid((32, 32, 32), np.eye(4)))
    from Med3DInsightLib.analysis.classes.classification import network_input
    from Med3DInsightLib.analysis.saliency.grad_cam import features_and_embedding, grad_cam

    x = network_input(volume, a_class_card.recipe).double()
    features, embedding = features_and_embedding(network, x, -1)
    found = grad_cam(network, features, embedding, 1)
    with torch.no_grad():
        kept, weights, step = features.detach(), [], 1e-6
        for channel in range(kept.shape[1]):
            moved = kept.clone()
            moved[:, channel] += step  # every token at once: the mean gradient times their number
            change = network.scores(network.embedding_of(moved)) - network.scores(network.embedding_of(kept))
            weights.append(change[0, 1] / step)
        expected = (torch.stack(weights)[:, None, None, None] * kept[0]).sum(0).relu()
    assert expected.max() > 0
    assert torch.allclose(found, expected / expected.max(), atol=1e-4)


def test_finer_levels_have_finer_maps(a_class_card):
    explainer = ClassExplainer(Classifier(a_class_card, a_segresnet(), CPU))
    volume = dim_volume(Grid((32, 32, 32), np.eye(4)))
    shapes = [explainer.explain(volume, "bright", level).saliency.values_kji.shape[0] for level in (0, 1, 2, -1)]
    assert shapes == [16, 8, 4, 4]


def test_hiding_tells_how_far_it_is_and_stops_when_asked(a_classifier, an_explainer):
    volume = dim_volume(Grid((32, 32, 32), np.eye(4)))
    fractions, wish = [], threading.Event()
    an_explainer.occlude(volume, progress=lambda report: fractions.append(report.fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    before = a_classifier.network.backbone.windows
    with pytest.raises(AnalysisCancelled):
        an_explainer.occlude(volume, progress=lambda report: report.fraction > 0.2 and wish.set(), cancel=wish)
    assert a_classifier.network.backbone.windows - before < 30  # of 64 cubes


def test_what_cannot_be_explained_is_refused(an_explainer, a_volume):
    with pytest.raises(UserError, match=r"no class 'grey'.*dark, bright"):
        an_explainer.explain(a_volume, "grey")
    with pytest.raises(UserError, match=r"no level 7.*-1 to 1"):
        an_explainer.explain(a_volume, level=7)
    with pytest.raises(UserError, match="Choose level -1"):
        an_explainer.explain(a_volume, level=0)  # its coarsest features do not come from the finer ones
    with pytest.raises(UserError, match="do not fill"):
        an_explainer.occlude(a_volume, cube_tokens=3)
    with pytest.raises(VolumeError, match="every voxel"):
        an_explainer.explain(a_volume.map(np.zeros_like))
