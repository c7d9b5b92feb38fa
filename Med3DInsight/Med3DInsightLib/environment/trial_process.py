"""Trying the packages in a process of their own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ANSWER = "MED3DINSIGHT-TRIAL "
_PACKAGES = Path(__file__).resolve().parents[2]
_LAST_WORDS = 3


@dataclass(frozen=True)
class TrialResult:
    """What came of it: versions of what works, what is wrong with the rest, and where torch computes."""

    versions: Mapping[str, str]
    errors: Mapping[str, str]
    device: str = ""

    @property
    def works(self) -> bool:
        """Whether everything could be imported and torch computes."""
        return not self.errors


class TrialProcess:
    """Imports modules in a worker's Python; never waits, so that it can be asked from a timer.

        trial = TrialProcess([slicer_python()], ["torch", "monai"])
        ...
        result = trial.poll()        # None until it is finished
        trial.cancel()               # in any case, at the end

    Crashes, hangs and errors of what is imported are results. Raises OSError if python cannot be started.
    """

    def __init__(self, python: Sequence[str], modules: Sequence[str], seconds: float = 180.0) -> None:
        self._deadline = time.monotonic() + seconds
        self._seconds = seconds
        self._out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by cancel()
        self._err: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        path = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is this program's own
                [*python, "-m", f"{__package__}.trial", str(seconds), *modules],
                stdin=subprocess.PIPE,
                stdout=self._out,
                stderr=self._err,
                # Else Python would look in the current folder first, also for a torch.py among received data.
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONSAFEPATH": "1"},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0,
            )
        except OSError:
            self._close_files()
            raise

    def poll(self) -> TrialResult | None:
        """The result, or None while the modules are being imported."""
        code = self._process.poll()
        if code is None and time.monotonic() < self._deadline:
            return None
        if code is None:
            self.cancel()
            return _failed(f"nothing came within {self._seconds:.0f} s")
        answer, words = self._read(self._out), self._read(self._err)
        self.cancel()
        for line in reversed(answer):
            if line.startswith(ANSWER):
                told = json.loads(line.removeprefix(ANSWER))
                return TrialResult(told["versions"], told["errors"], told["device"])
        how = f"got signal {-code}" if code < 0 else f"ended with exit code {code}"
        return _failed(": ".join([f"Python {how}", *(" | ".join(words[-_LAST_WORDS:]) for _ in words[:1])]))

    def cancel(self) -> None:
        """End the process if it runs, and remove its files; can be repeated."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # the process is gone
                self._process.stdin.close()  # which the process behind a launcher sees
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._close_files()

    def _read(self, file: IO[bytes]) -> list[str]:
        if file.closed:
            return []
        file.seek(0)
        return [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]

    def _close_files(self) -> None:
        self._out.close()
        self._err.close()


def _failed(cause: str) -> TrialResult:
    return TrialResult({}, {"python": cause})
