"""What a run learns from is in its facts, so that it does not go on when that has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from Med3DInsightLib.captions import Window
from Med3DInsightLib.volumes import Modality
from med3dtrain.datasets.bad_input import BadInput, OnBadInput
from med3dtrain.datasets.volume_list import list_volumes
from med3dtrain.datasets.volume_store import VolumeStore
from med3dtrain.pretraining.run_facts import run_facts
from med3dtrain.pretraining.samples.captioned import captioned_volumes
from med3dtrain.pretraining.targets.towers import open_towers

from . import parts


@pytest.fixture
def volumes(heads, tmp_path):
    store = VolumeStore(tmp_path / "store", parts.a_recipe_of_volumes())
    prepared = [store.get(each) for each in list_volumes(heads[0])]
    return captioned_volumes(heads[1], prepared, 0.5, BadInput(OnBadInput.STOP, print), print)


def test_modality_captions_and_windows_are_facts(a_recipe, volumes):
    towers = open_towers(a_recipe.teacher, a_recipe.alignment.term_weights())
    first, *others = volumes
    one, *more = first.slices
    changed = [
        replace(first, volume=replace(first.volume, modality=Modality.CT)),
        replace(first, slices=(replace(one, texts=("something else",)), *more)),
        replace(first, slices=(replace(one, window=Window("bone", -500.0, 1300.0)), *more)),
    ]
    told = [run_facts(a_recipe, towers, [each, *others])["samples"] for each in (first, *changed)]
    assert len(set(told)) == len(told)
    assert told[0] == run_facts(a_recipe, towers, volumes)["samples"]
