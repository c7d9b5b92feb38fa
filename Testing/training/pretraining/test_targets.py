"""The teacher sees every slice and caption once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from Med3DInsightLib.captions import Window
from Med3DInsightLib.captions.pictures import SliceRenderer
from Med3DInsightLib.volumes import Plane, read_volume
from med3dtrain.datasets.bad_input import BadInput, OnBadInput
from med3dtrain.datasets.volume_list import list_volumes
from med3dtrain.datasets.volume_store import VolumeStore
from med3dtrain.pretraining.samples.captioned import captioned_volumes
from med3dtrain.pretraining.targets import picture_keys
from med3dtrain.pretraining.targets.target_filling import TargetFilling
from med3dtrain.pretraining.targets.towers import Towers, open_towers
from med3dtrain.teachers.cache.errors import CacheError
from med3dtrain.teachers.registry import TeacherBackend, TeacherSettings

from . import parts


class CountingTower:
    """A tower that remembers what it was asked to embed."""

    def __init__(self, tower):
        self.identity = tower.identity
        self.embedded = []
        self._tower = tower

    def embed(self, items):
        self.embedded += items
        return self._tower.embed(items)


@pytest.fixture
def towers(a_teacher_folder):
    opened = open_towers(TeacherSettings(TeacherBackend.JOINT, str(a_teacher_folder)), ("image", "text"))
    return Towers(CountingTower(opened.pictures), CountingTower(opened.texts), shares_space=True)


@pytest.fixture(scope="module")
def prepared(heads, tmp_path_factory):
    store = VolumeStore(tmp_path_factory.mktemp("store"), parts.a_recipe_of_volumes())
    return [store.get(each) for each in list_volumes(heads[0])]


def captioned(path, prepared):
    return captioned_volumes(path, prepared, 0.5, BadInput(OnBadInput.STOP, print), print)


def filled(towers, volumes, cache, **settings):
    filling = TargetFilling(towers, cache, **settings)
    filling.fill(volumes)
    return filling.targets(volumes)


def test_targets_are_what_the_teacher_says_of_slice_and_caption(towers, heads, prepared, tmp_path):
    volumes = captioned(heads[1], prepared)
    targets = filled(towers, volumes, tmp_path)
    each, one = volumes[2], volumes[2].slices[4]
    read = targets.read(torch.tensor([one.number]), torch.tensor([0]))
    png = SliceRenderer(read_volume(each.volume.listed.path)).picture(one.place).png
    for term, item, tower in (("text", one.texts[0], towers.texts), ("image", png, towers.pictures)):
        assert torch.allclose(read[term], tower.embed([item]), atol=2e-3), term


def test_the_description_that_was_drawn_is_the_one_that_is_read(towers, prepared, tmp_path):
    volume = parts.a_head(0)
    captions = [
        parts.a_caption_of(volume, Plane.AXIAL, index, text=text, model=text)
        for index, text in ((4, "the left kidney"), (4, "a dark lesion"), (5, "the liver"))
    ]
    volumes = captioned(parts.write_captions(tmp_path / "captions.jsonl", captions), prepared)
    targets = filled(towers, volumes, tmp_path / "cache")
    read = targets.read(torch.tensor([0, 0, 1]), torch.tensor([1, 0, 0]))["text"]
    assert torch.allclose(read, towers.texts.embed(["a dark lesion", "the left kidney", "the liver"]), atol=2e-3)


def test_a_second_run_draws_and_embeds_nothing(towers, heads, prepared, tmp_path, monkeypatch):
    volumes = captioned(heads[1], prepared)
    first = filled(towers, volumes, tmp_path)
    counts = len(towers.texts.embedded), len(towers.pictures.embedded)
    assert counts == (36, 36)
    monkeypatch.setattr(picture_keys, "read_volume", None)
    again = filled(towers, volumes, tmp_path)
    assert (len(towers.texts.embedded), len(towers.pictures.embedded)) == counts
    numbers = torch.arange(36)
    for term, rows in first.read(numbers, torch.zeros_like(numbers)).items():
        assert torch.equal(rows, again.read(numbers, torch.zeros_like(numbers))[term])


def test_a_changed_caption_is_embedded_again_alone(towers, heads, prepared, tmp_path):
    filled(towers, captioned(heads[1], prepared), tmp_path / "cache")
    towers.texts.embedded.clear()
    towers.pictures.embedded.clear()
    text = heads[1].read_text().replace("axial slice 9 of head2", "the liver")
    (tmp_path / "captions.jsonl").write_text(text)
    filled(towers, captioned(tmp_path / "captions.jsonl", prepared), tmp_path / "cache")
    assert towers.texts.embedded == ["the liver"]
    assert towers.pictures.embedded == []


def test_a_slice_is_drawn_in_the_window_in_which_it_was_described(towers, prepared, tmp_path):
    volume = parts.a_head(0)
    narrow = Window("narrow", float(np.median(volume.array_kji)), float(volume.array_kji.max()))
    captions = [
        parts.a_caption_of(volume, Plane.AXIAL, 4, window=narrow),
        parts.a_caption_of(volume, Plane.AXIAL, 5, window=None),
    ]
    volumes = captioned(parts.write_captions(tmp_path / "captions.jsonl", captions), prepared)
    filled(towers, volumes, tmp_path / "cache")
    automatic = SliceRenderer(volume)
    windowed = SliceRenderer(volume, replace(automatic.settings, window=narrow))
    slices = volumes[0].slices
    assert towers.pictures.embedded == [windowed.picture(slices[0].place).png, automatic.picture(slices[1].place).png]


def test_a_cache_without_a_caption_is_refused_if_nothing_may_be_computed(towers, heads, prepared, tmp_path):
    volumes = captioned(heads[1], prepared)
    with pytest.raises(CacheError, match="36 of 36 texts have no embedding"):
        filled(towers, volumes, tmp_path, cached_only=True)
    assert towers.texts.embedded == []
    assert towers.pictures.embedded == []
