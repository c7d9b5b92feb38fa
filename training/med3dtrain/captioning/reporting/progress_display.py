"""Progress in a terminal, or as lines in the log of a batch system."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from .pace import PaceReport

_LINE_EVERY_S = 30.0


@contextmanager
def progress_display(console: Console | None = None) -> Iterator[Callable[[PaceReport], None]]:
    """A callback that shows reports: as a bar in a terminal, as a line every 30 seconds elsewhere (stderr)."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda report: bar.update(task, completed=report.done, total=report.expected, description=told(report))


def told(report: PaceReport) -> str:
    """A report in words: '120 of about 960 slices, 3.2 a second, 0:04:21 left'."""
    parts = [f"{report.done} of about {report.expected} slices"]
    if report.rate is not None:
        parts.append(f"{report.rate:.3g} a second")
    if report.seconds_left is not None:
        parts.append(f"{timedelta(seconds=round(report.seconds_left))} left")
    return ", ".join(parts)


def _lines(console: Console) -> Callable[[PaceReport], None]:
    last = time.monotonic()

    def show(report: PaceReport) -> None:
        nonlocal last
        if time.monotonic() - last >= _LINE_EVERY_S:
            last = time.monotonic()
            console.print(told(report), markup=False, highlight=False)

    return show
