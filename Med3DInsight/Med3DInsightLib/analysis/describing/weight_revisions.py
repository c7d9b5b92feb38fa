"""Revisions of models in folders, told without reading gigabytes for every question."""

from __future__ import annotations

from pathlib import Path


class WeightRevisions:
    """Remembers the hash of weight files as long as their size and time of change stay.

    WeightRevisions().of("models/medgemma-4b-it")       # 'sha256 4f2c8a91...'
    """

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[str, int, int], ...], str] = {}

    def of(self, model: str) -> str:
        """The revision of a folder with a model, as ModelFolder.find() tells it; empty for a model of the hub.

        Raises CaptionError, naming the first file of the model that is missing.
        """
        from ...captions.local.model_folder import ModelFolder, revision_of  # here, since it brings torch along

        folder = Path(model).expanduser()
        if not folder.is_dir():
            return ""
        weights = ModelFolder(folder, folder.resolve().name, "").check()
        stats = [(path, path.stat()) for path in weights]
        key = tuple((str(path.resolve()), stat.st_size, stat.st_mtime_ns) for path, stat in stats)
        if key not in self._known:
            self._known[key] = revision_of(weights)
        return self._known[key]
