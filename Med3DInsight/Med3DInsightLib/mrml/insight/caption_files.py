"""The captions of a table node as files that training and spreadsheets read, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...captions.errors import CaptionError
from ...captions.files.caption_lines import line_of
from ...captions.record import Caption
from ...captions.reviewing import (
    CSV,
    captions_of_reviewed,
    csv_of_reviewed,
    ending_of,
    read_reviewed,
)
from ...storage import staged_files
from ..node_errors import named
from ..translation import tr as _
from .captions_table import BrokenRow, captions_of_table

__all__ = ["accepted_captions", "read_reviewed", "write_accepted", "write_captions"]


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
        raise CaptionError(_("no caption is accepted"), named(node), _("accept some captions"))
    _write(path, b"".join(map(line_of, captions)))
    return len(captions)


def write_captions(node: Any, path: Path) -> int:
    """Write all captions of a table node, as a captions file (.jsonl) or for spreadsheets (.csv).

    CSV tells everything that the table does. A captions file has what the models said and, behind it, the texts
    of the user, but not what was accepted. Complete or not at all; returns how many rows of the table it has.
    Raises CaptionError for another ending or a row that is not a caption, OutputError if it cannot be written.
    """
    ending = ending_of(path)
    reviewed = captions_of_table(node)
    if ending == CSV:
        _write(path, csv_of_reviewed(reviewed).encode())
    else:
        _write(path, b"".join(map(line_of, captions_of_reviewed(reviewed))))
    return len(reviewed)


def _write(path: Path, content: bytes) -> None:
    with staged_files(path.parent, [path.name], overwrite=True) as staging:
        (staging / path.name).write_bytes(content)
