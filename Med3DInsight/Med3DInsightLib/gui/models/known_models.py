"""The models that the dialog lists."""

from __future__ import annotations

from collections.abc import Sequence

from ...catalog.catalogue import Catalogue, read_catalogue, shipped_catalogue_path
from ...catalog.installed import InstalledModels, Place
from ...catalog.listing import ListedModel, ModelList


class KnownModels:
    """Installed models, those of the shipped catalogue, and those of catalogues that were read meanwhile.

        known = KnownModels(InstalledModels())
        known.matching("liver", installed_only=False)

    No file but those of this computer is looked at. Raises CatalogueError if the shipped catalogue is damaged.
    """

    def __init__(self, installed: InstalledModels) -> None:
        self.installed = installed
        self._catalogues: tuple[Catalogue, ...] = ()

    def take(self, catalogues: Sequence[Catalogue]) -> None:
        """List these catalogues, of which the first is the shipped one, from now on.

        Raises CatalogueError, and changes nothing, if two have a model of the same name.
        """
        ModelList(self.installed, catalogues)
        self._catalogues = tuple(catalogues)

    def matching(self, search: str, installed_only: bool) -> list[ListedModel]:
        """The models of which every word of search is known, sorted by name."""
        catalogues = self._catalogues or (read_catalogue(shipped_catalogue_path()),)
        return ModelList(self.installed, catalogues).matching(search, installed_only)

    def named(self, name: str) -> ListedModel | None:
        """The model of that name, if there is one."""
        return next((model for model in self.matching("", installed_only=False) if model.name == name), None)

    def size_bytes(self, model: ListedModel) -> int:
        """What the files of a model take up, or will."""
        folder = self.installed.folder_of(model.name)
        if folder is not None:
            return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        return model.entry.size_bytes if model.entry else 0

    def is_removable(self, model: ListedModel) -> bool:
        """Whether the model was fetched or imported; others come with the extension, or are not here."""
        return model.place == Place.STORE
