"""Writes what the shipped catalogue says about the shipped bundles, from their cards and files.

    python -m Testing.shipped_catalogue

Run it after a bundle in Med3DInsight/Resources/Med3DInsight/Models was added, changed or removed. Entries of models
that are not shipped stay as they are.
"""

from __future__ import annotations

from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.catalog.catalogue import (
    FORMAT_VERSION,
    Catalogue,
    catalogue_text,
    parse_catalogue,
    shipped_catalogue_path,
)
from Med3DInsightLib.catalog.describing import entry_of
from Med3DInsightLib.catalog.shipped import ShippedModels
from Med3DInsightLib.catalog.sources import ShippedSource


def shipped_catalogue(models: ShippedModels, present: Catalogue) -> Catalogue:
    """The catalogue of models, and of what present lists beside shipped ones.

    Raises ValueError for a name that both have.
    """
    shipped = [entry_of(Bundle.open(models.folder / name), ShippedSource()) for name in models.names()]
    others = [entry for entry in present.models if not isinstance(entry.source, ShippedSource)]
    return Catalogue(FORMAT_VERSION, tuple(sorted([*shipped, *others], key=lambda entry: entry.name)))


def main() -> None:
    """Rewrite the file."""
    path = shipped_catalogue_path()
    present = parse_catalogue(path.read_bytes(), str(path)) if path.exists() else Catalogue(FORMAT_VERSION, ())
    path.write_text(catalogue_text(shipped_catalogue(ShippedModels(), present)), encoding="utf-8")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
