"""What every study of the evidence is, and the runner that all of them share."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from Med3DInsightLib.engine.worker.lifetime import ParentWatch

from ..figures.charts import Chart
from ..runs.finished_runs import FinishedRuns


@dataclass(frozen=True)
class Aim:
    """Something that must hold, what was measured, and whether it holds."""

    text: str
    measured: str
    met: bool


@dataclass(frozen=True)
class Findings:
    """What a study found: everything for JSON, tables for Markdown, its aims, and curves over epochs."""

    results: Mapping[str, Any]
    markdown: str
    aims: Sequence[Aim]
    charts: Sequence[Chart]


class Study(Protocol):
    """One part of the evidence, for example the vector task."""

    def run(self, folder: Path, workers: int, show: Callable[[str], None]) -> Findings:
        """Do what is not done yet, keep every finished run in folder, and tell what came out."""


def run_all(
    run: Callable[[Any], Any],
    settings: Sequence[Any],
    finished: FinishedRuns,
    workers: int,
    show: Callable[[str], None],
) -> list[Any]:
    """Results of run(settings) for all settings, in their order, from processes of one thread each.

    run is a function of a module. settings and results are what JSON can hold. What is in finished, or was
    asked for before, is not run again, and whatever ends is put there at once.
    """
    missing = [
        entry
        for number, entry in enumerate(settings)
        if finished.find(entry) is None and entry not in settings[:number]
    ]
    started_at = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare, initargs=(os.getpid(),)) as pool:
        waiting = {pool.submit(run, entry): entry for entry in missing}
        try:
            for number, future in enumerate(as_completed(waiting), start=1):
                finished.add(waiting[future], future.result())
                left = (time.monotonic() - started_at) / number * (len(missing) - number)
                show(f"run {number} of {len(missing)}, about {left / 60:.0f} min left")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return [finished.find(entry) for entry in settings]


def _prepare(parent: int) -> None:
    """Make a new process work with one thread, and end with its parent, whose kill it would not notice."""
    torch.set_num_threads(1)
    ParentWatch(parent, when_gone=lambda: os._exit(1)).start()
