"""What a cell of a table may hold so that Slicer's own table files give it back.

vtkMRMLTableStorageNode writes cells without quoting and reads them with quotes, comments (#) and one line a
row; it writes doubles with six digits.
"""

from __future__ import annotations

_SEEN_AS = str.maketrans({'"': "”", "#": "＃", "\t": " ", "\n": " "})


def cell_text(text: str) -> str:
    """An inert text as one line that looks alike: line ends and tabs become spaces, " becomes ”, # becomes full-width.

    Applying it twice changes nothing more.
    """
    return text.translate(_SEEN_AS).strip()


def cell_number(value: float) -> float:
    """The number with the six digits that stay."""
    return float(f"{value:.6g}")
