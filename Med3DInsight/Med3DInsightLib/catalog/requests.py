"""What can be asked about models, by the command line, a panel, or a script."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .catalogue import Catalogue


@dataclass(frozen=True)
class CataloguesRequest:
    """Read the shipped catalogue, those in places (paths and addresses), and those of the settings and the environment.

    Those in places have to be readable; of the others, a problem is told in the result.
    """

    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class CataloguesRead:
    """Catalogues, and why those of the settings or the environment that are missing could not be read."""

    catalogues: tuple[Catalogue, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class GetModelRequest:
    """Fetch a model of a catalogue into a store; see CataloguesRequest for places, Installer for the rest."""

    name: str
    places: tuple[str, ...] = ()
    store: Path | None = None
    accept_licence: bool = False
    replace: bool = False


@dataclass(frozen=True)
class ImportModelRequest:
    """Copy a bundle from a folder into a store, under the name that its card says."""

    folder: Path
    store: Path | None = None
    accept_licence: bool = False
    replace: bool = False


@dataclass(frozen=True)
class VerifyModelsRequest:
    """Look for damage in models by name, or in all that are installed."""

    names: tuple[str, ...] = ()
    store: Path | None = None


@dataclass(frozen=True)
class InstalledModel:
    """A model that was fetched or imported."""

    name: str
    version: str
    folder: Path


@dataclass(frozen=True)
class VerifiedModel:
    """A model that was looked at; damage is empty if it is whole."""

    name: str
    damage: str
