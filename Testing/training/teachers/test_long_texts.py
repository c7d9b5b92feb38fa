"""Texts that are too long are cut where the tower ends, counted, and told once."""

from __future__ import annotations

import json
import logging

import pytest
import torch

from Med3DInsightLib.networks.text_towers.placement import Placement
from Med3DInsightLib.networks.text_towers.pretrained import PretrainedModel
from Med3DInsightLib.networks.text_towers.sentence_encoder import text_tower
from Med3DInsightLib.networks.text_towers.token_limit import TokenLimit
from Med3DInsightLib.networks.text_towers.tokenizing import Tokenizing
from med3dtrain.teachers.model_search import find_model
from med3dtrain.teachers.registry import TeacherBackend, TeacherSettings, open_teacher

from .tiny_models import save_bert

LONG = "the left kidney and the right kidney and the liver in an axial slice with small dark lesion"


def test_a_text_is_cut_at_the_limit_of_the_tower(clip_folder):
    teacher = open_teacher(TeacherSettings(TeacherBackend.JOINT, str(clip_folder)))
    ten_words = " ".join(LONG.split()[:10])
    long, cut, shorter = teacher.embed_texts([LONG, ten_words, " ".join(LONG.split()[:9])])
    assert torch.allclose(long, cut, atol=1e-6)
    assert not torch.allclose(long, shorter, atol=1e-3)


def test_cutting_is_counted_and_told_once(clip_folder, caplog):
    model = PretrainedModel(find_model(str(clip_folder)), Placement())
    tokenizing = Tokenizing(model, TokenLimit(12, "a-clip"))
    with caplog.at_level(logging.WARNING):
        tokenizing([LONG, "liver"])
        tokenizing([LONG, LONG])
        tokenizing(["liver"])
    told = [record.message for record in caplog.records if record.name.startswith("Med3DInsightLib")]
    assert told == [
        "a-clip reads at most 12 tokens: 1 of these 2 texts were cut there; further ones are cut without a word"
    ]
    assert tokenizing.limit.cut == 3


def test_a_text_of_exactly_the_limit_is_not_cut():
    limit = TokenLimit(12, "a-clip")
    limit.note([12, 1])
    assert limit.cut == 0


@pytest.mark.parametrize(
    ("network", "tokenizer", "sentences", "expected"), [(16, 10**30, None, 16), (16, 12, None, 12), (16, 12, 8, 8)]
)
def test_the_limit_is_the_least_that_any_file_states(tmp_path, network, tokenizer, sentences, expected):
    save_bert(tmp_path, limit=tokenizer)
    if sentences:
        (tmp_path / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": sentences}))
    tower = text_tower(PretrainedModel(find_model(str(tmp_path)), Placement()))
    words = LONG.split()
    fits, cut, long = tower.embed([" ".join(words[: expected - 2]), " ".join(words[: expected - 1]), LONG])
    assert torch.allclose(fits, cut, atol=1e-6)
    assert torch.allclose(fits, long, atol=1e-6)
    assert not torch.allclose(fits, tower.embed([" ".join(words[: expected - 3])])[0], atol=1e-3)
