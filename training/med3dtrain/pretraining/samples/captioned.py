"""Volumes with the captions of their slices: what a run learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from Med3DInsightLib.captions import Caption, CaptionError, Window
from Med3DInsightLib.captions.files import read_captions
from Med3DInsightLib.volumes import Plane, SlicePlace, VolumeError, slice_of

from ...datasets.bad_input import BadInput
from ...datasets.prepared_volume import PreparedVolume
from ..errors import PretrainingError


@dataclass(frozen=True)
class CaptionedSlice:
    """A slice with one or several descriptions.

    number is its own in the run: targets are found by it, and the memory queue knows slices by it. place is on
    the input grid of the volume. window is the one in which the first writer saw it, if any did.
    """

    number: int
    place: SlicePlace
    texts: tuple[str, ...]
    window: Window | None


@dataclass(frozen=True)
class CaptionedVolume:
    """A prepared volume and those of its slices that have captions; at least one."""

    volume: PreparedVolume
    slices: tuple[CaptionedSlice, ...]


def captioned_volumes(
    captions: Path,
    volumes: Sequence[PreparedVolume],
    least_score: float,
    bad: BadInput,
    report: Callable[[str], None],
) -> list[CaptionedVolume]:
    """The volumes for which the captions file has captions, in the order of volumes, slices by plane and index.

    Captions belong to a volume by its content (see volume_hash), whatever its name. Those with a quality score
    below least_score are left out, which is told in one line.

    bad meets a line that is no caption, captions whose volume is not among volumes (once a volume), and a
    caption whose slice does not exist. Raises CaptionError if the file cannot be read, and
    PretrainingError if nothing is left.
    """
    read = list(read_captions(captions, bad.meet))
    if not read:
        raise PretrainingError("holds no caption", captions, "write captions for the volumes first")
    good = [caption for caption in read if caption.score >= least_score]
    if len(good) < len(read):
        report(f"{captions}: {len(read) - len(good)} of {len(read)} captions score below {least_score:g}: left out")
    by_hash: dict[str, list[Caption]] = {}
    for caption in good:
        by_hash.setdefault(caption.volume_hash, []).append(caption)
    _meet_missing(captions, by_hash, volumes, bad)
    found: list[CaptionedVolume] = []
    count = 0
    for volume in _distinct(volumes, report):
        slices = _slices(captions, volume, by_hash.get(volume.volume_hash, []), count, bad)
        if slices:
            found.append(CaptionedVolume(volume, slices))
            count += len(slices)
        else:
            report(f"{volume.listed.path}: has no caption: left out")
    if not found:
        raise PretrainingError(
            f"none of its {len(read)} captions can be used", captions, "choose the captions of these volumes"
        )
    return found


def split_held_out(
    volumes: Sequence[CaptionedVolume], share: float, seed: int
) -> tuple[list[CaptionedVolume], list[CaptionedVolume]]:
    """Volumes to train on and volumes to measure with, both in their order.

    Whole volumes are held out, at least one if share is positive and there are two. Which ones depends on
    their content and the seed: new volumes do not change the place of most old ones.
    """
    wanted = min(max(1, round(share * len(volumes))), len(volumes) - 1) if share > 0 else 0
    order = sorted(volumes, key=lambda each: hashlib.sha256(f"{seed}/{each.volume.volume_hash}".encode()).digest())
    chosen = {each.volume.volume_hash for each in order[:wanted]}
    training = [each for each in volumes if each.volume.volume_hash not in chosen]
    return training, [each for each in volumes if each.volume.volume_hash in chosen]


def _distinct(volumes: Sequence[PreparedVolume], report: Callable[[str], None]) -> list[PreparedVolume]:
    first: dict[str, PreparedVolume] = {}
    for volume in volumes:
        known = first.setdefault(volume.volume_hash, volume)
        if known is not volume:
            report(f"{volume.listed.path}: has the same content as {known.listed.path}: left out")
    return list(first.values())


def _meet_missing(
    captions: Path, by_hash: dict[str, list[Caption]], volumes: Sequence[PreparedVolume], bad: BadInput
) -> None:
    present = {volume.volume_hash for volume in volumes}
    for identity, of_volume in by_hash.items():
        if identity not in present:
            first = of_volume[0]
            bad.meet(
                CaptionError(
                    f"describes slices of the volume '{first.volume_id}' (hash {identity[:12]}...), "
                    "which is not among the volumes that could be read, or has other voxels there",
                    captions,
                    "add the volume as it was when it was described",
                )
            )


def _slices(
    captions: Path, volume: PreparedVolume, of_volume: Sequence[Caption], first_number: int, bad: BadInput
) -> tuple[CaptionedSlice, ...]:
    by_slice: dict[tuple[Plane, int], list[Caption]] = {}
    for caption in of_volume:
        by_slice.setdefault((caption.plane, caption.index), []).append(caption)
    slices: list[CaptionedSlice] = []
    for plane, index in sorted(by_slice):
        of_slice = by_slice[plane, index]
        try:
            place = slice_of(volume.input_grid, plane, index)
        except VolumeError as error:
            name = of_slice[0].volume_id
            bad.meet(CaptionError(f"describes a slice of '{name}' ({volume.listed.path}): {error}", captions))
            continue
        window = next((each.window for each in of_slice if each.window is not None), None)
        texts = tuple(each.text for each in of_slice)
        slices.append(CaptionedSlice(first_number + len(slices), place, texts, window))
    return tuple(slices)
