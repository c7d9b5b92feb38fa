"""Errors that name the node they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..volumes.errors import VolumeError


@contextmanager
def errors_naming_node(node: Any) -> Iterator[None]:
    """Put the name of a node into a VolumeError that is raised without one."""
    try:
        yield
    except VolumeError as error:
        if error.path is not None:
            raise
        raise VolumeError(error.cause, f"'{node.GetName() or node.GetID()}'", error.next_step) from error
