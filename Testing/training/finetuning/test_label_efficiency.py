"""The study of few labels compares like with like, and pairs seeds."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.networks.factory import build_network, save_network
from med3dtrain.finetuning.learning.run import FineTuningRun
from med3dtrain.finetuning.segmentation.tasks import SegmentationTasks
from med3dtrain.finetuning.series.label_efficiency import LabelEfficiency, MeasuredShare, table

from .data import a_recipe


@pytest.fixture
def a_study(a_bundle, a_card, a_data_set, tmp_path):
    """With an encoder of another architecture than the recipe's."""
    encoder = save_network(build_network(a_card.architecture), a_card, tmp_path / "encoder")
    trained = []

    def train(recipe, folder):
        trained.append((recipe, folder))
        tasks = SegmentationTasks(a_data_set, recipe, folder)
        return FineTuningRun(tasks, recipe, folder, Device.CPU, lambda text: None).run()

    short = replace(a_recipe(), optimisation=replace(a_recipe().optimisation, steps=2))
    return LabelEfficiency(short, str(encoder.folder), train), trained, encoder


def test_every_share_and_seed_is_trained_twice_with_the_same_cases(a_study, tmp_path):
    study, trained, encoder = a_study
    said = []
    measured = study.run(tmp_path / "out", [1.0, 0.5], 1, said.append)
    assert [(each.share, len(each.scratch), len(each.pretrained)) for each in measured] == [(0.5, 1, 1), (1.0, 1, 1)]
    assert len(said) == 4
    recipes = [recipe for recipe, _ in trained]
    assert {recipe.network.backbone for recipe in recipes} == {encoder.card.architecture.backbone}
    assert [recipe.start.bundle for recipe in recipes] == [None, str(encoder.folder)] * 2
    splits = [(folder / "split.csv").read_text() for _, folder in trained]
    assert splits[0] == splits[1] != splits[2] == splits[3]
    assert json.loads((tmp_path / "out" / "label_efficiency.json").read_text())[1]["share"] == 1.0
    assert (tmp_path / "out" / "label_efficiency.png").read_bytes().startswith(b"\x89PNG")


def test_a_gain_is_the_mean_of_differences_paired_by_seed():
    measured = MeasuredShare(0.1, (0.60, 0.70, 0.80), (0.63, 0.72, 0.81))
    assert measured.gain.mean == pytest.approx(0.02)
    assert measured.gain.half_width == pytest.approx(4.303 * 0.01 / math.sqrt(3))
    assert table([measured], "mean Dice").splitlines()[2] == ("| 10% | 0.700 ± 0.248 | 0.720 ± 0.224 | 0.020 ± 0.025 |")
