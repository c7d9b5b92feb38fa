"""Texts in cells that no spreadsheet takes for a formula."""

from __future__ import annotations

from typing import TypeVar

_Entry = TypeVar("_Entry")
_FORMULA_BEGINS = frozenset("=+-@\t\r\n|＝＋－＠")
_APOSTROPHE = "'"


def cell_of_text(text: str) -> str:
    """The text, with an apostrophe in front if it begins like a formula, white space aside, or with an apostrophe.

    After OWASP, "CSV Injection" (owasp.org/www-community/attacks/CSV_Injection). text_of_cell() takes it back.
    """
    first = text.lstrip(" ")[:1]
    return f"{_APOSTROPHE}{text}" if (first and first in _FORMULA_BEGINS) or text.startswith(_APOSTROPHE) else text


def text_of_cell(cell: str) -> str:
    """The inverse of cell_of_text()."""
    return cell.removeprefix(_APOSTROPHE)


def cell_of(entry: _Entry) -> _Entry | str:
    """cell_of_text() of a text; a figure stays one."""
    return cell_of_text(entry) if isinstance(entry, str) else entry
