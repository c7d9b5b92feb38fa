"""Phantoms, what their slices show, and captions that are wrong in a known way."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from Med3DInsightLib.volumes import Plane
from med3dtrain.evidence.phantoms.anatomy import ORGANS, PhantomSettings, draw_phantoms
from med3dtrain.evidence.phantoms.pairs import PhantomPairsSettings, draw_phantom_pairs
from med3dtrain.evidence.phantoms.slice_contents import (
    PLANES,
    WrongCaption,
    contents_of,
    organ_mistaken,
    side_mistaken,
    words_of,
)

NAMES = [organ.name for organ in ORGANS]
PAIRS = PhantomPairsSettings(PhantomSettings(training=6, test=2, size=16, spacing_mm=8.0))


@pytest.fixture(scope="module")
def a_phantom():
    return draw_phantoms(PhantomSettings(training=1, test=0), seed=3)[0][0]


def test_organs_are_on_their_side_of_the_patient_in_ras(a_phantom):
    grid = a_phantom.volume.grid
    for name, sign in (("right lung", 1), ("left lung", -1)):
        voxels_kji = np.argwhere(a_phantom.labels_kji == NAMES.index(name) + 1)
        assert len(voxels_kji) > 100
        assert sign * grid.ras_of(voxels_kji[:, ::-1])[:, 0].mean() > 10.0


def test_an_organ_is_brighter_or_darker_than_the_body_as_it_should(a_phantom):
    spine = a_phantom.volume.array_kji[a_phantom.labels_kji == NAMES.index("spine") + 1]
    assert spine.mean() == pytest.approx(1.2, abs=0.05)


@pytest.mark.parametrize("plane", PLANES)
def test_contents_are_those_of_the_slice_of_the_array(plane):
    labels = np.zeros((8, 8, 8), dtype=np.uint8)
    labels[6, 0, 3] = 4  # high, posterior, a little left
    index = {Plane.AXIAL: 6, Plane.CORONAL: 0, Plane.SAGITTAL: 3}[plane]
    share, first, second = contents_of(labels, plane, index)[3]
    places = {Plane.AXIAL: (-0.125, -0.875), Plane.CORONAL: (-0.125, 0.625), Plane.SAGITTAL: (-0.875, 0.625)}
    assert (share, first, second) == (1 / 64, *places[plane])
    assert contents_of(labels, plane, index - 1 if index else 1).sum() == 0


def test_a_mirrored_caption_names_the_other_kidney_on_the_other_side():
    contents = np.zeros((len(ORGANS), 3))
    contents[NAMES.index("right kidney")] = (0.05, 0.4, -0.5)
    mirrored = side_mistaken(contents)
    assert mirrored[NAMES.index("left kidney")].tolist() == [0.05, -0.4, 0.5]
    assert not mirrored[NAMES.index("right kidney")].any()
    assert np.array_equal(side_mistaken(mirrored), contents)


def test_a_mistaken_organ_has_another_name_and_the_same_place():
    contents = np.zeros((len(ORGANS), 3))
    contents[NAMES.index("liver")] = (0.1, 0.4, 0.2)
    mistaken = organ_mistaken(contents)
    assert mistaken.any(axis=1).sum() == 1
    assert not mistaken[NAMES.index("liver")].any()
    assert not np.array_equal(words_of(mistaken, Plane.AXIAL), words_of(contents, Plane.AXIAL))


@pytest.mark.parametrize("kind", WrongCaption)
def test_wrong_captions_differ_only_where_they_are_wrong(kind):
    training, test = draw_phantom_pairs(PAIRS, 0.4, kind, seed=0)
    clean, same_test = draw_phantom_pairs(PAIRS, 0.0, kind, seed=0)
    assert training.wrong.sum() == round(0.4 * 6 * 12)
    differs = (training.text - training.right_text).abs().amax(-1) > 1e-6
    assert not (differs & ~training.wrong).any()
    assert differs[training.wrong].double().mean() > 0.6  # nothing can be mistaken in a slice beside all organs
    assert torch.equal(training.right_text, clean.text)
    assert torch.equal(training.images, clean.images)
    assert torch.equal(training.image, clean.image)
    assert torch.equal(test.text, same_test.text)
    assert torch.equal(test.text, test.right_text)


def test_embeddings_have_length_one_and_share_a_cone():
    training, _ = draw_phantom_pairs(PAIRS, 0.0, WrongCaption.SWAPPED, seed=0)
    for embeddings in (training.image, training.text):
        assert torch.allclose(embeddings.norm(dim=-1), torch.ones(6, 12))
        assert 0.4 < embeddings.flatten(0, 1).mean(0).norm() < 0.95
