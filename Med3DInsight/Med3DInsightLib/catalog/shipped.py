"""The bundles that come with the extension."""

from __future__ import annotations

from pathlib import Path


class ShippedModels:
    """A folder of bundles, by default the one beside this package.

    ShippedModels().names()         # ["brain-structures", "hippocampus"]
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(__file__).resolve().parents[2] / "Resources" / "Med3DInsight" / "Models"

    def names(self) -> list[str]:
        """The names of the shipped bundles, sorted."""
        if not self.folder.is_dir():
            return []
        return sorted(entry.name for entry in self.folder.iterdir() if (entry / "card.json").is_file())
