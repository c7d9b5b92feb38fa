"""What a captions file holds already of what a job would write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from Med3DInsightLib.captions import CaptionError, CaptionKey, CaptionSource
from Med3DInsightLib.captions.files import read_captions
from Med3DInsightLib.captions.inert_text import InertText
from Med3DInsightLib.captions.slices import SubjectSlice

from ..datasets.volume_list import ListedVolume


class DescribedSlices:
    """Knows the slices that a source has described, exactly for a volume that is read, by its name for others.

    described = DescribedSlices.in_file(Path("captions.jsonl"), backend.source, print)
    described.without(subject.slices(places))       # those that are still to be described
    described.captions_of(listed)                   # how many captions a volume of this name has
    """

    def __init__(self, source: CaptionSource, keys: set[CaptionKey], by_name: Counter[str]) -> None:
        self._source = source
        self._keys = keys
        self._by_name = by_name

    @classmethod
    def in_file(cls, path: Path, source: CaptionSource, report: Callable[[str], None]) -> DescribedSlices:
        """Those of source in a captions file; how many lines are no captions is reported.

        Raises CaptionError if the file cannot be read.
        """
        keys: set[CaptionKey] = set()
        by_name: Counter[str] = Counter()
        broken: list[CaptionError] = []
        for caption in read_captions(path, broken.append):
            if caption.source == source:
                keys.add(caption.key)
                by_name[caption.volume_id] += 1
        if broken:
            report(f"lines that are no captions: {len(broken)}, the first: {broken[0]}")
        return cls(source, keys, by_name)

    def without(self, slices: Iterable[SubjectSlice]) -> list[SubjectSlice]:
        """The slices that are not described."""
        return [each for each in slices if not self._keys or each.key(self._source) not in self._keys]

    def captions_of(self, listed: ListedVolume) -> int:
        """How many captions a volume of this name has, of whatever slices."""
        return self._by_name[InertText.of(listed.name).text]
