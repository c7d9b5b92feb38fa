"""Showing how a model is fetched, and what is left when that is interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...analysis.computing.progress import Progress
from ...catalog.requests import InstalledModel
from ...catalog.transfer import Transfer, TransferCallback
from ..interruption import Interruption
from ..terminal import progress_bar


@contextmanager
def shown_transfer(interruption: Interruption, again: str) -> Iterator[TransferCallback]:
    """A callback that shows reports as a bar; an interruption tells what was brought, and to say again."""
    last: list[Transfer] = []
    try:
        with progress_bar() as show:

            def tell(transfer: Transfer) -> None:
                last[:] = [transfer]
                show(Progress(transfer.text, transfer.fraction, transfer.seconds_left))

            yield tell
    except BaseException as error:
        if not interruption.is_set():
            raise
        here = f"{last[0].done_bytes / 1e6:.1f} of {last[0].total_bytes / 1e6:.1f} MB" if last else "nothing"
        raise KeyboardInterrupt(f"interrupted; {here} kept. Run {again} again to go on") from error


def print_installed(model: InstalledModel) -> None:
    """Say what can be used now."""
    print(f"{model.name} {model.version} is in {model.folder}")
