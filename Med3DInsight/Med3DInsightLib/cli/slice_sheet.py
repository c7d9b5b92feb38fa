"""The pictures of a request on one sheet, for a look before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..captions.pictures import SlicePicture
from ..captions.pictures.contact_sheet import SheetEntry, draw_contact_sheet

_MOST = 60


def write_slice_sheet(pictures: Sequence[SlicePicture], path: Path, overwrite: bool) -> None:
    """Write a PNG with the pictures, or with 60 of them evenly spread, and say so.

    Raises OutputError if it is there and may not be overwritten, or cannot be written; ValueError without pictures.
    """
    from ..storage import staged_files

    count = min(_MOST, len(pictures))
    shown = [pictures[(2 * part + 1) * len(pictures) // (2 * count)] for part in range(count)]
    entries = [SheetEntry(picture, "") for picture in shown]
    with staged_files(path.absolute().parent, (path.name,), overwrite) as staging:
        draw_contact_sheet(entries, "Slices that would be shown").save(staging / path.name, format="PNG")
    print(f"wrote {path}: {len(shown)} of {len(pictures)} pictures. Nothing was sent.")
