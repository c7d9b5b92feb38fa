"""What a user has decided about models, in a small file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from filelock import FileLock
from pydantic import ConfigDict, TypeAdapter, ValidationError

from ..storage import write_whole
from .errors import CatalogueError
from .licences import is_permissive
from .places import STORE_VARIABLE, store_of_environment, usual_settings_path, usual_store_folder

_FORMAT_VERSION = 1
_MEND = "mend the file, or delete it to begin with the usual settings"


@dataclass(frozen=True)
class AcceptedLicence:
    """A licence that the user has accepted for a model."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    model: str
    licence: str


@dataclass(frozen=True)
class Decisions:
    """Catalogues to look into beside the shipped one, licences that were accepted, and the folder of models.

    store is empty where that is the usual one.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    format_version: int = _FORMAT_VERSION
    catalogues: tuple[str, ...] = ()
    accepted_licences: tuple[AcceptedLicence, ...] = ()
    store: str = ""


class ModelSettings:
    """Reads and changes the decisions of a user; several processes may do so at once.

        settings = ModelSettings()
        settings.accepts("liver", "CC BY-SA 4.0")

    Raises CatalogueError if the file is damaged or cannot be written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or usual_settings_path()

    def read(self) -> Decisions:
        """What was decided; nothing if there is no file."""
        try:
            return TypeAdapter(Decisions).validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return Decisions()
        except ValidationError as error:
            raise CatalogueError(
                f"the settings are not valid ({error.errors()[0]['msg']})", self.path, _MEND
            ) from error
        except OSError as error:
            raise self._unusable("read", error) from error

    def accepts(self, model: str, licence: str) -> bool:
        """Whether a model may be used under its licence: it is permissive, or was accepted for this model."""
        return is_permissive(licence) or AcceptedLicence(model, licence) in self.read().accepted_licences

    def accept(self, model: str, licence: str) -> None:
        """Remember that the licence of a model was accepted."""
        with self._changing():
            before = self.read()
            accepted = AcceptedLicence(model, licence)
            if accepted not in before.accepted_licences:
                self._write(replace(before, accepted_licences=(*before.accepted_licences, accepted)))

    def store_folder(self) -> Path:
        """The folder of models: that of MED3DINSIGHT_MODELS, or the one that was chosen, or the usual one."""
        named = store_of_environment()
        if named is not None:
            return named
        chosen = self.read().store
        return Path(chosen) if chosen else usual_store_folder()

    def choose_store(self, folder: Path | None) -> None:
        """Keep models in folder, or in the usual one, from now on; what is in another one stays there.

        Raises CatalogueError if MED3DINSIGHT_MODELS names another one, which it would not change.
        """
        if store_of_environment() is not None:
            cause = f"{STORE_VARIABLE} names the folder of models, and comes before what is chosen here"
            raise CatalogueError(cause, next_step="change that variable, or take it away")
        with self._changing():
            self._write(replace(self.read(), store="" if folder is None else str(folder.expanduser().absolute())))

    def add_catalogue(self, place: str) -> None:
        """Look into the catalogue at place, a path or an address, from now on."""
        with self._changing():
            before = self.read()
            if place not in before.catalogues:
                self._write(replace(before, catalogues=(*before.catalogues, place)))

    def remove_catalogue(self, place: str) -> None:
        """No longer look into the catalogue at place; raises CatalogueError if that was not done anyway."""
        with self._changing():
            before = self.read()
            if place not in before.catalogues:
                known = ", ".join(before.catalogues) or "there are none"
                raise CatalogueError(f"{place} is not among the catalogues ({known})", self.path)
            self._write(replace(before, catalogues=tuple(each for each in before.catalogues if each != place)))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock"):
                yield
        except OSError as error:
            raise self._unusable("written", error) from error

    def _write(self, decisions: Decisions) -> None:
        write_whole(self.path, TypeAdapter(Decisions).dump_json(decisions, indent=2) + b"\n")

    def _unusable(self, what: str, error: OSError) -> CatalogueError:
        cause = f"the settings cannot be {what} ({error.strerror or error})"
        return CatalogueError(cause, self.path, "choose another folder with MED3DINSIGHT_SETTINGS")
