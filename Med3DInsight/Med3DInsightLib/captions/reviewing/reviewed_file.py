"""Reviewed captions from files."""

from __future__ import annotations

from pathlib import Path

from ..errors import CaptionError
from ..files.caption_lines import read_captions
from .captions_csv import reviewed_of_csv
from .pairing import reviewed_of_captions
from .reviewed_caption import ReviewedCaption

CSV, JSON_LINES = ".csv", ".jsonl"
"""The endings of files with reviewed captions."""


def read_reviewed(path: Path, volume_hash: str, accepted: bool = False) -> list[ReviewedCaption]:
    """The captions of one volume (see volume_hash) from a captions file (.jsonl) or a table of reviewed ones (.csv).

    accepted is for captions files, which do not tell it. Raises CaptionError for another ending, a file that cannot
    be read, a line that is not a caption, and if there is none of the volume.
    """
    is_table = ending_of(path) == CSV
    found = reviewed_of_csv(path) if is_table else reviewed_of_captions(read_captions(path), accepted)
    of_volume = [each for each in found if each.own.volume_hash == volume_hash]
    if not of_volume:
        cause = f"has {len(found)} captions, but none of this volume"
        raise CaptionError(cause, path, "choose the file of this volume, or load the volume that it is about")
    return of_volume


def ending_of(path: Path) -> str:
    """CSV or JSON_LINES; raises CaptionError for another ending."""
    ending = path.suffix.lower()
    if ending not in (CSV, JSON_LINES):
        raise CaptionError(f"has the unknown ending '{path.suffix}'", path, f"choose {JSON_LINES} or {CSV}")
    return ending
