"""Letting a worker that is running already do the work of a command."""

from __future__ import annotations

from pathlib import Path

from ..analysis.errors import MemoryShortage
from ..analysis.progress import Cancellation, Progress, ProgressCallback
from ..analysis.requests import SegmentRequest
from ..analysis.segmentation_result import SegmentationResult
from ..engine.client import EngineClient
from ..engine.errors import EngineError, ErrorCode
from ..engine.local_socket import SocketConnection, usual_socket_path
from ..engine.messages import ProgressMessage
from ..engine.remote_analysis import RemoteAnalysis
from ..volumes import Volume, VolumeError


def segment_with_shared_worker(
    request: SegmentRequest,
    volume: Volume,
    progress: ProgressCallback,
    cancel: Cancellation,
    socket_path: Path | None = None,
) -> SegmentationResult:
    """What Session.segment returns for the same request, to the bit, computed by the shared worker.

    Raises EngineError if none is running or it fails, VolumeError if the volume is at fault,
    MemoryShortage if it is too large.
    """
    path = socket_path or usual_socket_path()
    client = EngineClient(lambda events: SocketConnection(events, path))

    def tell(message: ProgressMessage) -> None:
        progress(Progress(message.stage, message.fraction, message.seconds_left))

    try:
        job = RemoteAnalysis(client).segment(request, volume)
        job.on_progress.connect(tell)
        while not job.finished:
            if cancel.is_set():
                client.cancel(job)
            client.deliver(wait_seconds=0.05)
        result: SegmentationResult = client.wait(job)
        return result
    except EngineError as error:
        if error.code == ErrorCode.INPUT:
            raise VolumeError(error.cause, next_step=error.next_step) from error
        if error.code == ErrorCode.MEMORY:
            raise MemoryShortage(error.cause, next_step=error.next_step) from error
        raise
    finally:
        client.close()
