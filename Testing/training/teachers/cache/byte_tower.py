"""A text tower that needs no model: bytes through a fixed matrix. Also a program that fills a cache."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from Med3DInsightLib.networks.text_towers.frozen_text_tower import FrozenTextTower
from Med3DInsightLib.networks.text_towers.placement import Placement
from Med3DInsightLib.networks.text_towers.tower import TowerIdentity, TowerKind, digest_of
from med3dtrain.teachers.cache import shard
from med3dtrain.teachers.cache.embedding_cache import EmbeddingCache

WIDTH = 96


def byte_tower(name: str = "bytes", width: int = WIDTH) -> FrozenTextTower:
    # Whole numbers, so that a sum is the same to the bit in every batch.
    generator = torch.Generator().manual_seed(len(name))
    matrix = torch.randint(-9, 10, (256, width), generator=generator).float()

    def tokenize(texts: Sequence[str]) -> dict[str, torch.Tensor]:
        return {
            "counts": torch.stack([torch.bincount(torch.tensor(list(f"#{t}".encode())), minlength=256) for t in texts])
        }

    identity = TowerIdentity(TowerKind.TEXTS, name, "", digest_of(name=name), digest_of(settings=""), width)
    return FrozenTextTower(identity, tokenize, lambda tokens: tokens["counts"].float() @ matrix, Placement())


def texts(count: int) -> list[str]:
    return [f"caption {number}" for number in range(count)]


class Recorded:
    """A tower, and what it was asked for."""

    def __init__(self, tower):
        self.identity = tower.identity
        self.asked = []
        self._tower = tower

    def embed(self, items):
        self.asked.extend(items)
        return self._tower.embed(items)


def kill_at_sync(number: int) -> None:
    """Let this process be killed when it makes sure for the number-th time that something is on disk."""
    calls = []
    sync = shard._sync

    def counting(path: Path) -> None:
        calls.append(path)
        if len(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        sync(path)

    shard._sync = counting


if __name__ == "__main__":
    folder, count, batch, kill = sys.argv[1:]
    if int(kill):
        kill_at_sync(int(kill))
    tower = Recorded(byte_tower())
    cache = EmbeddingCache(Path(folder), tower, torch.float32, batch=int(batch))
    cache.fill(texts(int(count)), lambda done: print("done", done, flush=True))
    print("computed", len(tower.asked), flush=True)
