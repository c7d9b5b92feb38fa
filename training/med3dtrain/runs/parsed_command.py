"""What a command was told, or one line about what it cannot be told."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import tyro

CommandT = TypeVar("CommandT")


@dataclass(frozen=True)
class _NamedRecipe:
    """The part of a command line that says where the other defaults come from."""

    recipe: Path | None = None


def named_recipe(arguments: Sequence[str]) -> Path | None:
    """The file that --recipe names, which other arguments change afterwards."""
    named, _ = tyro.cli(_NamedRecipe, args=arguments, return_unknown_args=True, add_help=False)
    return named.recipe


def parsed_command(command: type[CommandT], arguments: Sequence[str], **how: Any) -> CommandT:
    """The command as its arguments say it; how is what else tyro.cli is told.

    Settings say with a ValueError what they cannot be. tyro shows that in a box for settings that have a table of their
    own, but not for those of a recipe whose entries are the command's own, which end here with one line.
    """
    try:
        parsed: CommandT = tyro.cli(command, args=arguments, **how)
    except ValueError as error:
        sys.exit(f"Error: {error}. See --help.")
    return parsed
