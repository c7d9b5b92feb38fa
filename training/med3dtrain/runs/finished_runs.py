"""The runs of a study that are done, so that a study that was killed goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any


class FinishedRuns:
    """A JSON Lines file of runs, each with everything that decided its result.

        runs = FinishedRuns(folder / "runs.jsonl")
        if runs.find(settings) is None:
            runs.add(settings, run(settings))

    Settings and results are what JSON can hold. A line that a kill has cut off is as if it were not there;
    a run whose settings changed in any way is another run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._results: dict[str, Any] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for line in lines:
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue
            self._results[_key(entry["settings"])] = entry["result"]

    def find(self, settings: Any) -> Any | None:
        """The result of the run with these settings, or None."""
        return self._results.get(_key(settings))

    def add(self, settings: Any, result: Any) -> None:
        """Keep a result; it is on the disk when this returns."""
        self._results[_key(settings)] = result
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(self._path, "a+b") as stream:
            stream.seek(0, os.SEEK_END)
            if stream.tell() > 0:
                stream.seek(-1, os.SEEK_END)
                if stream.read(1) != b"\n":
                    stream.write(b"\n")
            stream.write(json.dumps({"settings": settings, "result": result}).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())


def _key(settings: Any) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
