"""Arrays between processes: files in a private folder that is always removed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import weakref
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from ..volumes import Grid, LabelLayer, Modality, Volume
from ..volumes.files.exchange_file import read_exchange_file, write_exchange_file

_PREFIX = "med3dinsight-"
_LOCK = "owner.lock"
_UNLOCKED_SECONDS = 86_400.0
"""How long a folder without a lock is left alone: it is being made, or it is of a version that made none."""


@dataclass(frozen=True)
class VolumeReference:
    """A volume in a file; the affine (IJK to RAS, mm) travels beside it, so that no digit is lost."""

    path: str
    ijk_to_ras: tuple[tuple[float, ...], ...]
    modality: Modality = Modality.UNKNOWN

    @classmethod
    def store(cls, volume: Volume, path: Path) -> VolumeReference:
        """Write volume to path (uncompressed NRRD)."""
        write_exchange_file(volume, path)
        rows = tuple(tuple(float(entry) for entry in row) for row in volume.grid.ijk_to_ras)
        return cls(str(path), rows, volume.modality)

    def load(self) -> Volume:
        """Read the volume back, to the bit."""
        volume = read_exchange_file(Path(self.path))
        grid = Grid(volume.grid.shape_kji, np.array(self.ijk_to_ras))
        return replace(volume, grid=grid, modality=self.modality)


@dataclass(frozen=True)
class LayerReference:
    """A label map in a file and the names of its values."""

    volume: VolumeReference
    names: dict[int, str]

    @classmethod
    def store(cls, layer: LabelLayer, path: Path) -> LayerReference:
        """Write the label map to path."""
        return cls(VolumeReference.store(layer.volume, path), layer.names)

    def load(self) -> LabelLayer:
        """Read the label map back."""
        return LabelLayer(self.volume.load(), self.names)


@dataclass(frozen=True)
class GriddedArrayReference:
    """An array (..., K, J, I) in a file, and the grid (shape in voxels, affine IJK to RAS in mm) of its last axes."""

    path: str
    shape_kji: tuple[int, int, int]
    ijk_to_ras: tuple[tuple[float, ...], ...]

    @classmethod
    def store(cls, array: NDArray[np.float32], grid: Grid, path: Path) -> GriddedArrayReference:
        """Write array to path (NPY)."""
        np.save(path, array, allow_pickle=False)
        return cls(str(path), grid.shape_kji, tuple(tuple(float(x) for x in row) for row in grid.ijk_to_ras))

    @property
    def grid(self) -> Grid:
        """The grid of the last three axes."""
        return Grid(self.shape_kji, np.array(self.ijk_to_ras))

    def load(self) -> NDArray[np.float32]:
        """Read the array back, to the bit."""
        array: NDArray[np.float32] = np.load(self.path, allow_pickle=False)
        return array


class ExchangeFolder:
    """A folder that only this user can read, removed when it is closed, forgotten, or Python ends.

        folder = ExchangeFolder()
        with_job = folder.new()          # a folder for one request
        folder.discard(with_job)
        folder.close()

    What a killed process left behind is removed when the next folder is made. The owner holds a lock in its
    folder, of which the operating system lets go with the process; process ids would not tell, since containers
    that share a folder for temporary files do not see each other's.
    """

    def __init__(self, parent: Path | None = None) -> None:
        parent = parent or Path(tempfile.gettempdir())
        for folder in parent.glob(f"{_PREFIX}[0-9]*-*"):
            if _is_orphan(folder):
                shutil.rmtree(folder, ignore_errors=True)
        self.path, lock = _owned_folder(parent)
        self._finalizer = weakref.finalize(self, _remove, self.path, lock)

    def new(self) -> Path:
        """An empty folder for one request."""
        return Path(tempfile.mkdtemp(dir=self.path))

    def discard(self, folder: Path) -> None:
        """Remove a folder that new() made."""
        shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove everything."""
        self._finalizer()


def is_exchange_folder(folder: Path) -> bool:
    """Whether folder is, by its name, the folder of one request; nothing else is ever removed."""
    return folder.parent.name.startswith(_PREFIX)


def _owned_folder(parent: Path) -> tuple[Path, FileLock]:
    """A new folder and the lock that its owner holds."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
        lock = _lock_of(folder)
        try:
            lock.acquire(timeout=0)
        except (Timeout, FileNotFoundError):
            continue  # another process looks for orphans, and has just found one without a holder
        if (folder / _LOCK).exists():
            return folder, lock


def _is_orphan(folder: Path) -> bool:
    """Whether the process that made folder is gone."""
    try:
        if not (folder / _LOCK).exists():
            return time.time() - folder.stat().st_mtime > _UNLOCKED_SECONDS
        lock = _lock_of(folder)
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return False  # it is held, or it is another user's
    lock.release()  # for Windows, which removes no file that is open
    return True


def _lock_of(folder: Path) -> FileLock:
    """Its lock; a finalizer may let go of it on any thread."""
    return FileLock(folder / _LOCK, thread_local=False)


def _remove(folder: Path, lock: FileLock) -> None:
    lock.release()
    shutil.rmtree(folder, ignore_errors=True)
