"""By which keys the pictures of slices are found in the cache, so that they need not be drawn again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from Med3DInsightLib.captions.pictures import RenderSettings, SliceRenderer
from Med3DInsightLib.storage import write_whole
from Med3DInsightLib.volumes import read_volume

from ...teachers.cache.content_keys import KEY_BYTES, Keys, content_key
from ..samples.captioned import CaptionedSlice, CaptionedVolume

_VERSION = 1
"""Changes when slices are drawn differently."""


class PictureKeys:
    """Draws the slices of captioned volumes, and remembers the content keys of the pictures.

        keys = PictureKeys(Path("cache"))
        keys.known(volume)                      # {slice number: key}
        keys.draw(volume, slices)               # PNG files, and from now on their keys are known

    Drawing needs the whole volume; a run whose pictures were drawn and embedded before reads no volume.
    """

    def __init__(self, folder: Path, render: RenderSettings | None = None) -> None:
        self._folder = folder
        self._render = render or RenderSettings()
        self._settings = hashlib.sha256(f"{_VERSION} {self._render!r}".encode()).hexdigest()[:8]

    def known(self, captioned: CaptionedVolume) -> dict[int, bytes]:
        """Keys by the number of the slice, of those that were drawn before."""
        entries = self._entries(captioned)
        found = {each.number: entries.get(_name_of(each)) for each in captioned.slices}
        return {number: key for number, key in found.items() if key is not None}

    def draw(self, captioned: CaptionedVolume, slices: Sequence[CaptionedSlice]) -> list[bytes]:
        """PNG files of slices of the volume, in their order; raises VolumeError if it cannot be read any more.

        A slice is drawn in the window in which the writer of its caption saw it.
        """
        listed = captioned.volume.listed
        volume = read_volume(listed.path, listed.modality)
        automatic = SliceRenderer(volume, self._render)
        pictures = []
        for each in slices:
            renderer = automatic
            if each.window is not None:
                renderer = SliceRenderer(volume, RenderSettings(self._render.longest_side, window=each.window))
            pictures.append(renderer.picture(each.place).png)
        drawn = {_name_of(each): content_key(png) for each, png in zip(slices, pictures, strict=True)}
        self._write(captioned, self._entries(captioned) | drawn)
        return pictures

    def _entries(self, captioned: CaptionedVolume) -> dict[str, bytes]:
        try:
            entries = TypeAdapter(dict[str, str]).validate_json(self._path(captioned).read_bytes())
            keys = {name: bytes.fromhex(key) for name, key in entries.items()}
        except (OSError, ValueError):
            return {}  # nothing was drawn, or the file is damaged: slices are drawn again
        return {name: key for name, key in keys.items() if len(key) == KEY_BYTES}

    def _write(self, captioned: CaptionedVolume, entries: dict[str, bytes]) -> None:
        write_whole(self._path(captioned), json.dumps({name: key.hex() for name, key in entries.items()}).encode())

    def _path(self, captioned: CaptionedVolume) -> Path:
        volume = captioned.volume
        return self._folder / f"{volume.volume_hash[:32]}-{volume.modality}-{self._settings}.json"


def as_keys(keys: Sequence[bytes]) -> Keys:
    """Keys (N, KEY_BYTES) of N."""
    return np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, KEY_BYTES)


def _name_of(each: CaptionedSlice) -> str:
    window = json.dumps(asdict(each.window), sort_keys=True) if each.window is not None else ""
    return f"{each.place.plane}/{each.place.index}/{window}"
