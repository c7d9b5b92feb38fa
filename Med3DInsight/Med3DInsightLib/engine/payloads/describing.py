"""Words about a volume: captions of slices, and answers to questions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...analysis.describing.requests import DescribeRequest
from ...analysis.describing.results import Answer, DescribedSlices, SliceWithoutText
from ...captions import Caption
from ...captions.files import read_captions
from ...captions.files.caption_lines import caption_of_line, line_of
from ...volumes import SlicePlace
from ..exchange import LayerReference, VolumeReference

DESCRIBE, ASK, SLICES_TO_SHOW = "describe", "ask", "slices_to_show"


@dataclass(frozen=True)
class DescribeBody:
    """Describe slices of a volume; layers tell what is known of its structures."""

    request: DescribeRequest
    volume: VolumeReference
    layers: tuple[LayerReference, ...]


@dataclass(frozen=True)
class CaptionPartBody:
    """A caption that is ready, as a line of a captions file."""

    line: str

    @classmethod
    def of(cls, caption: Caption) -> CaptionPartBody:
        """The body for caption."""
        return cls(line_of(caption).decode("ascii"))

    def caption(self) -> Caption:
        """The caption; raises ValueError if the line is none."""
        return caption_of_line(self.line.encode("utf-8"))


@dataclass(frozen=True)
class DescribedBody:
    """DescribedSlices whose captions are in a captions file, since there may be hundreds."""

    path: str
    missing: tuple[SliceWithoutText, ...]

    @classmethod
    def store(cls, described: DescribedSlices, path: Path) -> DescribedBody:
        """Write the captions to path."""
        path.write_bytes(b"".join(line_of(caption) for caption in described.captions))
        return cls(str(path), described.missing)

    def result(self) -> DescribedSlices:
        """The result with its captions read."""
        return DescribedSlices(tuple(read_captions(Path(self.path))), self.missing)


@dataclass(frozen=True)
class AnswerPartBody:
    """A piece of an answer that is being written; it is inert."""

    text: str


@dataclass(frozen=True)
class AnswerBody:
    """The whole answer."""

    answer: Answer


@dataclass(frozen=True)
class PlacesBody:
    """Slices of a volume."""

    places: tuple[SlicePlace, ...]
