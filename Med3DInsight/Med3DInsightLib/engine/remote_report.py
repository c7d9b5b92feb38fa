"""Reports that a worker draws and measures."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ..export.report import REPORT_FILES, ReportContent
from ..storage import staged_files
from .client import EngineClient
from .job import ClientJob
from .payloads.codec import to_body
from .payloads.report import REPORT, ReportBody


class RemoteReport:
    """Turns contents into reports, while the process that knows them does something else.

        report = RemoteReport(client)
        job = report.write(content, folder)
        client.wait(job)                # the folder

    The worker writes into the private folder of the job, so that one that is killed leaves nothing in that of the user.
    """

    def __init__(self, client: EngineClient) -> None:
        self.client = client

    def write(self, content: ReportContent, folder: Path, overwrite: bool = False) -> ClientJob:
        """A job after which REPORT_FILES are in folder, both or none; its result is folder.

        They are not if the job fails, such as for a folder that cannot be written, or is cancelled. EngineError is
        raised if no worker starts.
        """
        written = self.client.exchange.new()

        def publish(answer: dict[str, Any]) -> Path:
            with staged_files(folder, REPORT_FILES, overwrite) as staging:
                for name in REPORT_FILES:
                    shutil.copyfile(written / name, staging / name)
            return folder

        return self.client.submit(REPORT, lambda: to_body(ReportBody.store(content, written)), publish, written)
