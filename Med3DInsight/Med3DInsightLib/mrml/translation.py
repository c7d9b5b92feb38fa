"""Errors and names of nodes in the language of the user."""

from __future__ import annotations

from collections.abc import Callable


def _as_it_is(text: str) -> str:
    return text


try:
    from slicer.i18n import tr as _of_slicer
except ImportError:  # the core of Slicer without its application
    _of_slicer = _as_it_is

tr: Callable[[str], str] = _of_slicer
"""To be imported as _ and called with a text in quotes: Slicer finds the translation by the file of the caller."""
