"""What a command was told, or one line about what it cannot be told."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, TypeVar

import tyro

CommandT = TypeVar("CommandT")


def parsed_command(command: type[CommandT], arguments: Sequence[str], **how: Any) -> CommandT:
    """The command as its arguments say it; how is what else tyro.cli is told.

    Settings say with a ValueError what they cannot be. tyro shows that in a box for settings that have a table of their
    own, and lets it pass for those of the command and of a recipe as a whole, which end here with one line.
    """
    try:
        return tyro.cli(command, args=arguments, **how)
    except ValueError as error:
        sys.exit(f"Error: {error}. See --help.")
