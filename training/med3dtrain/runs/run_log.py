"""What a run writes down: JSON Lines, TensorBoard, and lines for people."""

from __future__ import annotations

import importlib
import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from Med3DInsightLib.storage import write_whole

LOG = "log.jsonl"
_TENSORBOARD = "tensorboard"


class RunLog:
    """The log of a run that may have been killed and taken up again.

        log = RunLog(output, first_step=500, tensorboard=True)      # lines of later steps are removed
        log.write(500, {"loss": 1.2})
        log.note("skipped: head.nii.gz: the file is empty")

    Lines are complete or not there. What an earlier process logged behind its last checkpoint is done again, so
    its lines go. TensorBoard gets the same figures, if it is installed and wanted.
    """

    def __init__(self, folder: Path, first_step: int, tensorboard: bool = False) -> None:
        self._path = folder / LOG
        self._remove_from(first_step)
        self._board = _summary_writer(folder / _TENSORBOARD, first_step) if tensorboard else None

    def write(self, step: int, figures: Mapping[str, float]) -> None:
        """Add the figures of a step; those that are not finite are left out."""
        figures = {name: value for name, value in figures.items() if math.isfinite(value)}
        self._append({"step": step, **{name: round(value, 6) for name, value in figures.items()}})
        if self._board is not None:
            for name, value in figures.items():
                self._board.add_scalar(name, value, step)

    def note(self, text: str) -> None:
        """Add a line of text that belongs to no step."""
        self._append({"note": text})

    def close(self) -> None:
        """Let TensorBoard write what it holds."""
        if self._board is not None:
            self._board.close()

    def _append(self, entries: dict[str, Any]) -> None:
        with open(self._path, "ab", buffering=0) as stream:
            stream.write(json.dumps({**entries, "time": round(time.time(), 1)}).encode() + b"\n")

    def _remove_from(self, first_step: int) -> None:
        if not self._path.exists():
            return
        lines = self._path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if line.endswith(b"\n") and _step_of(line) < first_step]
        if len(kept) < len(lines):
            write_whole(self._path, b"".join(kept))


def _step_of(line: bytes) -> int:
    """The step of a line, -1 if it belongs to none."""
    try:
        return int(json.loads(line).get("step", -1))
    except (ValueError, AttributeError):
        return -1


def _summary_writer(folder: Path, first_step: int) -> Any:
    """None if the package tensorboard is not installed."""
    try:
        tensorboard = importlib.import_module("torch.utils.tensorboard")
    except ImportError:
        return None
    return tensorboard.SummaryWriter(str(folder), purge_step=first_step)
