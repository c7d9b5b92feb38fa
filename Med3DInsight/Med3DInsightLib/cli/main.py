"""The entry point of the med3dinsight command."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

from ..errors import UserError
from .subcommands import parsed_command

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; the exit code is 0 only on success, and errors are one line on stderr."""
    command = parsed_command(sys.argv[1:] if arguments is None else arguments)
    from .interruption import Interruption
    from .terminal import hidden_native_messages, print_every_name

    print_every_name()
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
