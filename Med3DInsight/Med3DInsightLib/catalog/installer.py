"""Putting models into a store."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from ..bundles import Bundle, BundleError
from ..bundles.bundle import UnreadableBundle, sha256_of
from .describing import check_agreement
from .entry import CatalogueEntry, ModelFile
from .errors import FetchError, LicenceNotAccepted, StoreError
from .licences import licence_page
from .settings import ModelSettings
from .store import ModelStore
from .transfer import Cancellation, TransferCallback, TransferTracker

Bring = Callable[[ModelFile, Path, TransferTracker], None]
"""Brings a file of a model to a path, where a part of it may be already."""


class Installer:
    """Brings the files of a model into a store, checks each, and publishes them together.

        installer = Installer(store, ShippedModels().names(), ModelSettings())
        bundle = installer.install(entry, BundleFolder(folder).bring)

    shipped are names that are taken. What a transfer that was stopped has brought is taken up by the next.
    """

    def __init__(self, store: ModelStore, shipped: Sequence[str], settings: ModelSettings) -> None:
        self._store = store
        self._shipped = shipped
        self._settings = settings

    def install(
        self,
        entry: CatalogueEntry,
        bring: Bring,
        progress: TransferCallback | None = None,
        cancel: Cancellation | None = None,
        accept_licence: bool = False,
        replace: bool = False,
    ) -> Bundle:
        """The bundle of entry in the store; what is there already is checked and not brought again.

        Only one process brings a model, the others wait for it. A damaged copy is replaced; another version only with
        replace. Raises LicenceNotAccepted, TransferCancelled, FetchError, StoreError, or BundleError for a card that
        cannot be read or says something else than the entry.
        """
        if entry.name in self._shipped:
            cause = f"'{entry.name}' is the name of a model that comes with the extension"
            raise StoreError(cause, next_step="use that one, or give this model another name")
        self._check_licence(entry, accept_licence)
        tracker = TransferTracker(entry.size_bytes, progress, cancel)
        if self._is_installed(entry, replace):
            return Bundle.open(self._store.folder_of(entry.name))
        tracker.enter("waiting for another process")
        with self._store.locked(entry.name, tracker.check):
            if not self._is_installed(entry, replace):
                self._bring_all(entry, bring, tracker)
        return Bundle.open(self._store.folder_of(entry.name))

    def _check_licence(self, entry: CatalogueEntry, accept: bool) -> None:
        if self._settings.accepts(entry.name, entry.licence):
            return
        if not accept:
            page = licence_page(entry.licence)
            where = f" ({page})" if page else ""
            raise LicenceNotAccepted(
                f"the licence of '{entry.name}' is {entry.licence}, which asks for more than naming the authors",
                next_step=f"read what it asks for{where}, then accept it (on the command line: --accept-licence)",
            )
        self._settings.accept(entry.name, entry.licence)

    def _is_installed(self, entry: CatalogueEntry, replace: bool) -> bool:
        """Whether exactly this model is there; raises StoreError for another one that may not be replaced."""
        folder = self._store.folder_of(entry.name)
        if not folder.exists():
            return False
        if all(_is_file(folder / file.name, file) for file in entry.files):
            return True
        if not replace and _is_another(folder, entry):
            raise StoreError(
                "another version of the model is there",
                folder,
                "update it (on the command line: --replace), or remove it first",
            )
        return False

    def _bring_all(self, entry: CatalogueEntry, bring: Bring, tracker: TransferTracker) -> None:
        partial = self._store.partial(entry.name, _identity(entry))
        here = sum(path.stat().st_size for path in partial.iterdir())
        self._store.check_space(max(0, entry.size_bytes - here))
        for file in entry.files:
            path = partial / file.name
            bring(file, path, tracker)
            tracker.enter("checking")
            _check(path, file)
        for path in partial.iterdir():
            if path.name not in [file.name for file in entry.files]:
                path.unlink()
        try:
            check_agreement(Bundle.open(partial), entry)
        except BundleError:
            shutil.rmtree(partial)
            raise
        self._store.publish(partial, entry.name)


def _is_file(path: Path, file: ModelFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size_bytes and sha256_of(path) == file.sha256


def _is_another(folder: Path, entry: CatalogueEntry) -> bool:
    """Whether a folder holds an undamaged model that is not the one of entry."""
    try:
        bundle = Bundle.open(folder)
        bundle.verify_weights()
    except UnreadableBundle:
        raise
    except BundleError:
        return False
    try:
        check_agreement(bundle, entry)
    except BundleError:
        return True
    return False


def _check(path: Path, file: ModelFile) -> None:
    """Delete a file that is not the one that was announced, and raise FetchError."""
    found = sha256_of(path)
    if found != file.sha256:
        path.unlink()
        raise FetchError(
            f"the hash of the file is {found[:12]}..., the catalogue says {file.sha256[:12]}...; it was deleted",
            path.name,
            "try again; if it stays so, tell whoever keeps the catalogue",
        )


def _identity(entry: CatalogueEntry) -> str:
    """What tells the files of an entry from those of another version."""
    return hashlib.sha256(" ".join(file.sha256 for file in entry.files).encode("ascii")).hexdigest()[:16]
