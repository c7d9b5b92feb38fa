"""A phrase finds the slices whose embeddings are like its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import softmax

from Med3DInsightLib.analysis.requests import FindRequest
from Med3DInsightLib.analysis.slices.finding import similar_slices
from Med3DInsightLib.analysis.slices.phrases import Phrase, phrase_of
from Med3DInsightLib.analysis.slices.slice_embeddings import SliceEmbeddings, SliceReadings
from Med3DInsightLib.bundles.vocabulary import Vocabulary
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.volumes import Grid, Plane, slices_of

from .parts import encoder_card

GRID = Grid((6, 5, 4), np.eye(4))


@pytest.fixture
def readings():
    """Random unit vectors, (S, 8)."""
    generator = np.random.default_rng(0)

    def of(plane):
        places = slices_of(GRID, plane)
        embeddings = generator.normal(size=(len(places), 8)).astype(np.float32)
        return SliceEmbeddings(plane, places, embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True))

    return SliceReadings((of(Plane.AXIAL), of(Plane.SAGITTAL)), 1, "cpu", {})


@pytest.fixture
def a_searchable_bundle(a_card, tmp_path):
    torch.manual_seed(0)
    card = encoder_card(a_card)
    embeddings = np.eye(8, dtype=np.float32)[:3]
    vocabulary = Vocabulary(("the liver", "a kidney", "air"), embeddings)
    return save_network(build_network(card.architecture), card, tmp_path / "encoder", vocabulary=vocabulary)


def test_the_slice_with_the_phrase_s_own_embedding_is_the_best(readings):
    wanted = readings.of(Plane.SAGITTAL)
    result = similar_slices(Phrase("a kidney", wanted.embeddings[2], True), readings, temperature=0.1)
    axial, sagittal = result.planes
    assert sagittal.best == result.best == wanted.places[2]
    assert float(sagittal.similarities[2]) == pytest.approx(1.0, abs=1e-6)
    assert axial.best.plane == Plane.AXIAL
    expected = softmax(wanted.embeddings @ wanted.embeddings[2] / 0.1)
    assert np.allclose(sagittal.weights, expected, atol=1e-6)
    assert (result.phrase, result.of_vocabulary) == ("a kidney", True)


def test_a_lower_temperature_makes_the_weights_sharper_and_none_is_refused(readings):
    phrase = Phrase("x", readings.planes[0].embeddings[1], False)
    peaks = [similar_slices(phrase, readings, t).planes[0].weights.max() for t in (1e-3, 0.05, 1.0, 1e3)]
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[0] == pytest.approx(1.0)
    assert peaks[-1] == pytest.approx(1 / 6, abs=1e-3)
    for temperature in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="temperature"):
            similar_slices(phrase, readings, temperature)
        with pytest.raises(ValueError, match="temperature"):
            FindRequest("m", "x", temperature=temperature)


@pytest.mark.parametrize("text", ["a kidney", "  A  Kidney "])
def test_phrases_of_the_vocabulary_need_no_teacher(a_searchable_bundle, text):
    def no_tower():
        raise AssertionError("the tower was asked for")

    phrase = phrase_of(a_searchable_bundle, text, no_tower)
    assert (phrase.text, phrase.of_vocabulary) == ("a kidney", True)
    assert np.argmax(phrase.embedding) == 1


def test_other_phrases_name_the_teacher(a_searchable_bundle):
    message = r"'the spleen' is not one of the 3 phrases .*text tower of the teacher, some/sentence-encoder@1234"
    with pytest.raises(UserError, match=message):
        phrase_of(a_searchable_bundle, "the spleen")
    without = replace(a_searchable_bundle, card=replace(a_searchable_bundle.card, vocabulary_sha256=""))
    with pytest.raises(UserError, match="'air' is not one of the 0 phrases"):
        phrase_of(without, "air")
    with pytest.raises(UserError, match="no phrase"):
        phrase_of(a_searchable_bundle, " \n")
