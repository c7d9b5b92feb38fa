"""A pretrained encoder brings the embeddings of phrases along, and they are the teacher's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import normalize

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.bundles.vocabulary import Vocabulary
from med3dtrain.alignment.settings import AlignmentSettings
from med3dtrain.pretraining.errors import PretrainingError
from med3dtrain.pretraining.run import PretrainingRun
from med3dtrain.pretraining.targets.phrases import read_phrases
from med3dtrain.teachers.cache.errors import CacheError
from med3dtrain.teachers.registry import open_teacher

SHIPPED = Path(__file__).parents[3] / "training" / "configs" / "vocabulary.txt"


@pytest.fixture
def some_phrases(tmp_path):
    path = tmp_path / "phrases.txt"
    path.write_text("# what to look for\nleft kidney\n\n  liver \nleft kidney\n", encoding="utf-8")
    return path


@pytest.fixture
def a_searchable_recipe(a_recipe, some_phrases):
    return replace(
        a_recipe,
        source=replace(a_recipe.source, vocabulary=some_phrases),
        optimisation=replace(a_recipe.optimisation, steps=2),
    )


def run(recipe, output):
    return PretrainingRun(recipe, output, Device.CPU, [].append).run()


def test_phrases_are_read_once_each_and_in_order(some_phrases):
    assert read_phrases(some_phrases) == ("left kidney", "liver")
    shipped = read_phrases(SHIPPED)
    assert len(shipped) > 50
    assert "the left kidney" in shipped


def test_the_bundle_knows_what_the_teacher_says_of_the_phrases(a_searchable_recipe, tmp_path):
    vocabulary = Vocabulary.of(run(a_searchable_recipe, tmp_path / "run"))
    assert vocabulary.phrases == ("left kidney", "liver")
    expected = open_teacher(a_searchable_recipe.teacher).embed_texts(["left kidney", "liver"])
    torch.testing.assert_close(torch.from_numpy(vocabulary.embeddings), normalize(expected, dim=1), atol=2e-3, rtol=0)


@pytest.mark.parametrize(("contents", "message"), [(b"# nothing\n", "has no phrases"), (b"\xff\xfe", "UTF-8")])
def test_a_file_without_phrases_is_named_before_anything_is_trained(
    a_searchable_recipe, some_phrases, tmp_path, contents, message
):
    some_phrases.write_bytes(contents)
    with pytest.raises(PretrainingError, match=message) as stopped:
        run(a_searchable_recipe, tmp_path / "run")
    assert "phrases.txt" in str(stopped.value)
    assert not (tmp_path / "run" / "log.jsonl").exists()


def test_a_vocabulary_without_a_teacher_of_texts_is_refused(a_searchable_recipe, tmp_path):
    with pytest.raises(PretrainingError, match="needs a teacher of texts"):
        run(replace(a_searchable_recipe, alignment=AlignmentSettings(text_weight=0.0)), tmp_path / "run")


def test_from_a_cache_alone_phrases_must_have_been_embedded_before(a_recipe, a_searchable_recipe, tmp_path):
    cached = replace(a_searchable_recipe.source, cache=tmp_path / "cache")
    short = replace(a_searchable_recipe, source=replace(cached, vocabulary=None))
    run(short, tmp_path / "first")
    alone = replace(a_searchable_recipe, source=replace(cached, cached_only=True))
    with pytest.raises(CacheError, match="2 of 2 texts have no embedding"):
        run(alone, tmp_path / "second")
    run(replace(a_searchable_recipe, source=cached), tmp_path / "third")
    assert Vocabulary.of(run(alone, tmp_path / "fourth")).phrases == ("left kidney", "liver")
