"""Reviewed captions as captions of the captions-file format, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..record import Caption, CaptionKey
from .reviewed_caption import EDITED_BACKEND, WRITTEN_BACKEND, ReviewedCaption, edited_source


def captions_of_reviewed(reviewed: Iterable[ReviewedCaption]) -> list[Caption]:
    """What the sources said, and behind it the user's text where there is another one."""
    captions = []
    for each in reviewed:
        captions.append(each.own)
        if each.current is not each.own:
            captions.append(each.current)
    return captions


def reviewed_of_captions(captions: Iterable[Caption], accepted: bool = False) -> list[ReviewedCaption]:
    """The inverse of captions_of_reviewed(), in the order of captions, except for what was accepted.

    The captions-file format does not tell that; accepted says it of all. A user's text joins the text that
    it was made of wherever that is, and stands alone if it is not there. Of captions with the same key the
    first is kept, as merge_captions() does it.
    """
    by_key: dict[CaptionKey, Caption] = {}
    for caption in captions:
        by_key.setdefault(caption.key, caption)
    edits = {key: by_key.get(_key_of_edit(key)) for key in by_key if not _is_of_user(key)}
    joined = {edit.key for edit in edits.values() if edit is not None}
    return [
        ReviewedCaption(own, (edits.get(key) or own).text, accepted) for key, own in by_key.items() if key not in joined
    ]


def _key_of_edit(key: CaptionKey) -> CaptionKey:
    return replace(key, source=edited_source(key.source))


def _is_of_user(key: CaptionKey) -> bool:
    return key.source.backend in (EDITED_BACKEND, WRITTEN_BACKEND)
