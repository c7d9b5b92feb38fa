"""Errors that name the node they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..volumes.errors import VolumeError


def named(node: Any) -> str:
    """A node as errors name it, in place of a file: its name, or its ID without one."""
    return f"'{node.GetName() or node.GetID()}'"


@contextmanager
def errors_naming_node(node: Any) -> Iterator[None]:
    """Put the name of a node into a VolumeError that is raised without one."""
    try:
        yield
    except VolumeError as error:
        if error.path is not None:
            raise
        raise VolumeError(error.cause, named(node), error.next_step) from error
