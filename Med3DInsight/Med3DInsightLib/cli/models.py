"""med3dinsight models: what is installed."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from ..catalog.shipped import ShippedModels
from .interruption import Interruption


@dataclass(frozen=True)
class ModelsCommand:
    """List the shipped models: what they segment, in which images, licence and measured quality."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Print the table; raises BundleError if a bundle is damaged."""
        models = ShippedModels()
        table = Table("name", "segments", "images", "licence", "measured")
        for name in models.names():
            card = models.find(name).card
            measured = [f"{result.measure} {result.value:.2f} ({result.dataset})" for result in card.results]
            segments = ", ".join(segment.name for segment in card.segments)
            table.add_row(card.name, segments, ", ".join(card.modalities), card.licence, "\n".join(measured))
        Console().print(table)
