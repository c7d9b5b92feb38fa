"""What the command line shows: progress, tables, one-line errors."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as ProgressBar

from ..errors import UserError

if TYPE_CHECKING:
    from ..analysis.computing.progress import Progress


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """A callback that shows reports as a bar with the time left; silent if stderr is not a terminal."""
    console = Console(stderr=True)
    time_left = TextColumn("{task.fields[left]}")
    stage = TextColumn("{task.description:<11}", markup=False)  # it may hold the name of a file
    columns = (stage, BarColumn(), TaskProgressColumn(), time_left)
    with ProgressBar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=1.0, left="")

        def show(report: Progress) -> None:
            left = "" if report.seconds_left is None else f"{timedelta(seconds=round(report.seconds_left))} left"
            bar.update(task, completed=report.fraction, description=report.stage, left=left)

        yield show


@contextmanager
def said_in_one_line() -> Iterator[None]:
    """Turns what settings say they cannot be into a UserError."""
    try:
        yield
    except ValueError as error:
        raise UserError(str(error), next_step="see --help") from error


def print_every_name() -> None:
    """Let stdout print names of files that are no text, with escapes; stderr of Python does so by itself."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # not so where a console of its own shows what is printed
        sys.stdout.reconfigure(errors="backslashreplace")


@contextmanager
def hidden_native_messages(show: bool) -> Iterator[None]:
    """Keep what C and C++ libraries print to stderr away from the user, unless show is set.

    ITK and its file format libraries print warnings of several lines beside raising an error; ours
    says the same in one. Python's own stderr still reaches the user.
    """
    if show:
        yield
        return
    sys.stderr.flush()
    python_stderr, original = sys.stderr, os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        with open(os.dup(original), "w", encoding="utf-8", errors="backslashreplace", buffering=1) as visible:
            sys.stderr = visible
            os.dup2(silence, 2)
            yield
    finally:
        os.dup2(original, 2)
        os.close(original)
        os.close(silence)
        sys.stderr = python_stderr
