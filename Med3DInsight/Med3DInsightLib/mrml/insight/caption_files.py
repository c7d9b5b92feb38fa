"""The captions of a table node as files that training and spreadsheets read, and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...captions.caption_lines import line_of, read_captions
from ...captions.errors import CaptionError
from ...captions.record import Caption
from ...captions.reviewing import (
    ReviewedCaption,
    captions_of_reviewed,
    csv_of_reviewed,
    reviewed_of_captions,
    reviewed_of_csv,
)
from ...export.staging import staged_files
from .captions_table import BrokenRow, captions_of_table

_CSV, _JSON_LINES = ".csv", ".jsonl"


def accepted_captions(node: Any, broken: BrokenRow | None = None) -> list[Caption]:
    """The accepted captions of a table node as training reads them, with score 1, edits under a source of their own."""
    return [each.for_training for each in captions_of_table(node, broken) if each.accepted]


def write_accepted(node: Any, path: Path) -> int:
    """Write the accepted captions of a table node as a captions file, which training can merge and read.

    The file appears complete or not at all, and replaces one of that name. Returns how many captions it has.
    Raises CaptionError if none is accepted or a row is not a caption, OutputError if it cannot be written.
    """
    captions = accepted_captions(node)
    if not captions:
        raise CaptionError("no caption is accepted", f"'{node.GetName()}'", "accept some captions")
    _write(path, b"".join(map(line_of, captions)))
    return len(captions)


def write_captions(node: Any, path: Path) -> int:
    """Write all captions of a table node, as a captions file (.jsonl) or for spreadsheets (.csv).

    CSV tells everything that the table does. A captions file has what the models said and, behind it, the texts
    of the user, but not what was accepted. Complete or not at all; returns how many rows of the table it has.
    Raises CaptionError for another ending or a row that is not a caption, OutputError if it cannot be written.
    """
    ending = _ending_of(path)
    reviewed = captions_of_table(node)
    if ending == _CSV:
        _write(path, csv_of_reviewed(reviewed).encode())
    else:
        _write(path, b"".join(map(line_of, captions_of_reviewed(reviewed))))
    return len(reviewed)


def read_reviewed(path: Path, volume_hash: str, accepted: bool = False) -> list[ReviewedCaption]:
    """The captions of one volume from a file of write_captions(), write_accepted() or training.

    accepted is for captions files, which do not tell it. Raises CaptionError for a file that cannot be read, a
    line that is not a caption, and if there is none of the volume (see volume_hash).
    """
    csv = _ending_of(path) == _CSV
    found: Sequence[ReviewedCaption]
    found = reviewed_of_csv(path) if csv else reviewed_of_captions(read_captions(path), accepted)
    of_volume = [each for each in found if each.own.volume_hash == volume_hash]
    if not of_volume:
        cause = f"has {len(found)} captions, but none of this volume"
        raise CaptionError(cause, path, "choose the file of this volume, or load the volume that it is about")
    return of_volume


def _ending_of(path: Path) -> str:
    ending = path.suffix.lower()
    if ending not in (_CSV, _JSON_LINES):
        raise CaptionError(f"has the unknown ending '{path.suffix}'", path, f"choose {_JSON_LINES} or {_CSV}")
    return ending


def _write(path: Path, content: bytes) -> None:
    with staged_files(path.parent, [path.name], overwrite=True) as staging:
        (staging / path.name).write_bytes(content)
