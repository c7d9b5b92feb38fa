"""From slices to captions."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing

from ..backends.backend import Backend, Undescribed
from ..record import Caption
from ..slices.subject import SubjectSlice
from .judge import CaptionJudge


def captions_of(
    backend: Backend, slices: Iterable[SubjectSlice], judge: CaptionJudge
) -> Generator[Caption | Undescribed, None, None]:
    """What backend says about slices, judged; in the order in which it comes. close() ends what is under way.

    with CaptionsFile.open(path) as file:
        waiting = (each for each in slices if each.key(backend.source) not in file.keys)
        for result in captions_of(backend, waiting, CaptionJudge()):
            if isinstance(result, Caption):
                file.append([result])
    """
    with closing(backend.describe(slices)) as results:
        for described in results:
            yield described if isinstance(described, Undescribed) else judge.caption_of(described, backend.source)
