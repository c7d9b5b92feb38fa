"""med3dinsight models show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro
from pydantic import TypeAdapter
from rich.console import Console

from ...bundles import Architecture, ModelCard
from ...catalog.entry import CatalogueEntry
from ...catalog.fetching.service import CatalogService
from ...catalog.installed import InstalledModels
from ...catalog.listing import ListedModel, ModelList
from ...catalog.requests import CataloguesRequest
from ...catalog.store import ModelStore
from ...errors import printable
from ..interruption import Interruption
from .listed import facts_of


@dataclass(frozen=True)
class ShowCommand:
    """Tell all that is known of a model: its card if it is installed, what the catalogue says, and how to get it."""

    name: Annotated[str, tyro.conf.Positional]
    """Name of a model."""

    json: bool = False
    """Print JSON, for scripts."""

    catalogue: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """Path or address of a further catalogue; may be repeated."""

    store: Path | None = None
    """Folder with fetched models, if it is not the usual one."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Print it; raises CatalogueError if there is no such model."""
        installed = InstalledModels(store=ModelStore(self.store))
        read = CatalogService.usual().catalogues(CataloguesRequest(self.catalogue), interruption)
        model = ModelList(installed, read.catalogues).named(self.name)
        if self.json:
            entry = TypeAdapter(CatalogueEntry).dump_python(model.entry, mode="json") if model.entry else None
            card = TypeAdapter(ModelCard).dump_python(model.card, mode="json") if model.card else None
            print(json.dumps({**facts_of(model, installed), "entry": entry, "card": card}, indent=2))
            return
        console = Console()
        for line in [*_facts(model), *_card_lines(model), *_how_to_get(model, installed)]:
            console.print(printable(line), soft_wrap=True, highlight=False, markup=False)


def _facts(model: ListedModel) -> list[str]:
    size = f"{model.entry.size_bytes / 1e6:.1f} MB" if model.entry else ""
    source = TypeAdapter(dict[str, Any]).dump_json(_source(model)).decode() if model.entry else ""
    return [
        f"{model.name} {model.version}: {model.title}",
        *_told("task", [str(model.task or "")]),
        *_told("images", model.modalities),
        *_told("structures", model.structures),
        *_told("classes", model.classes),
        *_told("licence", [model.licence]),
        *_told("size", [size]),
        *_told("source", [source]),
    ]


def _source(model: ListedModel) -> dict[str, Any]:
    return {} if model.entry is None else dict(vars(model.entry.source))


def _card_lines(model: ListedModel) -> list[str]:
    card = model.card
    if card is None:
        return []
    recipe = card.recipe
    return [
        *_told("description", [card.description]),
        *_told("network", [_network(card.architecture)]),
        *_told("voxels", [f"{' x '.join(f'{mm:g}' for mm in recipe.spacing_ijk_mm)} mm, {recipe.orientation}"]),
        *_told("teacher", [card.teacher]),
        *_told("trained on", [card.trained_on]),
        *(f"measured: {each.measure} {each.value:g} ({each.dataset}; {each.command})" for each in card.results),
        *(f"seen: {each}" for each in card.observations),
        *_told("cite", [card.citation]),
        *_told("sha256 of the weights", [card.weights_sha256]),
    ]


def _network(architecture: Architecture) -> str:
    averaged = f"average of {architecture.members} networks, each " if architecture.members > 1 else ""
    return f"{averaged}{architecture.backbone} {json.dumps(architecture.backbone_arguments)}"


def _how_to_get(model: ListedModel, installed: InstalledModels) -> list[str]:
    folder = installed.folder_of(model.name)
    if model.problem:
        return [f"damaged: {model.problem}"]
    if folder is not None:
        update = f"version {model.update}: med3dinsight models get {model.name} --replace"
        return [f"installed: {folder}", *([update] if model.update else [])]
    accept = " --accept-licence" if model.must_be_accepted else ""
    return [f"to get it: med3dinsight models get {model.name}{accept}"]


def _told(what: str, texts: Sequence[str]) -> list[str]:
    text = ", ".join(text for text in texts if text)
    return [f"{what}: {text}"] if text else []
