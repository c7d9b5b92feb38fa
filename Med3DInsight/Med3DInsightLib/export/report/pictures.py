"""The pictures of a report: slices with what lies over them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...captions import Window
from ...captions.pictures import RenderSettings, SliceRenderer
from ...captions.pictures.picture import drawn
from ...captions.pictures.radiological_view import SIDES, RadiologicalSlice, radiological_slice
from ...volumes import Framing, Grid, Plane, Segment, SlicePlace, Volume
from ...volumes.slices import place_in, slice_axis
from ..outline_colors import outline_colors
from .colour_scale import OPACITY, THRESHOLD_SHARE, colour_ramp

if TYPE_CHECKING:  # Pillow is imported when the first picture is drawn
    from PIL.Image import Image

ValuesOn = Callable[[Grid], NDArray[np.float32]]
"""Brings values to the voxels of a grid, (k, j, i)."""

_MARK, _LETTERS = "#ffd166", 15
_SMALLEST_RANGE = 1e-12


class ReportPictures:
    """Draws slices of one volume as PNG, radiologically oriented, with the patient's sides at the edges.

        pictures = ReportPictures(volume)
        pictures.slice(slice_of(volume.grid, Plane.AXIAL, 80))
        pictures.overlay(place, saliency.on_grid, highest=1.0)

    All have longest_side pixels at their longest side. before_each is called before a picture is drawn, and may raise
    to stop. Every method raises CaptionError if place is not a slice of the volume.
    """

    def __init__(
        self, volume: Volume, longest_side: int = 360, before_each: Callable[[], object] = lambda: None
    ) -> None:
        self.volume = volume
        self.longest_side = longest_side
        self._before_each = before_each
        self._renderer = SliceRenderer(volume, RenderSettings(longest_side))

    def slice(self, place: SlicePlace) -> bytes:
        """The slice alone."""
        return _finished(self._grey(place), place.plane)

    def overlay(self, place: SlicePlace, values_on: ValuesOn, highest: float) -> bytes:
        """The slice with values in the colours of colour_ramp().

        values_on is asked for the values of this slice only. highest is the value that the brightest colour stands
        for; what is below THRESHOLD_SHARE of it is left out.
        """
        slab = _slab(self.volume.grid, place)
        view = radiological_slice(Volume(values_on(slab), slab), place_in(slab, place))
        levels = self._pixels(view, Window("overlay", 0.0, max(highest, _SMALLEST_RANGE)))
        base = np.asarray(self._grey(place).convert("RGB"), dtype=np.float32)
        mixed = (1.0 - OPACITY) * base + OPACITY * colour_ramp(256)[levels]
        shown = (levels >= THRESHOLD_SHARE * 255.0)[..., None]
        return _finished(_image_of(np.where(shown, mixed, base)), place.plane)

    def outlines(self, place: SlicePlace, labels: Volume, segments: Sequence[Segment]) -> bytes:
        """The slice with the outlines of segments; labels are on the grid of the volume.

        For their colours see outline_colors().
        """
        view = radiological_slice(labels, place)
        pixels = np.array(self._grey(place).convert("RGB"))
        for segment, color in zip(segments, outline_colors(segments), strict=True):
            mask = view.array == segment.label_value
            if mask.any():
                pixels[self._edge(view, mask)] = _rgb(color)
        return _finished(_image_of(pixels), place.plane)

    def _grey(self, place: SlicePlace) -> Image:
        self._before_each()
        view = radiological_slice(self.volume, place)
        return drawn(view, self._renderer.window_of(view), self.longest_side)[0]

    def _pixels(self, view: RadiologicalSlice, window: Window) -> NDArray[np.uint8]:
        return np.asarray(drawn(view, window, self.longest_side)[0])

    def _edge(self, view: RadiologicalSlice, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The two outermost pixels of what a mask of the slice covers, (rows, columns) of the picture."""
        from PIL import Image, ImageFilter

        covered = self._pixels(replace(view, array=mask.astype(np.float32)), Window("mask", 0.0, 1.0)) >= 128
        inner = Image.fromarray(covered.astype(np.uint8)).filter(ImageFilter.MinFilter(5))
        edge: NDArray[np.bool_] = covered & (np.asarray(inner) == 0)
        return edge


def _slab(grid: Grid, place: SlicePlace) -> Grid:
    """The part of a grid that is one slice."""
    start, shape = [0, 0, 0], list(grid.shape_kji)
    across = 2 - slice_axis(grid, place.plane)
    start[across], shape[across] = place.index, 1
    return Framing.box(grid, (start[0], start[1], start[2]), (shape[0], shape[1], shape[2])).target


def _finished(image: Image, plane: Plane) -> bytes:
    """The image as PNG, with the letters of the patient's sides."""
    from PIL import ImageDraw, ImageFont

    image = image.convert("RGB")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(_LETTERS)
    right, bottom = image.width - 4, image.height - 4
    places = ((4, image.height // 2, "lm"), (right, image.height // 2, "rm"), (image.width // 2, 4, "mt"))
    for letter, (x, y, anchor) in zip(SIDES[plane], (*places, (image.width // 2, bottom, "mb")), strict=True):
        draw.text((x, y), letter, fill=_MARK, anchor=anchor, font=font, stroke_width=2, stroke_fill="black")
    stream = io.BytesIO()
    # At level 9 a slice takes five times as long for a tenth less.
    image.save(stream, format="PNG", compress_level=6)
    return stream.getvalue()


def _image_of(pixels: NDArray[np.generic]) -> Image:
    from PIL import Image

    return Image.fromarray(np.rint(pixels).astype(np.uint8))


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color.removeprefix("#")))
