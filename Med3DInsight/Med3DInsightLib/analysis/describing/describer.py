"""Slices described in words, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from ...captions import Caption
from ...captions.backends import Undescribed
from ...captions.inert_text import InertText
from ...captions.pictures.faces import DEFACED
from ...captions.quality import CaptionJudge, captions_of
from ...volumes import LabelLayer, Plane, Volume
from ..computing.progress import Cancellation, ProgressCallback, ProgressTracker
from .backend_choice import LabelMapSentences
from .opening import Backends
from .requests import DescribeRequest
from .results import DescribedSlices, SliceWithoutText
from .shown import described_places, prompt_of, subject_of

DESCRIBING = "describing"

TellCaption = Callable[[Caption], object]
"""What is told of a caption as soon as there is one."""


class SliceDescriber:
    """Lets a backend describe slices of a volume, and judges what it says.

    described = SliceDescriber(backends).describe(DescribeRequest(LabelMapSentences()), volume, [layer])
    """

    def __init__(self, backends: Backends) -> None:
        self._backends = backends

    def describe(
        self,
        request: DescribeRequest,
        volume: Volume,
        layers: Sequence[LabelLayer] = (),
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
        tell: TellCaption | None = None,
        faceless: Volume | None = None,
    ) -> DescribedSlices:
        """The captions, as a captions file holds them; tell gets each new one as it comes, in any order.

        Of the captions of an earlier run that the request holds, those of the same slices and source are taken over.
        faceless is the volume without the face, for a request to deface. A caption that turns out to say the same as
        a later one gets its flag at the end, so that it may differ from the one that was told.

        Raises UserError for what befalls all slices, such as a host that was not allowed, before anything is sent;
        VolumeError if there is no such slice; AnalysisCancelled within a moment after cancel was set.
        """
        tracker = ProgressTracker({DESCRIBING: 1.0}, progress, cancel)
        prompt = None if isinstance(request.backend, LabelMapSentences) else prompt_of(request)
        places = described_places(request, subject := subject_of(request, volume, layers, faceless))

        def report() -> None:
            tracker.report(DESCRIBING, len(done), len(places))

        backend = self._backends.describing(request.backend, prompt, tracker.check, DEFACED if request.deface else "")
        judge, known = CaptionJudge(), {caption.key: caption for caption in request.described}
        done: list[Caption | SliceWithoutText] = []
        slices = []
        for each in subject.slices(places):
            if (caption := known.get(each.key(backend.source))) is None:
                slices.append(each)
            else:
                judge.remember(caption)
                done.append(caption)
        report()
        with closing(captions_of(backend, slices, judge)) as results:
            for result in results:
                done.append(_missing(result) if isinstance(result, Undescribed) else result)
                if isinstance(result, Caption) and tell is not None:
                    tell(result)
                report()
        order = {(place.plane, place.index): number for number, place in enumerate(places)}
        done.sort(key=lambda each: order[_slice_of(each)])
        return DescribedSlices(
            tuple(judge.with_repeats_flagged(each) for each in done if isinstance(each, Caption)),
            tuple(each for each in done if isinstance(each, SliceWithoutText)),
        )


def _missing(undescribed: Undescribed) -> SliceWithoutText:
    place = undescribed.of.place
    return SliceWithoutText(place.plane, place.index, " ".join(InertText.of(undescribed.reason).text.split()))


def _slice_of(each: Caption | SliceWithoutText) -> tuple[Plane, int]:
    return each.plane, each.index
