"""Delivering what a worker says on the GUI thread."""

from __future__ import annotations

from typing import Any

from ..engine.client import EngineClient

_INTERVAL_MS = 20


class TimerDelivery:
    """Calls client.deliver() from a Qt timer, so that slots of its signals may touch widgets.

        delivery = TimerDelivery(client, qt.QTimer())
        delivery.start()
        ...
        delivery.stop()          # in the widget's cleanup()

    deliver() never waits, so the event loop is never held up by it.
    """

    def __init__(self, client: EngineClient, timer: Any) -> None:
        self._client = client
        self._timer = timer
        timer.setInterval(_INTERVAL_MS)
        timer.timeout.connect(self._deliver)

    def start(self) -> None:
        """Deliver from now on."""
        self._timer.start()

    def stop(self) -> None:
        """Deliver no more; what comes meanwhile waits."""
        self._timer.stop()

    def _deliver(self) -> None:
        self._client.deliver()
