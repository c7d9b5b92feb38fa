"""The desktop stays alive: its event loop is never held up for long while a real head is segmented."""

from __future__ import annotations

import gc
import time

import pytest
import slicer
from PySide6 import QtCore
from Testing.icbm import icbm_file

from Med3DInsightLib.analysis.requests import PRESELECTED_MODEL
from Med3DInsightLib.mrml.volume_nodes import node_from_volume
from Med3DInsightLib.volumes import read_volume

from .insight_steps import choose
from .panel_steps import click, wait_until

LONGEST_MS = 100.0


@pytest.fixture
def no_garbage_of_earlier_tests():
    """What other tests of this process have left is not looked through again while this one is timed."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("no_garbage_of_earlier_tests")
def test_the_event_loop_is_never_blocked_for_more_than_a_tenth_of_a_second(a_desktop, a_panel):
    """The ICBM 152 T1 from click to table, with the 32 structures of the model that is chosen at first.

    The work of the thread counts, since others may take the processor of a busy computer; what it waits
    for counts with a generous limit. Testing/benchmarks/event_loop.py measures the clock on the wall.
    """
    node_from_volume(slicer.mrmlScene, read_volume(icbm_file("t1")), "head")
    a_desktop.process_events()
    choose(a_panel.ui.modelSelector, PRESELECTED_MODEL)
    worked_ms, waited_ms, last = [], [], [time.thread_time(), time.monotonic()]

    def tick():
        worked_ms.append(1000.0 * (time.thread_time() - last[0]))
        waited_ms.append(1000.0 * (time.monotonic() - last[1]))
        last[:] = time.thread_time(), time.monotonic()

    timer = QtCore.QTimer()
    timer.setInterval(5)
    timer.timeout.connect(tick)
    timer.start()
    click(a_panel.ui.runButton)
    wait_until(a_desktop, lambda: a_panel.ui.runButton.enabled, seconds=240)
    timer.stop()
    assert a_panel.ui.statusLabel.text == "32 structures were found."
    assert len(worked_ms) > 100
    assert max(worked_ms) < LONGEST_MS, sorted(worked_ms)[-5:]
    assert max(waited_ms) < 20 * LONGEST_MS, sorted(waited_ms)[-5:]
