"""Letting a worker that is running already do the work of a command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..analysis.computing.errors import MemoryShortage
from ..analysis.computing.progress import Cancellation, Progress, ProgressCallback
from ..analysis.requests import SegmentRequest
from ..analysis.segmentations.segmentation_result import SegmentationResult
from ..engine.client import EngineClient
from ..engine.errors import EngineError, ErrorCode
from ..engine.job import ClientJob
from ..engine.local_socket import SocketConnection, usual_socket_path
from ..engine.messages import Partial, ProgressMessage
from ..engine.remote_analysis import RemoteAnalysis
from ..volumes import Volume, VolumeError


def with_shared_worker(
    submit: Callable[[EngineClient], ClientJob],
    progress: ProgressCallback,
    cancel: Cancellation,
    socket_path: Path | None = None,
    told: Callable[[Partial], object] | None = None,
) -> Any:
    """The result of a job that submit sends to the shared worker: what a session in process gives, to the bit.

    told gets the parts of the result that come before all of it is there.

    Raises EngineError if none is running or it fails, VolumeError if the volume is at fault,
    MemoryShortage if it is too large.
    """
    path = socket_path or usual_socket_path()
    client = EngineClient(lambda events: SocketConnection(events, path))

    def tell(message: ProgressMessage) -> None:
        progress(Progress(message.stage, message.fraction, message.seconds_left))

    try:
        job = submit(client)
        job.on_progress.connect(tell)
        if told is not None:
            job.on_partial.connect(told)
        while not job.finished:
            if cancel.is_set():
                client.cancel(job)
            client.deliver(wait_seconds=0.05)
        return client.wait(job)
    except EngineError as error:
        if error.code == ErrorCode.INPUT:
            raise VolumeError(error.cause, next_step=error.next_step) from error
        if error.code == ErrorCode.MEMORY:
            raise MemoryShortage(error.cause, next_step=error.next_step) from error
        raise
    finally:
        client.close()


def segment_with_shared_worker(
    request: SegmentRequest,
    volume: Volume,
    progress: ProgressCallback,
    cancel: Cancellation,
    socket_path: Path | None = None,
) -> SegmentationResult:
    """What Session.segment returns for the same request; see with_shared_worker()."""
    result: SegmentationResult = with_shared_worker(
        lambda client: RemoteAnalysis(client).segment(request, volume), progress, cancel, socket_path
    )
    return result
