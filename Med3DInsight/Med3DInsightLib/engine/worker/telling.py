"""Telling a client how far its job is."""

from __future__ import annotations

from ...analysis.computing.progress import Progress, ProgressCallback
from ..messages import ProgressMessage
from .jobs import Job


def teller(job: Job) -> ProgressCallback:
    """Sends what it is called with to the client of job."""

    def tell(progress: Progress) -> None:
        job.channel.send(ProgressMessage(job.request.id, progress.stage, progress.fraction, progress.seconds_left))

    return tell
