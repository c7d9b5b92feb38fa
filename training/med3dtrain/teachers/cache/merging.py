"""Few large shards instead of many small ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock, Timeout

from .key_index import first_rows
from .shard import UNFINISHED, DamagedShardError, Shard, rows_in, shard_paths

_AT_ONCE = 32
_LARGE = _AT_ONCE**3
"""Shards of so many rows stay as they are."""

_LOCK = ".merging"
_ABANDONED_SECONDS = 3600.0


def merge_shards(
    folder: Path, open_shard: Callable[[Path], Shard], set_aside: Callable[[Path, DamagedShardError], None]
) -> None:
    """Replace 32 shards of about one size, if there are so many, by one that is 32 times as large.

    A million embeddings are then in fewer than a hundred files, and each was written four times at most. The
    new shard is complete before the old ones go; a kill in between leaves rows twice, which does no harm
    and which the next merging mends. Only one process merges at a time; another one that wants to goes on.
    """
    ranks = [_rank(path) for path in shard_paths(folder)]
    crowded = next(
        (rank for rank in sorted(set(ranks)) if ranks.count(rank) >= _AT_ONCE and _AT_ONCE**rank < _LARGE), None
    )
    if crowded is None:
        return
    try:
        with FileLock(folder / _LOCK, timeout=0):
            _merge([path for path in shard_paths(folder) if _rank(path) == crowded], open_shard, set_aside)
            _remove_abandoned(folder)
    except Timeout:
        return


def _merge(
    paths: list[Path], open_shard: Callable[[Path], Shard], set_aside: Callable[[Path, DamagedShardError], None]
) -> None:
    keys, embeddings, sources = [], [], []
    rows = 0
    for path in paths:
        try:
            shard = open_shard(path)
            embeddings.append(shard.rows(np.arange(len(shard))))
        except DamagedShardError as error:
            set_aside(path, error)
            continue
        except FileNotFoundError:
            continue  # another process merged or set it aside
        keys.append(shard.keys)
        sources.append(path)
        rows += len(shard)
        if rows >= 2 * _LARGE:
            break
    if len(sources) < 2:
        return
    all_keys = np.concatenate(keys)
    kept = first_rows(all_keys)
    merged = Shard.write(paths[0].parent, all_keys[kept], torch.cat(embeddings)[torch.from_numpy(kept)])
    for path in sources:
        if path != merged:
            path.unlink(missing_ok=True)


def _rank(path: Path) -> int:
    """How many times 32 fits into the number of rows as a factor: 0 below 32 rows, 1 below 1024 ..."""
    return (rows_in(path).bit_length() - 1) // (_AT_ONCE.bit_length() - 1)


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left half-written; a living one needs seconds for a file, not an hour."""
    for path in folder.glob(f"{UNFINISHED}*"):
        try:
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()
        except FileNotFoundError:
            continue
