"""Embeddings are computed once, found by content, and those of another teacher are never taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from med3dtrain.teachers.cache.compartment import Compartment
from med3dtrain.teachers.cache.content_keys import content_keys
from med3dtrain.teachers.cache.embedding_cache import EmbeddingCache
from med3dtrain.teachers.cache.embedding_reader import EmbeddingReader
from med3dtrain.teachers.cache.errors import CacheError
from med3dtrain.teachers.registry import TeacherBackend, TeacherSettings, open_teacher

from ..tiny_models import grey_picture, png_of
from .byte_tower import WIDTH, Recorded, byte_tower, texts


@pytest.fixture
def tower():
    return Recorded(byte_tower())


def test_what_is_read_is_what_the_tower_gave(tower, tmp_path):
    cache = EmbeddingCache(tmp_path, tower, torch.float32)
    keys = cache.fill(texts(100))
    order = np.random.default_rng(0).permutation(100)
    assert torch.equal(cache.read(keys[order]), byte_tower().embed([texts(100)[number] for number in order]))


def test_float16_changes_a_cosine_by_less_than_a_thousandth_and_keeps_length_one(tower, tmp_path):
    exact, found = byte_tower().embed(texts(50)), EmbeddingCache(tmp_path, tower).embed(texts(50))
    assert found.dtype == torch.float32
    assert not torch.equal(found, exact)
    assert torch.allclose(found.norm(dim=1), torch.ones(50), atol=1e-6)
    assert ((found @ found.T) - (exact @ exact.T)).abs().max() < 1e-3


def test_nothing_is_computed_twice(tower, tmp_path):
    cache = EmbeddingCache(tmp_path, tower, batch=8)
    cache.fill([*texts(20), *texts(20)])
    cache.fill(texts(20))
    EmbeddingCache(tmp_path, tower).fill(texts(20))
    assert tower.asked == texts(20)


def test_a_changed_caption_computes_only_itself(tower, tmp_path):
    EmbeddingCache(tmp_path, tower).fill(texts(20))
    changed = [*texts(7), "caption 7.", *texts(20)[8:]]
    found = EmbeddingCache(tmp_path, tower, torch.float16).embed(changed)
    assert tower.asked == [*texts(20), "caption 7."]
    assert torch.allclose(found, byte_tower().embed(changed), atol=1e-3)


def test_the_tower_is_asked_in_full_batches_although_much_is_known(tower, tmp_path):
    EmbeddingCache(tmp_path, tower, batch=8).fill(texts(100)[::2])
    batches, embed = [], tower.embed
    tower.embed = lambda items: batches.append(len(items)) or embed(items)
    EmbeddingCache(tmp_path, tower, batch=8).fill(texts(100))
    assert sum(batches) == 50
    assert min(batches[:-1]) >= 8


def test_progress_tells_what_is_safe(tower, tmp_path):
    told = []
    EmbeddingCache(tmp_path, tower, batch=8).fill(iter(texts(20)), told.append)
    assert told == [8, 16, 16, 20]
    told.clear()
    EmbeddingCache(tmp_path, tower, batch=8).fill(texts(20), told.append)
    assert told == [8, 16, 20]


def test_nothing_to_embed_is_nothing_written(tower, tmp_path):
    cache = EmbeddingCache(tmp_path / "cache", tower)
    assert cache.embed([]).shape == (0, WIDTH)
    assert not (tmp_path / "cache").exists()


def test_two_teachers_share_a_folder_and_nothing_else(tower, tmp_path):
    other = Recorded(byte_tower("other bytes"))
    first, second = EmbeddingCache(tmp_path, tower), EmbeddingCache(tmp_path, other)
    keys = first.fill(texts(5))
    with pytest.raises(CacheError, match="5 of 5 texts have no embedding by other bytes") as caught:
        second.read(keys)
    assert "it has some by bytes (texts-" in str(caught.value)
    assert "choose the teacher that the cache was made with" in str(caught.value)
    second.fill(texts(5))
    assert torch.allclose(second.read(keys), byte_tower("other bytes").embed(texts(5)), atol=1e-3)
    assert torch.allclose(first.read(keys), byte_tower().embed(texts(5)), atol=1e-3)


def test_what_was_not_computed_is_counted_in_one_clear_error(tower, tmp_path):
    cache = EmbeddingCache(tmp_path, tower)
    cache.fill(texts(5))
    with pytest.raises(CacheError, match="2 of 7 texts .*it has none by another teacher"):
        cache.read(content_keys(texts(7)))


def test_a_reader_needs_no_teacher_and_sees_what_others_add_later(tower, tmp_path):
    reader = EmbeddingReader(Compartment(tmp_path, byte_tower().identity, torch.float16))
    keys = EmbeddingCache(tmp_path, tower).fill(texts(3))
    assert torch.allclose(reader.read(keys), byte_tower().embed(texts(3)), atol=1e-3)


def test_float16_and_float32_do_not_mix(tower, tmp_path):
    EmbeddingCache(tmp_path, tower, torch.float16).fill(texts(3))
    found = EmbeddingCache(tmp_path, tower, torch.float32).embed(texts(3))
    assert torch.equal(found, byte_tower().embed(texts(3)))
    with pytest.raises(ValueError, match="int8"):
        EmbeddingCache(tmp_path, tower, torch.int8)


def test_a_folder_that_cannot_be_written_is_one_clear_error(tower, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(CacheError, match="cannot be written"):
        EmbeddingCache(tmp_path / "cache", tower).fill(texts(3))


def test_pictures_and_texts_of_a_real_teacher_are_cached(clip_folder, tmp_path):
    teacher = open_teacher(TeacherSettings(TeacherBackend.JOINT, str(clip_folder)))
    pictures = [grey_picture(0), png_of(grey_picture(1)), grey_picture(2)[:, :, None].repeat(3, 2)]
    captions = ["the left kidney", "liver", "Liver"]
    for tower, items in ((teacher.pictures, pictures), (teacher.texts, captions)):
        EmbeddingCache(tmp_path, tower, torch.float32).fill(items)
        again = Recorded(tower)
        assert torch.equal(EmbeddingCache(tmp_path, again, torch.float32).embed(items), tower.embed(items))
        assert again.asked == []


def test_the_weights_of_a_teacher_whose_embeddings_are_cached_are_not_loaded(clip_folder, tmp_path, monkeypatch):
    settings = TeacherSettings(TeacherBackend.JOINT, str(clip_folder))
    EmbeddingCache(tmp_path, open_teacher(settings).texts).fill(["liver"])
    monkeypatch.setattr("transformers.AutoModel", None)
    assert EmbeddingCache(tmp_path, open_teacher(settings).texts).embed(["liver"]).shape == (1, 20)


def test_keys_differ_with_every_change_of_content():
    array = grey_picture(0, 8, 12)
    items = ["a", "a ", "A", "", b"a", b"", array, array.T, array.reshape(12, 8), array[:, :11], array ^ 1]
    keys = content_keys(items)
    assert len({key.tobytes() for key in keys}) == len(items)
    assert content_keys([array.copy(order="F")]).tobytes() == keys[6].tobytes()


def test_many_small_batches_end_in_few_files(tower, tmp_path, monkeypatch):
    monkeypatch.setattr("med3dtrain.teachers.cache.shard._sync", lambda path: None)  # what takes the time here
    cache = EmbeddingCache(tmp_path, tower, torch.float32, batch=1)
    keys = cache.fill(texts(1100))
    files = list(Path(tmp_path).rglob("*.safetensors"))
    assert len(files) == 1 + 1100 % 1024 // 32 + 1100 % 32
    assert torch.equal(cache.read(keys), byte_tower().embed(texts(1100)))
