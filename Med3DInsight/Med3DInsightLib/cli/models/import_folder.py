"""med3dinsight models import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from ...catalog.fetching.service import CatalogService
from ...catalog.requests import ImportModelRequest
from ..interruption import Interruption
from .transferring import print_installed, shown_transfer


@dataclass(frozen=True)
class ImportCommand:
    """Copy a model from a folder, such as one on a USB drive, into the model store; no network is needed.

    The folder holds card.json, model.safetensors and maybe vocabulary.safetensors, and nothing else.
    """

    folder: Annotated[Path, tyro.conf.Positional]
    """Folder with the files of one model."""

    accept_licence: bool = False
    """Accept the licence of the model, which its card names; it is remembered for this model."""

    replace: bool = False
    """Replace another version of the model."""

    store: Path | None = None
    """Folder for the model, if it is not the usual one."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        request = ImportModelRequest(self.folder, self.store, self.accept_licence, self.replace)
        with shown_transfer(interruption, f"med3dinsight models import {self.folder}") as tell:
            model = CatalogService.usual().import_model(request, tell, interruption)
        print_installed(model)
