"""Two things that hold for a while: events held back, and exceptions given a name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def modifying(node: Any) -> Iterator[None]:
    """Let a node send one event for all changes inside."""
    before = node.StartModify()
    try:
        yield
    finally:
        node.EndModify(before)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Put the parameter's name into an exception."""
    try:
        yield
    except (TypeError, ValueError) as error:
        if type(error) in (TypeError, ValueError):
            raise type(error)(f"parameter {name!r}: {error}") from error
        error.add_note(f"parameter {name!r}")  # a class of somebody else may not be built from one text
        raise
