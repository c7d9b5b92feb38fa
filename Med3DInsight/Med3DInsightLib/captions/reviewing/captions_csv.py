"""Reviewed captions as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...storage.spreadsheet_cells import cell_of_text, text_of_cell
from ..errors import CaptionError
from ..files.caption_lines import caption_of_line
from ..inert_text import is_inert
from ..record import Caption
from .reviewed_caption import ReviewedCaption

_NUMBERS = ("format_version", "index", "position_mm", "score", "tokens_in", "tokens_out", "dropped_characters")
_TEXTS = ("plane", "volume_id", "volume_hash", "backend", "model", "model_revision", "prompt")
_COLUMNS = (
    *("volume_id", "plane", "index", "position_mm", "text", "accepted", "origin", "score", "flags"),
    *("own_text", "backend", "model", "model_revision", "prompt", "window_name", "window_low", "window_high"),
    *("tokens_in", "tokens_out", "dropped_characters", "volume_hash", "format_version"),
)
_NEXT_STEP = "choose a table that was exported here, or correct the line"


def csv_of_reviewed(reviewed: Iterable[ReviewedCaption]) -> str:
    """A line of column names and one for each caption (RFC 4180), with everything that ReviewedCaption holds.

    Figures keep all digits. A text that a spreadsheet would take for a formula has an apostrophe in front; see
    cell_of_text(). own_text is what the source said, origin is only told.
    """
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, _COLUMNS)
    writer.writeheader()
    writer.writerows(_row_of(each) for each in reviewed)
    return stream.getvalue()


def reviewed_of_csv(path: Path) -> list[ReviewedCaption]:
    """The inverse of csv_of_reviewed(), from a file in UTF-8; further columns are passed over.

    Raises CaptionError, with the number of the line, for the first row that is not a reviewed caption.
    """
    line, rows = 1, []
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            for row in reader:
                line = reader.line_num
                rows.append(_reviewed_of(row))
    except (ValueError, csv.Error) as error:
        raise CaptionError(f"line {line} is not a reviewed caption ({error})", path, _NEXT_STEP) from error
    except OSError as error:
        raise CaptionError(f"cannot be read ({error.strerror})", path, "choose a table of captions") from error
    return rows


def _row_of(reviewed: ReviewedCaption) -> dict[str, Any]:
    own = reviewed.own
    row: dict[str, Any] = {name: getattr(own, name) for name in _NUMBERS}
    row |= {name: cell_of_text(str(getattr(own, name))) for name in _TEXTS}
    row |= {"text": cell_of_text(reviewed.text), "own_text": cell_of_text(own.text)}
    row |= {"accepted": "yes" if reviewed.accepted else "no", "origin": str(reviewed.origin)}
    row["flags"] = " ".join(own.flags)
    if own.window is not None:
        row |= {f"window_{name}": value for name, value in asdict(own.window).items()}
        row["window_name"] = cell_of_text(own.window.name)
    return row


def _reviewed_of(row: Mapping[str, str | None]) -> ReviewedCaption:
    text = text_of_cell(_cell(row, "text"))
    if not is_inert(text):
        raise ValueError("text has control characters")
    accepted = {"yes": True, "no": False}.get(_cell(row, "accepted").lower())
    if accepted is None:
        raise ValueError(f"accepted is '{row['accepted']}', not yes or no")
    return ReviewedCaption(_own_of(row), text, accepted)


def _own_of(row: Mapping[str, str | None]) -> Caption:
    fields: dict[str, Any] = {name: text_of_cell(_cell(row, name)) for name in _TEXTS}
    fields |= {name: _number(_cell(row, name), name) for name in _NUMBERS}
    fields |= {"text": text_of_cell(_cell(row, "own_text")), "flags": _cell(row, "flags").split(), "window": None}
    low, high = (_number(_cell(row, name), name) for name in ("window_low", "window_high"))
    if low is not None or high is not None:
        fields["window"] = {"name": text_of_cell(_cell(row, "window_name")), "low": low, "high": high}
    # The captions file knows what each entry may be, and says which one is wrong.
    return caption_of_line(json.dumps(fields).encode())


def _cell(row: Mapping[str, str | None], column: str) -> str:
    cell = row.get(column)
    if cell is None:
        raise ValueError(f"there is no '{column}'")
    return cell


def _number(cell: str, column: str) -> float | None:
    if not cell:
        return None
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{column} is '{cell}', not a number") from None
