"""Volumes prepared once, kept on disk."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from Med3DInsightLib.captions import volume_hash
from Med3DInsightLib.storage import write_whole
from Med3DInsightLib.volumes import Grid, Modality, Preparation, Recipe, VolumeError, read_volume
from Med3DInsightLib.volumes.files.source_files import source_files
from Med3DInsightLib.volumes.volume import require_content

from .prepared_volume import PreparedVolume
from .volume_list import ListedVolume

_VERSION = 1
_DTYPE = np.float16


class VolumeStore:
    """Prepares volumes by a bundle's recipe, and finds what it prepared before.

        store = VolumeStore(Path("cache"), card.recipe)
        prepared = store.get(listed)        # reads and resamples the first time, then looks up

    A volume is found by the path, size and time of change of its files, by its modality and by the recipe, so
    a changed file is prepared again. Voxels are kept as float16: between 0 and 1 that is exact to 1/2000.
    Any number of processes may share a store; a killed one leaves nothing that is taken for complete.
    """

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        self._folder = folder
        self._recipe = recipe
        self._recipe_json = TypeAdapter(Recipe).dump_json(recipe).decode()

    def find(self, listed: ListedVolume) -> PreparedVolume | None:
        """The volume as it was prepared before, None if it was not.

        Raises VolumeError if its file is not there.
        """
        about, voxels = self._paths(listed)
        try:
            facts = json.loads(about.read_text(encoding="utf-8"))
            prepared = PreparedVolume(
                listed,
                facts["volume_hash"],
                Modality(facts["modality"]),
                _grid_of(facts["input_grid"]),
                _grid_of(facts["model_grid"]),
                voxels,
            )
            shape = np.load(voxels, mmap_mode="r", allow_pickle=False).shape
        except (OSError, ValueError, KeyError, TypeError):
            return None  # absent, or damaged: it is made again
        return prepared if shape == prepared.model_grid.shape_kji else None

    def get(self, listed: ListedVolume) -> PreparedVolume:
        """The prepared volume, made now if it is not there; raises VolumeError if it cannot be read or is empty."""
        return self.find(listed) or self._prepare(listed)

    def _prepare(self, listed: ListedVolume) -> PreparedVolume:
        volume = read_volume(listed.path, listed.modality)
        try:
            require_content(volume)
        except VolumeError as error:
            raise VolumeError(error.cause, listed.path, error.next_step) from error
        preparation = Preparation.of(volume, self._recipe)
        about, voxels = self._paths(listed)
        facts = {
            "path": str(listed.path),
            "volume_hash": volume_hash(volume),
            "modality": volume.modality.value,
            "input_grid": _entries_of(volume.grid),
            "model_grid": _entries_of(preparation.model_grid),
        }
        try:
            stream = io.BytesIO()
            np.save(stream, preparation.array_kji.astype(_DTYPE), allow_pickle=False)
            write_whole(voxels, stream.getvalue())
            # The facts come last: a volume without them is not there.
            write_whole(about, json.dumps(facts, indent=2).encode())
        except OSError as error:
            raise VolumeError(
                f"the prepared volume cannot be written ({error.strerror or error})",
                self._folder,
                "choose another folder for the cache",
            ) from error
        prepared = self.find(listed)
        if prepared is None:
            raise VolumeError("changed while it was read", listed.path, "wait until it is complete")
        return prepared

    def _paths(self, listed: ListedVolume) -> tuple[Path, Path]:
        """Where the facts and the voxels of a volume are kept; raises VolumeError if its file is not there."""
        try:
            files = [(path.name, (stat := path.stat()).st_size, stat.st_mtime_ns) for path in source_files(listed.path)]
        except OSError as error:
            raise VolumeError(
                f"cannot be read ({error.strerror})", listed.path, "check the path, and that you may read it"
            ) from error
        modality = listed.modality.value if listed.modality else ""
        contents = [_VERSION, str(listed.path.resolve()), files, modality, self._recipe_json]
        key = hashlib.sha256(json.dumps(contents).encode()).hexdigest()[:24]
        return self._folder / f"{key}.json", self._folder / f"{key}.npy"


def _entries_of(grid: Grid) -> dict[str, Any]:
    return {"shape_kji": grid.shape_kji, "ijk_to_ras": grid.ijk_to_ras.tolist()}


def _grid_of(entries: dict[str, Any]) -> Grid:
    k, j, i = (int(size) for size in entries["shape_kji"])
    return Grid((k, j, i), np.array(entries["ijk_to_ras"]))
