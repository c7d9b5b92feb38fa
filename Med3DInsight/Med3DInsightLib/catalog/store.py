"""A folder of models that were fetched or imported."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..bundles.bundle import CARD_FILE
from ..storage import sync
from .errors import ANOTHER_STORE, StoreError, store_error
from .settings import ModelSettings
from .texts import model_name

_LOOK_EVERY_SECONDS = 0.1
_SPARE_BYTES = 1_000_000


class ModelStore:
    """One folder per model, complete or not there at all; users and processes may share it.

        store = ModelStore(Path("/share/models"))      # or ModelStore(), for the one that the user has chosen
        store.names()
        with store.locked("liver", check):
            partial = store.partial("liver", "0d1e2f")
            ...                                     # write the files of the bundle, and check them
            store.publish(partial, "liver")

    Partial bundles are in the store too, so that publishing is one renaming, and stay there to be taken up again.
    Raises StoreError if the folder cannot be written or is full.
    """

    def __init__(self, folder: Path | None = None, settings: ModelSettings | None = None) -> None:
        self._folder = folder
        self._settings = settings or ModelSettings()

    @property
    def folder(self) -> Path:
        """The folder as it is chosen now; raises CatalogueError if the settings are damaged."""
        return (self._folder or self._settings.store_folder()).absolute()

    def names(self) -> list[str]:
        """The names of the models, sorted; raises StoreError if the folder is there and cannot be read."""
        try:
            return sorted(entry.name for entry in self.folder.iterdir() if self._is_model(entry))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            cause = f"the model store cannot be read ({error.strerror or error})"
            raise StoreError(cause, self.folder, ANOTHER_STORE) from error

    def folder_of(self, name: str) -> Path:
        """Where the model of that name is, or would be; raises StoreError for what cannot be a name."""
        try:
            return self.folder / model_name(name)
        except ValueError as error:
            raise StoreError(str(error), self.folder, "see the names with: med3dinsight models list") from error

    @contextmanager
    def locked(self, name: str, check: Callable[[], None]) -> Iterator[None]:
        """Keeps other processes from changing a model; waits for one that does, calling check all the time.

        check ends the waiting by raising something.
        """
        lock = self._lock(name)
        while True:
            check()
            try:
                lock.acquire(timeout=_LOOK_EVERY_SECONDS)
            except Timeout:
                continue
            except OSError as error:
                raise store_error(error, self.folder) from error
            break
        try:
            yield
        except OSError as error:
            raise store_error(error, self.folder) from error
        finally:
            lock.release()

    def partial(self, name: str, identity: str) -> Path:
        """The folder for an unfinished bundle; identity tells contents apart, so that no two are mixed."""
        folder = self.folder / ".partial" / f"{name}-{identity}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise store_error(error, self.folder) from error
        return folder

    def check_space(self, needed_bytes: int) -> None:
        """Raise StoreError if there is no room for so many bytes."""
        free = shutil.disk_usage(self.folder).free
        if needed_bytes + _SPARE_BYTES > free:
            cause = f"{needed_bytes / 1e6:.1f} MB are needed and {free / 1e6:.1f} MB are free"
            raise StoreError(cause, self.folder, f"free some space, or {ANOTHER_STORE}")

    def publish(self, partial: Path, name: str) -> Path:
        """Make a partial folder the model of that name, in place of an earlier one."""
        target = self.folder_of(name)
        for path in partial.iterdir():
            sync(path)
        if target.exists():
            self._discard(target)
        partial.rename(target)
        return target

    def remove(self, name: str, check: Callable[[], None] = lambda: None) -> None:
        """Remove the model of that name; raises StoreError if there is none. See locked() for check."""
        target = self.folder_of(name)
        if not self._is_model(target):
            known = ", ".join(self.names()) or "it is empty"
            raise StoreError(f"there is no model '{name}' in the store ({known})", self.folder)
        with self.locked(name, check):
            self._discard(target)

    def _discard(self, folder: Path) -> None:
        """Take a folder away in one step; its files go after that."""
        away = Path(tempfile.mkdtemp(prefix=".removed-", dir=self.folder))
        folder.rename(away / folder.name)
        # With what others have left who were killed at this point; an empty folder is about to be used.
        for left in self.folder.glob(".removed-*"):
            if any(left.glob("*")):
                shutil.rmtree(left, ignore_errors=True)

    def _lock(self, name: str) -> FileLock:
        self.folder_of(name)
        locks = self.folder / ".locks"
        try:
            locks.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise store_error(error, self.folder) from error
        return FileLock(locks / f"{name}.lock", mode=0o666)  # for every user who may write the store

    @staticmethod
    def _is_model(folder: Path) -> bool:
        try:
            model_name(folder.name)
        except ValueError:
            return False
        try:
            return (folder / CARD_FILE).is_file()
        except OSError:
            return True  # a folder that is somebody else's; to open it tells so
