"""The folder of a report."""

from __future__ import annotations

import json
from pathlib import Path

from ...analysis.computing.progress import Cancellation, ProgressCallback, ProgressTracker
from ...storage import staged_files
from .content import ReportContent
from .facts import report_json
from .page import WRITING, report_html
from .pictures import ReportPictures

PAGE, FACTS = "report.html", "report.json"
REPORT_FILES = (PAGE, FACTS)
"""The files of a report; report.json comes last and marks it complete."""


def write_report(folder: Path, content: ReportContent, overwrite: bool = False) -> None:
    """Write REPORT_FILES into folder, which is created if needed: both or none.

    Raises OutputError if they cannot be written or are there and overwrite is not set, VolumeError or CaptionError for
    a slice that the volume lacks.
    """
    with staged_files(folder, REPORT_FILES, overwrite) as staging:
        write_report_files(staging, content)


def write_report_files(
    folder: Path,
    content: ReportContent,
    progress: ProgressCallback | None = None,
    cancel: Cancellation | None = None,
) -> None:
    """Write REPORT_FILES into folder; use staged_files() to make them appear together.

    Raises AnalysisCancelled before the next picture is drawn, or the next part of the page is made, if cancel is set.
    """
    tracker = ProgressTracker({WRITING: 1.0}, progress, cancel)
    pictures = ReportPictures(content.volume, before_each=tracker.check)
    (folder / PAGE).write_bytes(report_html(content, pictures, tracker))
    text = json.dumps(report_json(content), indent=2, allow_nan=False) + "\n"
    (folder / FACTS).write_text(text, encoding="ascii")
