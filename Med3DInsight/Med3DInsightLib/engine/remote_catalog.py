"""Catalogues and models by a worker, asked like the service in process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..catalog.requests import CataloguesRequest, GetModelRequest, ImportModelRequest, VerifyModelsRequest
from .client import EngineClient
from .job import ClientJob
from .payloads.catalog import (
    CATALOGUES,
    GET_MODEL,
    IMPORT_MODEL,
    VERIFY_MODELS,
    CataloguesBody,
    CataloguesReadBody,
    GetModelBody,
    ImportModelBody,
    InstalledModelBody,
    VerifiedModelsBody,
    VerifyModelsBody,
)
from .payloads.codec import from_body, to_body


class RemoteCatalog:
    """Turns calls into requests to a worker; every call returns a job at once.

        catalog = RemoteCatalog(client)
        job = catalog.get(GetModelRequest("liver"))
        job.on_progress.connect(show)       # stage "downloading, 3.1 of 40.2 MB", fraction, seconds left
        client.cancel(job)                  # what is here stays, and the next job goes on from there

    A worker does one job after the other: with a client of its own, models are fetched while another one computes.
    """

    def __init__(self, client: EngineClient) -> None:
        self.client = client

    def catalogues(self, request: CataloguesRequest) -> ClientJob:
        """A job whose result is CataloguesRead."""
        body = to_body(CataloguesBody(replace(request, places=_absolute(request.places))))
        return self.client.submit(
            CATALOGUES, lambda: body, lambda answer: from_body(CataloguesReadBody, answer).result()
        )

    def get(self, request: GetModelRequest) -> ClientJob:
        """A job whose result is the InstalledModel that was fetched."""
        absolute = replace(request, places=_absolute(request.places), store=_absolute_folder(request.store))
        body = to_body(GetModelBody(absolute))
        return self.client.submit(GET_MODEL, lambda: body, lambda answer: from_body(InstalledModelBody, answer).model)

    def import_model(self, request: ImportModelRequest) -> ClientJob:
        """A job whose result is the InstalledModel that was imported."""
        absolute = replace(request, folder=request.folder.absolute(), store=_absolute_folder(request.store))
        body = to_body(ImportModelBody(absolute))
        return self.client.submit(
            IMPORT_MODEL, lambda: body, lambda answer: from_body(InstalledModelBody, answer).model
        )

    def verify(self, request: VerifyModelsRequest) -> ClientJob:
        """A job whose result has a VerifiedModel for every model that was looked at."""
        body = to_body(VerifyModelsBody(replace(request, store=_absolute_folder(request.store))))
        return self.client.submit(
            VERIFY_MODELS, lambda: body, lambda answer: from_body(VerifiedModelsBody, answer).models
        )


def _absolute(places: tuple[str, ...]) -> tuple[str, ...]:
    """Catalogues by address as they are, paths absolute."""
    return tuple(place if "://" in place else str(Path(place).expanduser().absolute()) for place in places)


def _absolute_folder(folder: Path | None) -> Path | None:
    return None if folder is None else folder.absolute()
