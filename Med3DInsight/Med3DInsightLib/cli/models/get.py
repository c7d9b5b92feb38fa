"""med3dinsight models get."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from ...catalog.fetching.service import CatalogService
from ...catalog.requests import GetModelRequest
from ..interruption import Interruption
from .transferring import print_installed, shown_transfer


@dataclass(frozen=True)
class GetCommand:
    """Fetch a model of a catalogue into the model store, check its hashes, and make it available by its name.

    Ctrl-C keeps what is there; the same command goes on from there.
    """

    name: Annotated[str, tyro.conf.Positional]
    """Name of a model; see: med3dinsight models list."""

    accept_licence: bool = False
    """Accept the licence of the model, which "models show NAME" names; it is remembered for this model."""

    replace: bool = False
    """Replace another version of the model."""

    catalogue: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """Path or address of a further catalogue; may be repeated."""

    store: Path | None = None
    """Folder for the model, if it is not the usual one."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        request = GetModelRequest(self.name, self.catalogue, self.store, self.accept_licence, self.replace)
        with shown_transfer(interruption, f"med3dinsight models get {self.name}") as tell:
            model = CatalogService.usual().get(request, tell, interruption)
        print_installed(model)
