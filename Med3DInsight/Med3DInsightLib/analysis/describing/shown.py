"""What a request would show to a model, without asking it: for a look before pictures leave the computer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...captions.pictures import SlicePicture
from ...captions.prompting import Prompt, ShippedPrompts
from ...captions.slices import CaptionSubject, body_slices
from ...volumes import LabelLayer, SlicePlace, Volume, slice_of
from .backend_choice import LabelMapSentences
from .requests import AskRequest, DescribeRequest
from .slices_asked import ListedSlices


@dataclass(frozen=True, eq=False)
class ShownPicture:
    """A picture and the prompt that goes with it; the prompt is empty where no model is asked."""

    picture: SlicePicture
    prompt: str


@dataclass(frozen=True, eq=False)
class ShownQuestion:
    """All pictures that are shown together, and the prompt with the question."""

    pictures: tuple[SlicePicture, ...]
    prompt: str


def pictures_to_describe(
    request: DescribeRequest, volume: Volume, faceless: Volume | None = None
) -> Iterator[ShownPicture]:
    """The very pictures of a request and their prompts, drawn one by one.

    faceless is the volume without the face, which a request to deface needs (see AnalysisService.without_face).
    Raises CaptionError if there is no such prompt, VolumeError if there is no such slice.
    """
    subject = subject_of(request, volume, faceless=faceless)
    asks = not isinstance(request.backend, LabelMapSentences)
    prompt = prompt_of(request) if asks else None
    for place in described_places(request, subject):
        picture = subject.picture(place)
        yield ShownPicture(picture, "" if prompt is None else prompt.text_for(picture))


def question_to_send(request: AskRequest, volume: Volume, places: Sequence[SlicePlace]) -> ShownQuestion:
    """What a model would be shown and asked about the slices at places; raises CaptionError as Prompt does."""
    pictures = pictures_of(request, volume, places)
    return ShownQuestion(pictures, question_prompt_of(request).text_about(pictures))


def pictures_of(request: AskRequest, volume: Volume, places: Sequence[SlicePlace]) -> tuple[SlicePicture, ...]:
    """The pictures that are shown with a question."""
    subject = CaptionSubject("", volume, render=request.pictures)
    return tuple(subject.picture(place) for place in places)


def subject_of(
    request: DescribeRequest, volume: Volume, layers: Sequence[LabelLayer] = (), faceless: Volume | None = None
) -> CaptionSubject:
    """The volume as something to be described; raises ValueError if a face is to be removed and was not."""
    if request.deface and faceless is None:
        raise ValueError("pictures without the face need the volume without it")
    return CaptionSubject(request.volume_id, volume, layers, request.pictures, drawn=faceless)


def described_places(request: DescribeRequest, subject: CaptionSubject) -> tuple[SlicePlace, ...]:
    """The slices that are described, plane by plane; raises VolumeError if there is no such slice."""
    chosen = request.slices
    if isinstance(chosen, ListedSlices):
        return listed_places(chosen, subject.volume)
    return tuple(
        place
        for plane in dict.fromkeys(chosen.planes)
        for place in body_slices(subject.body_by_slice, plane, chosen.per_plane, chosen.least_body)
    )


def listed_places(slices: ListedSlices, volume: Volume) -> tuple[SlicePlace, ...]:
    """The slices of volume, each once; raises VolumeError if there is no such slice."""
    return tuple(slice_of(volume.grid, each.plane, each.index) for each in dict.fromkeys(slices.slices))


def prompt_of(request: DescribeRequest) -> Prompt:
    """The prompt about each picture; raises CaptionError if there is none of that name, or it needs a question."""
    prompt = ShippedPrompts().find(request.prompt)
    prompt.check_question()
    return prompt


def question_prompt_of(request: AskRequest) -> Prompt:
    """The prompt with the question; raises CaptionError if there is none of that name, or no question."""
    return ShippedPrompts().find(request.prompt).asking(request.question)
