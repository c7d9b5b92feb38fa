"""A worker says of classes, attention and phrases what the service in process says, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from Testing.conftest import oblique_affine
from Testing.unit.analysis.slices.parts import dim_volume
from Testing.unit.insight_bundles import PHRASES, a_classifier_bundle, an_encoder_bundle

from Med3DInsightLib.analysis.requests import (
    AttentionRequest,
    ClassifyRequest,
    ExplainClassRequest,
    FindRequest,
    OccludeClassRequest,
    OccludePhraseRequest,
)
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.analysis.slices.attention_choice import AttentionChoice
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.engine.errors import EngineError, ErrorCode
from Med3DInsightLib.engine.remote_insight import RemoteInsight
from Med3DInsightLib.volumes import Grid, Plane


@pytest.fixture
def an_encoder(a_card, tmp_path):
    return str(an_encoder_bundle(a_card, tmp_path / "encoder").folder)


@pytest.fixture
def a_classifier(a_card, tmp_path):
    return str(a_classifier_bundle(a_card, tmp_path / "classifier").folder)


@pytest.fixture
def a_tilted_volume():
    return dim_volume(Grid((6, 8, 10), oblique_affine()))


@pytest.fixture
def a_service():
    return AnalysisService(Bundle.open, feature_bytes=10**8)


@pytest.fixture
def insight(start_worker):
    return RemoteInsight(start_worker().client)


def require_same_map(remote, local):
    assert remote.subject == local.subject
    assert np.array_equal(remote.values_kji, local.values_kji)
    assert np.array_equal(remote.grid.ijk_to_ras, local.grid.ijk_to_ras)
    assert remote.grid.shape_kji == local.grid.shape_kji


def test_classes_and_what_speaks_for_them(insight, a_classifier, a_service, a_tilted_volume):
    wait = insight.client.wait
    classified = wait(insight.classify(ClassifyRequest(a_classifier), a_tilted_volume))
    local = a_service.classify(ClassifyRequest(a_classifier), a_tilted_volume)
    assert (classified.probabilities, classified.unlikeness) == (local.probabilities, local.unlikeness)

    request = ExplainClassRequest(a_classifier, "b")
    explained = wait(insight.explain_class(request, a_tilted_volume))
    assert explained.result.probabilities == local.probabilities
    require_same_map(explained.saliency, a_service.explain_class(request, a_tilted_volume).saliency)

    hiding = OccludeClassRequest(a_classifier, "a")
    job = insight.occlude_class(hiding, a_tilted_volume)
    reports = []
    job.on_progress.connect(reports.append)
    require_same_map(wait(job), a_service.occlude_class(hiding, a_tilted_volume))
    assert reports[-1].fraction == pytest.approx(1.0)


def test_classifying_and_explaining_tell_how_far_they_are(insight, a_classifier, a_tilted_volume):
    stages = {}
    for ask, request in (
        (insight.classify, ClassifyRequest(a_classifier)),
        (insight.explain_class, ExplainClassRequest(a_classifier)),
    ):
        reports = []
        job = ask(request, a_tilted_volume)
        job.on_progress.connect(reports.append)
        insight.client.wait(job)
        stages[request.__class__] = [report.stage for report in reports]
    assert stages[ClassifyRequest] == ["preparing", "classifying"]
    assert stages[ExplainClassRequest] == ["preparing", "classifying", "explaining"]


def test_attention_of_some_slices(insight, an_encoder, a_service, a_tilted_volume):
    request = AttentionRequest(an_encoder, Plane.CORONAL, (1, 3), AttentionChoice(layer=0, head=1))
    remote = insight.client.wait(insight.attention(request, a_tilted_volume))
    local = a_service.attention(request, a_tilted_volume)
    assert np.array_equal(remote.maps_kji, local.maps_kji)
    assert (remote.places, remote.choice) == (local.places, local.choice)
    at_voxels = remote.map_of(3, a_tilted_volume.grid)
    assert np.array_equal(at_voxels, local.map_of(3, a_tilted_volume.grid))


def test_phrases_and_the_slices_they_fit(insight, an_encoder, a_service, a_tilted_volume):
    wait = insight.client.wait
    assert wait(insight.phrases(an_encoder)) == PHRASES
    request = FindRequest(an_encoder, "liver")
    remote, local = wait(insight.find(request, a_tilted_volume)), a_service.find(request, a_tilted_volume)
    assert (remote.phrase, remote.of_vocabulary, remote.best) == ("liver", True, local.best)
    for ours, theirs in zip(remote.planes, local.planes, strict=True):
        assert (ours.plane, ours.places) == (theirs.plane, theirs.places)
        assert np.array_equal(ours.similarities, theirs.similarities)
        assert np.array_equal(ours.weights, theirs.weights)
    hiding = OccludePhraseRequest(an_encoder, "liver", Plane.AXIAL, 2)
    require_same_map(
        wait(insight.occlude_phrase(hiding, a_tilted_volume)), a_service.occlude_phrase(hiding, a_tilted_volume)
    )


def test_what_a_model_cannot_do_is_an_error_with_the_next_step(insight, an_encoder, a_classifier, a_tilted_volume):
    wait = insight.client.wait
    with pytest.raises(EngineError, match="does not classify") as refused:
        wait(insight.classify(ClassifyRequest(an_encoder), a_tilted_volume))
    assert refused.value.code == ErrorCode.REFUSED
    with pytest.raises(EngineError, match="text tower"):
        wait(insight.find(FindRequest(an_encoder, "a phrase of nobody"), a_tilted_volume))
    assert wait(insight.phrases(a_classifier)) == ()
