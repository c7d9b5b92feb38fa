"""med3dinsight models verify."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from ...catalog.fetching.service import CatalogService
from ...catalog.requests import VerifyModelsRequest
from ...errors import UserError
from ..interruption import Interruption


@dataclass(frozen=True)
class VerifyCommand:
    """Check the hashes of installed models, and that nothing else is in their folders; the exit code is 1 if not."""

    names: Annotated[tuple[str, ...], tyro.conf.Positional] = ()
    """Names of models; all that are installed if there are none."""

    store: Path | None = None
    """Folder with fetched models, if it is not the usual one."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError if a model is damaged, or is not installed."""
        verified = CatalogService.usual().verify(VerifyModelsRequest(self.names, self.store))
        for model in verified:
            print(f"{model.name}: {'damaged: ' + model.damage if model.damage else 'whole'}")
        damaged = [model.name for model in verified if model.damage]
        if damaged:
            raise UserError(
                f"{len(damaged)} of {len(verified)} models are damaged: {', '.join(damaged)}",
                next_step=f"fetch or import them again, such as: med3dinsight models get {damaged[0]}",
            )
