"""Catalogue entries made from bundles, and whether a bundle is the one of an entry."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ..bundles import Bundle, BundleError, HeadKind, ModelCard
from ..bundles.bundle import sha256_of
from .entry import BundleFile, CatalogueEntry, Task
from .sources import Source

_TASKS = {
    HeadKind.SEGMENTATION: Task.SEGMENTATION,
    HeadKind.CLASSIFICATION: Task.CLASSIFICATION,
    HeadKind.NONE: Task.ENCODER,
}


def task_of(card: ModelCard) -> Task:
    """What a model is for."""
    return _TASKS[card.architecture.head]


def entry_of(bundle: Bundle, source: Source) -> CatalogueEntry:
    """The entry for a bundle that will be found at source; its files are hashed.

    Raises BundleError for a card with a name or a text that no catalogue may hold.
    """
    card = bundle.card
    paths = [path for name in BundleFile if (path := bundle.folder / name).is_file()]
    entry: dict[str, Any] = {
        "name": card.name,
        "version": card.version,
        "title": card.title,
        "task": task_of(card),
        "modalities": card.modalities,
        "licence": card.licence,
        "files": [{"name": path.name, "size_bytes": path.stat().st_size, "sha256": sha256_of(path)} for path in paths],
        "source": asdict(source),
        "structures": [segment.name for segment in card.segments],
        "classes": card.class_names,
    }
    try:
        return TypeAdapter(CatalogueEntry).validate_python(entry)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BundleError(f"{place}: {first['msg']}", bundle.folder, "correct the card") from error


def check_agreement(bundle: Bundle, entry: CatalogueEntry) -> None:
    """Raise BundleError unless the card says the same as the entry, and names the hashes of the entry's files."""
    card = bundle.card
    told = [
        ("name", card.name, entry.name),
        ("version", card.version, entry.version),
        ("licence", card.licence, entry.licence),
        ("hash of the weights", card.weights_sha256, _hash(entry, BundleFile.WEIGHTS)),
        ("hash of the vocabulary", card.vocabulary_sha256, _hash(entry, BundleFile.VOCABULARY)),
    ]
    for what, of_card, of_entry in told:
        if of_card != of_entry:
            raise BundleError(
                f"the {what} is '{of_card[:60]}' in the card and '{of_entry[:60]}' in the list of files",
                entry.name,
                "tell whoever made the bundle",
            )


def _hash(entry: CatalogueEntry, name: BundleFile) -> str:
    return next((file.sha256 for file in entry.files if file.name == name), "")
