"""The engine as the panels and the Python console of 3D Slicer use it."""

from __future__ import annotations

from typing import Any

from ..engine.client import EngineClient
from ..engine.remote_analysis import RemoteAnalysis
from ..engine.remote_insight import RemoteInsight
from ..engine.remote_report import RemoteReport
from ..engine.worker_process import WorkerProcess, worker_command
from .slicer_python import slicer_python
from .timer_delivery import TimerDelivery


class SlicerEngine:
    """A worker that runs beside Slicer and is started when it is first needed.

        engine = SlicerEngine(qt.QTimer())
        job = engine.analysis.segment(request, volume)      # its signals come on the GUI thread
        engine.close()

    With a timer, signals come by themselves; without one, engine.client.wait(job) delivers them.
    """

    def __init__(self, timer: Any = None) -> None:
        self.client = EngineClient(lambda events: WorkerProcess(events, worker_command(slicer_python())))
        self.analysis = RemoteAnalysis(self.client)
        self.insight = RemoteInsight(self.client)
        self.report = RemoteReport(self.client)
        self._delivery = TimerDelivery(self.client, timer) if timer is not None else None
        if self._delivery is not None:
            self._delivery.start()

    def close(self) -> None:
        """End the worker and remove its files; what is not finished is cancelled."""
        if self._delivery is not None:
            self._delivery.stop()
        self.client.close()
