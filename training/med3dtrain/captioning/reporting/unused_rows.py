"""What became of a table of texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from Med3DInsightLib.captions.backends import FileBackend
from Med3DInsightLib.captions.files import read_captions
from Med3DInsightLib.errors import UserError


def tell_unused_rows(
    backend: FileBackend, captions: Path, report: Callable[[str], None], may_fit_nothing: bool
) -> None:
    """Report how many rows gave their text to no slice, in this run and in those before it.

    Raises UserError if that is so for all of them, unless it may be so, as for one of several shards.
    """
    for caption in read_captions(captions):
        if caption.source == backend.source:
            backend.remember(caption)
    unused = backend.unused_lines
    told = f"{len(unused)} rows are about no slice that was asked for"
    if unused:
        told += f", the first in line {unused[0]}"
    if backend.fits_nothing and not may_fit_nothing:
        step = "compare names, planes and numbers with those of the volumes, and see the options about columns"
        raise UserError(told, backend.path, step)
    if unused:
        report(f"{backend.path}: {told}")
