"""One captions file from many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...storage import whole_file
from ..errors import CaptionError
from ..record import CaptionKey
from .caption_lines import line_of, read_captions
from .write_lock import only_writer


@dataclass(frozen=True)
class MergeReport:
    """What merging found: captions written, repeats left out, and what was noticed on the way.

    conflicts are repeats whose text differs from the caption that was kept; broken are lines that were
    skipped, one error each.
    """

    captions: int
    repeats: int
    conflicts: int
    broken: tuple[CaptionError, ...]


def merge_captions(
    sources: Sequence[Path], target: Path, skip_broken: bool = False, overwrite: bool = False
) -> MergeReport:
    """Write the captions of all sources to target, in their order, each slice and source once.

    The first caption of a slice is kept. target appears when it is complete; it may be one of sources.

    Raises CaptionError if there is no source, for one that cannot be read, the first broken line unless skip_broken,
    and a target that exists unless overwrite, or that a job is writing to.
    """
    if not sources:
        raise CaptionError("there is nothing to merge", next_step="name the files with the captions")
    if target.exists() and not overwrite:
        raise CaptionError("already exists", target, "choose another file, or allow overwriting (--overwrite)")
    if not target.parent.is_dir():
        raise CaptionError("cannot be written (there is no such folder)", target, "make it, or choose another file")
    with only_writer(target):
        return _merged(sources, target, skip_broken)


def _merged(sources: Sequence[Path], target: Path, skip_broken: bool) -> MergeReport:
    broken: list[CaptionError] = []
    texts: dict[CaptionKey, int] = {}
    repeats = conflicts = 0
    try:
        with whole_file(target, alone=True) as unfinished, open(unfinished, "wb") as stream:
            for source in sources:
                for caption in read_captions(source, broken.append if skip_broken else None):
                    text = hash(caption.text)
                    if caption.key in texts:
                        repeats += 1
                        conflicts += texts[caption.key] != text
                    else:
                        texts[caption.key] = text
                        stream.write(line_of(caption))
    except OSError as error:
        raise CaptionError(f"cannot be written ({error.strerror})", target, "choose another file") from error
    return MergeReport(len(texts), repeats, conflicts, tuple(broken))
