"""med3dinsight models store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...catalog.settings import ModelSettings
from ...errors import UserError
from ..interruption import Interruption


@dataclass(frozen=True)
class StoreCommand:
    """Tell in which folder models are kept, and choose another one; models stay where they are."""

    folder: Path | None = None
    """Folder to keep models in from now on; it may be shared with others."""

    usual: bool = False
    """Keep models in the usual folder again."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError if the settings cannot be read or written, or do not decide."""
        settings = ModelSettings()
        if self.folder is not None and self.usual:
            raise UserError("another folder and the usual one were both asked for", next_step="name one of the two")
        if self.folder is not None or self.usual:
            settings.choose_store(self.folder)
        print(settings.store_folder())
