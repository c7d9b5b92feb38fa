"""The entry point of the med3dinsight command."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import tyro

from ..errors import UserError
from .ask import AskCommand
from .batch import BatchCommand
from .classify import ClassifyCommand
from .describe import DescribeCommand
from .explain import ExplainCommand
from .find import FindCommand
from .interruption import Interruption
from .models import ModelsCommand
from .report import ReportCommand
from .segment import SegmentCommand
from .serve import ServeCommand
from .terminal import hidden_native_messages

Command = (
    Annotated[SegmentCommand, tyro.conf.subcommand("segment")]
    | Annotated[BatchCommand, tyro.conf.subcommand("batch")]
    | Annotated[ClassifyCommand, tyro.conf.subcommand("classify")]
    | Annotated[ExplainCommand, tyro.conf.subcommand("explain")]
    | Annotated[FindCommand, tyro.conf.subcommand("find")]
    | Annotated[DescribeCommand, tyro.conf.subcommand("describe")]
    | Annotated[AskCommand, tyro.conf.subcommand("ask")]
    | Annotated[ReportCommand, tyro.conf.subcommand("report")]
    | Annotated[ModelsCommand, tyro.conf.subcommand("models")]
    | Annotated[ServeCommand, tyro.conf.subcommand("serve")]
)
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; the exit code is 0 only on success, and errors are one line on stderr."""
    command = tyro.cli(
        Command,
        prog="med3dinsight",
        description="Segment, classify, search and describe 3D medical images. "
        "Research software, not a diagnostic device.",
        args=arguments,
        config=(tyro.conf.EnumChoicesFromValues,),
    )
    with hidden_native_messages(show=command.verbose), Interruption() as interruption:
        try:
            command.run(interruption)
        except KeyboardInterrupt as stop:
            return _interrupted(command.verbose, str(stop))
        except Exception as error:
            if interruption.is_set():
                return _interrupted(command.verbose)
            return _fail(_message_of(error), command.verbose)
    return 0


def _interrupted(verbose: bool, message: str = "") -> int:
    _fail(message or "interrupted; no result was written", verbose)
    return _INTERRUPTED


def _message_of(error: Exception) -> str:
    """One line for the user; details of what is a defect of ours come on request."""
    if isinstance(error, UserError):
        return str(error)
    first_line = (str(error).splitlines() or [""])[0]
    return f"unexpected {type(error).__name__}: {first_line}. Run again with --verbose and report it."


def _fail(message: str, verbose: bool) -> int:
    if verbose:
        traceback.print_exc()
    print(f"error: {message}", file=sys.stderr)
    return 1
