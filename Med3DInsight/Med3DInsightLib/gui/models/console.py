"""Fetching a model from the Python console."""

from __future__ import annotations

from ...catalog.requests import GetModelRequest
from ...engine.client import EngineClient
from ...engine.remote_catalog import RemoteCatalog


def get_model(client: EngineClient, name: str, accept_licence: bool = False, catalogue: str = "") -> str:
    """Fetch a model by a worker, wait until it is there, and return its name; an installed one is checked only.

    catalogue is the path or address of a further catalogue. Raises EngineError, also for a licence that has to be
    accepted.
    """
    places = (catalogue,) if catalogue else ()
    request = GetModelRequest(name, places, accept_licence=accept_licence)
    return str(client.wait(RemoteCatalog(client).get(request)).name)
