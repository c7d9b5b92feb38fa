"""The names of the values of a label map, from a file."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ..errors import CaptionError

# A value, a name, and perhaps a colour: three or four numbers.
_ROW = re.compile(r"\s*(\d+)[\s,;]+(\S.*?)(?:(?:[\s,;]+\d+){3,4})?\s*$")
_NEXT = 'give JSON such as {"5": "liver"}, or lines that begin with a value and a name'


def read_label_names(path: Path) -> dict[int, str]:
    """The names by value: JSON with values as keys, or lines that begin with a value and a name.

    Such lines are those of 3D Slicer's colour tables and FreeSurfer's look-up tables; a colour behind the
    name, and lines that begin with #, do not count. 0 is the background and never a structure.

    Raises CaptionError if it is neither, or a value has two names.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CaptionError("the names of the label map cannot be read", path, _NEXT) from error
    pairs = _pairs_of_json(text, path) if path.suffix.lower() == ".json" else _pairs_of_lines(text, path)
    names: dict[int, str] = {}
    for value, name in pairs:
        if names.setdefault(value, name) != name:
            raise CaptionError(f"the value {value} is both {names[value]} and {name}", path, "leave one of them out")
    names.pop(0, None)
    if not names:
        raise CaptionError("names no structure", path, _NEXT)
    return names


def _pairs_of_json(text: str, path: Path) -> list[tuple[int, str]]:
    try:
        found = json.loads(text, object_pairs_hook=tuple)  # a dictionary would keep the last name of a value alone
        if not isinstance(found, tuple):
            raise ValueError("there is no object")
        return [(int(value), str(name)) for value, name in found]
    except (ValueError, RecursionError) as error:
        raise CaptionError("is not JSON with the names of label values", path, _NEXT) from error


def _pairs_of_lines(text: str, path: Path) -> list[tuple[int, str]]:
    pairs = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _ROW.match(line)
        if found is None:
            raise CaptionError(f"line {number} does not begin with a value and a name", path, _NEXT)
        pairs.append((int(found.group(1)), found.group(2)))
    return pairs
