"""The models that can be used now, by what a user calls them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from ..bundles import Bundle, BundleError
from .shipped import ShippedModels
from .store import ModelStore


class Place(StrEnum):
    """Where an installed model is."""

    SHIPPED = "shipped"
    STORE = "store"


class InstalledModels:
    """Looks bundles up by name, first among those that are shipped, then in the model store.

        models = InstalledModels()
        models.names()                       # ["brain-structures", "liver"]
        bundle = models.find("liver")        # or a path to any bundle

    A model in the store with the name of a shipped one is hidden: the name always means the shipped one, and nothing
    that is fetched or imported changes it. hidden() names such models; they can be used by their folder.
    """

    def __init__(self, shipped: ShippedModels | None = None, store: ModelStore | None = None) -> None:
        self.shipped = shipped or ShippedModels()
        self.store = store or ModelStore()

    def names(self) -> list[str]:
        """The names of all installed models, sorted."""
        return sorted({*self.shipped.names(), *self.store.names()})

    def hidden(self) -> list[str]:
        """The models of the store that a shipped one of the same name hides."""
        return sorted({*self.shipped.names()} & {*self.store.names()})

    def place_of(self, name: str) -> Place | None:
        """Where the model of that name is; None if it is not installed."""
        if name in self.shipped.names():
            return Place.SHIPPED
        return Place.STORE if name in self.store.names() else None

    def folder_of(self, name: str) -> Path | None:
        """The folder of the model of that name; None if it is not installed."""
        place = self.place_of(name)
        if place is None:
            return None
        return (self.shipped.folder if place == Place.SHIPPED else self.store.folder) / name

    def find(self, name_or_folder: str | Path) -> Bundle:
        """The bundle of that name or, if no model has it, in that folder.

        Panels, the command line and training all find the models that a user names here. Raises BundleError, naming the
        bundles there are, if there is none, or if it is damaged.
        """
        folder = self.folder_of(str(name_or_folder))
        if folder is not None:
            return Bundle.open(folder)
        if Path(name_or_folder).is_dir():
            return Bundle.open(name_or_folder)
        known = ", ".join(self.names()) or "none are installed"
        raise BundleError(
            f"there is no model '{name_or_folder}'",
            next_step=f"choose a folder with a bundle, or one of: {known}; see others with: med3dinsight models list",
        )
