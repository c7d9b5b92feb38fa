"""Answers to requests about catalogues and models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...analysis.computing.progress import Progress
from ...catalog.errors import TransferCancelled
from ...catalog.fetching.service import CatalogService
from ...catalog.transfer import Transfer, TransferCallback
from ..payloads.catalog import (
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
from ..payloads.codec import from_body, to_body
from .jobs import Job
from .telling import teller

Answer = Callable[[Job], dict[str, Any]]


class CatalogAnswers:
    """Makes the bodies of results with a CatalogService.

    CatalogAnswers(CatalogService.usual()).kinds["get_model"](job)
    """

    def __init__(self, service: CatalogService) -> None:
        self._service = service

    @property
    def kinds(self) -> Mapping[str, Answer]:
        """What answers each kind of request."""
        return {
            CATALOGUES: self._catalogues,
            GET_MODEL: self._get,
            IMPORT_MODEL: self._import,
            VERIFY_MODELS: self._verify,
        }

    def _catalogues(self, job: Job) -> dict[str, Any]:
        read = self._service.catalogues(from_body(CataloguesBody, job.request.body).request, job.cancel)
        return to_body(CataloguesReadBody.store(read, Path(job.request.folder) / "catalogues.json"))

    def _get(self, job: Job) -> dict[str, Any]:
        request = from_body(GetModelBody, job.request.body).request
        return to_body(InstalledModelBody(self._service.get(request, _transfer_teller(job), job.cancel)))

    def _import(self, job: Job) -> dict[str, Any]:
        request = from_body(ImportModelBody, job.request.body).request
        return to_body(InstalledModelBody(self._service.import_model(request, _transfer_teller(job), job.cancel)))

    def _verify(self, job: Job) -> dict[str, Any]:
        request = from_body(VerifyModelsBody, job.request.body).request
        tell = teller(job)

        def check() -> None:
            if job.cancel.is_set():
                raise TransferCancelled("looking for damage was cancelled")

        verified = self._service.verify(
            request, lambda done, of: tell(Progress("checking", done / max(1, of), None)), check
        )
        return to_body(VerifiedModelsBody(verified))


def _transfer_teller(job: Job) -> TransferCallback:
    tell = teller(job)

    def tell_transfer(transfer: Transfer) -> None:
        tell(Progress(transfer.text, transfer.fraction, transfer.seconds_left))

    return tell_transfer
