"""A network that learns from mirrored volumes may average over their mirror images."""

from __future__ import annotations

from dataclasses import replace

import pytest

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.volumes import Modality
from med3dtrain.datasets.classified_table import read_classified_table
from med3dtrain.datasets.split import Subset
from med3dtrain.finetuning.errors import FineTuningError

from .classifying import recipe, run

AVERAGED = replace(recipe().plan, mirrored_average=True)


def test_a_network_that_learns_from_mirrored_volumes_may_average_over_them(a_table, tmp_path):
    augmentation = replace(recipe().augmentation, flips="RS")
    bundle = run(a_table, tmp_path, plan=AVERAGED, augmentation=augmentation)
    assert bundle.card.architecture.mirrored_axes_kji == (2, 0)
    session = Session.open(bundle, Device.CPU)
    volume = read_classified_table(a_table, Modality.MR, 0.2).of(Subset.TEST)[0].read()
    straight = session.classify(volume).probabilities["cube"]
    mirrored = session.classify(volume.map(lambda array: array[::-1, :, ::-1].copy())).probabilities["cube"]
    assert mirrored == pytest.approx(straight, abs=1e-4)


def test_averaging_over_mirror_images_that_are_not_learnt_from_is_refused(a_table, tmp_path):
    with pytest.raises(FineTuningError, match="learns from mirrored images"):
        run(a_table, tmp_path, plan=AVERAGED)
    assert not list(tmp_path.glob("*.safetensors"))
