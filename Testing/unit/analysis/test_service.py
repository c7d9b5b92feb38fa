"""The service answers every request with the model it names, and keeps what it may need again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from Testing.training.teachers.tiny_models import save_bert

from Med3DInsightLib.analysis.requests import (
    AttentionRequest,
    ClassifyRequest,
    EstimateRequest,
    ExplainClassRequest,
    FindRequest,
    OccludeClassRequest,
    OccludePhraseRequest,
    ReadSlicesRequest,
    SegmentRequest,
)
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.analysis.slices.reader import SliceReader
from Med3DInsightLib.bundles import Architecture, Bundle, HeadKind
from Med3DInsightLib.bundles.bundle import write_card
from Med3DInsightLib.bundles.vocabulary import Vocabulary
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.networks.text_towers.errors import TeacherError
from Med3DInsightLib.networks.text_towers.model_files import ModelFiles
from Med3DInsightLib.networks.text_towers.placement import Placement
from Med3DInsightLib.networks.text_towers.pretrained import PretrainedModel
from Med3DInsightLib.networks.text_towers.sentence_encoder import text_tower
from Med3DInsightLib.volumes import Grid, Plane, Volume

from .slices.parts import SEGRESNET, SETTINGS, dim_volume, encoder_card

PHRASES = ("the left kidney", "liver", "a small bright lesion")
WIDTH = 16  # of the tiny sentence encoder


@pytest.fixture(scope="module")
def bert_folder(tmp_path_factory):
    return save_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture
def a_tower(bert_folder):
    return text_tower(PretrainedModel(ModelFiles.in_folder(bert_folder), Placement()))


def saved(card, folder, vocabulary=None) -> Bundle:
    torch.manual_seed(0)
    return save_network(build_network(card.architecture), card, folder, vocabulary=vocabulary)


@pytest.fixture
def an_encoder(a_card, tmp_path, a_tower):
    card = replace(
        encoder_card(a_card, replace(SETTINGS, embedding=WIDTH)),
        teacher=f"tiny/bert@{a_tower.identity.weights_sha256[:12]}",
    )
    return saved(card, tmp_path / "encoder", Vocabulary(PHRASES, a_tower.embed(PHRASES).numpy()))


@pytest.fixture
def a_classifier(a_card, tmp_path):
    architecture = Architecture("segresnet", SEGRESNET, HeadKind.CLASSIFICATION, classes=2)
    card = replace(encoder_card(a_card), architecture=architecture, teacher="", class_names=("a", "b"))
    return saved(card, tmp_path / "classifier")


@pytest.fixture
def a_service():
    return AnalysisService(Bundle.open, feature_bytes=10**8)


@pytest.fixture
def a_small_volume():
    return dim_volume(Grid((4, 8, 8), np.diag([2.0, 2.0, 2.0, 1.0])))


def test_every_request_about_slices_is_answered_by_one_pass_of_the_encoder(a_service, an_encoder, a_small_volume):
    model = str(an_encoder.folder)
    readings = a_service.read_slices(ReadSlicesRequest(model), a_small_volume)
    stack = a_service.attention(AttentionRequest(model, Plane.CORONAL, (3,)), a_small_volume)
    found = a_service.find(FindRequest(model, "liver", (Plane.AXIAL,)), a_small_volume)
    assert (readings.encoded_windows, stack.encoded_windows) == (1, 0)
    assert stack.places[0].index == 3
    expected = readings.of(Plane.AXIAL).embeddings @ Vocabulary.of(an_encoder).embeddings[1]
    assert np.allclose(found.planes[0].similarities, expected, atol=1e-6)
    assert a_service.phrases(model) == PHRASES


def test_free_text_is_embedded_by_the_teacher_s_text_tower(a_service, an_encoder, bert_folder, a_tower, a_small_volume):
    text = "the right lung is seen"
    request = FindRequest(str(an_encoder.folder), text, (Plane.AXIAL,), text_tower=str(bert_folder))
    found = a_service.find(request, a_small_volume)
    readings = a_service.read_slices(ReadSlicesRequest(request.model, (Plane.AXIAL,)), a_small_volume)
    expected = readings.planes[0].embeddings @ a_tower.embed([text])[0].numpy()
    assert not found.of_vocabulary
    assert np.allclose(found.planes[0].similarities, expected, atol=1e-6)
    with pytest.raises(UserError, match="free text needs the text tower of the teacher, tiny/bert@"):
        a_service.find(replace(request, text_tower=""), a_small_volume)


def test_a_text_tower_that_is_not_the_teacher_s_is_refused(
    a_service, an_encoder, bert_folder, a_small_volume, tmp_path
):
    request = FindRequest(str(an_encoder.folder), "free text", (Plane.AXIAL,))
    other = save_bert(tmp_path / "other", seed=1)
    with pytest.raises(TeacherError, match="other embeddings"):
        a_service.find(replace(request, text_tower=str(other)), a_small_volume)
    with pytest.raises(TeacherError, match="there is no folder"):
        a_service.find(replace(request, text_tower=str(tmp_path / "nowhere")), a_small_volume)
    (other / "model.safetensors").rename(other / "pytorch_model.bin")
    with pytest.raises(TeacherError, match="pytorch_model.bin is pickled"):
        a_service.find(replace(request, text_tower=str(other)), a_small_volume)
    narrow = saved(replace(encoder_card(an_encoder.card), name="narrow"), tmp_path / "narrow")
    with pytest.raises(TeacherError, match="16 dimensions, those of the model 8"):
        a_service.find(FindRequest(str(narrow.folder), "x", text_tower=str(bert_folder)), a_small_volume)


def test_without_a_vocabulary_the_weights_have_to_be_those_of_the_card(
    a_service, an_encoder, bert_folder, a_small_volume, tmp_path
):
    plain = saved(an_encoder.card, tmp_path / "plain")
    request = FindRequest(str(plain.folder), "liver", (Plane.AXIAL,), text_tower=str(bert_folder))
    assert not a_service.find(request, a_small_volume).of_vocabulary
    other = replace(request, text_tower=str(save_bert(tmp_path / "other", seed=1)))
    with pytest.raises(TeacherError, match="not those of the revision that the card names"):
        a_service.find(other, a_small_volume)


def test_classes_are_told_and_explained(a_service, a_classifier, a_small_volume):
    model = str(a_classifier.folder)
    result = a_service.classify(ClassifyRequest(model), a_small_volume)
    explained = a_service.explain_class(ExplainClassRequest(model, "b"), a_small_volume)
    hidden = a_service.occlude_class(OccludeClassRequest(model, "b"), a_small_volume)
    assert explained.result.probabilities == result.probabilities
    assert explained.saliency.subject == hidden.subject == "b"
    assert hidden.values_kji.shape == explained.saliency.values_kji.shape


def test_hiding_tells_what_makes_a_slice_like_a_phrase(a_service, an_encoder, a_small_volume):
    request = OccludePhraseRequest(str(an_encoder.folder), "liver", Plane.AXIAL, 2, cube_tokens=2)
    saliency = a_service.occlude_phrase(request, a_small_volume)
    assert saliency.subject == "liver"
    assert saliency.values_kji.shape == (2, 2, 2)
    assert np.abs(saliency.values_kji).max() > 0
    with pytest.raises(UserError, match="cubes of -1 tokens cannot be hidden"):
        a_service.occlude_phrase(replace(request, cube_tokens=-1), a_small_volume)


@pytest.mark.parametrize("tokens", [0, 1, 3])
def test_what_is_hidden_covers_the_volume_with_cubes_of_any_size(a_service, an_encoder, a_small_volume, tokens):
    request = OccludePhraseRequest(str(an_encoder.folder), "liver", Plane.AXIAL, 2, tokens)
    saliency = a_service.occlude_phrase(request, a_small_volume)
    whole, covered = a_small_volume.grid, saliency.grid
    corners = np.array([whole.ras_of(np.array(whole.shape_ijk) - 1), whole.ras_of((0, 0, 0))])
    for corner in corners:
        at_ijk = covered.ijk_of(corner)
        assert (at_ijk > -0.6).all()
        assert (at_ijk < np.array(covered.shape_ijk) - 0.4).all()


def test_models_are_refused_that_cannot_do_it(a_service, an_encoder, a_classifier, a_bundle, a_small_volume):
    with pytest.raises(UserError, match="does not segment"):
        a_service.segment(SegmentRequest(str(an_encoder.folder)), a_small_volume)
    with pytest.raises(UserError, match="cannot read slices"):
        a_service.read_slices(ReadSlicesRequest(str(a_classifier.folder)), a_small_volume)
    with pytest.raises(UserError, match="does not classify"):
        a_service.classify(ClassifyRequest(str(a_bundle.folder)), a_small_volume)


def test_a_model_is_loaded_again_only_when_its_weights_change(a_service, a_classifier, a_small_volume):
    model, folder = str(a_classifier.folder), a_classifier.folder
    before = a_service.classify(ClassifyRequest(model), a_small_volume).probabilities
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").write_bytes(b"")  # a model that is kept is not read again
    assert a_service.classify(ClassifyRequest(model), a_small_volume).probabilities == before
    a_service.release_memory()
    with pytest.raises(UserError, match="hash"):
        a_service.classify(ClassifyRequest(model), a_small_volume)
    save_file(weights, folder / "model.safetensors")


def test_a_model_is_loaded_again_when_its_card_was_corrected(a_service, a_bundle, a_volume):
    request = SegmentRequest(str(a_bundle.folder))
    before = a_service.segment(request, a_volume)
    swapped = tuple(
        replace(each, name=other.name)
        for each, other in zip(a_bundle.card.segments, a_bundle.card.segments[::-1], strict=True)
    )
    write_card(a_bundle.folder, replace(a_bundle.card, segments=swapped))
    after = a_service.segment(request, a_volume)
    assert [each.name for each in before.segments] == [each.name for each in after.segments][::-1]
    assert np.array_equal(after.labels.array_kji, before.labels.array_kji)


@pytest.mark.parametrize("shape", [(16, 16, 16), (40, 50, 70)])
def test_every_kind_of_model_tells_what_a_run_costs(a_service, a_bundle, an_encoder, a_classifier, shape):
    grid = Grid(shape, np.diag([2.0, 2.0, 2.0, 1.0]))
    volume = Volume(np.random.default_rng(0).uniform(0, 1000, shape).astype(np.float32), grid)
    told = {
        bundle.card.architecture.head: a_service.estimate(EstimateRequest(str(bundle.folder)), grid)
        for bundle in (a_bundle, an_encoder, a_classifier)
    }
    assert told[HeadKind.CLASSIFICATION].windows == 1
    assert told[HeadKind.NONE].windows == SliceReader.open(an_encoder).windows_of(volume).count
    assert all(each.memory_bytes > volume.array_kji.nbytes and each.seconds > 0 for each in told.values())
