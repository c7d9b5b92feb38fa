"""The embeddings of one tower on disk."""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from pathlib import Path

import torch

from Med3DInsightLib.networks.text_towers.tower import TowerIdentity

from .content_keys import Keys
from .errors import CacheError
from .merging import merge_shards
from .shard import UNFINISHED, DamagedShardError, Shard, shard_paths

_log = logging.getLogger(__name__)

IDENTITY = "tower.json"
"""What a compartment is of, for people; the name of the folder is what decides."""


class Compartment:
    """A folder of shards of one width and dtype, written and read by any number of processes.

        compartment = Compartment(cache_folder, tower.identity, torch.float16)
        compartment.add(keys, embeddings)       # visible to all at once, also after a kill -9
        shards = compartment.shards()

    Every add() makes a small shard, which later goes into larger ones (see merging). A damaged shard is named
    in the log and set aside (its name gets .damaged).
    """

    def __init__(self, cache: Path, identity: TowerIdentity, dtype: torch.dtype) -> None:
        self.folder = cache / f"{identity.kind}-{identity.key}-{str(dtype).removeprefix('torch.')}"
        self._cache = cache
        self.identity = identity
        self.dtype = dtype

    def shards(self) -> list[Shard]:
        """All sound shards, opened; none if nothing was ever added."""
        while True:
            shards, vanished = [], False
            for path in shard_paths(self.folder):
                try:
                    shards.append(self._open(path))
                except DamagedShardError as error:
                    self.set_aside(path, error)
                except FileNotFoundError:
                    # Merged by another process meanwhile; its rows are in a shard that the list lacks.
                    vanished = True
            if not vanished:
                return shards

    def add(self, keys: Keys, embeddings: torch.Tensor) -> None:
        """Store embeddings (N, width) under keys; raises CacheError if the folder cannot be written."""
        try:
            self._create()
            Shard.write(self.folder, keys, embeddings.to(self.dtype))
            merge_shards(self.folder, self._open, self.set_aside)
        except OSError as error:
            raise CacheError(
                f"the cache cannot be written ({error.strerror or error})", self.folder, "choose another cache folder"
            ) from error

    def set_aside(self, path: Path, error: DamagedShardError) -> None:
        """Take a damaged shard out of use, and name it in the log."""
        _log.warning("%s: this part of the cache is damaged (%s) and is not used", path, error)
        try:
            path.rename(path.with_name(f"{path.name}.damaged"))
        except OSError as problem:
            _log.warning("%s: could not be renamed (%s)", path, problem.strerror)

    def neighbours(self) -> list[str]:
        """What the other compartments of the cache are of, in words."""
        found = []
        for path in sorted(self._cache.glob(f"{self.identity.kind}-*/{IDENTITY}")):
            if path.parent != self.folder:
                try:
                    found.append(f"{json.loads(path.read_text(encoding='utf-8'))['name']} ({path.parent.name})")
                except (OSError, ValueError, KeyError, TypeError):
                    found.append(path.parent.name)
        return found

    def _open(self, path: Path) -> Shard:
        return Shard(path, self.identity.width, self.dtype)

    def _create(self) -> None:
        description = self.folder / IDENTITY
        if description.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f"{UNFINISHED}{time.time_ns()}.json"
        unfinished.write_text(json.dumps(dataclasses.asdict(self.identity), indent=2) + "\n", encoding="utf-8")
        unfinished.replace(description)
