"""What counts as a picture of a slice."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from Med3DInsightLib.networks.text_towers.errors import TeacherError

Picture = NDArray[np.uint8] | bytes
"""8-bit grey (rows, columns) or RGB (rows, columns, 3), or the bytes of a PNG file with either."""

_MODES = ("L", "RGB")


def rgb_picture(picture: Picture) -> Image.Image:
    """A picture as RGB; grey becomes three equal channels.

    Raises TeacherError for anything that is not 8-bit grey or RGB, and for a damaged PNG file.
    """
    if isinstance(picture, bytes):
        return _decoded(picture)
    grey, rgb = picture.ndim == 2, picture.ndim == 3 and picture.shape[2] == 3
    if picture.dtype != np.uint8 or not (grey or rgb) or picture.size == 0:
        raise TeacherError(
            f"a picture is {picture.dtype} of shape {picture.shape}, not 8-bit (rows, columns) or (rows, columns, 3)"
        )
    return Image.fromarray(np.ascontiguousarray(picture)).convert("RGB")


def _decoded(png: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            if picture.mode not in _MODES:
                raise TeacherError(f"a PNG picture has mode {picture.mode}, not 8-bit grey or RGB")
            return picture.convert("RGB")
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise TeacherError(f"a picture of {len(png)} bytes is not a readable PNG file ({error})") from error
