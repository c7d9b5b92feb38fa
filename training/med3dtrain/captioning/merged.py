"""Shards put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from Med3DInsightLib.captions.files import merge_captions, read_captions
from Med3DInsightLib.errors import UserError

from .reporting.tally import Tally
from .shard import missing_shards


def merge(
    sources: Sequence[Path], target: Path, skip_broken: bool, overwrite: bool, report: Callable[[str], None]
) -> None:
    """Write the captions of all files to target, and report what it holds.

    Raises UserError if a shard is missing among files that are named as shards, a file cannot be read, or
    target exists and may not be replaced.
    """
    missing = missing_shards(sources)
    if missing:
        numbers = ", ".join(str(number) for number in missing)
        raise UserError(f"shard {numbers} is not among the files", next_step="add it, or merge copies named otherwise")
    result = merge_captions(sources, target, skip_broken, overwrite)
    for error in result.broken:
        report(f"skipped: {error}")
    tally = Tally()
    for caption in read_captions(target):
        tally.add(caption)
    figures = tally.figures()
    report(
        f"wrote {target}: {figures.captions} captions of {figures.volumes} volumes; "
        f"{result.repeats} repeats left out, {result.conflicts} of them with another text"
    )
