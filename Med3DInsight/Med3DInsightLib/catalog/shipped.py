"""The bundles that come with the extension."""

from __future__ import annotations

from pathlib import Path

from ..bundles import Bundle, BundleError


class ShippedModels:
    """Looks bundles up by name in a folder of bundles, by default the one beside this package.

    models = ShippedModels()
    models.names()                       # ["brain-tissue"]
    bundle = models.find("brain-tissue") # or a path to any bundle
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(__file__).resolve().parents[2] / "Resources" / "Med3DInsight" / "Models"

    def names(self) -> list[str]:
        """The names of the shipped bundles, sorted."""
        if not self.folder.is_dir():
            return []
        return sorted(entry.name for entry in self.folder.iterdir() if (entry / "card.json").is_file())

    def find(self, name_or_folder: str | Path) -> Bundle:
        """The bundle of that name, or in that folder.

        Raises BundleError, naming the bundles there are, if there is none, or if it is damaged.
        """
        if str(name_or_folder) in self.names():
            return Bundle.open(self.folder / name_or_folder)
        if Path(name_or_folder).is_dir():
            return Bundle.open(name_or_folder)
        known = ", ".join(self.names()) or "none are installed"
        raise BundleError(
            f"there is no model '{name_or_folder}'", next_step=f"choose a folder with a bundle, or one of: {known}"
        )
