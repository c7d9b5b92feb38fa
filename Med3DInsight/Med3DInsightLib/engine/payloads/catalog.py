"""Catalogues and models to be fetched, imported and looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from ...catalog.catalogue import Catalogue
from ...catalog.requests import (
    CataloguesRead,
    CataloguesRequest,
    GetModelRequest,
    ImportModelRequest,
    InstalledModel,
    VerifiedModel,
    VerifyModelsRequest,
)

CATALOGUES, GET_MODEL, IMPORT_MODEL, VERIFY_MODELS = "catalogues", "get_model", "import_model", "verify_models"


@dataclass(frozen=True)
class CataloguesBody:
    """Read catalogues."""

    request: CataloguesRequest


@dataclass(frozen=True)
class CataloguesReadBody:
    """CataloguesRead whose catalogues are in a file, since they may be long."""

    path: str
    problems: tuple[str, ...]

    @classmethod
    def store(cls, read: CataloguesRead, path: Path) -> CataloguesReadBody:
        """Write the catalogues to path."""
        path.write_bytes(TypeAdapter(tuple[Catalogue, ...]).dump_json(read.catalogues))
        return cls(str(path), read.problems)

    def result(self) -> CataloguesRead:
        """The result with its catalogues read."""
        catalogues = TypeAdapter(tuple[Catalogue, ...]).validate_json(Path(self.path).read_bytes())
        return CataloguesRead(catalogues, self.problems)


@dataclass(frozen=True)
class GetModelBody:
    """Fetch a model; paths are absolute, since client and worker may be in different folders."""

    request: GetModelRequest


@dataclass(frozen=True)
class ImportModelBody:
    """Import a model; paths are absolute."""

    request: ImportModelRequest


@dataclass(frozen=True)
class InstalledModelBody:
    """The model that is installed now."""

    model: InstalledModel


@dataclass(frozen=True)
class VerifyModelsBody:
    """Look for damage in models."""

    request: VerifyModelsRequest


@dataclass(frozen=True)
class VerifiedModelsBody:
    """What was found."""

    models: tuple[VerifiedModel, ...]
