"""A kill -9 at any moment loses the running batch at most, and leaves nothing half-written that is read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from med3dtrain.teachers.cache.compartment import Compartment
from med3dtrain.teachers.cache.content_keys import KEY_BYTES, content_keys
from med3dtrain.teachers.cache.embedding_reader import EmbeddingReader
from med3dtrain.teachers.cache.shard import Shard

from .byte_tower import byte_tower, texts

PROGRAM = Path(__file__).with_name("byte_tower.py")
REPOSITORY = Path(__file__).resolve().parents[4]


def start(cache, count, batch, kill=0):
    command = [sys.executable, PROGRAM, cache, str(count), str(batch), str(kill)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)


def present(cache, count):
    """How many texts have an embedding; all of them must be right."""
    reader = EmbeddingReader(Compartment(cache, byte_tower().identity, torch.float32))
    embeddings, missing = reader.gather(content_keys(texts(count)))
    there = torch.from_numpy(np.flatnonzero(~missing))
    assert torch.equal(embeddings[there], byte_tower().embed(texts(count))[there])
    return len(there)


# Every shard is synchronised before it is renamed, and its folder after that: two calls a batch.
@pytest.mark.parametrize(("kill", "expected"), [(1, 0), (2, 8), (5, 16), (6, 24)])
def test_a_kill_while_writing_leaves_the_batches_before(tmp_path, kill, expected):
    process = start(tmp_path, 100, 8, kill)
    assert process.wait(120) == -signal.SIGKILL
    assert present(tmp_path, 100) == expected
    output, _ = start(tmp_path, 100, 8).communicate(timeout=120)
    assert output.splitlines()[-1] == f"computed {100 - expected}"
    assert present(tmp_path, 100) == 100


# With batches of one, the 32nd text makes the first merging, with the 65th and 66th call.
@pytest.mark.parametrize("kill", [65, 66])
def test_a_kill_while_merging_loses_nothing(tmp_path, kill):
    process = start(tmp_path, 40, 1, kill)
    assert process.wait(120) == -signal.SIGKILL
    assert present(tmp_path, 40) == 32
    output, _ = start(tmp_path, 40, 1).communicate(timeout=120)
    assert output.splitlines()[-1] == "computed 8"
    assert present(tmp_path, 40) == 40
    assert len(list(tmp_path.rglob("*.safetensors"))) < 32


def test_kills_at_any_moment_never_lose_what_was_told_to_be_done(tmp_path):
    generator = np.random.default_rng(os.getpid())
    for _ in range(4):
        process = start(tmp_path, 5000, 16)
        for _ in range(int(generator.integers(1, 60))):
            line = process.stdout.readline()
        time.sleep(generator.uniform(0, 0.01))
        process.kill()
        lines = [line, *process.stdout.read().splitlines()]
        done = max(int(line.split()[1]) for line in lines if line.startswith("done") and line.split()[1:])
        assert present(tmp_path, done) == done
    assert present(tmp_path, 5000) < 5000


def test_what_a_killed_process_left_unfinished_is_removed_when_it_is_old(tmp_path):
    start(tmp_path, 8, 8).communicate(timeout=120)
    compartment = Compartment(tmp_path, byte_tower().identity, torch.float32)
    young, old = compartment.folder / ".unfinished-young", compartment.folder / ".unfinished-old"
    young.write_bytes(b"half")
    old.write_bytes(b"half")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    start(tmp_path, 60, 1).communicate(timeout=120)
    assert young.exists()
    assert not old.exists()


READER = """
import sys, time, torch
from pathlib import Path
from med3dtrain.teachers.cache.compartment import Compartment
from med3dtrain.teachers.cache.content_keys import KEY_BYTES, content_keys
from med3dtrain.teachers.cache.embedding_reader import EmbeddingReader
from med3dtrain.teachers.cache.shard import Shard
from Testing.training.teachers.cache.byte_tower import byte_tower, texts

folder, stop = map(Path, sys.argv[1:])
keys, expected = content_keys(texts(64)), byte_tower().embed(texts(64))
print("ready", flush=True)
reads = 0
while not stop.exists() or not reads:
    reader = EmbeddingReader(Compartment(folder, byte_tower().identity, torch.float32))
    assert torch.equal(reader.read(keys), expected)
    reads += 1
    time.sleep(0.01)
"""


def test_others_may_read_while_one_fills_and_merges(tmp_path):
    start(tmp_path / "cache", 64, 1).communicate(timeout=120)
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", READER, tmp_path / "cache", stop]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) for _ in range(2)]
    for reader in readers:
        assert reader.stdout.readline() == b"ready\n"
    start(tmp_path / "cache", 200, 1).communicate(timeout=300)
    stop.touch()
    assert [reader.wait(120) for reader in readers] == [0, 0]


def test_a_shard_that_vanishes_while_it_is_opened_is_gone_not_damaged(tmp_path, monkeypatch):
    """safetensors looks at the header, and then torch maps the file: a merge may come in between."""
    keys = np.arange(2 * KEY_BYTES, dtype=np.uint8).reshape(2, KEY_BYTES)
    path = Shard.write(tmp_path, keys, torch.ones(2, 3))
    mapped = torch.UntypedStorage.from_file

    def merged_first(*arguments, **options):
        path.unlink()
        return mapped(*arguments, **options)

    monkeypatch.setattr(torch.UntypedStorage, "from_file", merged_first)
    with pytest.raises(FileNotFoundError, match=path.name):
        Shard(path, 3, torch.float32)
