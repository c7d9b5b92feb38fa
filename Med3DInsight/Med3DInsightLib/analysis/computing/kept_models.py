"""Models that stay loaded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

_Model = TypeVar("_Model")


class KeptModels:
    """Keeps the models that were used last.

    models = KeptModels(most=3)
    models.get(("session", folder, sha256), lambda: Session.open(bundle))

    A key must tell the kind of model too: whoever asks with a key gets what was made for it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._models: OrderedDict[tuple[str, ...], Any] = OrderedDict()

    def get(self, key: tuple[str, ...], load: Callable[[], _Model]) -> _Model:
        """The model of a key, loaded if it is not kept; the one not used for longest goes if there are too many."""
        if key not in self._models:
            self._models[key] = load()
        self._models.move_to_end(key)
        while len(self._models) > self._most:
            self._models.popitem(last=False)
        model: _Model = self._models[key]
        return model

    def clear(self) -> None:
        """Forget all."""
        self._models.clear()
