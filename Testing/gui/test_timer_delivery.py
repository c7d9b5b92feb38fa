"""What a worker says reaches slots on the thread of the event loop, which stays free meanwhile."""

from __future__ import annotations

import sys
import threading
import time
from itertools import pairwise

from PySide6 import QtCore

from Med3DInsightLib.engine.client import EngineClient
from Med3DInsightLib.engine.worker_process import WorkerProcess
from Med3DInsightLib.gui.timer_delivery import TimerDelivery

_WORKER = """
import os, sys, time
from Med3DInsightLib.engine.messages import *
def send(message):
    sys.stdout.buffer.write(encode(message))
    sys.stdout.buffer.flush()
send(Hello(PROTOCOL, "0", os.getpid()))
request = decode(sys.stdin.buffer.readline()[:-1])
for step in range(5):
    time.sleep(0.1)
    send(ProgressMessage(request.id, "working", step / 5))
send(Result(request.id, {"answer": 42}))
time.sleep(60)
"""


def test_signals_come_on_the_gui_thread_while_the_event_loop_runs():
    application = QtCore.QCoreApplication.instance() or QtCore.QCoreApplication([])
    client = EngineClient(lambda events: WorkerProcess(events, [sys.executable, "-c", _WORKER]))
    timer = QtCore.QTimer()
    delivery = TimerDelivery(client, timer)
    delivery.start()
    client.start()
    job = client.submit("ask", dict, lambda body: body["answer"])
    threads, ticks = [], [time.monotonic()]
    job.on_progress.connect(lambda message: threads.append(threading.current_thread()))
    job.on_finished.connect(lambda job: application.quit())
    heartbeat = QtCore.QTimer()
    heartbeat.timeout.connect(lambda: ticks.append(time.monotonic()))
    heartbeat.start(5)
    QtCore.QTimer.singleShot(20_000, application.quit)
    application.exec()
    delivery.stop()
    assert timer.receivers(QtCore.SIGNAL("timeout()")) == 0  # or PythonQt would keep the client for ever
    client.close()
    assert job.result == 42
    assert threads == [threading.main_thread()] * 5
    assert max(later - earlier for earlier, later in pairwise(ticks)) < 0.5
