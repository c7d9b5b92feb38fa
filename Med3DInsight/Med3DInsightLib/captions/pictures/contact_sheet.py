"""Slices with their captions on one picture, to be looked at by people."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...volumes import Plane
from .picture import SlicePicture
from .radiological_view import SIDES

if TYPE_CHECKING:  # Pillow is imported when the first sheet is drawn
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

_DARK, _LIGHT, _DIM, _MARK, _WARN = "#101418", "#e8ecf0", "#9aa7b4", "#ffd166", "#ff8a73"
_MARGIN, _LINE, _LETTERS = 12, 17, 13
_MOST_LINES = 14
_ALONG = {Plane.AXIAL: "S", Plane.CORONAL: "A", Plane.SAGITTAL: "R"}  # where positions grow


@dataclass(frozen=True, eq=False)
class SheetEntry:
    """A picture, the text below it, and a line of remarks such as flags."""

    picture: SlicePicture
    text: str
    remarks: str = ""


def draw_contact_sheet(entries: Sequence[SheetEntry], title: str = "", columns: int = 4, tile: int = 320) -> Image:
    """All entries in rows of columns, each picture tile pixels wide and high, with the patient's sides.

    Texts are drawn as they are, as plain text; what does not fit ends with an ellipsis.

    Raises ValueError if there are no entries.
    """
    from PIL import Image, ImageDraw, ImageFont

    if not entries:
        raise ValueError("a contact sheet needs at least one slice")
    font = ImageFont.load_default(_LETTERS)
    rows = [entries[start : start + columns] for start in range(0, len(entries), columns)]
    texts = [[_lines(each, font, tile) for each in row] for row in rows]
    heights = [tile + _LINE * (1 + max(len(lines) for lines in row)) + _MARGIN for row in texts]
    width = _MARGIN + (tile + _MARGIN) * min(columns, len(entries))
    sheet = Image.new("RGB", (width, 2 * _MARGIN + _LINE + sum(heights)), _DARK)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, _MARGIN // 2), title, fill=_LIGHT, font=font)
    top = _MARGIN + _LINE
    for row, row_texts, height in zip(rows, texts, heights, strict=True):
        for column, (each, lines) in enumerate(zip(row, row_texts, strict=True)):
            left = _MARGIN + column * (tile + _MARGIN)
            _paste(sheet, draw, each.picture, (left, top), tile)
            y = top + tile + 2
            for line, colour in lines:
                draw.text((left, y), line, fill=colour, font=font)
                y += _LINE
        top += height
    return sheet


def _paste(sheet: Image, draw: ImageDraw, picture: SlicePicture, corner: tuple[int, int], tile: int) -> None:
    from PIL import Image

    with Image.open(io.BytesIO(picture.png)) as image:
        scale = tile / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        small = image.convert("RGB").resize(size, Image.Resampling.BILINEAR)
    left, top = corner
    draw.rectangle([left, top, left + tile - 1, top + tile - 1], fill="black")
    sheet.paste(small, (left + (tile - small.width) // 2, top + (tile - small.height) // 2))
    middle = (left + tile // 2, top + tile // 2)
    places = ((left + 2, middle[1], "lm"), (left + tile - 2, middle[1], "rm"), (middle[0], top + 2, "mt"))
    for letter, (x, y, anchor) in zip(
        SIDES[picture.place.plane], (*places, (middle[0], top + tile - 2, "mb")), strict=True
    ):
        draw.text((x, y), letter, fill=_MARK, anchor=anchor)


def _place(picture: SlicePicture) -> str:
    place, window = picture.place, picture.window
    position = f"{_ALONG[place.plane]} {place.offset_ras_mm:.0f} mm"
    drawn = f"{window.name} {window.low:.0f}..{window.high:.0f}"
    return f"{place.plane} {place.index} of 0..{place.count - 1}, {position}, {drawn}"


def _lines(entry: SheetEntry, font: FreeTypeFont | ImageFont, width: int) -> list[tuple[str, str]]:
    text = _wrapped(entry.text, font, width)
    if len(text) > _MOST_LINES:
        text = [*text[: _MOST_LINES - 1], f"{text[_MOST_LINES - 1][:-1]}…"]
    place, remarks = _wrapped(_place(entry.picture), font, width), _wrapped(entry.remarks, font, width)
    parts = ((place, _DIM), (text, _LIGHT), (remarks, _WARN))
    return [(line, colour) for lines, colour in parts for line in lines]


def _wrapped(text: str, font: FreeTypeFont | ImageFont, width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
        if len(lines) > _MOST_LINES:  # no more of it will be drawn
            break
    return [line for line in lines if line]
