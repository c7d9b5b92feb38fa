"""A model in a catalogue, a store for it, and fetching it."""

from __future__ import annotations

import pytest
from Testing.unit.catalog.parts import a_service, hub_entry, make_bundle, write_catalogue

from Med3DInsightLib.catalog.requests import GetModelRequest
from Med3DInsightLib.catalog.store import ModelStore


@pytest.fixture
def liver(a_card, tmp_path):
    return make_bundle(tmp_path / "made" / "liver", a_card)


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "store")


@pytest.fixture
def get(liver, store, tmp_path):
    """Fetches the model that a server has, by a catalogue that is a file."""

    def fetch(server, progress=None, cancel=None, entry=None, in_place=False, **access):
        place = write_catalogue(tmp_path / "catalogue.json", entry or hub_entry(liver))
        request = GetModelRequest("liver", (place,), store.folder, replace=in_place)
        return a_service(tmp_path, server.url, **access).get(request, progress, cancel)

    return fetch
