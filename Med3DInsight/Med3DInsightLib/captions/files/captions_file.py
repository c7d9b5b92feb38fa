"""A captions file that grows."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ...storage import whole_file
from ..errors import CaptionError
from ..record import Caption, CaptionKey
from .caption_lines import BrokenLine, caption_of_line, is_cut_line, line_of, read_captions
from .write_lock import cannot_write, only_writer

FoundCaption = Callable[[Caption], object]
"""What is told of a caption that an earlier job has written."""

_LOG = logging.getLogger(__name__)
_CHUNK = 1 << 16


class CaptionsFile:
    """JSON Lines that captions are added to, with every slice once whatever happens to the job.

        with CaptionsFile.open(Path("captions.jsonl")) as captions:
            waiting = [each for each in slices if each.key(backend.source) not in captions.keys]
            for caption in describe(waiting):
                captions.append([caption])

    A line is written at once and is there or not: a job that was killed leaves at most a cut last line,
    which the next open() removes, so that its slice is described again. Captions that append() has
    returned from are on the disk. keys are those of all captions in the file.
    """

    def __init__(self, path: Path, stream: BinaryIO, keys: set[CaptionKey]) -> None:
        self.path = path
        self.keys = keys
        self._stream = stream

    @classmethod
    @contextmanager
    def open(
        cls, path: Path, broken: BrokenLine | None = None, found: FoundCaption | None = None
    ) -> Iterator[CaptionsFile]:
        """Make the file, or read and repair the one that is there, and keep other writers out until the end.

        found is told of every caption that is there, in their order.

        Raises CaptionError if another job writes to it, it cannot be written, or a line is not a caption;
        with broken, such lines stay, are told, and their slices are not in keys, but for a last one without
        its line feed. A file that is not a captions file is never changed. The empty lock file beside it stays.
        """
        with only_writer(path), _opened(path) as stream:
            _complete_last_line(stream, path)
            keys = set()
            for caption in read_captions(path, broken):
                keys.add(caption.key)
                if found is not None:
                    found(caption)
            if not keys and stream.seek(0, os.SEEK_END) > 0:
                raise _not_captions(path)
            yield cls(path, stream, keys)

    def append(self, captions: Iterable[Caption]) -> None:
        """Add captions and wait until they are on the disk.

        Raises ValueError for a slice that this source has already described, CaptionError if the disk is
        full; then the file ends with the last complete line.
        """
        for caption in captions:
            if caption.key in self.keys:
                raise ValueError(f"{caption.plane} slice {caption.index} of {caption.volume_id} is already described")
            self._write(line_of(caption))
            self.keys.add(caption.key)
        try:
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise cannot_write(error, self.path) from error

    def finish(self, change: Callable[[Caption], Caption]) -> None:
        """Replace every caption by what change makes of it, all at once; nothing can be appended any more.

        Lines that are no captions are kept as they are. Raises CaptionError if the disk is full; then the file
        is what it was.
        """
        self._stream.close()
        try:
            with (
                whole_file(self.path, alone=True) as unfinished,
                open(self.path, "rb") as before,
                open(unfinished, "wb") as after,
            ):
                after.writelines(_changed(line, change) for line in before)
        except OSError as error:
            raise cannot_write(error, self.path) from error

    def _write(self, line: bytes) -> None:
        end = self._stream.seek(0, os.SEEK_END)
        try:
            written = self._stream.write(line)
            if written < len(line):  # the disk has become full; the rest tells why
                self._stream.write(line[written:])
        except OSError as error:
            self._stream.truncate(end)
            raise cannot_write(error, self.path) from error


def _changed(line: bytes, change: Callable[[Caption], Caption]) -> bytes:
    try:
        caption = caption_of_line(line)
    except ValueError:
        return line
    return line_of(change(caption))


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        # Unbuffered, so that a line is one call of the operating system.
        stream = open(path, "a+b", buffering=0)  # noqa: SIM115 -- closed below; its errors alone are translated
    except OSError as error:
        raise cannot_write(error, path) from error
    with stream:
        yield stream


def _complete_last_line(stream: BinaryIO, path: Path) -> None:
    """Remove a last line that is cut, add the line feed of one that is complete without it."""
    start, tail = _unfinished_line(stream)
    if not tail:
        return
    try:
        caption_of_line(tail)
    except ValueError as error:
        if not is_cut_line(tail):
            cause = f"is not a captions file, since its last line is not a caption ({error})"
            raise CaptionError(cause, path, "correct or remove the line, or choose another file") from error
        stream.truncate(start)
        _LOG.warning("%s: removed a cut last line (%d bytes); its slice will be described again", path, len(tail))
    else:
        stream.seek(0, os.SEEK_END)
        stream.write(b"\n")


def _unfinished_line(stream: BinaryIO) -> tuple[int, bytes]:
    """Where the last line starts and what it holds, if no line feed ends it."""
    position = stream.seek(0, os.SEEK_END)
    tail = b""
    while position > 0:
        size = min(_CHUNK, position)
        position = stream.seek(position - size)
        chunk = stream.read(size)
        before, found, after = chunk.rpartition(b"\n")
        if found:
            return position + len(before) + 1, after + tail
        tail = chunk + tail
    return 0, tail


def _not_captions(path: Path) -> CaptionError:
    return CaptionError("is not a captions file", path, "choose another file")
