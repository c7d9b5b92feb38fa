"""Bundles, catalogues and services for tests; the weights are any bytes, since no network is built."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from pathlib import Path

from Testing.unit.catalog.file_server import Behaviour, FileServer, healthy

from Med3DInsightLib.bundles import Bundle, ModelCard
from Med3DInsightLib.bundles.bundle import write_card
from Med3DInsightLib.catalog.catalogue import Catalogue, catalogue_text
from Med3DInsightLib.catalog.describing import entry_of
from Med3DInsightLib.catalog.entry import CatalogueEntry
from Med3DInsightLib.catalog.fetching.access import Access
from Med3DInsightLib.catalog.fetching.service import CatalogService
from Med3DInsightLib.catalog.settings import ModelSettings
from Med3DInsightLib.catalog.shipped import ShippedModels
from Med3DInsightLib.catalog.sources import HubSource, Source
from Med3DInsightLib.catalog.store import ModelStore

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = random.Random(0).randbytes(300_000)


def make_bundle(folder: Path, card: ModelCard, weights: bytes = WEIGHTS, **changes: object) -> Bundle:
    """A bundle whose card fits its weights, unless changes say something else."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(weights)
    changes = {"name": "liver", "weights_sha256": hashlib.sha256(weights).hexdigest(), **changes}
    write_card(folder, replace(card, **changes))
    return Bundle.open(folder)


def hub_entry(bundle: Bundle) -> CatalogueEntry:
    return entry_of(bundle, HubSource("someone/models", COMMIT, bundle.card.name))


def hub_files(bundle: Bundle) -> dict[str, bytes]:
    """The files of a bundle as a hub serves them."""
    base = f"/someone/models/resolve/{COMMIT}/{bundle.card.name}"
    return {f"{base}/{path.name}": path.read_bytes() for path in bundle.folder.iterdir()}


def write_catalogue(path: Path, *entries: CatalogueEntry) -> str:
    path.write_text(catalogue_text(Catalogue(1, entries)), encoding="utf-8")
    return str(path)


def elsewhere(entry: CatalogueEntry, source: Source) -> CatalogueEntry:
    return replace(entry, source=source)


def a_service(folder: Path, hub: str = "http://127.0.0.1:9", **access: object) -> CatalogService:
    """A service that is impatient, with settings in folder."""
    patience = {"attempts": 3, "wait_s": 0.01, "silence_s": 20.0, "connect_s": 20.0, "catalogue_s": 20.0, **access}
    return CatalogService(ShippedModels(), ModelSettings(folder / "settings" / "models.json"), Access(hub, **patience))


def left_in(store: ModelStore) -> list[str]:
    """Everything in a store but locks and partial bundles."""
    return sorted(path.name for path in store.folder.glob("*") if path.name not in (".locks", ".partial"))


def serving(liver: Bundle, *behaviours: Behaviour) -> FileServer:
    """The card comes as it should; the weights come as behaviours say."""
    return FileServer(hub_files(liver), [healthy, *behaviours] if behaviours else [healthy])
