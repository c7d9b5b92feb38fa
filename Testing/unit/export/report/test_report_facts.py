"""The facts behind a report are those that were found."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from Testing.unit.export.report.parts import (
    WHEN,
    Page,
    a_bare_content,
    a_full_content,
    a_small_volume,
    reviewed_captions,
)

from Med3DInsightLib.export.report import (
    ReportedSegmentation,
    ReportPictures,
    report_html,
    report_json,
)
from Med3DInsightLib.volumes import Grid


@pytest.fixture
def a_content(a_card):
    return a_full_content(replace(a_card, observations=("Sees nothing.",), weights_sha256="c" * 64))


@pytest.fixture
def the_facts(a_content):
    return json.loads(json.dumps(report_json(a_content), allow_nan=False))


def test_volume_and_models_are_told(the_facts):
    assert the_facts["schema_version"] == 1
    assert the_facts["created_at"] == WHEN.isoformat()
    assert the_facts["volume"] == {
        "name": "head.nii.gz",
        "file": "head.nii.gz",
        "size_bytes": 1234,
        "sha256": "ab" * 32,
        "shape_ijk": [12, 10, 8],
        "spacing_ijk_mm": [2.0, 3.0, 4.0],
        "orientation": "RAS",
        "modality": "MR",
    }
    (model,) = the_facts["models"]
    told = [model[entry] for entry in ("name", "version", "weights_sha256", "licence", "citation", "observations")]
    assert told == ["tiny", "0.0.1", "c" * 64, "Apache-2.0", "none", ["Sees nothing."]]
    assert the_facts["versions"]["numpy"] == np.__version__


def test_results_are_told_as_they_are(the_facts, a_content):
    assert the_facts["classes"][0]["probabilities"] == a_content.classes[0].result.probabilities
    assert the_facts["classes"][0]["unlike_the_training_data"] is True
    (structure, absent) = the_facts["segmentations"][0]["structures"]
    assert structure["volume_ml"] == pytest.approx(4 * 5 * 6 * 24 / 1000)
    assert structure["snomed_ct"] == "389081007"
    assert (absent["volume_ml"], absent["mean_intensity"]) == (0.0, None)
    found = a_content.found[0].found
    for plane in found.planes:
        told = [each["similarity"] for each in the_facts["found"][0]["slices"][str(plane.plane)]]
        assert told == pytest.approx(plane.similarities.tolist(), abs=1e-6)
    (asked,) = the_facts["questions"]
    assert (asked["answer"], asked["asked_at"]) == ("A head. plain words", WHEN.isoformat())
    assert [(each["plane"], each["index"]) for each in asked["slices_shown"]] == [("sagittal", 5)]


def test_maps_are_told_by_where_they_are_strongest(the_facts, a_content):
    grad_cam, attention = the_facts["maps"]
    where = a_content.volume.grid.ras_of((4, 3, 2)).tolist()
    assert (grad_cam["method"], grad_cam["asked_about"], grad_cam["choice"]) == ("Grad-CAM", None, None)
    assert (grad_cam["strongest_ras_mm"], grad_cam["highest"]) == (where, 0.5)
    assert attention["asked_about"]["index"] == 3
    assert attention["choice"] == {"layer": 1, "head": None, "rollout": False}


def test_captions_keep_what_the_model_said_and_what_the_user_did():
    flagged, edited = report_json(a_bare_content(captions=reviewed_captions()))["captions"][1:]
    assert (flagged["flags"], flagged["score"], flagged["accepted"]) == (["wrong_plane", "cut_off"], 0.25, False)
    assert (edited["text"], edited["origin"]) == ("What the user wrote.", "edited by the user")
    assert edited["own_text"] == "Axial CT slice of the liver."


def test_the_page_shows_the_same_facts(the_facts, a_content):
    shown = Page(report_html(a_content, ReportPictures(a_content.volume, longest_side=40))).shown
    for entry in ("sha256", "file", "orientation", "modality"):
        assert the_facts["volume"][entry] in shown
    for name, probability in the_facts["classes"][0]["probabilities"].items():
        assert name in shown
        assert f"{probability:.3f}" in shown
    for structure in the_facts["segmentations"][0]["structures"]:
        assert structure["name"] in shown
        assert f"{structure['volume_ml']:.2f}" in shown
    for caption in the_facts["captions"]:
        assert caption["text"] in shown
    for each in the_facts["maps"]:
        assert f"Highest value {each['highest']:.3f}" in shown
    for plane, slices in the_facts["found"][0]["slices"].items():
        best = max(slices, key=lambda each: each["similarity"])
        assert f"{plane} slice {best['index']}," in shown
    for model in the_facts["models"]:
        assert all(model[entry] in shown for entry in ("weights_sha256", "licence", "version"))
        assert model["observations"][0] in shown


def test_a_node_without_a_file_has_only_its_name():
    told = report_json(a_bare_content())["volume"]
    assert told["name"] == "head.nii.gz"
    assert not {"file", "sha256", "size_bytes"} & set(told)


def test_labels_of_another_grid_and_a_time_without_a_zone_are_refused(a_card):
    volume = a_small_volume()
    moved = Grid(volume.grid.shape_kji, volume.grid.ijk_to_ras + np.eye(4)[:, [1, 2, 3, 0]])
    elsewhere = replace(volume, grid=moved, array_kji=np.zeros(moved.shape_kji, np.uint8))
    with pytest.raises(ValueError, match="on another grid"):
        a_bare_content(segmentations=(ReportedSegmentation("x", elsewhere, (), volume),))
    with pytest.raises(ValueError, match="time zone"):
        replace(a_bare_content(), created_at=WHEN.replace(tzinfo=None))
