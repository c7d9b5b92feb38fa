"""How far a caption can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType

from ...volumes import Plane
from ..backends.backend import Description, Finish
from ..inert_text import MOST_CHARACTERS, InertText
from ..record import FORMAT_VERSION, Caption, CaptionKey, CaptionSource, Flag
from ..slices.subject import SubjectSlice
from . import text_checks
from .claims import is_wrong_modality, is_wrong_plane
from .near_duplicates import SeenTexts
from .regions import Region, impossible_structures, regions_of_structures, regions_of_window

Agreement = Callable[[SubjectSlice, str], float]
"""How well a 2D image-text teacher finds that a text fits a slice, from 0 to 1; raises UserError if it cannot tell.

The same slice and text have the same agreement whenever they are judged, so that a job can go on.
"""

RegionEstimate = Callable[[Description], frozenset[Region]]
"""Where in the body the slice of a description can be; empty if that is not known."""

_PENALTIES = {
    Flag.REFUSAL: 1.0,
    Flag.EMPTY: 1.0,
    Flag.CUT_OFF: 0.3,
    Flag.REPEATS: 0.5,
    Flag.WRONG_PLANE: 0.6,
    Flag.WRONG_MODALITY: 0.6,
    Flag.IMPOSSIBLE_STRUCTURE: 0.7,
    Flag.NEAR_DUPLICATE: 0.4,
    Flag.TEACHER_DISAGREES: 0.5,
    Flag.CONTROL_CHARACTERS: 0.2,
    Flag.TOO_LONG: 0.3,
}


@dataclass(frozen=True)
class QualitySettings:
    """Where captions become suspicious.

    A text with fewer than fewest_words words is empty, with more than repeated_share of repeated word
    sequences it goes round in circles, and after most_characters it is left out. Two texts of a volume and
    plane are near-duplicates from duplicate_similarity (Jaccard) on, if their slices are at least
    duplicate_distance_mm apart. A teacher disagrees below teacher_agreement. penalties tells what each flag
    takes from the score: 1 leaves nothing.

    Raises ValueError for a share that is not from 0 to 1, or a flag without a penalty.
    """

    fewest_words: int = 3
    most_characters: int = MOST_CHARACTERS
    repeated_share: float = 0.5
    duplicate_similarity: float = 0.9
    duplicate_distance_mm: float = 30.0
    teacher_agreement: float = 0.2
    penalties: Mapping[Flag, float] = field(default_factory=lambda: MappingProxyType(_PENALTIES))

    def __post_init__(self) -> None:
        shares = (self.repeated_share, self.duplicate_similarity, self.teacher_agreement, *self.penalties.values())
        if not all(0 <= share <= 1 for share in shares):
            raise ValueError("shares and penalties are from 0 to 1")
        missing = [flag for flag in Flag if flag not in self.penalties]
        if missing:
            raise ValueError(f"the flag '{missing[0]}' has no penalty")


def region_from_labels_or_window(description: Description) -> frozenset[Region]:
    """The region that the label maps of the subject tell, or else the CT window that was chosen."""
    if description.of.subject.has_labels:
        return regions_of_structures(each.name for each in description.of.structures())
    return regions_of_window(description.window) if description.window is not None else frozenset()


class CaptionJudge:
    """Makes captions of descriptions: inert text, score and flags. Nothing is dropped.

        judge = CaptionJudge()
        caption = judge.caption_of(description, backend.source)
        caption.flags           # (<Flag.WRONG_PLANE: 'wrong_plane'>,)

    The score is what the penalties of all flags leave of 1, times the agreement of the teacher if one was
    given. Near-duplicates are found among the captions that this judge has made or was told by remember(),
    in their order: when the first of them was made, nobody could know. It is in repeated, and
    with_repeats_flagged() gives it its flag.
    """

    def __init__(
        self,
        settings: QualitySettings | None = None,
        agreement: Agreement | None = None,
        region: RegionEstimate = region_from_labels_or_window,
    ) -> None:
        self._settings = settings or QualitySettings()
        self._agreement = agreement
        self._region = region
        self.repeated: set[CaptionKey] = set()
        """The captions that were found to say the same as a later one."""
        self._seen: SeenTexts[CaptionKey] = SeenTexts(
            self._settings.duplicate_similarity, self._settings.duplicate_distance_mm
        )

    def remember(self, caption: Caption) -> None:
        """Compare later captions with one of an earlier run of the job."""
        if not {Flag.REFUSAL, Flag.EMPTY}.intersection(caption.flags):
            self._is_repeat(caption.key, caption.position_mm, caption.text)

    def with_repeats_flagged(self, caption: Caption) -> Caption:
        """The caption, flagged as a near-duplicate if it is in repeated and was not flagged before."""
        if caption.key not in self.repeated or Flag.NEAR_DUPLICATE in caption.flags:
            return caption
        flags = tuple(flag for flag in Flag if flag in (*caption.flags, Flag.NEAR_DUPLICATE))
        score = caption.score * (1.0 - self._settings.penalties[Flag.NEAR_DUPLICATE])
        return replace(caption, flags=flags, score=round(score, 4))

    def caption_of(self, description: Description, source: CaptionSource) -> Caption:
        """The description as a line of a captions file."""
        inert = InertText.of(description.text, self._settings.most_characters)
        each = description.of
        flags = self._flags(description, inert, source)
        score = math.prod((1.0 - self._settings.penalties[flag] for flag in flags), start=1.0)
        if self._agreement is not None and score > 0:
            agreement = min(1.0, max(0.0, float(self._agreement(each, inert.text))))
            if agreement < self._settings.teacher_agreement:
                flags.append(Flag.TEACHER_DISAGREES)
                score *= 1.0 - self._settings.penalties[Flag.TEACHER_DISAGREES]
            score *= agreement
        return Caption(
            format_version=FORMAT_VERSION,
            volume_id=each.subject.volume_id,
            volume_hash=each.subject.volume_hash,
            plane=each.place.plane,
            index=each.place.index,
            position_mm=each.place.offset_ras_mm,
            text=inert.text,
            **asdict(source),
            score=round(score, 4),
            flags=tuple(flags),
            window=description.window,
            tokens_in=description.tokens_in,
            tokens_out=description.tokens_out,
            dropped_characters=inert.dropped_characters,
        )

    def _flags(self, description: Description, inert: InertText, source: CaptionSource) -> list[Flag]:
        settings, text, place = self._settings, inert.text, description.of.place
        found = {
            Flag.REFUSAL: text_checks.is_refusal(text),
            Flag.EMPTY: text_checks.is_empty(text, settings.fewest_words),
            Flag.CUT_OFF: description.finish == Finish.LIMIT
            or (not inert.dropped_characters and text_checks.is_cut_off(text)),
            Flag.REPEATS: text_checks.repeated_share(text) > settings.repeated_share,
            Flag.WRONG_PLANE: is_wrong_plane(text, place.plane),
            Flag.WRONG_MODALITY: is_wrong_modality(text, description.of.subject.volume.modality),
            Flag.IMPOSSIBLE_STRUCTURE: bool(impossible_structures(text, self._region(description))),
            Flag.CONTROL_CHARACTERS: inert.replaced_characters > 0,
            Flag.TOO_LONG: inert.dropped_characters > 0,
        }
        if not (found[Flag.REFUSAL] or found[Flag.EMPTY]):
            found[Flag.NEAR_DUPLICATE] = self._is_repeat(description.of.key(source), place.offset_ras_mm, text)
        return [flag for flag in Flag if found.get(flag)]

    def _is_repeat(self, key: CaptionKey, position_mm: float, text: str) -> bool:
        earlier = self._seen.repeated_by(_group_of(key), key, position_mm, text)
        self.repeated.update(earlier)
        return bool(earlier)


def _group_of(key: CaptionKey) -> tuple[str, Plane, CaptionSource]:
    """Captions that are compared with each other."""
    return key.volume_hash, key.plane, key.source
