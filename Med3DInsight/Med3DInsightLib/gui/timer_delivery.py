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

    def start(self) -> None:
        """Deliver from now on, until stop()."""
        self._timer.timeout.connect(self._deliver)
        self._timer.start()

    def stop(self) -> None:
        """Deliver no more; what comes meanwhile waits.

        PythonQt keeps what is connected to a timer, and with it the timer, as long as it is connected.
        """
        self._timer.stop()
        self._timer.timeout.disconnect(self._deliver)

    def _deliver(self) -> None:
        self._client.deliver()
