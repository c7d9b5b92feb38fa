"""Results as tables on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..analysis.classes.classification_result import ClassificationResult
from ..analysis.slices.finding import FindResult
from ..errors import printable


def print_classes(volume: str, model: str, result: ClassificationResult) -> None:
    """The probability of every class, the most probable first."""
    console = Console()
    console.print(f"{volume}, model {model}", soft_wrap=True, highlight=False, markup=False)
    table = _table("class", "probability")
    for name, probability in sorted(result.probabilities.items(), key=lambda entry: -entry[1]):
        table.add_row(Text(printable(name)), f"{probability:.3f}")  # a card may hold what looks like markup
    console.print(table)
    if result.is_unfamiliar:
        console.print("The volume is unlike the training data; the probabilities mean little.")


def print_found(volume: str, found: FindResult) -> None:
    """The slice of each plane that fits best."""
    console = Console()
    console.print(f"{volume}, '{found.phrase}'", soft_wrap=True, highlight=False, markup=False)
    table = _table("plane", "best slice", "position R, A, S (mm)", "similarity")
    for plane in found.planes:
        place = plane.best
        position = ", ".join(f"{mm:.1f}" for mm in place.position_ras_mm)
        table.add_row(str(plane.plane), str(place.index), position, f"{plane.similarities.max():.3f}")
    console.print(table)


def print_files(folder: Path | None, names: Sequence[str]) -> None:
    """Where the files of a result are, if they were asked for."""
    if folder is not None:
        for name in names:
            print(folder / name)


def _table(first: str, *numbers: str) -> Table:
    table = Table(first, *numbers)
    for column in table.columns[1:]:
        column.justify = "right"
    return table
