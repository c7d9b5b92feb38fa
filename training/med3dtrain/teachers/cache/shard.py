"""A file of embeddings that is complete or not there."""

from __future__ import annotations

import hashlib
import os
import uuid
import zlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .content_keys import KEY_BYTES, Keys

_SUFFIX = ".safetensors"
UNFINISHED = ".unfinished-"


class DamagedShardError(Exception):
    """A shard does not hold what was written; the message says in what way."""


class Shard:
    """Keys, embeddings and a checksum of each row, memory-mapped.

        path = Shard.write(folder, keys, embeddings)
        shard = Shard(path, width=512, dtype=torch.float16)
        shard.rows(np.array([3, 5]))        # (2, 512)

    The embeddings are not read until rows() asks for some of them, and other processes share the pages. The
    checksum of a row covers its key and its embedding.

    Raises DamagedShardError if the file is not a shard of that width and dtype, FileNotFoundError if it is gone.
    """

    def __init__(self, path: Path, width: int, dtype: torch.dtype) -> None:
        self.path = path
        try:
            with safe_open(path, framework="pt") as stream:
                found = {name: stream.get_tensor(name) for name in ("keys", "embeddings", "checksums")}
        except SafetensorError as error:
            raise DamagedShardError(str(error)) from error
        except RuntimeError as error:
            # safetensors opens the file twice, and torch, which does it the second time, has no error of its own.
            if not path.exists():
                raise FileNotFoundError(str(path)) from error
            raise
        count = len(found["keys"])
        expected = {
            "keys": ((count, KEY_BYTES), torch.uint8),
            "embeddings": ((count, width), dtype),
            "checksums": ((count,), torch.int64),
        }
        for name, (shape, kind) in expected.items():
            if tuple(found[name].shape) != shape or found[name].dtype != kind:
                raise DamagedShardError(f"{name} are {found[name].dtype} of shape {tuple(found[name].shape)}")
        self.keys: Keys = found["keys"].numpy()
        self._embeddings = found["embeddings"]
        self._checksums: NDArray[np.int64] = found["checksums"].numpy()

    def __len__(self) -> int:
        return len(self.keys)

    def rows(self, numbers: NDArray[np.int64]) -> Tensor:
        """Copies of the embeddings of rows, (len(numbers), width), as stored; raises DamagedShardError."""
        embeddings: Tensor = self._embeddings[torch.from_numpy(numbers)]
        if not np.array_equal(_checksums(self.keys[numbers], embeddings), self._checksums[numbers]):
            raise DamagedShardError("a checksum is wrong")
        return embeddings

    @staticmethod
    def write(folder: Path, keys: Keys, embeddings: Tensor) -> Path:
        """Write a shard that appears in folder when it is complete, and return its path.

        The name tells the number of rows and is a hash of the keys, so writing the same again is harmless.
        """
        name = f"{len(keys):08d}-{hashlib.sha256(keys.tobytes()).hexdigest()[:24]}{_SUFFIX}"
        unfinished = folder / f"{UNFINISHED}{uuid.uuid4().hex}"
        tensors = {
            "keys": torch.from_numpy(np.array(keys)),
            "embeddings": embeddings.contiguous(),
            "checksums": torch.from_numpy(_checksums(keys, embeddings)),
        }
        try:
            save_file(tensors, unfinished)
            _sync(unfinished)
            unfinished.replace(folder / name)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync(folder)
        return folder / name


def shard_paths(folder: Path) -> list[Path]:
    """The files in folder that are called like shards."""
    return sorted(path for path in folder.glob(f"*{_SUFFIX}") if rows_in(path))


def rows_in(path: Path) -> int:
    """The number of rows that the name of a shard tells, 0 if it is not such a name."""
    first = path.name.partition("-")[0]
    return int(first) if first.isdecimal() else 0


def _checksums(keys: Keys, embeddings: Tensor) -> NDArray[np.int64]:
    contents = np.hstack([keys, embeddings.contiguous().view(torch.uint8).numpy()])
    return np.fromiter((zlib.crc32(row.tobytes()) for row in contents), dtype=np.int64, count=len(keys))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
