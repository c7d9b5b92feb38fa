"""On Windows a program of the console opens a window of its own, unless it is started without one."""

from __future__ import annotations

import queue
import subprocess
import sys

import pytest

from Med3DInsightLib.engine.worker_process import WorkerProcess, worker_command


def test_a_worker_is_started_without_a_window_on_windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", 0x08000000, raising=False)
    with pytest.raises(ValueError, match="creationflags is only supported on Windows"):  # what other systems say of it
        WorkerProcess(queue.Queue(), worker_command())
