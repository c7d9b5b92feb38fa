"""med3dinsight models catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...catalog.catalogue import shipped_catalogue_path
from ...catalog.places import CATALOGUES_VARIABLE, catalogues_of_environment
from ...catalog.settings import ModelSettings
from ..interruption import Interruption


@dataclass(frozen=True)
class CataloguesCommand:
    """Tell which catalogues are looked into, and remember a further one or forget it; none of them is read now."""

    add: str = ""
    """Path or address of a catalogue to look into from now on."""

    remove: str = ""
    """Path or address of a catalogue to forget."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises CatalogueError if the settings cannot be read or written."""
        settings = ModelSettings()
        if self.add:
            settings.add_catalogue(self.add if "://" in self.add else str(Path(self.add).expanduser().absolute()))
        if self.remove:
            settings.remove_catalogue(self.remove)
        print(f"{shipped_catalogue_path()} (shipped)")
        for place in settings.read().catalogues:
            print(f"{place} ({settings.path})")
        for place in catalogues_of_environment():
            print(f"{place} ({CATALOGUES_VARIABLE})")
