"""From slices to captions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .backend import Backend, Undescribed
from .quality import CaptionJudge
from .record import Caption
from .subject import SubjectSlice


def captions_of(
    backend: Backend, slices: Iterable[SubjectSlice], judge: CaptionJudge
) -> Iterator[Caption | Undescribed]:
    """What backend says about slices, judged; in the order in which it comes.

    with CaptionsFile.open(path) as file:
        waiting = (each for each in slices if each.key(backend.source) not in file.keys)
        for result in captions_of(backend, waiting, CaptionJudge()):
            if isinstance(result, Caption):
                file.append([result])
    """
    for described in backend.describe(slices):
        yield described if isinstance(described, Undescribed) else judge.caption_of(described, backend.source)
