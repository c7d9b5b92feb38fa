"""med3dinsight models list."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...catalog.fetching.service import CatalogService
from ...catalog.installed import InstalledModels, Place
from ...catalog.listing import ListedModel, ModelList
from ...catalog.requests import CataloguesRequest
from ...catalog.store import ModelStore
from ...errors import printable
from ..interruption import Interruption


@dataclass(frozen=True)
class ListCommand:
    """List models: what they do, in which images, licence, size and whether they are installed."""

    search: Annotated[tuple[str, ...], tyro.conf.Positional] = ()
    """Words that have to be in the name, title, structures, images, task or licence."""

    installed: bool = False
    """Only those that are installed; no catalogue is read."""

    json: bool = False
    """Print JSON, for scripts."""

    catalogue: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """Path or address of a further catalogue; may be repeated."""

    store: Path | None = None
    """Folder with fetched models, if it is not the usual one."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Print them; raises CatalogueError if a catalogue that was named cannot be read."""
        installed = InstalledModels(store=ModelStore(self.store))
        if self.installed:
            models = ModelList(installed, []).matching(" ".join(self.search), installed_only=True)
        else:
            read = CatalogService.usual().catalogues(CataloguesRequest(self.catalogue), interruption)
            for problem in read.problems:
                print(f"note: {problem}", file=sys.stderr)
            models = ModelList(installed, read.catalogues).matching(" ".join(self.search))
        for name in installed.hidden():
            print(f"note: {installed.store.folder / name} is not used: a shipped model has its name", file=sys.stderr)
        if self.json:
            print(json.dumps([facts_of(model, installed) for model in models], indent=2))
        else:
            Console().print(_table(models) if models else "No model fits.")


def facts_of(model: ListedModel, installed: InstalledModels) -> dict[str, Any]:
    """What is known of a model, as JSON tells it."""
    folder = installed.folder_of(model.name)
    return {
        "name": model.name,
        "version": model.version,
        "title": model.title,
        "task": model.task,
        "modalities": model.modalities,
        "structures": model.structures,
        "classes": model.classes,
        "licence": model.licence,
        "must_be_accepted": model.must_be_accepted,
        "size_bytes": model.entry.size_bytes if model.entry else None,
        "installed": model.place,
        "folder": None if folder is None else str(folder),
        "update": model.update,
        "problem": model.problem,
    }


def _table(models: list[ListedModel]) -> Table:
    table = Table("name", "does", "images", "licence", "size", "is")
    table.columns[0].no_wrap = True
    table.columns[4].justify = "right"
    for model in models:
        size = f"{model.entry.size_bytes / 1e6:.1f} MB" if model.entry else ""
        texts = (model.name, _does(model), ", ".join(model.modalities), model.licence, size, _state(model))
        table.add_row(*(Text(printable(text)) for text in texts))  # a card may hold what looks like markup
    return table


def _does(model: ListedModel) -> str:
    parts = [*model.structures, *model.classes]
    return f"{model.task}: {', '.join(parts)}" if parts else str(model.task or model.problem)


def _state(model: ListedModel) -> str:
    if model.problem:
        return "damaged"
    if model.place is None:
        return "not installed"
    kind = "shipped" if model.place == Place.SHIPPED else "installed"
    return f"{kind}; {model.update} can be fetched" if model.update else kind
