"""Classes, what speaks for them, and slices that fit a phrase, from the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from Med3DInsightLib.analysis.requests import ClassifyRequest, ExplainClassRequest, FindRequest
from Med3DInsightLib.cli.main import main
from Med3DInsightLib.volumes import read_volume


def run(*arguments):
    return main([str(argument) for argument in arguments])


def test_classify_says_and_writes_what_the_service_says(a_file, a_classifier, a_service, tmp_path, capfd):
    expected = a_service.classify(ClassifyRequest(a_classifier), read_volume(a_file))
    assert run("classify", a_file, "--model", a_classifier, "-o", tmp_path / "out") == 0
    written = json.loads((tmp_path / "out" / "result.json").read_text())
    assert written["probabilities"] == expected.probabilities
    assert written["most_probable"] == expected.most_probable
    assert written["input"]["file"] == "scan.nii.gz"
    said = capfd.readouterr().out
    assert f"{max(expected.probabilities.values()):.3f}" in said
    assert "result.json" in said


def test_without_an_output_folder_nothing_is_written(a_file, a_classifier, tmp_path, capfd):
    before = sorted(tmp_path.rglob("*"))
    assert run("classify", a_file, "--model", a_classifier) == 0
    assert sorted(tmp_path.rglob("*")) == before
    assert "probability" in capfd.readouterr().out


def test_explain_writes_a_map_on_the_grid_of_the_volume(a_file, a_classifier, a_service, tmp_path):
    assert run("explain", a_file, "-o", tmp_path / "out", "--model", a_classifier, "--class-name", "b") == 0
    volume, saliency = read_volume(a_file), read_volume(tmp_path / "out" / "saliency.nii.gz")
    expected = a_service.explain_class(ExplainClassRequest(a_classifier, "b"), volume)
    assert np.array_equal(saliency.array_kji, expected.saliency.on_grid(volume.grid))
    assert np.allclose(saliency.grid.ijk_to_ras, volume.grid.ijk_to_ras)
    assert json.loads((tmp_path / "out" / "result.json").read_text())["saliency"]["of_class"] == "b"


def test_find_names_the_best_slice_of_every_plane(a_file, an_encoder, a_service, tmp_path, capfd):
    expected = a_service.find(FindRequest(an_encoder, "liver"), read_volume(a_file))
    assert run("find", a_file, "liver", "--model", an_encoder, "-o", tmp_path / "out") == 0
    written = json.loads((tmp_path / "out" / "result.json").read_text())
    for plane in expected.planes:
        rows = written["slices"][str(plane.plane)]
        assert [row["similarity"] for row in rows] == pytest.approx(plane.similarities.tolist(), abs=1e-6)
        assert max(rows, key=lambda row: row["similarity"])["index"] == plane.best.index
    assert "coronal" in capfd.readouterr().out


def test_a_phrase_that_the_model_does_not_know_is_one_line_and_leaves_nothing(a_file, an_encoder, tmp_path, capfd):
    assert run("find", a_file, "a unicorn", "--model", an_encoder, "-o", tmp_path / "out") == 1
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert "text tower" in lines[0]
    assert not (tmp_path / "out").exists()


def test_a_model_that_does_not_classify_is_refused(a_file, an_encoder, tmp_path, capfd):
    assert run("explain", a_file, "-o", tmp_path / "out", "--model", an_encoder) == 1
    assert "does not classify" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()
