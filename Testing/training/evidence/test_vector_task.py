"""The vector task is learnable, spoilt by wrong captions, and the same for the same seed."""

from __future__ import annotations

import pytest
import torch

from med3dtrain.alignment.settings import AlignmentSettings
from med3dtrain.evidence.vectors.pairs import VectorPairsSettings, draw_vector_pairs
from med3dtrain.evidence.vectors.task import VectorTask, VectorTaskSettings, recall_at_1

PAIRS = VectorPairsSettings(training=480, test=120)


def scores(mode, wrong, epochs=10, seed=0, **options):
    settings = VectorTaskSettings(
        PAIRS, epochs=epochs, hidden=256, alignment=AlignmentSettings(mode=mode, metric="identity", **options)
    )
    return list(VectorTask(settings, wrong, seed).run())


@pytest.mark.parametrize("wrong", [0.0, 0.25, 0.6])
def test_the_asked_share_of_captions_belongs_to_another_training_pair(wrong):
    clean, test = draw_vector_pairs(PAIRS, 0.0, seed=1)
    noisy, same_test = draw_vector_pairs(PAIRS, wrong, seed=1)
    changed = (clean.text != noisy.text).any(-1)
    assert torch.equal(changed, noisy.wrong)
    assert int(changed.sum()) == round(wrong * 480)
    assert {tuple(row) for row in noisy.text.tolist()} == {tuple(row) for row in clean.text.tolist()}
    for name in ("inputs", "image", "text"):
        assert torch.equal(getattr(test, name), getattr(same_test, name))
    assert torch.equal(clean.inputs, noisy.inputs)
    assert torch.equal(clean.image, noisy.image)
    assert not test.wrong.any()


def test_embeddings_lie_in_a_cone_as_those_of_real_teachers_do():
    training, _ = draw_vector_pairs(VectorPairsSettings(), 0.0, seed=0)
    for embeddings in (training.image, training.text):
        torch.testing.assert_close(embeddings.norm(dim=-1), torch.ones(1600))
        assert 0.4 < embeddings.mean(0).norm() < 0.8


def test_recall_counts_who_is_nearest_to_its_own():
    teacher = torch.eye(4)
    assert recall_at_1(teacher[[0, 1, 3, 2]], teacher) == 0.5


def test_the_task_is_learnt_and_the_same_seed_gives_the_same_scores():
    first = scores("ot", 0.0, epochs=5)
    assert [one.epoch for one in first] == [1, 2, 3, 4, 5]
    assert first[-1].caption_recall > 0.5 > first[0].caption_recall
    assert first[-1].memorised is None
    assert first[-1].wrong_share is None
    assert scores("ot", 0.0, epochs=5) == first
    assert scores("ot", 0.0, epochs=5, seed=1) != first


def test_wrong_captions_are_learnt_by_heart_by_infonce_and_hardly_by_robust():
    infonce, robust = (scores(mode, 0.4, epochs=20)[-1] for mode in ("infonce", "robust"))
    assert infonce.memorised > robust.memorised + 0.1
    assert robust.caption_recall > infonce.caption_recall + 0.15
    assert robust.wrong_share == pytest.approx(0.4, abs=0.1)
