"""Images that a model met in its training are told, because figures of them are too good."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from Testing.training.evaluation.parts import classification_bundle, evaluate, report

from Med3DInsightLib.networks.factory import build_network, save_network


def sha256_of(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_cases_that_a_segmenting_model_learnt_from_are_named(study, a_card, capsys):
    hashes = [sha256_of(f"task/imagesTr/{name}.nii.gz") for name in "abc"]
    card = replace(a_card, learnt_from=tuple(hashes[:2]), measured_with=(hashes[2],))
    save_network(build_network(card.architecture), card, study / "bundles" / "knowing")
    evaluate("bundles/tiny", "task", "--output", "out", "--against", "bundles/knowing")
    model = report()["models"][1]
    assert (model["learnt_cases"], model["chosen_cases"]) == (["a", "b"], ["c"])
    assert report()["models"][0]["learnt_cases"] == []
    learnt, chosen = report()["warnings"]
    assert "learnt from 2 of the 3 images (a, b): its figures are better than they will be" in learnt
    assert "was chosen with 1 of the 3 images (c)" in chosen
    assert f"warning: {learnt}" in capsys.readouterr().out
    assert "learnt from 2 of the 3 images (a, b)" in Path("out/report.html").read_text()


@pytest.mark.parametrize("known", [0, 1])
def test_cases_that_a_classifying_model_learnt_from_are_named(classified, a_card, known):
    hashes = tuple(sha256_of(f"data/v{number}.nii.gz") for number in range(known))
    classification_bundle(a_card, classified / "bundles" / "knowing", learnt_from=hashes)
    evaluate("bundles/knowing", "data/cases.csv", "--output", "out")
    assert ["knowing learnt from 1 of the 8 images (v0.nii.gz)" in text for text in report()["warnings"]] == (
        [True] * known
    )
