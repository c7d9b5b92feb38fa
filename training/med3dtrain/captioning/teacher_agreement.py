"""Whether a 2D teacher finds that a caption fits its slice."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from Med3DInsightLib.captions.prompting import StructuredAnswer
from Med3DInsightLib.captions.slices import CaptionSubject, SubjectSlice, body_slices
from Med3DInsightLib.networks.text_towers.errors import TeacherError
from Med3DInsightLib.volumes import Plane, SlicePlace

from ..teachers.registry import TeacherBackend, TeacherSettings, open_teacher
from ..teachers.teacher import Teacher
from .options.teacher_options import TeacherOptions

_EQUAL = 1e-5
_LEAST_BODY = 0.02


class TeacherAgreement:
    """Compares how well a text fits its slice with how well it fits other slices of the same volume and plane.

        agreement = TeacherAgreement(teacher)
        CaptionJudge(settings, agreement)

    Cosines of one teacher are not those of another: of CLIP they lie near 0.3 for a good caption, of SigLIP near
    0.1, and a long text has others than a short one. So the cosine of the text and its slice is compared with
    those of the same text and count other slices, spread over the body and at least apart_mm away. The agreement is
    twice the share of them that fit worse, at most 1: from 1 where the text fits its slice as well as it fits most
    others, or better, to nearly 0 where it fits every other one better. The share is (worse + 1/2) / (others + 1), so
    that few others decide little, and none nothing. A text that says nothing about its slice has its place among the
    others by chance, and an agreement below 0.2 in about one of ten cases.

    It depends on text, volume and teacher alone, not on other captions or their order: a job that goes on gives
    the same as one that was never stopped.

    Raises TeacherError if pictures and texts of the teacher do not share a space.
    """

    def __init__(self, teacher: Teacher, apart_mm: float = 30.0, count: int = 16) -> None:
        if not teacher.shares_space:
            raise TeacherError(
                "the pictures and texts of this teacher cannot be compared", next_step="choose a CLIP or SigLIP"
            )
        self._teacher = teacher
        self._apart_mm = apart_mm
        self._count = count
        self._others: WeakKeyDictionary[CaptionSubject, dict[Plane, _Others]] = WeakKeyDictionary()

    def __call__(self, each: SubjectSlice, text: str) -> float:
        """From 0 to 1; raises TeacherError if picture or text cannot be embedded."""
        others = self._others_of(each).apart_from(each.place, self._apart_mm)
        (said,) = self._teacher.embed_texts([_sentences_of(text)])
        # Alone, since a picture in another batch has another embedding by the last digits.
        (shown,) = self._teacher.embed_pictures([each.picture().png])
        better = float(shown @ said) - others @ said
        worse = int((better > _EQUAL).sum()) + 0.5 * int((better.abs() <= _EQUAL).sum())
        return min(1.0, 2.0 * (worse + 0.5) / (len(others) + 1))

    def _others_of(self, each: SubjectSlice) -> _Others:
        subject, plane = each.subject, each.place.plane
        of_subject = self._others.setdefault(subject, {})
        if plane not in of_subject:
            places = body_slices(subject.body_by_slice, plane, self._count, _LEAST_BODY)
            pictures = [subject.picture(place).png for place in places]
            of_subject[plane] = _Others(places, self._teacher.embed_pictures(pictures))
        return of_subject[plane]


class _Others:
    """Slices to compare with, and their embeddings (N, width)."""

    def __init__(self, places: tuple[SlicePlace, ...], embeddings: Tensor) -> None:
        self._offsets_mm = torch.tensor([place.offset_ras_mm for place in places], dtype=torch.float64)
        self._embeddings = embeddings

    def apart_from(self, place: SlicePlace, apart_mm: float) -> Tensor:
        """The embeddings of those that are far enough away."""
        return self._embeddings[(self._offsets_mm - place.offset_ras_mm).abs() >= apart_mm]


def open_agreement(options: TeacherOptions) -> TeacherAgreement:
    """The agreement with the teacher that options name; raises TeacherError or UserError if it cannot be had."""
    settings = TeacherSettings(
        TeacherBackend(options.teacher_backend.value),
        options.teacher,
        options.teacher_text_model,
        options.teacher_revision,
        device=options.teacher_device,
        allow_download=options.teacher_download,
    )
    return TeacherAgreement(open_teacher(settings))


def _sentences_of(text: str) -> str:
    """The text; what was answered as JSON in sentences."""
    answer = StructuredAnswer.of(text)
    return (answer.as_text() if answer is not None else "") or text
