"""A damaged part of a cache is named, set aside, and computed again."""

from __future__ import annotations

import logging

import pytest
import torch
from safetensors.torch import save_file

from med3dtrain.teachers.cache.embedding_cache import EmbeddingCache
from med3dtrain.teachers.cache.errors import CacheError

from .byte_tower import Recorded, byte_tower, texts


@pytest.fixture
def a_cache(tmp_path):
    EmbeddingCache(tmp_path, byte_tower(), torch.float32, batch=10).fill(texts(30))
    return tmp_path


def shards(cache):
    return sorted(cache.rglob("*.safetensors"))


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_bit_of_an_embedding(path):
    embeddings = byte_tower().embed(texts(30)).numpy()
    contents = path.read_bytes()
    start = next(at for row in embeddings if (at := contents.find(row.tobytes())) > 0)
    path.write_bytes(contents[:start] + bytes([contents[start] ^ 4]) + contents[start + 1 :])


def empty(path):
    path.write_bytes(b"")


def garbage(path):
    path.write_bytes(b"\xff" * 5000)


def another_width(path):
    rows = {"keys": torch.zeros(10, 16, dtype=torch.uint8), "checksums": torch.zeros(10, dtype=torch.int64)}
    save_file({**rows, "embeddings": torch.zeros(10, 7)}, path)


def something_else(path):
    save_file({"weight": torch.zeros(3)}, path)


@pytest.mark.parametrize(
    "damage", [truncate, flip_a_bit_of_an_embedding, empty, garbage, another_width, something_else]
)
def test_a_damaged_shard_is_named_and_computed_again(a_cache, damage, caplog):
    victim = shards(a_cache)[1]
    damage(victim)
    tower = Recorded(byte_tower())
    with caplog.at_level(logging.WARNING):
        found = EmbeddingCache(a_cache, tower, torch.float32, batch=10).embed(texts(30))
    assert torch.equal(found, byte_tower().embed(texts(30)))
    assert len(tower.asked) == 10
    assert str(victim) in caplog.text
    assert victim.with_name(f"{victim.name}.damaged").exists()
    again = Recorded(byte_tower())
    assert torch.equal(EmbeddingCache(a_cache, again, torch.float32).embed(texts(30)), found)
    assert again.asked == []


def test_damage_that_shows_while_reading_is_an_error_not_a_wrong_number(a_cache):
    cache = EmbeddingCache(a_cache, byte_tower(), torch.float32)
    keys = cache.fill(texts(30))
    for path in shards(a_cache):
        with open(path, "r+b") as stream:
            stream.seek(-8, 2)
            stream.write(b"\x00\x01\x02\x03\x04\x05\x06\x07")
    with pytest.raises(CacheError, match="of 30 texts have no embedding"):
        cache.read(keys)
    assert torch.equal(cache.embed(texts(30)), byte_tower().embed(texts(30)))


def test_files_of_others_in_the_folder_are_left_alone(a_cache):
    folder = shards(a_cache)[0].parent
    stranger = folder / "notes.safetensors"
    stranger.write_bytes(b"mine")
    tower = Recorded(byte_tower())
    EmbeddingCache(a_cache, tower, torch.float32).embed(texts(30))
    assert tower.asked == []
    assert stranger.read_bytes() == b"mine"


def test_a_damaged_shard_does_not_stop_merging(tmp_path):
    cache = EmbeddingCache(tmp_path, byte_tower(), torch.float32, batch=1)
    cache.fill(texts(31))
    garbage(shards(tmp_path)[3])
    fresh = EmbeddingCache(tmp_path, byte_tower(), torch.float32, batch=1)
    assert torch.equal(fresh.embed(texts(40)), byte_tower().embed(texts(40)))


def test_a_cache_without_its_description_is_still_a_cache(a_cache):
    (shards(a_cache)[0].parent / "tower.json").unlink()
    tower = Recorded(byte_tower())
    EmbeddingCache(a_cache, tower, torch.float32).embed(texts(31))
    assert tower.asked == ["caption 30"]
