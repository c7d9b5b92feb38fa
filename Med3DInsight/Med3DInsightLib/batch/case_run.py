"""Computing one case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..analysis.computing.errors import MemoryShortage
from ..analysis.computing.progress import Cancellation, ProgressCallback
from ..analysis.requests import SegmentRequest
from ..analysis.segmentations.segmentation_result import SegmentationResult
from ..bundles import ModelCard
from ..errors import UserError
from ..export.segmentation_folder import FILES, write_segmentation_files
from ..storage import remove_unfinished, staged_files
from ..volumes import Volume, VolumeError
from ..volumes.errors import errors_naming
from ..volumes.files.reading import read_fingerprinted
from .planning import PlannedCase
from .request import BatchRequest

SegmentFunction = Callable[[SegmentRequest, Volume, ProgressCallback, Cancellation], SegmentationResult]
"""AnalysisService.segment, or what asks a worker and returns the same."""


class CaseFailed(UserError):
    """The volume of this case is at fault; others may be well."""


class CaseRun:
    """Reads, segments and writes: what "med3dinsight segment" does, for one case after the other.

    case_run = CaseRun(request, card, service.segment)
    case_run.compute(planned, print, cancel)
    """

    def __init__(self, request: BatchRequest, card: ModelCard, segment: SegmentFunction) -> None:
        self._request = request
        self._card = card
        self._segment = segment

    def compute(self, planned: PlannedCase, progress: ProgressCallback, cancel: Cancellation) -> None:
        """Write the result of a case into its folder, complete or not at all.

        Raises CaseFailed if the volume cannot be read or segmented. Everything else, such as an output
        folder that cannot be written or a worker that is gone, would befall the next case too.
        """
        path, folder = planned.case.path, planned.folder
        with _failures_of(path):
            volume, fingerprint = read_fingerprinted(path, self._request.modality)
        with staged_files(folder, FILES, self._request.overwrite or planned.may_replace) as staging:
            with _failures_of(path), errors_naming(path):
                result = self._segment(self._request.segment, volume, progress, cancel)
            write_segmentation_files(staging, fingerprint, volume, self._card, result)
        remove_unfinished(folder)


@contextmanager
def _failures_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (VolumeError, MemoryShortage) as error:
        raise CaseFailed(error.cause, error.path or path, error.next_step) from error
    except OSError as error:
        raise CaseFailed(f"cannot be read ({error.strerror})", path, "check the file and its disk") from error
