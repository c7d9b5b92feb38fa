"""Everything that is done with catalogues and models, behind one class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...bundles import Bundle, BundleError
from ..bundle_folder import BundleFolder
from ..catalogue import Catalogue, read_catalogue, shipped_catalogue_path
from ..contacts import kept_catalogues
from ..describing import entry_of
from ..errors import CatalogueError, FetchError
from ..installed import InstalledModels
from ..installer import Installer
from ..listing import ListedModel, ModelList
from ..requests import (
    CataloguesRead,
    CataloguesRequest,
    GetModelRequest,
    ImportModelRequest,
    InstalledModel,
    VerifiedModel,
    VerifyModelsRequest,
)
from ..settings import ModelSettings
from ..shipped import ShippedModels
from ..sources import FolderSource
from ..store import ModelStore
from ..transfer import Cancellation, TransferCallback
from ..verification import check_bundle
from .access import Access
from .bringing import bring_of
from .catalogue_download import fetch_catalogue


class CatalogService:
    """Answers the requests of catalog/requests.py.

        service = CatalogService(ShippedModels(), ModelSettings(), Access.of_environment())
        service.get(GetModelRequest("liver"), print, cancel)

    Connections are opened by get(), and by catalogues() where a catalogue is named by its address; by nothing else.
    """

    def __init__(self, shipped: ShippedModels, settings: ModelSettings, access: Access) -> None:
        self._shipped = shipped
        self._settings = settings
        self._access = access

    @classmethod
    def usual(cls) -> CatalogService:
        """With the shipped models, and the settings and the environment of the user."""
        return cls(ShippedModels(), ModelSettings(), Access.of_environment())

    def catalogues(self, request: CataloguesRequest, cancel: Cancellation | None = None) -> CataloguesRead:
        """The catalogues; raises CatalogueError for one of request.places that cannot be read."""
        catalogues, problems = [read_catalogue(shipped_catalogue_path())], []
        catalogues += [self._catalogue(place, cancel) for place in request.places]
        for place in kept_catalogues(self._settings):
            if place not in request.places:
                try:
                    catalogues.append(self._catalogue(place, cancel))
                except CatalogueError as error:
                    problems.append(str(error))
        return CataloguesRead(tuple(catalogues), tuple(problems))

    def get(
        self,
        request: GetModelRequest,
        progress: TransferCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> InstalledModel:
        """Fetch a model; see Installer.install for what is raised, and CatalogueError if no catalogue has it."""
        read = self.catalogues(CataloguesRequest(request.places), cancel)
        model = self._named(request.name, InstalledModels(self._shipped, self._store(request.store)), read)
        if model.entry is None:
            raise CatalogueError(
                f"'{request.name}' is installed, but in no catalogue",
                model.name,
                "name the catalogue that it is from (on the command line: --catalogue)",
            )
        if not model.can_be_fetched and model.place is not None:
            raise FetchError(f"'{model.name}' comes with the extension", next_step="use it; nothing has to be fetched")
        bundle = self._installer(request.store).install(
            model.entry,
            bring_of(model.entry, self._access),
            progress,
            cancel,
            request.accept_licence,
            request.replace,
        )
        return _installed(bundle)

    def import_model(
        self,
        request: ImportModelRequest,
        progress: TransferCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> InstalledModel:
        """Copy a bundle into a store; raises BundleError if the folder holds anything else than a whole one."""
        source = BundleFolder(request.folder)
        source.refuse_strangers()
        entry = entry_of(Bundle.open(request.folder), FolderSource(str(request.folder.absolute())))
        bundle = self._installer(request.store).install(
            entry, source.bring, progress, cancel, request.accept_licence, request.replace
        )
        return _installed(bundle)

    def verify(
        self,
        request: VerifyModelsRequest,
        progress: Callable[[int, int], None] = lambda done, of: None,
        check: Callable[[], None] = lambda: None,
    ) -> tuple[VerifiedModel, ...]:
        """What is wrong with models; raises BundleError for a name that is not installed."""
        installed = InstalledModels(self._shipped, self._store(request.store))
        names = request.names or tuple(installed.names())
        folders = [(name, self._folder(installed, name)) for name in names]
        verified = []
        for done, (name, folder) in enumerate(folders):
            progress(done, len(folders))
            check()
            verified.append(VerifiedModel(name, _damage(folder)))
        return tuple(verified)

    @staticmethod
    def _named(name: str, installed: InstalledModels, read: CataloguesRead) -> ListedModel:
        try:
            return ModelList(installed, read.catalogues).named(name)
        except CatalogueError as error:
            cause = "; ".join([error.cause, *read.problems])  # it may be in one that could not be read
            raise CatalogueError(cause, error.path, error.next_step) from error

    def _catalogue(self, place: str, cancel: Cancellation | None) -> Catalogue:
        if place.lower().startswith(("http://", "https://")):
            return fetch_catalogue(place, self._access, cancel)
        return read_catalogue(Path(place).expanduser())

    def _store(self, folder: Path | None) -> ModelStore:
        return ModelStore(folder, self._settings)

    def _installer(self, store: Path | None) -> Installer:
        return Installer(self._store(store), self._shipped.names(), self._settings)

    @staticmethod
    def _folder(installed: InstalledModels, name: str) -> Path:
        folder = installed.folder_of(name)
        if folder is None:
            known = ", ".join(installed.names()) or "none are installed"
            raise BundleError(f"there is no model '{name}'", next_step=f"choose one of: {known}")
        return folder


def _installed(bundle: Bundle) -> InstalledModel:
    return InstalledModel(bundle.card.name, bundle.card.version, bundle.folder)


def _damage(folder: Path) -> str:
    try:
        check_bundle(folder)
    except BundleError as error:
        return str(error)
    return ""
