"""Answers to requests for reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...export.report import write_report_files
from ..payloads.codec import from_body
from ..payloads.report import ReportBody
from .jobs import Job
from .telling import teller


def write_report_of(job: Job) -> dict[str, Any]:
    """Write the files of a report into the folder of a job, from where its client takes them."""
    content = from_body(ReportBody, job.request.body).content()
    write_report_files(Path(job.request.folder), content, teller(job), job.cancel)
    return {}
