"""med3dinsight batch: structures of every volume of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import tyro

from ..analysis.requests import SegmentRequest
from ..batch.cases import SUMMARY_FILE
from ..batch.request import BatchRequest
from ..batch.summary import Status, Summary
from ..catalog.installed import InstalledModels
from ..errors import UserError
from ..volumes import Modality
from .interruption import Interruption
from .local_analysis import LocalAnalysis
from .shared_worker import segment_with_shared_worker
from .terminal import progress_bar


@dataclass(frozen=True)
class BatchCommand:
    """Segment every volume of a folder and write one table with all volumes of structures.

    Cases are NIfTI, NRRD and MetaImage files, and sub-folders with one DICOM series. OUTPUT gets a folder
    for each, with the files that "segment" writes, and summary.csv. Run it again to go on after a stop:
    a case is skipped if its result is complete, of the same model, and of an input with the same name,
    size and SHA-256. A case that fails is a row with its error, and the others go on.

    Research software, not a diagnostic device.
    """

    folder: Annotated[Path, tyro.conf.Positional]
    """Where the volumes are."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Folder for the results; it is created if needed, and may be inside FOLDER."""

    request: Annotated[SegmentRequest, tyro.conf.OmitArgPrefixes] = field(default_factory=SegmentRequest)

    pattern: str = "*"
    """Which files and sub-folders are cases, relative to FOLDER, such as "sub-*/anat/*_T1w.nii.gz"."""

    modality: Modality | None = None
    """Say how the images were made if the files do not; models may treat CT and MR differently."""

    worker: bool = False
    """Let the shared worker compute (see "med3dinsight serve"), which saves loading libraries and model."""

    overwrite: bool = False
    """Replace results of other models in the output folder. Current results of this model are kept in any case."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError if a case failed, and for everything the user can mend."""
        from ..batch.run import BatchRun

        bundle = InstalledModels().find(self.request.model)
        # The shared worker has another current folder, so the bundle is named in full.
        request = replace(self.request, model=str(bundle.folder.resolve()))
        batch = BatchRequest(self.folder, self.output, request, self.pattern, self.modality, self.overwrite)
        segment = segment_with_shared_worker if self.worker else LocalAnalysis().segment
        with self._saying_what_is_kept(interruption), progress_bar() as show:
            summary = BatchRun(batch, bundle, segment).run(show, interruption)
        self._print_outcome(summary)

    @contextmanager
    def _saying_what_is_kept(self, interruption: Interruption) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if not interruption.is_set():
                raise
            kept = f"interrupted; finished cases are kept in {self.output}. Run it again to go on"
            raise KeyboardInterrupt(kept) from error

    def _print_outcome(self, summary: Summary) -> None:
        counts, table = summary.counts(), self.output / SUMMARY_FILE
        for row in summary.rows:
            if row.status == Status.FAILED:
                print(f"{row.case}: {row.error}")
        print(f"{counts.done} done, {counts.skipped} skipped, {counts.failed} failed")
        print(f"summary: {table}")
        if counts.failed:
            cases = f"{counts.failed} of {len(summary.rows)} cases failed"
            raise UserError(cases, next_step=f'see the column "error" of {table}, and run it again when mended')
