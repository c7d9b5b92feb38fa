"""Captions as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ..errors import CaptionError
from ..record import Caption

_LINE_BEGINS = b'{"format_version": '
_CAPTION = TypeAdapter(Caption)
_REPAIR = "correct or remove the line, or skip broken lines"

BrokenLine = Callable[[CaptionError], object]
"""What is told of a line that is not a caption, such as the append method of a list."""


def line_of(caption: Caption) -> bytes:
    """The caption as one line of ASCII, with its line feed; control characters of the text are escaped."""
    return json.dumps(asdict(caption), allow_nan=False).encode("ascii") + b"\n"


def caption_of_line(line: bytes) -> Caption:
    """The inverse of line_of(); raises ValueError, saying which entry is wrong and why."""
    try:
        return _CAPTION.validate_json(line, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error


def is_cut_line(line: bytes) -> bool:
    """Whether a last line that is no caption was going to be one; one that is complete JSON is something else."""
    if not line.strip(b"\0"):  # which file systems may leave after a loss of power where the line was going to be
        return True
    if not (line.startswith(_LINE_BEGINS) or _LINE_BEGINS.startswith(line)):
        return False
    try:
        json.loads(line.decode("utf-8", "replace"), strict=False)
    except RecursionError:  # no caption is nested like this
        return False
    except ValueError:
        return True
    return False


def read_captions(path: Path, broken: BrokenLine | None = None) -> Iterator[Caption]:
    """The captions of a file, one after the other.

        skipped: list[CaptionError] = []
        captions = list(read_captions(path, skipped.append))
        len(skipped)                    # how many lines were not captions, and which

    Raises CaptionError, with the number of the line, for the first that is not a caption; with broken,
    tells it of each such line and goes on. A file that cannot be read is a CaptionError either way.
    """
    try:
        with open(path, "rb") as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    yield _complete_caption(line)
                except ValueError as error:
                    told = CaptionError(f"line {number} is not a caption ({error})", path, _REPAIR)
                    if broken is None:
                        raise told from error
                    broken(told)
    except OSError as error:
        raise CaptionError(f"cannot be read ({error.strerror})", path, "choose a captions file") from error


def _complete_caption(line: bytes) -> Caption:
    try:
        return caption_of_line(line)
    except ValueError as error:
        if line.endswith(b"\n") or not is_cut_line(line):
            raise
        raise ValueError("the end of the file is cut off, as after a kill; going on with the job repairs it") from error
