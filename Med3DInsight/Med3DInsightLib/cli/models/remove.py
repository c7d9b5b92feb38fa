"""med3dinsight models remove."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from ...catalog.errors import StoreError
from ...catalog.installed import InstalledModels
from ...catalog.store import ModelStore
from ..interruption import Interruption


@dataclass(frozen=True)
class RemoveCommand:
    """Remove a fetched or imported model from the model store."""

    name: Annotated[str, tyro.conf.Positional]
    """Name of a model; see: med3dinsight models list --installed."""

    store: Path | None = None
    """Folder with fetched models, if it is not the usual one."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises StoreError for a model that is shipped or not there."""
        models = InstalledModels(store=ModelStore(self.store))
        if self.name in models.shipped.names() and self.name not in models.hidden():
            raise StoreError(f"'{self.name}' comes with the extension", next_step="it cannot be removed on its own")
        models.store.remove(self.name)
        print(f"removed {models.store.folder / self.name}")
